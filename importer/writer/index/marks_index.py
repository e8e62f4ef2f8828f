"""Finds requests of earlier runs by their marks, without holding them in memory."""

from __future__ import annotations

import io
import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import polars as pl
from polars.exceptions import PolarsError

from importer.writer.index.scanning import blocks
from importer.writer.index_file import Stamp, StoredIndex, add_sections
from importer.writer.line_reader import read_line
from importer.writer.lines.request import RequestLine

__all__ = ["MarksIndex"]

_SECTION = "marks"
_SMALL_BYTES = 256 * 1024
_TAIL_BYTES = 1024 * 1024
"""What was added since the index was written is read in a hundredth of a second."""
_MARKS = r'"marks"\s*:\s*"([\w-]*)\.([\w-]*)"'
_MARK = r"[a-z][\w-]{8}"
_MANY = 64
"""If more requests share a mark, only those that also share a word of the name are read."""
_MOST = 1000
"""At most so many of the latest are read: a number that a thousand people have proves nothing."""
_KEPT = 2 * _MOST
"""So many lines are kept: rows with one name and number in common share theirs."""


@dataclass(frozen=True, slots=True)
class _Table:
    """One line for each mark of each request, sorted by hash: hash, offset of the line, words."""

    marks: pl.Series
    offsets: pl.Series
    words: pl.Series

    def span(self, mark: int) -> tuple[int, int] | None:
        """
        Return the first of the lines with a mark, and how many there are.

        A single one is found in microseconds, where polars needs a millisecond to start.
        """
        last, key = len(self.marks), self.marks.__getitem__
        begin = bisect_left(range(last), mark, key=key)
        if begin == last or key(begin) != mark:
            return None
        return begin, bisect_right(range(last), mark, lo=begin, key=key) - begin

    def slice(self, begin: int, size: int) -> pl.DataFrame:
        """Return `offset` and `words` of consecutive lines."""
        return pl.DataFrame(
            {"offset": self.offsets.slice(begin, size), "words": self.words.slice(begin, size)}
        )


class MarksIndex:
    """
    The marks in a results file at the time the index is created.

    The file is not read before the first search. A mark takes some 30 bytes. With `keeps_index`
    the file has to be locked: then what was found is kept in its index for later runs. Close it
    after use.
    """

    def __init__(self, path: Path, *, keeps_index: bool = False) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._keeps_index = keeps_index and self._size > _SMALL_BYTES
        self._tables: list[_Table] | None = None
        self._stream: BinaryIO | None = None
        self._held: dict[str, int | None] = {}
        self._line = lru_cache(_KEPT)(self._read_line)

    def find(
        self, findable: Sequence[str], compared: Sequence[str] = ()
    ) -> Iterator[tuple[str, str, str]]:
        """
        Yield key, source hash and marks of each request that has one of these marks.

        Each row is yielded once. Where very many requests share one, only those that also share one
        of the marks that are `compared` are yielded.
        """
        if not self._size:
            return
        seen: set[tuple[str, str]] = set()
        for offset in dict.fromkeys(self._offsets(self._opened(), findable, compared)):
            if (found := self._line(offset)) is not None and found[:2] not in seen:
                seen.add(found[:2])
                yield found

    def hold(self, marks: Sequence[str]) -> Sequence[bool]:
        """
        Return for each of many marks whether a request has it, or one with an equal hash.

        What is found is kept until the next call: `find` is quicker for rows with these marks.
        """
        hashes = pl.Series(marks, dtype=pl.String).hash()
        found = pl.repeat(value=False, n=len(hashes), eager=True)
        for table in self._opened() if self._size else ():
            if last := len(table.marks):
                places = table.marks.search_sorted(hashes).clip(upper_bound=last - 1)
                found |= table.marks.gather(places) == hashes
        self._held = {
            mark: hash_ if is_found else None
            for mark, hash_, is_found in zip(marks, hashes.to_list(), found.to_list(), strict=True)
        }
        return found.to_list()

    def _opened(self) -> list[_Table]:
        if self._tables is None:
            self._stream = self._path.open("rb")
            self._tables = self._read(self._stream)
        return self._tables

    def _read(self, stream: BinaryIO) -> list[_Table]:
        """Return what the index has, and what is in the lines since it was written."""
        stamp = Stamp.of(self._path.stat())
        stored = StoredIndex.read(self._path, [_SECTION])
        if not os.path.samestat(os.fstat(stream.fileno()), self._path.stat()):
            stored = None  # it is that of a file that has just taken the name
        table = None if stored is None else stored.take_table(_SECTION)
        size = 0 if stored is None else stored.about.get(_SECTION, 0)
        if table is None or size > self._size:
            table, size = _marks(b"", 0), 0
        tail = _read(stream, size, self._size)
        if self._keeps_index and self._size - size > _TAIL_BYTES:
            table = pl.concat([table, tail]).sort("mark", maintain_order=True)
            tail = tail.clear()
            if Stamp.of(self._path.stat()) == stamp:
                add_sections(self._path, stamp, {_SECTION: self._size}, {_SECTION: table})
        return [_Table(one["mark"], one["offset"], one["words"]) for one in (table, tail)]

    def _offsets(
        self, tables: Sequence[_Table], findable: Sequence[str], compared: Sequence[str]
    ) -> Iterator[int]:
        for hash_ in self._hashes(findable):
            spans = [(table, *span) for table in tables if (span := table.span(hash_)) is not None]
            if sum(size for *_, size in spans) <= _MANY:
                for table, begin, size in spans:
                    yield from table.offsets.slice(begin, size)
                continue
            found = pl.concat(table.slice(begin, size) for table, begin, size in spans)
            yield from found.filter(_is_like(found["words"], compared))["offset"].tail(_MOST)

    def _hashes(self, marks: Sequence[str]) -> list[int]:
        """Return the hashes of marks; those that `hold` has not found may be left out."""
        if self._held.keys() >= set(marks):
            return [hash_ for mark in marks if (hash_ := self._held[mark]) is not None]
        return pl.Series(marks, dtype=pl.String).hash().to_list()

    def _read_line(self, offset: int) -> tuple[str, str, str] | None:
        assert self._stream is not None  # noqa: S101 - `find` has opened it
        self._stream.seek(offset)
        line = read_line(self._stream.readline())
        if not isinstance(line, RequestLine) or line.hashes is None:
            return None
        return line.idempotency_key, line.source_hash, line.hashes

    def close(self) -> None:
        """Close the results file."""
        if self._stream is not None:
            self._stream.close()


