"""What a person is told to do next: what helps in the case at hand, with a command that works."""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from commands.inside import vorel_import
from commands.process import last_rows, lines_of, start, wait_until

from importer.cli.shown.next_steps import Command, next_steps
from importer.core.locale.message import Message
from importer.core.records import Origin, Problem, Status
from importer.sandbox import Fault, Faults, Sandbox, Step

MAPPING = """\
object = "contact"
[fields]
first_name = "First Name"
email = "E-mail"
birthday = { column = "Born", type = "date" }
"""
RUN = ("run", "list.csv", "--mapping", "mapping.toml", "--rate", "6000")
NONE = dict.fromkeys([*(status.value for status in Status), "dealt_with"], 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    (inner / "list.csv").write_text(
        "First Name,E-mail,Born\nOmar,omar@example.com,\nLina,l@example.com,the 5th\n"
        "Sami,no address,\nRana,rana@example.com,\n",
        encoding="utf-8",
    )
    return inner


def env(sandbox: Sandbox) -> dict[str, str]:
    return {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}


def problem(status: Status, *, retryable: bool, count: int = 1) -> Problem:
    return Problem(
        code="c", origin=Origin.CRM, field=None, message=Message("m"), hint=None, status=status,
        retryable=retryable, count=count,
    )  # fmt: skip


FILES = {"failed": "list.failed.csv", "changed": "list.changed.csv"}


def steps(
    counts: dict[str, int],
    *,
    left: int = 0,
    code: int | None = 1,
    problems: Any = (),
    undecided: int = 0,
    plan: str | None = None,
    files: Mapping[str, str] = FILES,
) -> list[tuple[str, str | None]]:
    settings = {"sources": ["list.csv"], "rate": 60, "limit": 5}
    settings |= {} if plan is None else {"plan": plan}
    command = Command(settings, Path("list.results.jsonl"))
    found = next_steps(
        command,
        counts={**NONE, **counts},
        left=left,
        problems=problems,
        files=files,
        exit_code=code,
        undecided=undecided,
    )
    return [(step.text, step.command) for step in found]


AGAIN = "vorel-import run list.csv --rate 60"
SAME = "vorel-import acknowledge list.results.jsonl --same REF"
NEW = "vorel-import acknowledge list.results.jsonl --new REF"
PLANNED = "vorel-import run list.csv --plan ab --rate 60"
FAILED = "vorel-import run list.failed.csv --rate 60 --results list.results.jsonl"


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (steps({"created": 4}, code=0, files={}), []),
        (
            steps({"created": 4}, code=0),
            [
                ("list.failed.csv has rows that are not in the list", FAILED),
                (
                    "list.changed.csv has rows that are not in the list",
                    "vorel-import acknowledge list.results.jsonl",
                ),
            ],
        ),
        (steps({"created": 4, "duplicate": 2}, code=0, files={}), []),
        (steps({"created": 4}, left=3, code=0), [("3 rows of the list have no", AGAIN)]),
        (steps({"created": 4}, left=3, code=130), [("Go on:", AGAIN)]),
        (steps({"created": 4}, left=3, code=None), [("Go on:", AGAIN)]),
        (steps({"created": 4}, left=3, code=5), [("Once the service", AGAIN)]),
        (steps({"created": 4}, left=3, code=3), [("Once the cause is removed", AGAIN)]),
        (
            steps({"invalid": 2, "failed": 1}),
            [("Correct what can be corrected in list.failed.csv (3 rows)", FAILED)],
        ),
        (
            steps({"failed": 1}, problems=[problem(Status.FAILED, retryable=True)]),
            [("1 row may be taken later. Wait", AGAIN)],
        ),
        (
            steps({"unknown": 2}, problems=[problem(Status.UNKNOWN, retryable=True, count=2)]),
            [("2 rows may be taken later. Wait", AGAIN)],
        ),
        (
            steps({"unknown": 2}, problems=[problem(Status.UNKNOWN, retryable=False, count=2)]),
            [("Look up 2 rows without a clear answer", None)],
        ),
        (
            steps({"changed": 1}, code=6),
            [("1 row changed since", "vorel-import acknowledge list.results.jsonl")],
        ),
        (
            steps({"possible_duplicate": 2}, code=6),
            [("2 rows may have a record already", SAME), ("If it is another one", NEW)],
        ),
        (
            steps({"created": 2}, undecided=1, code=6),
            [("1 possible duplicate of an earlier run", SAME), ("If it is another one", NEW)],
        ),
        (
            steps({"created": 4, "changed": 1, "possible_duplicate": 1}, code=6),
            [
                ("1 row changed since", "vorel-import acknowledge list.results.jsonl"),
                ("1 row may have a record already", SAME),
                ("If it is another one", NEW),
            ],
        ),
        (steps({"created": 4, "dealt_with": 2}, code=0, files={}), []),
        (steps({"created": 4}, left=3, code=0, plan="ab"), [("3 rows", PLANNED)]),
        (steps({"created": 4}, left=3, code=130, plan="ab"), [("Go on:", PLANNED)]),
        (
            steps({"failed": 1}, problems=[problem(Status.FAILED, retryable=True)], plan="ab"),
            [("1 row may be taken later. Wait", AGAIN)],
        ),
    ],
)
def test_each_case_has_the_step_that_helps(
    told: list[tuple[str, str | None]], expected: list[tuple[str, str | None]]
) -> None:
    assert [command for _, command in told] == [command for _, command in expected]
    for (text, _), (begin, _) in zip(told, expected, strict=True):
        assert text.startswith(begin)


