"""What `vorel-import check` prints, and what it counts."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Literal

import pytest
from lists.checked import command, config

from importer.core.records import Summary
from importer.mapper.mapping.file import load_mapping
from importer.run.checking.dry_run import check
from importer.run.job import prepare


def test_the_command_writes_the_file_and_says_so(tmp_path: Path) -> None:
    config(tmp_path, "A,bad,,\n")

    shown = command(tmp_path, "--failed-file", str(tmp_path / "f.csv")).output

    assert f"Refused rows  {tmp_path / 'f.csv'}" in shown
    assert "bad" in (tmp_path / "f.csv").read_text(encoding="utf-8")


def test_verbose_tells_what_becomes_of_each_row_that_is_not_sent(tmp_path: Path) -> None:
    config(tmp_path, "A,bad,,\nB,b@example.com,,\nB,b@example.com,,\n")

    told = command(tmp_path, "-v").stderr
    quiet = command(tmp_path, "-v", "-q").stderr

    lines = [line.split(":")[:2] for line in told.splitlines() if line.startswith("row ")]
    assert [(where, what.split()[0]) for where, what in lines] == [
        ("row 1, line 2", "invalid"),
        ("row 3, line 4", "duplicate"),
    ]
    assert quiet == ""


def test_json_has_all_of_it(tmp_path: Path) -> None:
    config(tmp_path, "A,a@example.com,050 123 4567,\nB,a@example.com,12,\nC,a@example.com,,\n")

    found = json.loads(command(tmp_path, "--json").output)

    assert found["problems"][0]["example"] == "12"
    assert found["changes"][0] == {
        "field": "phone",
        "kind": "phone",
        "what": "normalised",
        "count": 1,
        "before": "050 123 4567",
        "after": "+971501234567",
    }
    assert found["repeated"] == [{"kind": "email", "count": 1, "lines": [[4, 2]]}]
    assert [one["column"] for one in found["columns"]] == ["Name", "E-mail", "Phone", "Shoe"]


def test_one_script_reads_the_json_of_check_and_of_run(tmp_path: Path) -> None:
    config(tmp_path, "A,a@example.com,,\nB,bad,,\n")

    found = json.loads(command(tmp_path, "--json").output)

    fields = {field.name for field in dataclasses.fields(Summary)}
    assert fields <= found.keys()
    assert (found["unsent"], found["to_send"], found["refused"]) == (1, 1, 1)
    assert found["refused"] == found["counts"]["invalid"]


def test_rows_an_earlier_run_created_are_profiled_and_not_judged(tmp_path: Path) -> None:
    made = config(tmp_path, "A,a@example.com,050 123 4567,\n")
    ((source_hash, _, _),) = prepare(made, spool=tmp_path).survey.hashed()
    line = {
        "kind": "row", "row": 1, "line": 2, "source": "people.csv", "source_hash": source_hash,
        "occurrence": 1, "status": "created", "external_id": "x1", "attempts": 1,
    }  # fmt: skip
    (tmp_path / "people.results.jsonl").write_text(json.dumps(line) + "\n")

    found = check(made)

    assert (found.read, found.before, found.to_send) == (1, 1, 0)
    assert found.changes == ()
    assert found.columns[0].filled == 1


@pytest.mark.parametrize(
    ("pace", "rate", "limit", "requests", "seconds"),
    [("spread", 60, None, 3, 2.0), ("spread", 60, 2, 2, 1.0), ("burst", 2, None, 3, 60.0)],
)
def test_requests_and_their_duration(
    tmp_path: Path,
    pace: Literal["spread", "burst"],
    rate: int,
    limit: int | None,
    requests: int,
    seconds: float,
) -> None:
    made = config(tmp_path, "A,,,\nB,,,\nC,,,\n").replace(pace=pace, rate=rate, limit=limit)

    found = check(made)

    assert (found.to_send, found.requests, found.seconds) == (3, requests, seconds)


def test_a_mapping_that_was_loaded_is_checked_like_its_file(tmp_path: Path) -> None:
    made = config(tmp_path, "A,bad,,\nB,b@example.com,,\n")

    found = check(made.replace(mapping=load_mapping(tmp_path / "m.toml")))

    assert found.as_dict() == check(made).as_dict()


def test_ten_kinds_of_problems_fit_on_a_screen(tmp_path: Path) -> None:
    rows = "".join(
        f"N{at},{'bad' if at % 2 else f'n{at}@example.com'},{'12' if at % 3 else '050 123 4567'},\n"
        for at in range(300)
    )
    config(tmp_path, rows)

    assert len(command(tmp_path).output.splitlines()) < 40
