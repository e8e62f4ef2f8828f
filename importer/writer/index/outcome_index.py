"""Finds what became of a source's rows, without holding the results in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from importer.errors import ResultsError
from importer.records import Outcome
from importer.writer.index.loading import scan_results
from importer.writer.ledger.settled import DoneRows
from importer.writer.line_reader import read_line
from importer.writer.result_lines import ExportsLine, RowLine

__all__ = ["OutcomeIndex"]


class OutcomeIndex:
    """
    Finds the outcome that holds for a row, without holding the results in memory.

    Only where each row's last line begins is kept. `written` are the SHA-256 of what the importer
    has written to derived files, by their names. Close it after use.
    """

    def __init__(self, results: Path) -> None:
        """Read the file once. Raises `ResultsError` where there is none."""
        self._offsets: dict[tuple[str, int], int] = {}
        self._rows = DoneRows()
        self.written: dict[str, set[str]] = {}
        try:
            self._stream = results.open("rb")
        except OSError as error:
            raise ResultsError(
                f"{results}: cannot be read ({error.strerror})",
                hint="Check the results file's path.",
            ) from error
        self._created, lines = scan_results(results)
        if self._created is not None:
            self._rows.take(self._created)
        for _, offset, line in lines:
            if isinstance(line, RowLine):
                outcome = line.outcome
                self._offsets[outcome.source_hash, outcome.occurrence] = offset
                if outcome.is_settled():
                    self._rows.add(outcome.source_hash, outcome.occurrence)
            elif isinstance(line, ExportsLine):
                for name, file in line.files.items():
                    self.written.setdefault(name, set()).add(file.sha256)
        self._later = set(self._not_settled())

    def _not_settled(self) -> Iterator[str]:
        """Yield the source hashes of rows whose last line is not that of their creation."""
        if (created := self._created) is None:
            return
        found = created.find([source_hash for source_hash, _ in self._offsets])
        for (row, offset), position in zip(self._offsets.items(), found, strict=True):
            if position is None or created.offset(position) < offset:
                yield row[0]

    def find(self, hashes: Sequence[str]) -> Iterator[tuple[int, Outcome | None]]:
        """
        Yield for each row of a batch which occurrence it is, and its last outcome on record.

        The outcome is None where it has none.

        Batches are asked about in source order: equal rows are told apart by their order, and
        those that are done come first.
        """
        seen = self._rows.see_all(hashes)
        for source_hash, (position, nth) in zip(hashes, seen, strict=True):
            occurrence = self._rows.stands_for(source_hash, nth)
            offset = self._offsets.get((source_hash, occurrence), -1)
            if self._created is not None and position is not None and occurrence == 1:
                offset = max(offset, self._created.offset(position))
            yield occurrence, self._read(offset) if offset >= 0 else None

    def find_created(self, hashes: Sequence[str]) -> list[tuple[str, str]] | None:
        """
        Return (external_id, record_url) of each row of a batch, where all have been created.

        None where any has not, or stands elsewhere in the results than next; then ask `find`.
        """
        if self._created is None or not self._later.isdisjoint(hashes):
            return None
        begin = self._rows.take_whole(hashes)
        if begin is None:
            return None
        return list(self._created.links(self._stream, begin, len(hashes)))

    def _read(self, offset: int) -> Outcome | None:
        self._stream.seek(offset)
        line = read_line(self._stream.readline())
        return line.outcome if isinstance(line, RowLine) else None

    def close(self) -> None:
        """Close the results file."""
        self._stream.close()
