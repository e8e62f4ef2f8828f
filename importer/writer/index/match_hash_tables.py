"""The match hashes of a results file as tables, with the places of the lines that have them."""

from __future__ import annotations

import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import msgspec
import polars as pl

from importer.writer.index.scanning import blocks
from importer.writer.index_file import TAIL_BYTES, Stamp, StoredIndex, add_sections

_MARKS, _LINES = "marks", "marked"
"""The sections of an index."""
_FOUND = {"offset": pl.UInt64, "mark": pl.String, "words": pl.String}
_MARK = r"[a-z][\w-]{8}"
_MANY = 64
"""If more requests share a hash, only those that also share a word of the name are read."""
_MOST = 1000
"""At most so many of the latest are read: a number that a thousand people have says nothing."""


class _HashedSent(msgspec.Struct, tag_field="kind", tag="sent", gc=False):
    """The match hashes of a request."""

    marks: str


class _HashedReading(msgspec.Struct, tag_field="kind", tag="reading", gc=False):
    """The match hashes of a record's row as a later mapping reads it."""

    marks: str


_marked = msgspec.json.Decoder(_HashedSent | _HashedReading)


@dataclass(frozen=True, slots=True)
class _SortedHashes:
    """
    The `hashes` of each request, each `mark` with the number of its `line`, sorted.

    `lines` are their places, each with its `offset` and `words`, in the order of the file. Both are
    sections of an index.
    """

    hashes: pl.DataFrame
    lines: pl.DataFrame

    @classmethod
    def of_lines(cls, found: Sequence[pl.DataFrame]) -> Self:
        """Return the table of lines, each with its `offset`, a list of hashes, and `words`."""
        lines = pl.concat(found).with_row_index("line")
        hashes = lines.select("mark", "line").explode("mark").drop_nulls()
        return cls(hashes.sort("mark", maintain_order=True), lines.select("offset", "words"))

    def with_more(self, tail: _SortedHashes) -> Self:
        """Return the table with lines that follow."""
        later = tail.hashes.with_columns(pl.col("line") + pl.lit(len(self.lines), pl.UInt32))
        hashes = pl.concat([self.hashes, later]).sort("mark", maintain_order=True)
        return type(self)(hashes, pl.concat([self.lines, tail.lines]))

    @property
    def marks(self) -> pl.Series:
        """The hashes as numbers, sorted."""
        return self.hashes["mark"]

    def span(self, mark: int) -> tuple[int, int] | None:
        """
        Return the first of the lines with a hash, and how many there are.

        This takes microseconds; polars needs a millisecond to start.
        """
        marks = self.marks
        last, key = len(marks), marks.__getitem__
        begin = bisect_left(range(last), mark, key=key)
        if begin == last or key(begin) != mark:
            return None
        return begin, bisect_right(range(last), mark, lo=begin, key=key) - begin

    def slice(self, begin: int, size: int) -> pl.DataFrame:
        """Return the lines of consecutive hashes."""
        return self.lines[self.hashes["line"].slice(begin, size)]


