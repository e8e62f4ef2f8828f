"""Reads which records derived files name."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from importer import reader
from importer.errors import ImporterError
from importer.row_marks import RowMark
from importer.settings import ReadOptions

__all__ = ["NamedRecords", "named_in_rows", "named_in_table", "numbers_in"]


@dataclass(slots=True)
class NamedRecords:
    """
    The records that a file names.

    `rows` counts the rows with a record, `ids` are the ids of their records.
    """

    rows: int = 0
    ids: set[str] = field(default_factory=set)


def named_in_rows(path: Path, results: str, encoding: str | None) -> NamedRecords:
    """
    Return the records of the rows in a derived file that belong to the results file of this name.

    `encoding` is what is stated of the list, whose encoding its derived files have. A file that
    cannot be read names none.
    """
    found = NamedRecords()
    with suppress(ImporterError, OSError):
        for mark in _marks(path, ReadOptions(encoding=encoding)):
            if mark.ref is not None and mark.ref.results == results and mark.external_id:
                found.ids.add(mark.external_id)
                found.rows += 1
    return found


def _marks(path: Path, options: ReadOptions) -> Iterator[RowMark]:
    for file in reader.find_sources((str(path),), options=options):
        layout = reader.detect_layout(file, options)
        with reader.open_source(file, layout, options) as rows:
            for batch in reader.batches(rows):
                yield from batch.marks.values()


def named_in_table(path: Path) -> NamedRecords:
    """Return the records in a table that the importer writes of them, such as `<stem>.undo.csv`."""
    found = NamedRecords()
    for row in _rows(path, "utf-8", ","):
        if row.get("external_id"):
            found.ids.add(str(row["external_id"]))
            found.rows += 1
    return found


def numbers_in(path: Path, results: str, encoding: str | None) -> tuple[int, int]:
    """
    Return how many rows of its list a derived file has, and the number of the last of them.

    Rows that belong to another results file than that of this name do not count.
    """
    options = ReadOptions(encoding=encoding)
    rows = last = 0
    with suppress(ImporterError, OSError):
        [file] = reader.find_sources((str(path),), options=options)
        layout = reader.detect_layout(file, options)
        for row in _rows(path, layout.encoding, layout.delimiter or ","):
            number = str(row.get("vorel_row") or "")
            if str(row.get("vorel_ref") or "").startswith(f"{results}#") and number.isdecimal():
                rows, last = rows + 1, max(last, int(number))
    return rows, last


def _rows(path: Path, encoding: str, delimiter: str) -> Iterator[dict[str | Any, Any]]:
    with (
        suppress(OSError, UnicodeError, csv.Error),
        path.open(encoding=encoding, newline="") as text,
    ):
        yield from csv.DictReader(text, delimiter=delimiter)
