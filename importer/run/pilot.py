"""Writes a small sample of a list, to try the import with it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from importer.core.keys import canonical_json
from importer.core.records import Record, Row
from importer.core.settings import PLAIN_LIST, PLAIN_OBJECTS, ReadOptions
from importer.reader.spool import spool_folder
from importer.run.config import ImportConfig
from importer.run.job import Job, prepare


@dataclass(frozen=True, slots=True, kw_only=True)
class Pilot:
    """A sample of `rows` rows in the file `path`, and the options to read it with."""

    path: Path
    rows: int
    read: ReadOptions


def write_pilot(config: ImportConfig, folder: Path, *, rows: int = 20) -> Pilot:
    """
    Write up to `rows` rows that can be sent, spread over the whole list, to a file in `folder`.

    The rows are copied unchanged: an import of the file and then of the list, with the same results
    file, sends each of them once. Corrected rows are left out. Raises `UsageError` like
    `run_import`.
    """
    with spool_folder() as spool:
        job = prepare(config, spool=spool)
        chosen = [*_spread(job, rows)]
        if job.survey.has_header:
            path, read = folder / "pilot.csv", PLAIN_LIST
            with path.open("w", encoding="utf-8", newline="") as stream:
                writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
                writer.writerow(job.survey.columns)
                writer.writerows(
                    [row.values.get(name, "") for name in job.survey.columns] for row in chosen
                )
        else:
            path, read = folder / "pilot.jsonl", PLAIN_OBJECTS
            path.write_bytes(b"".join(canonical_json(row.values) + b"\n" for row in chosen))
    return Pilot(path=path, rows=len(chosen), read=read)


def _spread(job: Job, wanted: int) -> Iterator[Row]:
    """Yield rows at about equal distances; instead of one that cannot be sent, the next one."""
    number = taken = 0
    for batch in job.survey.batches():
        for at in range(len(batch)):
            number += 1
            if taken >= wanted or number <= taken * job.survey.expected_rows // wanted:
                continue
            row = batch.row(at)
            if job.corrected.has_row_of(batch.hashes[at]):
                continue
            if isinstance(row, Row) and isinstance(job.mapper.map(row), Record):
                taken += 1
                yield row
