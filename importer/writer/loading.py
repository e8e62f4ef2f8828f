"""Loads a results file: lines of created and of recognised rows in blocks, others one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from importer.writer.index.created_rows import CreatedRows
from importer.writer.index.file_snapshot import FileSnapshot
from importer.writer.index.known_rows import KnownRows
from importer.writer.index_file import is_small, remove
from importer.writer.line_reader import (
    Line,
    each_version,
    iter_lines,
    read_line,
    reading,
    refuse_other_file,
)
from importer.writer.state.history import History
from importer.writer.state.journal_state import JournalState

if TYPE_CHECKING:
    import polars as pl

PlacedLine = tuple[int, int, Line | None]
"""
The number of a line, its byte offset, and the line, or None if it is damaged.

A line about several versions of a row comes once for each version.
"""


def load_results(path: Path, state: JournalState, *, keeps_index: bool = False) -> None:
    """
    Load a results file into a state.

    `keeps_index` is that of `scan_results`. The state is the same as if it had loaded each line;
    for speed, lines of created rows in the usual form, their `sent` lines, and lines of rows that
    were only recognised are read in blocks.
    Raises `OSError` if the file cannot be read.
    """
    found = scan_results(path, keeps_index=keeps_index)
    state.take(found.created, found.known, found.readings)
    for number, offset, line in found.lines:
        if line is None:
            state.history.damaged.append(number)
        else:
            state.note(line, offset)


def read_history(path: Path) -> History:
    """Return the history of the runs in a results file. Raises `ResultsError`."""
    state = JournalState()
    with reading(path):
        load_results(path, state)
    return state.history


@dataclass(frozen=True, slots=True)
class Scanned:
    """
    A results file: its created rows, the rows that runs have recognised, and all other `lines`.

    The lines are in the order of the file. If it is small, they are all of it. Otherwise
    `readings` reads what later mappings have read of records' own rows.
    """

    created: CreatedRows
    known: KnownRows
    readings: Callable[[], Iterator[PlacedLine]]
    lines: Iterator[PlacedLine]


def scan_results(
    path: Path,
    *,
    uses_index: bool = True,
    keeps_index: bool = False,
    reads_known: bool = False,
) -> Scanned:
    """
    Scan a results file.

    With `uses_index` only lines that its index lacks are read. With `keeps_index` the index is
    written, if it is worth it; then the file has to be locked. With `reads_known` the lines of
    recognised rows are read one by one. Raises `ResultsError` if it is no results file.
    """
    refuse_other_file(path)
    if is_small(path):
        if keeps_index:
            remove(path)
        return Scanned(CreatedRows(), KnownRows(), lambda: iter(()), _read_all(path))
    from importer.writer.index.results_scan import scan_file

    snapshot = FileSnapshot(path)
    found = scan_file(path, uses_index=uses_index, keeps_index=keeps_index)
    if not snapshot.has_the_name():  # it was made smaller at that moment
        return scan_results(
            path, uses_index=uses_index, keeps_index=keeps_index, reads_known=reads_known
        )
    created = CreatedRows((snapshot, found))
    known = KnownRows(None if reads_known else (snapshot, found.known_rows()))
    places = found.places(with_known=reads_known)
    readings = partial(_read, path, snapshot, found.readings)
    return Scanned(created, known, readings, _read(path, snapshot, places))


def _read_all(path: Path) -> Iterator[PlacedLine]:
    for number, offset, line in iter_lines(path):
        yield from _placed(number, offset, line)


def _read(path: Path, snapshot: FileSnapshot, places: pl.DataFrame) -> Iterator[PlacedLine]:
    """Yield the lines at these places."""
    with path.open("rb") as stream:
        snapshot.check(stream)
        for line, offset in places.iter_rows():
            stream.seek(offset)
            text = stream.readline()
            if text.strip():
                yield from _placed(line + 1, offset, read_line(text))


def _placed(number: int, offset: int, line: Line | None) -> Iterator[PlacedLine]:
    if line is None:
        yield number, offset, None
        return
    for one in each_version(line):
        yield number, offset, one
