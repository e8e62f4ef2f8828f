"""Troubles nobody has at hand: each ends with a sentence, a documented code and one JSON object."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from commands.inside import vorel_import
from commands.process import environment, last_rows

from importer.cli.ending import explain
from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

MAPPING = """\
object = "contact"
[fields]
first_name = "First Name"
email = "E-mail"
birthday = { column = "Born", type = "date" }
"""
RUN = ("run", "list.csv", "--mapping", "mapping.toml", "--rate", "1000000")
KEYS = {"exit_code", "counts", "before", "left", "stopped", "hint", "seconds", "results"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "list.csv").write_text(
        "First Name,E-mail,Born\nOmar,omar@example.com,\nLina,l@example.com,the 5th\n",
        encoding="utf-8",
    )
    return tmp_path


def env(sandbox: Sandbox, **more: str) -> dict[str, str]:
    return {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url, **more}


def in_a_shell(
    line: str, folder: Path, variables: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    """Run the command with redirections that only a shell can make; `$V` is the command."""
    return subprocess.run(
        ["/bin/sh", "-c", line],
        cwd=folder,
        env=environment(**variables, V=f"{sys.executable} -m importer"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("closed", ["0<&-", "1>&-", "2>&-", "0<&- 1>&- 2>&-"])
def test_closed_standard_streams_do_not_matter(folder: Path, sandbox: Sandbox, closed: str) -> None:
    """The next file would get the stream's number, and with it what libraries print."""
    ended = in_a_shell(f"$V {' '.join(RUN)} --json -v {closed}", folder, env(sandbox))

    assert ended.returncode == 1, ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(last_rows(folder / "list.results.jsonl")) == 2


@pytest.mark.parametrize("reader", ["> /dev/full", "| true; exit 3"])
def test_output_that_nobody_takes_is_told(folder: Path, sandbox: Sandbox, reader: str) -> None:
    ended = in_a_shell(f"$V {' '.join(RUN)} --json --quiet {reader}", folder, env(sandbox))

    assert ended.returncode == 3
    assert "standard output cannot be written" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Exception" not in ended.stderr
    assert len(sandbox.records()) == 1


def test_a_run_goes_on_where_nobody_reads_its_messages(folder: Path, sandbox: Sandbox) -> None:
    ended = in_a_shell(f"$V {' '.join(RUN)} -v --json 2> /dev/full", folder, env(sandbox))

    assert json.loads(ended.stdout)["exit_code"] == ended.returncode == 1


def test_a_log_that_takes_no_more_does_not_end_the_run(folder: Path, sandbox: Sandbox) -> None:
    ended = vorel_import(*RUN, "--log-file", "/dev/full", cwd=folder, env=env(sandbox))

    assert ended.returncode == 1
    assert ended.stderr.count("--log-file /dev/full: cannot be written") == 1


@pytest.mark.parametrize("named", ["nowhere.pem", "list.csv"])
def test_certificates_that_cannot_be_loaded_are_exit_2(folder: Path, named: str) -> None:
    variables = {"VOREL_API_KEY": "k" * 20, "SSL_CERT_FILE": named}

    ended = vorel_import(
        *RUN, "--base-url", "https://localhost:1", "--json", cwd=folder, env=variables
    )

    assert ended.returncode == 2
    assert "SSL_CERT_FILE" in ended.stderr
    assert json.loads(ended.stdout)["exit_code"] == 2
    assert not list(folder.glob("*.results.jsonl"))


@pytest.mark.parametrize(
    ("mapping", "said"),
    [
        ("a = " + "[" * 5000 + "]" * 5000, "nested too deeply"),
        ("a = " + "9" * 5000, "digits"),
    ],
    ids=["deep", "long"],
)
def test_a_mapping_that_breaks_the_parser_is_exit_2(folder: Path, mapping: str, said: str) -> None:
    (folder / "mapping.toml").write_text(mapping, encoding="utf-8")

    ended = vorel_import("check", "list.csv", "--mapping", "mapping.toml", cwd=folder)

    assert ended.returncode == 2
    assert said in ended.stderr


