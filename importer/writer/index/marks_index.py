"""Finds requests of earlier runs by their marks, without holding them in memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO

import polars as pl
from polars.exceptions import PolarsError

from importer import keys
from importer.marks import Marks
from importer.writer.index.scanning import blocks
from importer.writer.line_reader import read_line
from importer.writer.lines.request import RequestLine

__all__ = ["MarksIndex"]

_MARKS = r'"marks"\s*:\s*"([\w-]*)\.([\w-]*)"'
_MARK = r"[mtrcn][\w-]{8}"
_MANY = 64
"""If more requests share a mark, only those that also share a word of the name are read."""
_MOST = 1000
"""At most so many are read, the latest: a number that a thousand people have proves nothing."""
_KEPT = 2 * _MOST
"""So many lines are kept: rows with one name and number in common share theirs."""


@dataclass(frozen=True, slots=True)
class _Table:
    """One line for each mark of each request, sorted by hash: hash, offset of the line, words."""

    marks: pl.Series
    offsets: pl.Series
    words: pl.Series


class MarksIndex:
    """
    The marks in a results file at the time the index is created.

    The file is not read before the first search. A mark takes some 30 bytes. Close it after use.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._table: _Table | None = None
        self._stream: BinaryIO | None = None
        self._line = lru_cache(_KEPT)(self._read_line)

    def find(self, marks: Marks) -> Iterator[tuple[str, Marks]]:
        """Yield the key of the first attempt and the marks of each request that shares a mark."""
        if not self._size:
            return
        if self._table is None:
            self._stream = self._path.open("rb")
            self._table = _read(self._stream, self._size)
        if not len(self._table.marks):
            return
        seen: set[str] = set()
        for offset in dict.fromkeys(self._offsets(self._table, marks)):
            if (found := self._line(offset)) is not None and found[0] not in seen:
                seen.add(found[0])
                yield found

    def _offsets(self, table: _Table, marks: Marks) -> Iterator[int]:
        wanted = pl.Series(marks.findable(), dtype=pl.String).hash()
        begins = table.marks.search_sorted(wanted, side="left")
        ends = table.marks.search_sorted(wanted, side="right")
        for begin, end in zip(begins, ends, strict=True):
            found = table.offsets.slice(begin, end - begin)
            if end - begin > _MANY:
                found = found.filter(_is_named(table.words.slice(begin, end - begin), marks))
            yield from found.tail(_MOST)

    def _read_line(self, offset: int) -> tuple[str, Marks] | None:
        assert self._stream is not None  # noqa: S101 - `find` has opened it
        self._stream.seek(offset)
        line = read_line(self._stream.readline())
        if not isinstance(line, RequestLine) or line.marks is None:
            return None
        return keys.key_base(line.idempotency_key), Marks.parse(line.marks)

    def close(self) -> None:
        """Close the results file."""
        if self._stream is not None:
            self._stream.close()


def _is_named(words: pl.Series, marks: Marks) -> pl.Series:
    """Return for each request whether it shares a word of the name, or has no name."""
    if not marks.words:
        return pl.repeat(value=True, n=len(words), eager=True)
    texts = pl.DataFrame({"words": words})
    has_word = pl.col("words").str.contains_any(list(marks.words))
    return texts.select((pl.col("words") == "") | has_word).to_series()


def _read(stream: BinaryIO, size: int) -> _Table:
    """Read the marks of all `sent` lines among the first `size` bytes."""
    parts = [_table(b"", 0)]
    stream.seek(0)
    parts += (_table(block, offset) for offset, block in blocks(stream) if offset < size)
    whole = pl.concat(parts).sort("mark", maintain_order=True)
    return _Table(marks=whole["mark"], offsets=whole["offset"], words=whole["words"])


def _table(block: bytes, offset: int) -> pl.DataFrame:
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