def test_nobody_is_told_to_overwrite_somebody_for_a_possible_duplicate() -> None:
    [(text, _), _] = steps({"possible_duplicate": 2}, code=6)

    assert "look at both" in text
    assert "up to date" not in text


def test_a_pilot_is_gone_on_with_without_its_limit(folder: Path, sandbox: Sandbox) -> None:
    pilot = vorel_import(*RUN, "--limit", "1", "--json", cwd=folder, env=env(sandbox))
    command = json.loads(pilot.stdout)["next"]
    whole = vorel_import(*shlex.split(command)[1:], cwd=folder, env=env(sandbox))

    assert "--limit" not in command
    assert command in pilot.stderr
    assert "1 have a record already" in " ".join(whole.stderr.split())
    assert len(sandbox.records()) == 2


def test_the_failed_file_is_corrected_and_its_command_imports_it(
    folder: Path, sandbox: Sandbox
) -> None:
    ended = vorel_import(*RUN, cwd=folder, env=env(sandbox))
    failed = folder / "list.failed.csv"
    text = failed.read_text(encoding="utf-8").replace("no address", "sami@example.com")
    failed.write_text(text.replace("the 5th", "1990-01-05"), encoding="utf-8")
    command = next(line for line in ended.stderr.splitlines() if "run list.failed.csv" in line)

    again = vorel_import(*shlex.split(command)[1:], cwd=folder, env=env(sandbox))

    assert again.returncode == 0, again.stderr
    assert len(sandbox.records()) == 4


def test_an_export_of_an_edited_list_is_told_and_what_was_refused_is_not_done(
    folder: Path, sandbox: Sandbox
) -> None:
    """Rows are found by their content: the edited ones stand as unsent until the next run."""
    vorel_import(*RUN, cwd=folder, env=env(sandbox))
    text = (folder / "list.csv").read_text(encoding="utf-8").replace("\n", ",Note\n")
    (folder / "list.csv").write_text(text, encoding="utf-8")

    exported = vorel_import("export", "list.results.jsonl", "list.csv", cwd=folder)
    status = vorel_import("status", "list.results.jsonl", cwd=folder)

    assert "not the list of the last run" in exported.stderr
    assert "2 rows can be corrected, but the file of them is gone" in status.stdout
    assert "Nothing is left to do" not in status.stdout
    vorel_import(*RUN, cwd=folder, env=env(sandbox))
    assert (folder / "list.failed.csv").exists()
    assert len(sandbox.records()) == 2


@pytest.mark.parametrize("where", [".", "..", "/"])
def test_the_commands_of_status_work_from_the_folder_it_is_asked_in(
    folder: Path, sandbox: Sandbox, where: str
) -> None:
    vorel_import(*RUN, "--limit", "1", cwd=folder, env=env(sandbox))
    here = (folder / where).resolve()
    results = os.path.relpath(folder / "list.results.jsonl", here)

    shown = vorel_import("status", results, "--json", cwd=here)
    command = json.loads(shown.stdout)["next"]
    again = vorel_import(*shlex.split(command)[1:], cwd=here, env=env(sandbox))

    assert again.returncode == 1, again.stderr
    assert len(sandbox.records()) == 2
    assert len(last_rows(folder / "list.results.jsonl")) == 4


