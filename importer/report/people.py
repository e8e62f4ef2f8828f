"""Finds the rows that need a person, as far as a report shows them."""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import IO

from importer.core.locale.titles import called, naming
from importer.core.records import TO_COMPARE, TO_CORRECT, Outcome, Status
from importer.core.row_marks import RowRef, Where
from importer.core.systems.contents import sha256_of
from importer.report.import_status import RowsOnRecord
from importer.writer.derived_rows import table_of
from importer.writer.lines.run_line import ExportsRecord
from importer.writer.run_timeline import RunTimeline

SHOWN = 200
_REF = re.compile(rb"#([0-9a-f]{64})-([1-9][0-9]{0,8})")
_BLOCK_BYTES = 1024 * 1024
_OVERLAP = 200
_SHEET = "xl/worksheets/sheet1.xml"


def find_people(
    results: Path, found: RunTimeline, lines: RowsOnRecord, exports: ExportsRecord | None
) -> Sequence[Outcome]:
    """
    Return the outcomes of the first rows that need a person, in the order of the list.

    They are the rows of the failed and the changed file, as long as these are as the importer has
    written them. Otherwise they are all such rows of the results file, in its order: some of them
    may not be in the list any more.
    """
    rows: list[Outcome] = []
    for kind in ("failed", "changed"):
        statuses: tuple[Status, ...] = TO_COMPARE if kind == "changed" else TO_CORRECT
        wanted = _wanted(results, found, exports, kind)
        if wanted is None:
            those = lines.open_outcomes(statuses)
        else:
            statuses = (*statuses, Status.DUPLICATE) if kind == "failed" else statuses
            named = filter(None, map(lines.open_outcome, wanted))
            those = (one for one in named if one.status in statuses)
        rows += islice(those, SHOWN - len(rows))
    return rows


def find_names(
    results: Path, exports: ExportsRecord | None, fields: Mapping[str, Sequence[str]]
) -> Mapping[Where, str]:
    """
    Return what the first rows of the failed and the changed file are called.

    `fields` have the columns of each. A file that is not UTF-8, or that somebody has edited so that
    it cannot be read, names nobody.
    """
    columns = naming(fields)
    found: dict[Where, str] = {}
    for kind in ("failed", "changed"):
        if exports is not None and kind in exports.files:
            path = results.parent / exports.files[kind][0]
            with suppress(OSError, UnicodeDecodeError, csv.Error):
                found |= dict(islice(_named(path, columns), SHOWN))
    return found


def _named(path: Path, columns: Sequence[Sequence[str]]) -> Iterator[tuple[Where, str]]:
    if path.suffix != ".csv":
        return
    table = table_of(path, "utf-8", errors="strict")
    header = next(table, [])
    for cells in table:
        row = dict(zip(header, cells, strict=False))
        ref = RowRef.from_text(row.get("vorel_ref", ""))
        name = called(row, columns)
        if ref is not None and name:
            yield ref.where, name


def _wanted(
    results: Path, found: RunTimeline, exports: ExportsRecord | None, kind: str
) -> Sequence[Where] | None:
    """Return the first rows that a derived file has, or None if it is not as it was written."""
    if exports is None or kind not in exports.rows:
        return None
    if not exports.rows[kind]:
        return []
    name = exports.files[kind][0] if kind in exports.files else ""
    path = results.parent / name
    with suppress(OSError, zipfile.BadZipFile, KeyError):
        if sha256_of(path) in found.files.get(name, []):
            return _refs(path)
    return None


def _refs(path: Path) -> list[Where]:
    """Return the source hash and occurrence of the first rows of a derived file."""
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as archive, archive.open(_SHEET) as stream:
            return _scan(stream)
    with path.open("rb") as stream:
        return _scan(stream)


def _scan(stream: IO[bytes]) -> list[Where]:
    """Find what `vorel_ref` holds, in whatever encoding the file is."""
    refs: dict[Where, None] = {}
    rest = b""
    while len(refs) < SHOWN and (block := stream.read(_BLOCK_BYTES)):
        text = rest + block.replace(b"\0", b"")
        for one in _REF.finditer(text):
            if one.end() < len(text):  # else its number may go on
                refs[one[1].decode(), int(one[2])] = None
        rest = text[-_OVERLAP:]
    return list(refs)[:SHOWN]
