"""Writes the file with which a CRM deletes what an import has made; nothing here deletes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from importer.core.errors import UsageError
from importer.core.locale.message import Message
from importer.core.records import Status
from importer.core.row_marks import RowRef, Where
from importer.writer.line_reader import iter_lines, read_line
from importer.writer.lines.row_line import RequestLine, RowLine
from importer.writer.lines.run_line import RunLine
from importer.writer.placement import write_table
from importer.writer.results import ResultsFile, torn_line_kept
from importer.writer.state.idempotency_keys import IdempotencyKeys

UNDO_COLUMNS = (
    *("external_id", "link", "object", "run", "when", "row"),
    *("vorel_status", "vorel_ref"),
)
"""The last two say of each row that it has a record, so that no run imports this file."""
_RUNS_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoFile:
    """
    The path of the file, or None without records, and the number of records in it.

    So many requests were `unclear`: a record that one of them has made is not in the file.
    """

    path: Path | None
    records: int
    unclear: int
    notices: tuple[Message, ...]


async def export_undo(results: Path, *, run: str | None = None) -> UndoFile:
    """
    Write the records that were made as `<stem>.undo.csv`, one a line, those made last first.

    With `run`, only those that this run has made. Raises `UsageError` if there is no such run,
    `ResultsError` if there is no such file or a run is using it, and `JournalError` if the disk
    does not take the file.
    """
    with closing(ResultsFile(results, is_there=True)) as opened:
        found = _Records(results, run)
        path, notices = await write_table(opened, "undo", found.rows())
    return UndoFile(
        path=path,
        records=found.count,
        unclear=sum(not request.is_cleared for _, request in found.keys.unclear()),
        notices=(*torn_line_kept(opened.path, opened.torn), *notices),
    )


class _Records:
    """The records that a results file names, and the keys of its requests."""

    def __init__(self, results: Path, run: str | None) -> None:
        self.count = 0
        self.keys = IdempotencyKeys()
        self._results = results
        self._run = run
        self._objects: dict[str | None, str | None] = {}
        self._offsets: list[int] = []
        # A corrected row was sent from a file of its own: its number is that of its original.
        self._numbers: dict[Where, int] = {}
        self._read()
        if run is not None and run not in self._objects:
            raise UsageError(
                "%(path)s has no run %(run)s", path=results, run=run, hint=self._known_runs()
            )

    def _known_runs(self) -> str:
        known = [str(one) for one in self._objects]
        if len(known) < 2:
            return f"Its only run is {known[0]}." if known else "It has no run at all."
        return f"Its last runs are: {', '.join(known[-_RUNS_NAMED:])}."

    def _read(self) -> None:
        for _, offset, line in iter_lines(self._results):
            at = None if line is None else self.keys.note_time(line.at)
            match line:
                case RunLine():
                    self._objects[line.run] = line.object
                case RequestLine():
                    self.keys.note_request(line, at)
                case RowLine():
                    self._read_row(line, offset)

    def _read_row(self, line: RowLine, offset: int) -> None:
        self.keys.note_row(line)
        if line.status is Status.CREATED and line.external_id is not None:
            if self._run in {None, line.run}:
                self._offsets.append(offset)
        elif line.corrected is None:
            self._numbers[line.where] = line.number

    def rows(self) -> Iterator[Sequence[object]]:
        """Yield the records, the last one first: later records may depend on earlier ones."""
        with self._results.open("rb") as stream:
            for offset in reversed(self._offsets):
                stream.seek(offset)
                line = read_line(stream.readline())
                if not isinstance(line, RowLine):
                    continue
                if not self.count:
                    yield UNDO_COLUMNS
                self.count += 1
                yield self._cells(line)

    def _cells(self, one: RowLine) -> Sequence[object]:
        number = one.number
        if one.corrected is not None:
            number = self._numbers.get(one.where, number)
        ref = RowRef(results=self._results.name, where=one.where)
        object_ = self._objects.get(one.run) or ""
        link = one.record_url or ""
        return [one.external_id, link, object_, one.run, one.at, number, one.status.value, ref]