def test_status_says_how_the_list_stands_and_not_what_was_ever_seen(
    folder: Path, sandbox: Sandbox
) -> None:
    vorel_import(*RUN, cwd=folder, env=env(sandbox))
    (folder / "list.csv").write_text(
        "First Name,E-mail,Born\nOmar,omar@example.com,\nLina,l@example.com,1990-01-05\n",
        encoding="utf-8",
    )
    vorel_import(*RUN, cwd=folder, env=env(sandbox))

    shown = vorel_import("status", "list.results.jsonl", cwd=folder).stdout
    found = json.loads(vorel_import("status", "list.results.jsonl", "--json", cwd=folder).stdout)

    assert found["counts"] == {**NONE, "created": 2}
    assert (found["rows"], found["left"], found["before"], found["next"]) == (2, 0, 1, None)
    assert found["problems"] == []
    assert "list.vanished.csv has the records whose rows have left the list" in shown
    end = lines_of(folder / "list.results.jsonl")[-1]
    assert end["list"] == {**NONE, "created": 2, "left": 0, "corrected": 0}


def test_rows_that_were_corrected_are_counted_and_phases_are_timed(
    folder: Path, sandbox: Sandbox
) -> None:
    vorel_import(*RUN, cwd=folder, env=env(sandbox))
    failed = folder / "list.failed.csv"
    failed.write_bytes(failed.read_bytes().replace(b"the 5th", b"1990-01-05"))

    words = ("run", failed.name, "--mapping", "mapping.toml", "--json")
    run = json.loads(vorel_import(*words, cwd=folder, env=env(sandbox)).stdout)
    shown = vorel_import("status", "list.results.jsonl", cwd=folder).stdout
    found = json.loads(vorel_import("status", "list.results.jsonl", "--json", cwd=folder).stdout)

    assert (run["list"]["created"], run["list"]["corrected"]) == (3, 1)
    assert (found["counts"]["created"], found["corrected"]) == (3, 1)
    assert "1  of the created rows were corrected in a derived file" in shown
    assert list(run["durations"]) == ["reading", "loading", "deciding", "sending", "writing"]
    assert run["durations"]["writing"] > 0


def test_status_says_when_a_results_file_can_be_much_smaller(
    folder: Path, sandbox: Sandbox
) -> None:
    vorel_import(*RUN, cwd=folder, env=env(sandbox))
    results = folder / "list.results.jsonl"
    lines = results.read_bytes().splitlines(keepends=True)
    refused = next(line for line in lines if b'"status":"invalid"' in line)
    end = next(at for at, line in enumerate(lines) if line.startswith(b'{"kind":"end"'))
    results.write_bytes(b"".join([*lines[:end], refused * 3000, *lines[end:]]))

    shown = vorel_import("status", results.name, cwd=folder).stdout

    assert "are no longer needed. To make it smaller:" in shown
    assert "vorel-import compact list.results.jsonl" in shown


def test_status_of_a_killed_run_says_that_it_counts_what_was_seen(
    folder: Path, start_sandbox: Callable[..., Sandbox]
) -> None:
    hang = Step(fault=Fault(kind="hang", seconds=30), from_request=2, to_request=99)
    sandbox = start_sandbox(faults=Faults(script=(hang,)))
    process = start(*RUN, cwd=folder, env=env(sandbox))
    wait_until(lambda: sandbox.requests >= 3, process)
    process.kill()
    process.communicate()

    shown = vorel_import("status", "list.results.jsonl", cwd=folder).stdout

    assert "Rows that any run has seen" in shown
    assert "sent, answer not on record" in shown
    assert "vorel-import run list.csv" in shown


def test_problems_of_several_lists_name_the_list(folder: Path, sandbox: Sandbox) -> None:
    (folder / "more.csv").write_text(
        "First Name,E-mail,Born\nHuda,huda@example.com,the 6th\n", encoding="utf-8"
    )

    ended = vorel_import(
        "run", "list.csv", "more.csv", *RUN[2:], "--results", "r.jsonl",
        cwd=folder, env=env(sandbox),
    )  # fmt: skip

    assert "Lines 3 of list.csv, 2 of more.csv" in ended.stderr
