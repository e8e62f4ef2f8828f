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

import polars as pl

from importer.core.locale.titles import called
from importer.core.records import Outcome, Status
from importer.core.row_marks import RowRef, Where
from importer.core.systems.contents import sha256_of
from importer.writer.index.scanning import PREFIX_DIGITS
from importer.writer.line_reader import read_line
from importer.writer.lines.row_line import RowLine
from importer.writer.lines.run_line import ExportsRecord
from importer.writer.run_timeline import RunTimeline

SHOWN = 200
OPEN = (Status.INVALID, Status.FAILED, Status.UNKNOWN)
COMPARED = (Status.CHANGED, Status.POSSIBLE_DUPLICATE)
"""What becomes of rows that are held back beside what they were compared with."""

_BEFORE_OWN = re.compile(r'(.)"?vorel_')
_REF = re.compile(rb"#([0-9a-f]{64})-([1-9][0-9]{0,8})")
_BLOCK_BYTES = 1024 * 1024
_OVERLAP = 200
_SHEET = "xl/worksheets/sheet1.xml"


def find_people(
    results: Path, found: RunTimeline, last: pl.DataFrame, exports: ExportsRecord | None
) -> Sequence[Outcome]:
    """
    Return the outcomes of the first rows that need a person, in the order of the list.

    They are the rows of the failed and the changed file, as long as these are as the importer has
    written them. Otherwise they are all such rows of the results file, in its order: some of them
    may not be in the list any more.
    """
    rows: list[Outcome] = []
    for kind in ("failed", "changed"):
        statuses = COMPARED if kind == "changed" else [*OPEN, Status.DUPLICATE]
        wanted = _wanted(results, found, exports, kind)
        open_ = last.filter(pl.col("status").is_in([one.value for one in statuses]))
        if wanted is not None:
            open_ = wanted.join(
                open_, on=["hash", "occurrence"], how="inner", maintain_order="left"
            )
        elif kind == "failed":
            open_ = open_.filter(pl.col("status") != Status.DUPLICATE.value)
        rows += outcomes_at(results, open_.head(SHOWN - len(rows)))
    return rows


def find_names(
    results: Path, exports: ExportsRecord | None, columns: Sequence[Sequence[str]]
) -> Mapping[Where, str]:
    """
    Return what the first rows of the failed and the changed file are called.

    `columns` are groups of columns that name a row, the best first. A file that is not UTF-8, or
    that somebody has edited so that it cannot be read, names nobody.
    """
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
    with path.open(encoding="utf-8-sig", newline="") as stream:
        first = stream.readline()
        stream.seek(0)
        sign = _BEFORE_OWN.search(first)
        for row in csv.DictReader(stream, delimiter=sign[1] if sign else ","):
            ref = RowRef.from_text(row.get("vorel_ref") or "")
            name = called(row, columns)
            if ref is not None and name:
                yield ref.where, name


def outcomes_at(results: Path, places: pl.DataFrame) -> Iterator[Outcome]:
    """Yield the outcomes in the lines at these `offset`s of a results file."""
    with results.open("rb") as stream:
        for offset in places["offset"]:
            stream.seek(offset)
            line = read_line(stream.readline())
            if isinstance(line, RowLine):
                yield line.outcome


def _wanted(
    results: Path, found: RunTimeline, exports: ExportsRecord | None, kind: str
) -> pl.DataFrame | None:
    """Return the first rows that a derived file has, or None if it is not as it was written."""
    schema = {"hash": pl.Int64, "occurrence": pl.UInt32}
    if exports is None or kind not in exports.rows:
        return None
    if not exports.rows[kind]:
        return pl.DataFrame(schema=schema)
    name = exports.files[kind][0] if kind in exports.files else ""
    path = results.parent / name
    with suppress(OSError, zipfile.BadZipFile, KeyError):
        if sha256_of(path) in found.files.get(name, []):
            refs = [(int(one[:PREFIX_DIGITS], 16), times) for one, times in _refs(path)]
            return pl.DataFrame(refs, schema=schema, orient="row")
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
