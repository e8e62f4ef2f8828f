"""Finds requests of earlier runs by their match hashes, without keeping them in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from importer.core import keys
from importer.writer.index_file import is_small
from importer.writer.line_reader import read_line
from importer.writer.lines.row_line import ReadingLine, RequestLine

if TYPE_CHECKING:
    from importer.writer.index.match_hash_tables import MatchHashTables

_KEPT = 2000
"""How many lines to cache: rows with one name and number share theirs."""


class HashedLine(NamedTuple):
    """A line with match hashes: of a request, or at `read_at` of what a mapping has read."""

    key: str
    source_hash: str
    hashes: str
    read_at: int | None = None


class MatchHashIndex:
    """
    The match hashes in a results file at the time when this index is created.

    The first search reads the file, and needs polars. A hash takes some 20 bytes. With
    `keeps_index` the file has to be locked: the hashes are kept in its index for later runs. Close
    it after use.
    """

    def __init__(self, path: Path, *, keeps_index: bool = False) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._keeps_index = keeps_index and not is_small(path)
        self._tables: MatchHashTables | None = None
        self._stream: BinaryIO | None = None
        self._line = lru_cache(_KEPT)(self._read_line)

    def find(self, findable: Sequence[str], compared: Sequence[str] = ()) -> Iterator[HashedLine]:
        """
        Yield each request with one of the `findable` hashes, and what later mappings have read.

        Each row that was sent comes once. If very many requests share a hash, only those come that
        also share one of the `compared` hashes.
        """
        if not self._size:
            return
        seen: set[tuple[str, str]] = set()
        for offset, line in self._lines(findable, compared):
            if line.hashes is None:
                continue
            if isinstance(line, ReadingLine):
                yield HashedLine(line.idempotency_key, line.source_hash, line.hashes, offset)
            elif (found := (line.idempotency_key, line.source_hash)) not in seen:
                seen.add(found)
                yield HashedLine(*found, line.hashes)

    def field_hashes(self, findable: Sequence[str], base: str) -> str | None:
        """Return the field hashes of the last request with a key and a `findable` hash."""
        lines = self._lines(findable) if self._size else ()
        found = [
            one.field_hashes
            for _, one in lines
            if isinstance(one, RequestLine) and keys.key_base(one.idempotency_key) == base
        ]
        return found[-1] if found else None

    def _lines(
        self, findable: Sequence[str], compared: Sequence[str] = ()
    ) -> Iterator[tuple[int, RequestLine | ReadingLine]]:
        for offset in dict.fromkeys(self._opened().offsets(findable, compared)):
            if (line := self._line(offset)) is not None:
                yield offset, line

    def hold(self, marks: Sequence[str]) -> Sequence[bool]:
        """
        Return for each of many hashes whether a request has it, or one with equal first digits.

        Until the next call, `find` is quicker for rows with these hashes.
        """
        return self._opened().hold(marks) if self._size else [False] * len(marks)

    def _opened(self) -> MatchHashTables:
        if self._tables is None:
            from importer.writer.index.match_hash_tables import MatchHashTables

            self._stream = self._path.open("rb")
            self._tables = MatchHashTables.read(
                self._path, self._stream, self._size, keeps_index=self._keeps_index
            )
        return self._tables

    def _read_line(self, offset: int) -> RequestLine | ReadingLine | None:
        assert self._stream is not None  # noqa: S101 - `find` has opened it
        self._stream.seek(offset)
        line = read_line(self._stream.readline())
        return line if isinstance(line, RequestLine | ReadingLine) else None

    def close(self) -> None:
        """Close the results file."""
        if self._stream is not None:
            self._stream.close()
