"""Reads the ids of records from derived files."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from importer import reader
from importer.core.errors import ImporterError
from importer.core.settings import ReadOptions

_MARK = "\ufeff"
"""The byte order mark that files of spreadsheets begin with."""


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
    Return the records in a derived file of the results file with this name.

    `encoding` is the stated encoding of the list, which its derived files have too. A file that
    cannot be read names none.
    """
    found = NamedRecords()
    for external_id, ref in _cells(path, ("vorel_external_id", "vorel_ref"), encoding):
        if external_id and ref.startswith(f"{results}#"):
            found.ids.add(external_id)
            found.rows += 1
    return found


def named_in_table(path: Path) -> NamedRecords:
    """Return the records in a table that the importer has written, such as `<stem>.undo.csv`."""
    found = NamedRecords()
    for (external_id,) in _cells(path, ("external_id",), "utf-8"):
        if external_id:
            found.ids.add(external_id)
            found.rows += 1
    return found


def numbers_in(path: Path, results: str, encoding: str | None) -> tuple[int, int]:
    """
    Return how many rows of its list a derived file has, and the number of the last of them.

    Only rows of the results file with this name count.
    """
    rows = last = 0
    for number, ref in _cells(path, ("vorel_row", "vorel_ref"), encoding):
        if ref.startswith(f"{results}#") and number.isdecimal():
            rows, last = rows + 1, max(last, int(number))
    return rows, last


def _cells(path: Path, columns: Sequence[str], encoding: str | None) -> Iterator[Sequence[str]]:
    """
    Yield the cells of some columns of each row, as far as the file can be read.

    The importer has written the file, so a plain CSV reader is enough. It has to be quick: this may
    happen before each run, also for a million rows.
    """
    with suppress(ImporterError, OSError, UnicodeError, csv.Error, ValueError):
        if path.suffix == ".jsonl":
            with path.open(encoding="utf-8") as lines:
                for line in lines:
                    found = json.loads(line)
                    yield [str(found.get(name, "")) for name in columns]
            return
        options = ReadOptions(format="csv", encoding=encoding)
        [file] = reader.find_sources((str(path),), options=options)
        layout = reader.detect_layout(file, options)
        with path.open(encoding=layout.encoding, newline="") as text:
            rows = csv.reader(text, delimiter=layout.delimiter or ",")
            header = [name.removeprefix(_MARK) for name in next(rows, [])]
            places = [header.index(name) for name in columns]
            for row in rows:
                if len(row) == len(header):
                    yield [row[place] for place in places]
