"""The main job through the real command: import, refusals, stops, signals, and going on."""

from __future__ import annotations

import csv
import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import process as own_process
from commands.inside import vorel_import
from commands.process import last_rows, lines_of, start, wait_until

from importer.sandbox import Fault, Faults, Rate, Sandbox, Step

pytestmark = pytest.mark.slow

MAPPING = """\
object = "contact"
[fields]
first_name = "First Name"
email = "E-mail"
"""
FAST = ("--rate", "1000000")


def write_contacts(folder: Path, rows: int) -> Path:
    (folder / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    source = folder / "contacts.csv"
    lines = [f"Person {n},p{n}@example.com" for n in range(1, rows + 1)]
    source.write_text("First Name,E-mail\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return source


def env(sandbox: Sandbox, **more: str) -> dict[str, str]:
    return {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url, **more}


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_a_list_is_imported_and_a_second_run_sends_nothing(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    write_contacts(tmp_path, 25)
    arguments = ("run", "contacts.csv", "--mapping", "mapping.toml", "--json", *FAST)

    first = own_process.vorel_import(*arguments, cwd=tmp_path, env=env(sandbox))
    requests = sandbox.requests
    second = vorel_import(*arguments, cwd=tmp_path, env=env(sandbox))

    assert first.returncode == second.returncode == 0, first.stderr
    assert json.loads(first.stdout)["counts"]["created"] == 25
    assert json.loads(second.stdout)["before"] == 25
    assert sandbox.requests == requests == 25
    ids = {record["external_id"] for record in sandbox.records()}
    assert {row["vorel_external_id"] for row in cells(tmp_path / "contacts.success.csv")} == ids


def test_refused_rows_are_named_and_the_corrected_failed_file_imports(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    source = write_contacts(tmp_path, 3)
    with source.open("a", encoding="utf-8") as stream:
        stream.write("Zed,not an address\nragged\n")
    results = tmp_path / "contacts.results.jsonl"

    first = vorel_import(
        "run", source.name, "--mapping", "mapping.toml", *FAST, cwd=tmp_path, env=env(sandbox)
    )
    failed = tmp_path / "contacts.failed.csv"
    text = failed.read_text(encoding="utf-8")
    failed.write_text(text.replace("not an address", "zed@example.com"), encoding="utf-8")
    second = vorel_import(
        "run", failed.name, "--mapping", "mapping.toml", "--results", results, *FAST,
        cwd=tmp_path, env=env(sandbox),
    )  # fmt: skip

    assert (first.returncode, second.returncode) == (1, 1)
    assert "validation_error" in text
    assert "2 cells expected" in text
    assert [record["fields"]["email"] for record in sandbox.records()][-1] == "zed@example.com"
    assert len(sandbox.records()) == 4
    still = cells(tmp_path / "contacts.failed.csv")
    assert still[-1]["vorel_raw"] == "ragged"


def test_a_key_revoked_in_the_middle_stops_the_run_and_a_good_key_finishes_it(
    tmp_path: Path, start_sandbox: Callable[..., Sandbox]
) -> None:
    sandbox = start_sandbox(faults=Faults(revoke_key_after=20))
    write_contacts(tmp_path, 60)
    arguments = (
        "run", "contacts.csv", "--mapping", "mapping.toml", "--concurrency", "1", "--json", *FAST,
    )  # fmt: skip

    stopped = vorel_import(*arguments, cwd=tmp_path, env=env(sandbox))
    seen = sandbox.requests
    good_key = env(sandbox, VOREL_API_KEY=sandbox.new_key())
    asked = vorel_import(*arguments, cwd=tmp_path, env=good_key)
    finished = vorel_import(*arguments, "--same-account", cwd=tmp_path, env=good_key)

    assert stopped.returncode == 3
    assert seen == 21, "the one that was answered 401 was the last to be sent"
    summary = json.loads(stopped.stdout)
    assert summary["read"] == summary["counts"]["created"] + summary["unsent"]
    assert summary["left"] == 60 - summary["counts"]["created"]
    assert "VOREL_API_KEY" in stopped.stderr
    assert asked.returncode == 2
    assert "--same-account" in asked.stderr
    assert finished.returncode == 0, finished.stderr
    emails = [record["fields"]["email"] for record in sandbox.records()]
    assert len(emails) == len(set(emails)) == 60


def test_a_key_without_the_scope_is_told_which_one_it_lacks(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    write_contacts(tmp_path, 3)
    key = sandbox.new_key(["read"])

    ended = vorel_import(
        "run", "contacts.csv", "--mapping", "mapping.toml",
        cwd=tmp_path, env=env(sandbox, VOREL_API_KEY=key),
    )  # fmt: skip

    assert ended.returncode == 3
    assert "crm:write" in ended.stderr
    assert "/settings/integrations/api-keys" in ended.stderr
    assert not sandbox.records()


def test_no_crm_stops_the_run(tmp_path: Path, start_sandbox: Callable[..., Sandbox]) -> None:
    sandbox = start_sandbox(crm="none")
    write_contacts(tmp_path, 30)

    ended = vorel_import(
        "run", "contacts.csv", "--mapping", "mapping.toml", cwd=tmp_path, env=env(sandbox)
    )

    assert ended.returncode == 3
    assert "no_crm_configured" in ended.stderr


def test_too_many_refusals_stop_the_run(
    tmp_path: Path, start_sandbox: Callable[..., Sandbox]
) -> None:
    refuse_all = Faults(rates=(Rate(share=1, fault=Fault(kind="validation_error")),))
    sandbox = start_sandbox(faults=refuse_all)
    write_contacts(tmp_path, 400)

    ended = vorel_import(
        "run", "contacts.csv", "--mapping", "mapping.toml", *FAST, cwd=tmp_path, env=env(sandbox)
    )

    assert ended.returncode == 4
    assert 100 <= sandbox.requests < 130
    assert "--max-errors" in ended.stderr


def test_an_outage_ends_the_run_without_a_failed_row(
    tmp_path: Path, start_sandbox: Callable[..., Sandbox]
) -> None:
    down = Faults(script=(Step(fault=Fault(kind="error_503"), from_request=31),))
    sandbox = start_sandbox(faults=down)
    write_contacts(tmp_path, 60)
    arguments = ("run", "contacts.csv", "--mapping", "mapping.toml", *FAST)

    ended = vorel_import(*arguments, "--max-outage", "0", cwd=tmp_path, env=env(sandbox))
    sandbox.faults = Faults()
    finished = vorel_import(*arguments, cwd=tmp_path, env=env(sandbox))

    assert ended.returncode == 5, ended.stderr
    assert finished.returncode == 0, finished.stderr
    assert len(sandbox.records()) == 60
    statuses = {line["status"] for line in lines_of(tmp_path / "contacts.results.jsonl")
                if line["kind"] == "row"}  # fmt: skip
    assert statuses == {"created"}


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_stops_cleanly_and_says_how_to_go_on(
    tmp_path: Path, sandbox: Sandbox, number: signal.Signals, code: int
) -> None:
    write_contacts(tmp_path, 200)
    process = start(
        "run", "contacts.csv", "--mapping", "mapping.toml", "--rate", "600",
        cwd=tmp_path, env=env(sandbox),
    )  # fmt: skip
    wait_until(lambda: sandbox.requests >= 5, process)

    process.send_signal(number)
    _, stderr = process.communicate(timeout=90)

    assert process.returncode == code
    assert "run the same command" in stderr.lower()
    lines = lines_of(tmp_path / "contacts.results.jsonl")
    assert lines[-1]["kind"] == "end"
    created = [line for line in lines if line["kind"] == "row"]
    assert len(created) == len(sandbox.records()) == sandbox.requests


def test_a_second_run_at_the_same_time_is_refused(
    tmp_path: Path, start_sandbox: Callable[..., Sandbox]
) -> None:
    slow = Faults(rates=(Rate(share=1, fault=Fault(kind="latency", seconds=1)),))
    sandbox = start_sandbox(faults=slow)
    write_contacts(tmp_path, 50)
    arguments = ("run", "contacts.csv", "--mapping", "mapping.toml")
    first = start(*arguments, "--concurrency", "1", cwd=tmp_path, env=env(sandbox))
    wait_until(lambda: sandbox.requests >= 1, first)

    second = vorel_import(*arguments, cwd=tmp_path, env=env(sandbox))
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=90)

    assert second.returncode == 2
    assert f"process {first.pid}" in second.stderr


def test_a_pilot_sends_at_most_the_limit_and_the_rest_later(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    write_contacts(tmp_path, 12)
    arguments = ("run", "contacts.csv", "--mapping", "mapping.toml", *FAST)

    pilot = vorel_import(*arguments, "--limit", "5", cwd=tmp_path, env=env(sandbox))
    after_pilot = sandbox.requests
    unsent = cells(tmp_path / "contacts.unsent.csv")
    rest = vorel_import(*arguments, cwd=tmp_path, env=env(sandbox))

    assert (pilot.returncode, after_pilot, len(unsent)) == (0, 5, 7)
    assert "7 rows of the list have no outcome yet" in pilot.stderr
    assert "no outcome" not in rest.stderr
    assert (rest.returncode, len(sandbox.records())) == (0, 12)


def test_twins_in_a_list_are_sent_once_or_numbered(tmp_path: Path, sandbox: Sandbox) -> None:
    source = write_contacts(tmp_path, 2)
    with source.open("a", encoding="utf-8") as stream:
        stream.write("Person 1,p1@example.com\n")
    arguments = ("run", "contacts.csv", "--mapping", "mapping.toml", *FAST)

    vorel_import(*arguments, cwd=tmp_path, env=env(sandbox))
    skipped = len(sandbox.records())
    others = ("--on-duplicate", "send", "--results", "twins.jsonl", "--namespace", "twins")
    asked = vorel_import(*arguments, *others, cwd=tmp_path, env=env(sandbox))
    assert (asked.returncode, len(sandbox.records())) == (2, skipped)
    sending = (*arguments, *others, "--new-import")
    vorel_import(*sending, cwd=tmp_path, env=env(sandbox))
    sent = len(sandbox.records()) - skipped
    again = vorel_import(*sending, cwd=tmp_path, env=env(sandbox))

    rows = [line for line in lines_of(tmp_path / "contacts.results.jsonl") if line["kind"] == "row"]
    twin = next(line for line in rows if line["status"] == "duplicate")
    first = next(line for line in rows if line["row"] == 1)
    assert (twin["duplicate_of"], twin["external_id"]) == (1, first["external_id"])
    assert (skipped, sent) == (2, 3)
    assert again.returncode == 0
    assert len(sandbox.records()) == skipped + sent


def test_standard_input_is_imported(tmp_path: Path, sandbox: Sandbox) -> None:
    write_contacts(tmp_path, 1)
    text = '{"First Name": "Rana", "E-mail": "rana@example.com"}\n'
    arguments = ("run", "-", "--format", "jsonl", "--mapping", "mapping.toml")

    without = vorel_import(*arguments, cwd=tmp_path, env=env(sandbox), stdin=text)
    ended = vorel_import(
        *arguments, "--results", "r.results.jsonl", cwd=tmp_path, env=env(sandbox), stdin=text
    )

    assert (without.returncode, ended.returncode) == (2, 0)
    assert sandbox.records()[0]["fields"] == {"email": "rana@example.com", "first_name": "Rana"}
    assert (tmp_path / "r.success.csv").exists()


def test_an_edited_list_sends_what_is_new_alone(tmp_path: Path, sandbox: Sandbox) -> None:
    """Rows are known by their content: order and deleted rows change nothing."""
    source = write_contacts(tmp_path, 6)
    arguments = ("run", "contacts.csv", "--mapping", "mapping.toml", *FAST)
    vorel_import(*arguments, cwd=tmp_path, env=env(sandbox))

    header, *rows = source.read_text(encoding="utf-8").splitlines()
    rows = [*reversed(rows[1:]), "New,new@example.com"]
    source.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    ended = vorel_import(*arguments, "--json", cwd=tmp_path, env=env(sandbox))

    summary = json.loads(ended.stdout)
    assert (summary["before"], summary["counts"]["created"], summary["requests"]) == (5, 1, 1)
    assert "has changed since the last run" in ended.stderr
    assert len(last_rows(tmp_path / "contacts.results.jsonl")) == 7
