"""What somebody meets who does not know the command yet: help, wrong files, missing packages."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest
import xlsxwriter
from commands.inside import vorel_import
from commands.process import environment

from importer.cli import cli
from importer.cli.help import examples_of, unlisted
from importer.sandbox import Sandbox


def commands() -> dict[str, click.Command]:
    """Return every command by its name, those of a group behind it."""
    found: dict[str, click.Command] = {"": cli}
    context = click.Context(cli)
    for name in cli.list_commands(context):
        command = cli.get_command(context, name)
        assert command is not None
        found[name] = command
        if isinstance(command, click.Group):
            found |= {f"{name} {one}": command.commands[one] for one in command.commands}
    return found


COMMANDS = commands()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "people.csv").write_text("First Name,E-mail\nOmar,o@example.com\n", "utf-8")
    (tmp_path / "mapping.toml").write_text(
        '# a mapping\nobject = "contact"\n[fields]\nfirst_name = "First Name"\n', "utf-8"
    )
    (tmp_path / "page.html").write_text("<html><body>Hello</body></html>\n", "utf-8")
    with xlsxwriter.Workbook(tmp_path / "people.xlsx") as book:
        book.add_worksheet().write_row(0, 0, ["First Name", "E-mail"])
    return tmp_path


def test_the_command_alone_says_what_to_do_first(tmp_path: Path) -> None:
    ended = vorel_import(cwd=tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert re.findall(r"^  vorel-import (\w+)", ended.stdout, re.MULTILINE) == ["demo", "ui", "map"]


@pytest.mark.parametrize(
    "words", [("fleet",), ("help",), ("help", "run"), ("help", "fleet", "add")]
)
def test_help_is_no_mistake(words: tuple[str, ...], tmp_path: Path) -> None:
    ended = vorel_import(*words, cwd=tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("Usage:")


def test_each_command_has_two_examples_that_are_right(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("VOREL_FLEET_DATABASE", "postgresql://localhost/fleet")
    for path in ("people.toml", "jobs/clinic.toml", "people.results.jsonl"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).touch()

    for name in COMMANDS:
        examples = examples_of(name)
        assert len(examples) == 2
        for example in examples:
            program, *words = shlex.split(re.split(r" >>? ", example)[0])
            assert program == "vorel-import"
            if name:
                assert words[: len(name.split())] == name.split()
                COMMANDS[name].make_context(name, words[len(name.split()) :]).close()
            else:
                assert words[0] in COMMANDS


@pytest.mark.parametrize("name", ["run", "check"])
def test_options_that_are_not_listed_are_named(name: str) -> None:
    command = COMMANDS[name]
    text = command.get_help(click.Context(command, info_name=name))

    assert unlisted(command)
    for one in unlisted(command):
        assert one.hidden
        assert one.opts[-1] in text


def test_a_flag_has_one_meaning() -> None:
    """A flag that several commands list takes the same kind of value in each."""
    types: dict[str, set[type]] = {}
    for name in COMMANDS.keys() - {""}:
        for option in COMMANDS[name].params:
            if not getattr(option, "hidden", False):
                for flag in {one for one in option.opts if one.startswith("--")}:
                    types.setdefault(flag, set()).add(type(option.type))

    several = {flag for flag, found in types.items() if len(found) > 1}
    assert several <= {"--output", "--run"}, "these two are about files"


def test_each_command_takes_the_flags_that_scripts_give() -> None:
    for name, command in COMMANDS.items():
        if not isinstance(command, click.Group):
            flags = {flag for one in command.params for flag in one.opts}
            assert {"-q", "--quiet", "-v", "--verbose", "--no-color"} <= flags, name
            # A worker has no end of its own, and what a shell reads is no JSON.
            assert ("--json" in flags) == (name not in {"fleet worker", "completion"}), name


def test_a_quiet_command_prints_only_what_was_asked_for(folder: Path) -> None:
    words = ("map", "people.csv", "--object", "contact", "--no-color")
    loud, quiet = (vorel_import(*words, *more, cwd=folder) for more in ((), ("-q",)))

    assert loud.stderr
    assert quiet.stderr == ""
    assert quiet.stdout == loud.stdout != ""


READS_RESULTS = (
    ("status", "FILE"),
    ("status", "FILE", "--json"),
    ("report", "FILE"),
    ("export", "FILE", "people.csv"),
    ("undo", "FILE"),
    ("acknowledge", "FILE"),
    ("reconcile", "FILE", "people.csv"),
    ("compact", "FILE"),
    ("forget", "FILE", "--row", "1"),
    ("check", "people.csv", "--mapping", "mapping.toml", "--results", "FILE"),
    ("run", "people.csv", "--mapping", "mapping.toml", "--results", "FILE"),
)


@pytest.mark.parametrize("words", READS_RESULTS, ids=" ".join)
def test_what_is_no_results_file_is_refused_by_every_command(
    words: tuple[str, ...], folder: Path, sandbox: Sandbox
) -> None:
    before = {path: path.read_bytes() for path in folder.iterdir()}
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}

    for file in ("people.csv", "people.xlsx", "mapping.toml", "page.html"):
        typed = [file if word == "FILE" else word for word in words]
        ended = vorel_import(*typed, cwd=folder, env=env)

        assert ended.returncode == 2, file
        assert f"{file} is not a results file" in ended.stderr
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert sandbox.requests == 0


@pytest.mark.parametrize("command", ["map", "check", "run"])
def test_files_of_the_importer_are_no_lists(command: str, folder: Path, sandbox: Sandbox) -> None:
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}
    vorel_import("run", "people.csv", "--mapping", "mapping.toml", cwd=folder, env=env)

    for file in ("people.results.jsonl", "mapping.toml", "people.report.html"):
        ended = vorel_import(command, file, "--object", "contact", cwd=folder, env=env)
        assert ended.returncode == 2, ended.stderr
        assert f"Error: {file} is a" in ended.stderr
        assert "Name the list itself" in ended.stderr or file.endswith(".html")


@pytest.mark.parametrize("file", ["people.csv", "people.xlsx"])
def test_what_is_no_mapping_or_job_file_is_refused(file: str, folder: Path) -> None:
    as_mapping = vorel_import("check", "people.csv", "--mapping", file, cwd=folder)
    as_job = vorel_import("check", "--job", file, cwd=folder)
    scheduled = vorel_import("schedule", file, "--print", "cron", cwd=folder)

    assert as_mapping.returncode == as_job.returncode == scheduled.returncode == 2
    assert file in as_mapping.stderr
    assert f"{file} is not a job file" in as_job.stderr
    assert f"{file} is not a job file" in scheduled.stderr


def test_the_hint_about_unknown_headers_is_a_command_that_works(folder: Path) -> None:
    (folder / "odd list.csv").write_text("Vorname,Quux\nOmar,1\n", "utf-8")

    refused = vorel_import("check", "odd list.csv", "--object", "contact", cwd=folder)
    (folder / "mapping.toml").unlink()
    command = next(
        line.strip() for line in refused.stderr.splitlines() if "vorel-import map" in line
    )
    mapped = vorel_import(*shlex.split(command)[1:], cwd=folder)
    checked = vorel_import("check", "odd list.csv", "--mapping", "mapping.toml", cwd=folder)

    assert refused.returncode == 2
    assert (mapped.returncode, checked.returncode) == (0, 0), checked.stderr


def test_export_says_what_it_lacks_as_its_usage_has_it(folder: Path, sandbox: Sandbox) -> None:
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}
    vorel_import("run", "people.csv", "--mapping", "mapping.toml", cwd=folder, env=env)

    ended = vorel_import("export", "people.results.jsonl", cwd=folder)

    assert ended.returncode == 2
    assert "export [OPTIONS] RESULTS SOURCE..." in ended.stderr
    assert "Missing argument 'SOURCE...'" in ended.stderr


WITHOUT_FLEET = """
import importer.cli.fleet_extra as extra
extra.find_spec = lambda name: None
from importer.__main__ import main
main()
"""


def without_fleet(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_FLEET, *words],
        cwd=cwd, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_help_of_the_fleet_needs_none_of_its_packages(tmp_path: Path) -> None:
    for words in (["fleet", "--help"], ["fleet", "status", "--help"]):
        ended = without_fleet(*words, cwd=tmp_path)
        assert (ended.returncode, ended.stderr) == (0, "")

    refused = without_fleet("fleet", "status", "--database", "postgresql://x/y", cwd=tmp_path)
    assert refused.returncode == 2
    assert " -m pip install 'psycopg[binary]>=3.2.4'" in refused.stderr


def test_times_have_units(folder: Path, sandbox: Sandbox) -> None:
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}
    times = ("--time-limit", "2h", "--max-outage", "15m", "--request-timeout", "30s")
    words = ("run", "people.csv", "--mapping", "mapping.toml", *times)

    ran = vorel_import(*words, cwd=folder, env=env)
    refused = vorel_import(*words, "--max-outage", "soon", cwd=folder, env=env)
    settings = json.loads((folder / "people.results.jsonl").read_text("utf-8").splitlines()[0])

    assert ran.returncode == 0
    assert settings["settings"]["time_limit"] == 7200
    assert refused.returncode == 2
    assert "'soon' is not a time such as 3600, 90m, 24h or 7d" in refused.stderr
    assert "1 row read" in ran.stderr
    assert "1 request in" in ran.stderr


def test_map_says_what_it_takes_for_empty(folder: Path) -> None:
    (folder / "people.csv").write_text(
        "First Name,E-mail\nOmar,omar@example.com\nRana,none\nLina,lina@example.com\n", "utf-8"
    )
    ended = vorel_import("map", "people.csv", "--object", "contact", "-o", "new.toml", cwd=folder)
    assert "\nTaken for empty: 'none'\n" in ended.stderr
    assert 'null = ["none"]' in (folder / "new.toml").read_text("utf-8")