def test_a_schema_that_breaks_the_parser_is_exit_2(folder: Path) -> None:
    (folder / "own.json").write_text("[" * 90000, encoding="utf-8")

    ended = vorel_import("schema", "contact", "--schema", "own.json", cwd=folder)

    assert ended.returncode == 2
    assert "own.json" in ended.stderr


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs a file that cannot be read")
def test_a_disk_that_fails_while_the_list_is_read_is_told(folder: Path) -> None:
    ended = vorel_import("check", "/proc/self/mem", "--object", "contact", cwd=folder)

    assert ended.returncode == 2
    assert "/proc/self/mem: cannot be read to its end (Input/output error)" in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("run", "list.csv", "--json"), 2),
        (("run", "list.csv", "--mapping", "none.toml", "--json"), 2),
        (("run", "--json"), 2),
        (("run", "list.csv", "--nonsense", "--json"), 2),
        (("check", "none.csv", "--object", "contact", "--json"), 2),
    ],
)
def test_a_wrong_call_prints_a_whole_summary(
    folder: Path, sandbox: Sandbox, arguments: tuple[str, ...], code: int
) -> None:
    ended = vorel_import(*arguments, cwd=folder, env=env(sandbox))

    assert ended.returncode == code
    found = json.loads(ended.stdout)
    assert found.keys() >= KEYS
    assert ("samples" in found) == (arguments[0] == "check")
    assert found["exit_code"] == code
    assert found["stopped"] in ended.stderr
    assert sum(found["counts"].values()) == 0


def test_a_missing_option_is_told_with_its_choices_in_one_line(folder: Path) -> None:
    done = vorel_import("map", "list.csv", cwd=folder)
    assert done.returncode == 2
    assert done.stderr.endswith(
        "Missing option '--object'. Choose from: contact, lead, deal, appointment, case\n"
    )


def test_other_commands_say_in_json_what_ended_them(folder: Path) -> None:
    ended = vorel_import("status", "none.jsonl", "--json", cwd=folder)

    found = json.loads(ended.stdout)
    assert found["exit_code"] == ended.returncode == 2
    assert "none.jsonl" in found["stopped"]


def test_a_stopped_run_prints_why(folder: Path, start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox(crm="none")

    ended = vorel_import(*RUN, "--json", cwd=folder, env=env(sandbox))

    found = json.loads(ended.stdout)
    assert found["exit_code"] == ended.returncode == 3
    assert found["stopped"]
    assert found["hint"]


def test_what_should_not_have_happened_says_where_it_did() -> None:
    with pytest.raises(ValueError, match="property name") as found:
        json.loads("{")

    told = explain(ExceptionGroup("", [found.value]))

    assert told.exit_code == 3
    assert "JSONDecodeError" in told.message
    assert explain(MemoryError()).message == "there is not enough memory"
    assert explain(OSError(5, os.strerror(5))).exit_code == 3


def test_the_log_says_how_every_run_ended_and_holds_no_value(
    folder: Path, sandbox: Sandbox
) -> None:
    name = "Müller"
    rows = "".join(f"{name}, Straße,\n" for _ in range(9))
    (folder / "list.csv").write_bytes(f"First Name,E-mail,Born\n{rows}".encode("cp1252"))
    log = ("--log-file", "log.txt")

    ran = vorel_import(*RUN, *log, cwd=folder, env=env(sandbox))
    vorel_import(*RUN, *log, "--rate", "x", cwd=folder, env=env(sandbox))
    vorel_import(*RUN, *log, "--encoding", "klingon", cwd=folder, env=env(sandbox))
    vorel_import(*RUN, *log, cwd=folder, env=env(sandbox, VOREL_API_KEY=""))

    text = (folder / "log.txt").read_text(encoding="utf-8")
    ends = [line.split(" ", 1)[1] for line in text.splitlines() if " ended, exit code" in line]
    assert name in ran.stderr
    assert name not in text
    assert "ller" not in text
    assert "ended, exit code 1: 9 rows read, 0 created before" in ends[0]
    assert ends[1].startswith("ended, exit code 2: read.encoding: ")
    assert ends[2] == "ended, exit code 2: there is no API key"
