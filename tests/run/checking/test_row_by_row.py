"""`check` comes to what checking every row by itself comes to, however the rows are read."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Literal

import pytest
from stages.row_by_row import check_row_by_row

from benchmarks.checking import MAPPING, write_spoiled_list
from importer.core import keys
from importer.core.records import Record, Row, Send, Status
from importer.run.checking.check_report import CheckReport
from importer.run.checking.dry_run import check
from importer.run.config import ImportConfig
from importer.run.job import prepare
from importer.writer.lines.row_line import RowLine

pytestmark = pytest.mark.slow

Duplicates = Literal["skip", "send"]


def told(found: CheckReport) -> dict[str, Any]:
    """Return a summary as the plain check returns it."""
    repeated = {one.kind: (one.count, [*one.lines]) for one in found.repeated}
    return {
        "counts": {**found.counts, "before": found.before, "unsent": found.to_send},
        "problems": [*found.problems],
        "samples": [*found.samples],
        "changes": [
            (one.field, one.kind, one.what, one.count, one.before, one.after)
            for one in found.changes
        ],
        "repeated": {kind: repeated.get(kind, (0, [])) for kind in ("phone", "email")},
        "columns": {
            one.column: (
                one.rows, one.filled, one.distinct, one.min_length, one.max_length, [*one.samples]
            )
            for one in found.columns
        },
    }  # fmt: skip


def spoiled(folder: Path, rows: int = 1500, mapping: str = MAPPING) -> ImportConfig:
    source = folder / "list.csv"
    write_spoiled_list(source, rows, share=0.05)
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    # Equal rows, an equal email and an equal phone in other rows.
    more = [lines[3], lines[3], lines[700], lines[5].replace("p4@", "P9@"), lines[8][:-2] + "!\n"]
    source.write_text("".join([*lines, *more]), encoding="utf-8")
    (folder / "m.toml").write_text(mapping, encoding="utf-8")
    return ImportConfig(sources=(str(source),), mapping=folder / "m.toml")


def as_json_lines(config: ImportConfig) -> ImportConfig:
    source = Path(config.sources[0])
    target = source.with_suffix(".jsonl")
    with source.open(newline="", encoding="utf-8") as stream:
        rows = [json.dumps(row) for row in csv.DictReader(stream) if None not in row]
    target.write_text("\n".join([*rows, '{"E-mail": 5, "Notes": ["a"]}', "{", ""]))
    return config.replace(sources=(str(target),))


def put_on_record(config: ImportConfig, spool: Path, *, every: int) -> None:
    """Write results of each `every`-th row: created, refused and without an answer, in turn."""
    job = prepare(config, spool=spool)
    lines = []
    for at, (source_hash, batch, index) in enumerate(job.survey.hashed()):
        row = batch.row(index)
        record = job.mapper.map(row) if isinstance(row, Row) else row
        if at % every == 0 and isinstance(record, Record):
            status = (Status.CREATED, Status.FAILED, Status.UNKNOWN)[at // every % 3]
            row_hash = keys.row_hash(record.object, record.fields)
            send = Send(
                record=record,
                key=keys.row_key(record.object, row_hash, identity=record.identity),
                row_hash=row_hash,
                source_hash=source_hash,
                occurrence=1,
                unclear=False,
            )
            external_id = f"x{at}" if status is Status.CREATED else None
            outcome = send.outcome(status, external_id=external_id)
            lines.append(
                json.dumps(RowLine.of(outcome, run="r", at="2026-01-01T00:00:00Z").to_json())
            )
    job.results.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


@pytest.mark.parametrize(("duplicates", "as_json"), [("skip", False), ("send", True)])
def test_a_spoiled_list(tmp_path: Path, duplicates: Duplicates, *, as_json: bool) -> None:
    config = spoiled(tmp_path).replace(on_duplicate=duplicates)
    config = as_json_lines(config) if as_json else config

    assert told(check(config)) == check_row_by_row(config, tmp_path)


@pytest.mark.parametrize(
    ("retry", "duplicates", "identity"),
    [
        ("all", "skip", 'identity = ["email"]\n'),
        ("all", "send", ""),
        ("none", "send", 'identity = ["email"]\n'),
    ],
)
def test_a_list_of_which_some_rows_are_on_record(
    tmp_path: Path, retry: Literal["all", "none"], duplicates: Duplicates, identity: str
) -> None:
    config = spoiled(tmp_path, 900, identity + MAPPING)
    put_on_record(config, tmp_path, every=4)
    changed = Path(config.sources[0])
    changed.write_text(changed.read_text(encoding="utf-8").replace("fair 12\n", "Fair 12\n"))
    config = config.replace(retry=retry, on_duplicate=duplicates)

    found = check(config)

    assert told(found) == check_row_by_row(config, tmp_path)
    assert found.before > 50
    if identity and duplicates == "skip":
        assert found.counts["changed"] == 1