class MatchHashTables:
    """The match hashes of the first bytes of a results file, some 20 bytes each."""

    def __init__(self, tables: Sequence[_SortedHashes]) -> None:
        self._tables = tables
        self._held: dict[str, int | None] = {}

    @classmethod
    def read(cls, path: Path, stream: BinaryIO, size: int, *, keeps_index: bool) -> Self:
        """
        Return the hashes in the index of a results file, and in the lines that it lacks.

        `stream` is the results file at `path`, and `size` its bytes. With `keeps_index` the file
        has to be locked: the hashes are kept in its index for later runs.
        """
        stamp = Stamp.of(path.stat())
        stored = StoredIndex.read(path, (_MARKS, _LINES))
        if not os.path.samestat(os.fstat(stream.fileno()), path.stat()):
            stored = None  # it is that of a file that has just taken the name
        table, known = _kept(stored, size)
        tail = _read(stream, known, size)
        if not keeps_index or size - known <= TAIL_BYTES:
            return cls([table, tail])
        table = table.with_more(tail)
        if Stamp.of(path.stat()) == stamp:
            sections = {_MARKS: table.hashes, _LINES: table.lines}
            add_sections(path, stamp, {_MARKS: size}, sections)
        return cls([table])

    def hold(self, marks: Sequence[str]) -> Sequence[bool]:
        """
        Return for each of many hashes whether a request has it, or one with equal first digits.

        Until the next call, `offsets` is quicker for rows with these hashes.
        """
        hashes = pl.Series(marks, dtype=pl.String).hash()
        found = pl.repeat(value=False, n=len(hashes), eager=True)
        for table in self._tables:
            if last := len(table.marks):
                places = table.marks.search_sorted(hashes).clip(upper_bound=last - 1)
                found |= table.marks.gather(places) == hashes
        self._held = {
            mark: hash_ if is_found else None
            for mark, hash_, is_found in zip(marks, hashes.to_list(), found.to_list(), strict=True)
        }
        return found.to_list()

    def offsets(self, findable: Sequence[str], compared: Sequence[str]) -> Iterator[int]:
        """
        Yield the offset of each line that may have a `findable` hash, once for each such hash.

        If very many lines have a hash, only those come that also have one of `compared`.
        """
        for hash_ in self._hashes(findable):
            spans = [
                (table, *span) for table in self._tables if (span := table.span(hash_)) is not None
            ]
            if sum(size for *_, size in spans) <= _MANY:
                for table, begin, size in spans:
                    offset_of = table.lines["offset"].__getitem__
                    yield from map(offset_of, table.hashes["line"].slice(begin, size))
                continue
            found = pl.concat(table.slice(begin, size) for table, begin, size in spans)
            yield from found.filter(_is_like(found["words"], compared))["offset"].tail(_MOST)

    def _hashes(self, marks: Sequence[str]) -> list[int]:
        """Return hashes as numbers; those that `hold` has not found may be left out."""
        if self._held.keys() >= set(marks):
            return [hash_ for mark in marks if (hash_ := self._held[mark]) is not None]
        return pl.Series(marks, dtype=pl.String).hash().to_list()


def _is_like(words: pl.Series, compared: Sequence[str]) -> pl.Series:
    """Return for each request whether it shares a `compared` hash, or has none."""
    if not compared:
        return pl.repeat(value=True, n=len(words), eager=True)
    texts = pl.DataFrame({"words": words})
    has_word = pl.col("words").str.contains_any(list(compared))
    return texts.select((pl.col("words") == "") | has_word).to_series()


def _kept(stored: StoredIndex | None, size: int) -> tuple[_SortedHashes, int]:
    """Return the hashes that an index has of the first `size` bytes, and of how many bytes."""
    known = 0 if stored is None else stored.about.get(_MARKS, 0)
    if stored is not None and known <= size:
        hashes, lines = stored.take_table(_MARKS), stored.take_table(_LINES)
        if hashes is not None and lines is not None:
            return _SortedHashes(hashes, lines), known
    return _SortedHashes.of_lines([_marks(b"", 0)]), 0


def _read(stream: BinaryIO, begin: int, end: int) -> _SortedHashes:
    """Return the hashes of all such lines between two offsets."""
    parts = [_marks(b"", 0)]
    parts += (_marks(block, offset) for offset, block in blocks(stream, begin) if offset < end)
    return _SortedHashes.of_lines(parts)


def _marks(block: bytes, offset: int) -> pl.DataFrame:
    found = []
    for text in block.split(b"\n"):
        if b'"marks"' in text:
            with suppress(ValueError):  # a line of another kind, or a damaged one
                found.append((offset, *_marked.decode(text).marks.partition(".")[::2]))
        offset += len(text) + 1
    table = pl.DataFrame(found, schema=_FOUND, orient="row")
    marks = pl.col("mark").str.extract_all(_MARK)
    return table.with_columns(marks.list.eval(pl.element().hash()))
