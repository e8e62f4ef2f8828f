"""Each command as a person or a script uses it: what it prints, where, and its exit code."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import termios
from functools import partial
from pathlib import Path

import anyio
import anyio.to_thread
import click
import pytest
from click.testing import CliRunner
from commands.inside import vorel_import
from commands.process import environment, lines_of, start, wait_until

from importer.cli.help import HelpfulCommand
from importer.cli.terminal_text import say
from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

MAPPING = """\
object = "contact"
[fields]
first_name = "First Name"
email = "E-mail"
birthday = { column = "Born", type = "date" }
"""
PEOPLE = """\
First Name,E-mail,Born
Omar,omar@example.com,1980-01-02
Lina,lina@example.com,the 5th
Omar,omar@example.com,1980-01-02
short,row
Sami,no address,1990-10-11
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "people.csv").write_text(PEOPLE, encoding="utf-8")
    return tmp_path


def env(sandbox: Sandbox) -> dict[str, str]:
    return {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}


def test_check_says_what_run_would_do_and_sends_nothing(folder: Path, sandbox: Sandbox) -> None:
    ended = vorel_import(
        "check", "people.csv", "--mapping", "mapping.toml", cwd=folder, env=env(sandbox)
    )

    assert ended.returncode == 1
    assert "5 rows" in ended.stdout
    assert re.search(r"1 +birthday: ", ended.stdout)
    assert re.search(r"Line 5\b", ended.stdout), "the ragged row's line"
    assert '"email": "omar@example.com"' in ended.stdout
    assert sandbox.requests == 0
    assert not list(folder.glob("*.results.jsonl"))


def test_check_as_json_adds_up_with_the_run_that_follows(folder: Path, sandbox: Sandbox) -> None:
    arguments = ("people.csv", "--mapping", "mapping.toml", "--json")

    checked = json.loads(vorel_import("check", *arguments, cwd=folder, env=env(sandbox)).stdout)
    ran = json.loads(vorel_import("run", *arguments, cwd=folder, env=env(sandbox)).stdout)

    assert checked["unsent"] == ran["requests"] == 2
    assert checked["counts"]["invalid"] == ran["counts"]["invalid"] == 2
    assert checked["counts"]["duplicate"] == ran["counts"]["duplicate"] == 1
    assert ran["counts"]["created"] == ran["counts"]["failed"] == 1
    again = json.loads(vorel_import("check", *arguments, cwd=folder, env=env(sandbox)).stdout)
    assert (again["before"], again["unsent"]) == (2, 1)


def test_status_groups_errors_and_its_next_command_runs(folder: Path, sandbox: Sandbox) -> None:
    vorel_import(
        "run", "people.csv", "--mapping", "mapping.toml", "--rate", "6000",
        "--max-errors", "50%", "--on-duplicate", "skip", cwd=folder, env=env(sandbox),
    )  # fmt: skip

    shown = vorel_import("status", "people.results.jsonl", cwd=folder)
    as_json = json.loads(
        vorel_import("status", "people.results.jsonl", "--json", cwd=folder).stdout
    )

    assert shown.returncode == 0
    assert "validation_error (crm)" in shown.stdout
    assert "Report   people.report.html" in shown.stdout
    assert as_json["counts"]["created"] == 1
    assert as_json["ended"] is True
    command = as_json["next"].split()
    assert command[:3] == ["vorel-import", "run", "people.failed.csv"]
    assert command[-2:] == ["--results", "people.results.jsonl"]
    going_on = vorel_import(*command[1:], cwd=folder, env=env(sandbox))
    assert going_on.returncode == 1, going_on.stderr
    assert len(sandbox.records()) == 1