def _is_like(words: pl.Series, compared: Sequence[str]) -> pl.Series:
    """Return for each request whether it shares a mark that is compared, or has none."""
    if not compared:
        return pl.repeat(value=True, n=len(words), eager=True)
    texts = pl.DataFrame({"words": words})
    has_word = pl.col("words").str.contains_any(list(compared))
    return texts.select((pl.col("words") == "") | has_word).to_series()


def _read(stream: BinaryIO, begin: int, end: int) -> pl.DataFrame:
    """Return the marks of all `sent` lines that begin there, sorted."""
    parts = [_marks(b"", 0)]
    parts += (_marks(block, offset) for offset, block in blocks(stream, begin) if offset < end)
    return pl.concat(parts).sort("mark", maintain_order=True)


def _marks(block: bytes, offset: int) -> pl.DataFrame:
    text = pl.col("text")
    return (
        _lines(block)
        .with_columns(offset=pl.col("size").cum_sum() - pl.col("size") + offset)
        .filter(text.str.contains('"marks"', literal=True))
        .select(
            "offset",
            mark=text.str.extract(_MARKS, 1).str.extract_all(_MARK),
            words=text.str.extract(_MARKS, 2),
        )
        .drop_nulls("words")
        .explode("mark")
        .select(pl.col("mark").hash(), "offset", "words")
    )


def _lines(block: bytes) -> pl.DataFrame:
    """Return the lines of a block, each with its size in bytes."""
    with suppress(PolarsError):  # a damaged line may hold anything
        lines = (
            pl.read_lines(io.BytesIO(block), name="text") if block else pl.DataFrame({"text": []})
        )
        size = pl.col("text").str.len_bytes().cast(pl.UInt64) + 1
        lines = lines.with_columns(pl.col("text").cast(pl.String)).with_columns(size=size)
        if lines["size"].sum() == len(block):
            return lines
    raw = block.splitlines(keepends=True)
    return pl.DataFrame(
        {"text": [one.decode("ascii", "replace") for one in raw], "size": [*map(len, raw)]},
        schema={"text": pl.String, "size": pl.UInt64},
    )
