"""Loads a results file: lines of created and of recognised rows in blocks, others one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from importer.core.records import Status
from importer.core.shared import GUARD_EXIT
from importer.writer.index.file_snapshot import FileSnapshot
from importer.writer.index_file import is_small, remove
from importer.writer.line_reader import (
    Line,
    each_version,
    iter_lines,
    read_line,
    reading,
    refuse_other_file,
)
from importer.writer.lines.run_line import (
    AcknowledgedLine,
    EndLine,
    ExportsRecord,
    MappingLine,
    RunLine,
)
from importer.writer.state.journal_state import JournalState

if TYPE_CHECKING:
    import polars as pl

    from importer.writer.index.created_rows import CreatedRows
    from importer.writer.index.known_rows import KnownRows

PlacedLine = tuple[int, int, Line | None]
"""
The number of a line, its byte offset, and the line, or None if it is damaged.

A line about several versions of a row comes once for each version.
"""


@dataclass(frozen=True, slots=True)
class History:
    """
    The runs of a results file: their beginnings and ends, and the damaged lines.

    `mappings` are the mappings of its records, each once, the latest last. `acknowledged` are the
    ids of the runs after which a person acknowledged the changes.
    """

    runs: list[RunLine] = field(default_factory=list)
    mappings: list[MappingLine] = field(default_factory=list)
    ends: list[EndLine] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)
    acknowledged: list[str | None] = field(default_factory=list)

    def note(self, line: Line) -> None:
        """Take in the next line."""
        if isinstance(line, RunLine):
            self.runs.append(line)
        elif isinstance(line, MappingLine):
            self.mappings.append(line)
        elif isinstance(line, EndLine):
            self.ends.append(line)
        elif isinstance(line, AcknowledgedLine) and self.runs:
            self.acknowledged.append(self.runs[-1].run)

    @property
    def last_run(self) -> RunLine | None:
        """The last run that no guard has stopped before it began."""
        refused = {end.run for end in self.ends if end.exit_code == GUARD_EXIT}
        return next((run for run in reversed(self.runs) if run.run not in refused), None)

    @property
    def last_with_records(self) -> RunLine | None:
        """The last run that created records, or may have created some because it was killed."""
        return next(reversed(self.with_records), None)

    @property
    def with_records(self) -> list[RunLine]:
        """The runs that created records, or may have created some because they were killed."""
        ends = {end.run: end for end in self.ends}
        return [run for run in self.runs if _may_have_made(ends.get(run.run))]

    @property
    def declared_the_same(self) -> list[RunLine]:
        """The later runs that a person has declared to have the same target."""
        last = self.last_with_records
        later = [] if last is None else self.runs[self.runs.index(last) + 1 :]
        return [
            run
            for run in later
            if run.settings.get("same_service") or run.settings.get("same_account")
        ]

    @property
    def exports(self) -> ExportsRecord | None:
        """The record of the derived files of the last run, or None if it wrote none."""
        if not self.runs or not self.ends or self.runs[-1].run != self.ends[-1].run:
            return None
        if self.ends[-1].run in self.acknowledged:
            return None
        return self.ends[-1].exports


def load_results(path: Path, state: JournalState, *, keeps_index: bool = False) -> History:
    """
    Load a results file into a state. Returns the history of its runs.

    `keeps_index` is that of `scan_results`. The state is the same as if it had loaded each line;
    for speed, lines of created rows in the usual form, their `sent` lines, and lines of rows that
    were only recognised are read in blocks.
    Raises `OSError` if the file cannot be read.
    """
    history = History()
    found = scan_results(path, keeps_index=keeps_index)
    state.take(found.created, found.known)
    for number, offset, line in found.lines:
        if line is None:
            history.damaged.append(number)
        else:
            history.note(line)
            state.note(line, offset)
    return history


def read_history(path: Path) -> History:
    """Return the history of the runs in a results file. Raises `ResultsError`."""
    with reading(path):
        return load_results(path, JournalState())


@dataclass(frozen=True, slots=True)
class Scanned:
    """
    A results file: its created rows, the rows that runs have recognised, and all other `lines`.

    The lines are in the order of the file. If it is small, they are all of it.
    """

    created: CreatedRows | None
    known: KnownRows | None
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
        return Scanned(None, None, _read_all(path))
    from importer.writer.index.created_rows import CreatedRows
    from importer.writer.index.known_rows import KnownRows
    from importer.writer.index.results_scan import scan_file

    snapshot = FileSnapshot(path)
    found = scan_file(path, uses_index=uses_index, keeps_index=keeps_index)
    if not snapshot.has_the_name():  # it was made smaller at that moment
        return scan_results(
            path, uses_index=uses_index, keeps_index=keeps_index, reads_known=reads_known
        )
    created = CreatedRows(snapshot, found.digests, found.tables)
    known = None if reads_known else KnownRows(snapshot, found.known_rows())
    places = found.places(with_known=reads_known)
    return Scanned(created, known, _read(path, snapshot, places))


def _may_have_made(end: EndLine | None) -> bool:
    return end is None or any(end.counts.get(one) for one in (Status.CREATED, Status.UNKNOWN))


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