def test_status_of_a_killed_run_says_so(folder: Path, sandbox: Sandbox) -> None:
    rows = "".join(f"P,p{n}@example.com,\n" for n in range(50))
    (folder / "people.csv").write_text("First Name,E-mail,Born\n" + rows, encoding="utf-8")
    process = start("run", "people.csv", "--mapping", "mapping.toml", cwd=folder, env=env(sandbox))
    wait_until(lambda: sandbox.requests >= 3, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()

    shown = vorel_import("status", "people.results.jsonl", cwd=folder).stdout

    assert "was killed" in shown
    assert "without an outcome yet" in shown


def test_export_writes_the_files_again(folder: Path, sandbox: Sandbox) -> None:
    vorel_import("run", "people.csv", "--mapping", "mapping.toml", cwd=folder, env=env(sandbox))
    names = ["success", "failed"]
    before = {name: (folder / f"people.{name}.csv").read_bytes() for name in names}
    for name in names:
        (folder / f"people.{name}.csv").unlink()

    ended = vorel_import("export", "people.results.jsonl", "people.csv", cwd=folder)

    assert ended.returncode == 0, ended.stderr
    assert {name: (folder / f"people.{name}.csv").read_bytes() for name in names} == before
    assert "people.failed.csv" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("run", "people.csv"), "--object"),
        (("run", "nowhere.csv", "--object", "contact"), "nowhere.csv"),
        (("run", "people.csv", "--mapping", "none.toml"), "none.toml"),
        (("run", "people.csv", "--mapping", "typo.toml"), "First Name"),
        (("run", "people.csv", "--mapping", "mapping.toml", "--object", "lead"), "mapping file"),
        (("run", "people.csv", "people.csv", "--mapping", "mapping.toml"), "--results"),
        (("run", "people.csv", "--mapping", "mapping.toml", "--base-url", "http://x.y"), "https"),
        (("run", "people.csv", "--mapping", "mapping.toml", "--max-errors", "many"), "20%"),
        (("run", "people.csv", "--mapping", "mapping.toml", "--rate", "0"), "--rate"),
        (("run", "people.csv", "--mapping", "mapping.toml", "--encoding", "klingon"), "klingon"),
        (("run", "people.csv", "--mapping", "mapping.toml", "--log-file", "no/log"), "no/log"),
        (("run", "people.csv", "--mapping", "mapping.toml", "--results", "no/r"), "no/r"),
        (("run",), "SOURCE"),
        (("walk",), "walk"),
        (("status", "nowhere.jsonl"), "nowhere.jsonl"),
        (("export", "nowhere.jsonl", "people.csv"), "nowhere.jsonl"),
        (("schema", "contcat"), "contact"),
    ],
)  # fmt: skip
def test_a_persons_mistake_is_exit_2_with_a_clear_message_and_no_traceback(
    folder: Path, sandbox: Sandbox, arguments: tuple[str, ...], said: str
) -> None:
    typo = MAPPING.replace("First Name", "Frist Name")
    (folder / "typo.toml").write_text(typo, encoding="utf-8")

    ended = vorel_import(*arguments, cwd=folder, env=env(sandbox))

    assert ended.returncode == 2, ended.stderr
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert sandbox.requests == 0


def test_without_a_key_nothing_is_sent(folder: Path) -> None:
    ended = vorel_import("run", "people.csv", "--mapping", "mapping.toml", cwd=folder)

    assert ended.returncode == 2
    assert "VOREL_API_KEY" in ended.stderr
    assert not list(folder.glob("*.results.jsonl"))


def test_the_results_file_of_another_object_is_set_aside_where_that_is_said(
    folder: Path, sandbox: Sandbox
) -> None:
    rows = "name,email\nOmar,omar@example.com\n"
    (folder / "leads.csv").write_text(rows, encoding="utf-8")
    arguments = ("run", "leads.csv", "--results", "r.jsonl")
    vorel_import(*arguments, "--object", "lead", cwd=folder, env=env(sandbox))

    refused = vorel_import(*arguments, "--object", "contact", cwd=folder, env=env(sandbox))
    begun = vorel_import(
        *arguments, "--object", "contact", "--new-import", cwd=folder, env=env(sandbox)
    )

    assert (refused.returncode, begun.returncode) == (2, 0)
    assert "--new-import" in refused.stderr
    assert [record["object"] for record in sandbox.records()] == ["lead", "contact"]
    assert (folder / "r.jsonl.aside-1").exists()


