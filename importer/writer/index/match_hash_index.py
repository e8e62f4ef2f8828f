"""Finds requests of earlier runs by their match hashes, without keeping them in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from importer.core import keys
from importer.writer.index_file import is_small
from importer.writer.line_reader import read_line
from importer.writer.lines.row_line import RequestLine

if TYPE_CHECKING:
    from importer.writer.index.match_hash_tables import MatchHashTables

_KEPT = 2000
"""How many lines to cache: rows with one name and number share theirs."""


class MatchHashIndex:
    """
    The match hashes in a results file at the time when this index is created.

    The first search reads the file, and needs polars. A hash takes some 30 bytes. With
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

    def find(
        self, findable: Sequence[str], compared: Sequence[str] = ()
    ) -> Iterator[tuple[str, str, str]]:
        """
        Yield key, source hash and hashes of each request with one of the `findable` hashes.

        Each row comes once. If very many requests share a hash, only those come that also share
        one of the `compared` hashes.
        """
        if not self._size:
            return
        seen: set[tuple[str, str]] = set()
        for line in self._lines(findable, compared):
            found = line.idempotency_key, line.source_hash
            if found not in seen and line.hashes is not None:
                seen.add(found)
                yield *found, line.hashes

    def field_hashes(self, findable: Sequence[str], base: str) -> str | None:
        """Return the field hashes of the last request with a key and a `findable` hash."""
        lines = self._lines(findable) if self._size else ()
        found = [one for one in lines if keys.key_base(one.idempotency_key) == base]
        return found[-1].field_hashes if found else None

    def _lines(
        self, findable: Sequence[str], compared: Sequence[str] = ()
    ) -> Iterator[RequestLine]:
        for offset in dict.fromkeys(self._opened().offsets(findable, compared)):
            if (line := self._line(offset)) is not None:
                yield line

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

    def _read_line(self, offset: int) -> RequestLine | None:
        assert self._stream is not None  # noqa: S101 - `find` has opened it
        self._stream.seek(offset)
        line = read_line(self._stream.readline())
        if not isinstance(line, RequestLine) or line.hashes is None:
            return None
        return line

    def close(self) -> None:
        """Close the results file."""
        if self._stream is not None:
            self._stream.close()