def test_quiet_prints_nothing_and_verbose_each_row(folder: Path, sandbox: Sandbox) -> None:
    arguments = ("run", "people.csv", "--mapping", "mapping.toml")

    loud = vorel_import(*arguments, "-v", "--log-file", "log.txt", cwd=folder, env=env(sandbox))
    quiet = vorel_import(*arguments, "--quiet", cwd=folder, env=env(sandbox))

    assert "row 1, line 2: created" in loud.stderr
    assert (quiet.stdout, quiet.stderr) == ("", "")
    log = (folder / "log.txt").read_text(encoding="utf-8")
    assert "row 2 line 3 invalid invalid_value" in log
    assert "example.com" not in log, "a log holds no values"


def test_quiet_holds_for_the_threads_of_a_command() -> None:
    @click.command(cls=HelpfulCommand)
    def told() -> None:
        anyio.run(anyio.to_thread.run_sync, partial(say, "a mistake", err=True))

    assert CliRunner().invoke(told, ["-q"]).stderr == ""
    assert CliRunner().invoke(told, []).stderr == "a mistake\n"


def test_quiet_says_why_a_run_was_stopped(folder: Path, sandbox: Sandbox) -> None:
    sandbox.revoke(sandbox.api_key)

    quiet = vorel_import(
        *("run", "people.csv", "--mapping", "mapping.toml", "-q"), cwd=folder, env=env(sandbox)
    )

    assert quiet.returncode == 3
    assert quiet.stdout == ""
    assert "401" in quiet.stderr


# Opening a terminal as leader of a new session makes it the controlling one, from which a
# password prompt reads.
_ON_TERMINAL = """
import os, sys
fd = os.open(sys.argv[1], os.O_RDWR)
for number in (0, 1, 2):
    os.dup2(fd, number)
os.execv(sys.executable, [sys.executable, "-m", "importer", *sys.argv[2:]])
"""


def on_a_terminal(
    *arguments: str, cwd: Path, prompt: str, answer: str, variables: dict[str, str]
) -> tuple[int, str]:
    """Run the command on a pseudo-terminal and answer its prompt, as a person would."""
    main, other = pty.openpty()
    termios.tcsetwinsize(main, (30, 100))
    process = subprocess.Popen(
        [sys.executable, "-c", _ON_TERMINAL, os.ttyname(other), *arguments],
        cwd=cwd,
        env=environment(**variables),
        start_new_session=True,
    )
    shown, answered = b"", False
    while process.poll() is None or select.select([main], [], [], 0)[0]:
        if select.select([main], [], [], 0.05)[0]:
            shown += os.read(main, 65536)
        if not answered and prompt.encode() in shown:
            # Only now: a password prompt throws away what was typed before it.
            answered = os.write(main, answer.encode()) > 0
    os.close(other)
    os.close(main)
    return process.returncode, shown.decode(errors="replace")


def test_a_person_is_asked_and_no_means_nothing_is_sent(folder: Path, sandbox: Sandbox) -> None:
    code, shown = on_a_terminal(
        "run", "people.csv", "--mapping", "mapping.toml",
        cwd=folder, prompt="Send them?", answer="n\n", variables=env(sandbox),
    )  # fmt: skip

    assert code == 130
    assert sandbox.url in shown
    assert "to send" in shown
    assert sandbox.requests == 0


def test_a_person_who_says_yes_sees_the_progress(folder: Path, sandbox: Sandbox) -> None:
    code, shown = on_a_terminal(
        "run", "people.csv", "--mapping", "mapping.toml",
        cwd=folder, prompt="Send them?", answer="y\n", variables=env(sandbox),
    )  # fmt: skip

    assert code == 1
    assert "5/5 rows" in shown
    assert "2 ok, 3 failed" in shown
    assert sandbox.requests == 2


def test_the_key_can_be_typed(folder: Path, sandbox: Sandbox) -> None:
    code, shown = on_a_terminal(
        "run", "people.csv", "--mapping", "mapping.toml", "--yes",
        cwd=folder, prompt="API key (VOREL_API_KEY): ", answer=sandbox.api_key + "\n",
        variables={"VOREL_BASE_URL": sandbox.url},
    )  # fmt: skip

    assert code == 1
    assert sandbox.requests == 2
    assert sandbox.api_key not in shown


def test_a_torn_results_file_is_mended_and_told(folder: Path, sandbox: Sandbox) -> None:
    arguments = ("run", "people.csv", "--mapping", "mapping.toml")
    vorel_import(*arguments, cwd=folder, env=env(sandbox))
    results = folder / "people.results.jsonl"
    with results.open("ab") as stream:
        stream.write(b'{"kind":"row","status":"crea')

    ended = vorel_import(*arguments, cwd=folder, env=env(sandbox))

    assert ended.returncode == 1
    assert "torn" in ended.stderr
    assert lines_of(results)[-1]["kind"] == "end"
    assert (folder / "people.results.jsonl.torn-1").read_bytes().startswith(b'{"kind":"row"')


def test_the_demo_imports_every_sample_and_its_numbers_add_up(tmp_path: Path) -> None:
    ended = vorel_import("demo", "--rate", "60000", "--output", "shown", cwd=tmp_path)

    assert ended.returncode == 0, ended.stdout + ended.stderr
    total = re.search(r"(\d+) rows read, (\d+) outcomes, (\d+) records", ended.stdout)
    assert total
    read, outcomes, records = map(int, total.groups())
    assert read == outcomes
    assert 150 < records < read
    assert "The files are in shown" in ended.stdout
    assert len(list((tmp_path / "shown").glob("*.results.jsonl"))) == 6


def test_strict_sends_nothing_to_fields_nobody_described(folder: Path, sandbox: Sandbox) -> None:
    (folder / "mapping.toml").write_text(MAPPING + 'tier = "First Name"\n', encoding="utf-8")
    own = folder / "own.json"
    own.write_text('{"properties": {"tear": {"maxLength": 9}}}')
    call = ("run", "people.csv", "--mapping", "mapping.toml", "--schema", own, "--rate", "100000")

    refused = vorel_import(*call, "--strict", cwd=folder, env=env(sandbox))
    assert refused.returncode == 2
    assert "tier is not a known field of contact; nothing is sent. Did you mean 'tear'?" in (
        refused.stderr
    )
    assert sandbox.requests == 0

    own.write_text('{"properties": {"tier": {"maxLength": 9}}}')
    assert vorel_import(*call, "--strict", cwd=folder, env=env(sandbox)).returncode == 1
    assert sandbox.records()[0]["fields"]["tier"] == "Omar"
    own.write_text('{"properties": {"tier": {"maxLength": 8}}}')
    assert vorel_import(*call, cwd=folder, env=env(sandbox)).returncode == 1
    runs = [line for line in lines_of(folder / "people.results.jsonl") if line["kind"] == "run"]
    assert len({line["mapping_sha256"] for line in runs}) == len(runs) == 2


def test_a_value_left_out_is_told_by_check_and_in_the_results(
    folder: Path, sandbox: Sandbox
) -> None:
    text = MAPPING.replace('type = "date"', 'type = "date", on_error = "omit"')
    (folder / "mapping.toml").write_text(text, encoding="utf-8")
    call = ("people.csv", "--mapping", "mapping.toml")

    shown = vorel_import("check", *call, cwd=folder).stdout
    assert "birthday: left out, line 3, e.g. the 5th" in shown
    assert "1 goes without their birthday, which cannot be read." in shown
    vorel_import("run", *call, "--rate", "100000", cwd=folder, env=env(sandbox))
    created = [line for line in lines_of(folder / "people.results.jsonl") if "left_out" in line]
    assert [(line["status"], line["left_out"]) for line in created] == [("created", ["birthday"])]
    assert {"first_name": "Lina", "email": "lina@example.com"} in [
        record["fields"] for record in sandbox.records()
    ]
