"""Holds the rows that earlier runs created at some 50 bytes each."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import polars as pl

from importer.records import Outcome
from importer.writer.index.scanning import DIGEST_BYTES, PREFIX_DIGITS
from importer.writer.line_reader import read_line
from importer.writer.lines.row import RowLine

__all__ = ["CreatedRows", "HashPrefixIndex"]

_READ_AT_ONCE = 1024
_FEW = 64
_FAR_APART = 8 * 1024
_LINKS = re.compile(rb'"external_id":"([^"]*)","record_url":(?:null|"([^"]*)")')
_DIGEST_DIGITS = 2 * DIGEST_BYTES


class HashPrefixIndex:
    """Finds hashes by the number their first digits stand for: a sorted list and where each was."""

    def __init__(self, numbers: pl.Series) -> None:
        """Take the first `PREFIX_DIGITS` of hashes, as numbers."""
        self._order = numbers.arg_sort()
        self._sorted = numbers.gather(self._order)
        self._numbers: array[int] | None = None
        self._positions: array[int] = array("q")

    def has_repeats(self) -> bool:
        """Return whether two hashes begin alike, so that none of them can be found for certain."""
        return bool((self._sorted == self._sorted.shift(1)).any())

    def hold(self, numbers: pl.Series) -> pl.Series:
        """Return of each number whether it is here."""
        if not len(self._sorted):
            return pl.repeat(value=False, n=len(numbers), eager=True)
        return self._sorted.gather(self._places(numbers)) == numbers

    def positions(self, hashes: Sequence[str]) -> list[int]:
        """Return for each hash the one position it may have; it need not be there."""
        if len(hashes) < _FEW:
            return [self._position(int(one[:PREFIX_DIGITS], 16)) for one in hashes]
        wanted = (
            pl.Series("hash", hashes, pl.String).str.slice(0, PREFIX_DIGITS).str.to_integer(base=16)
        )
        return self._order.gather(self._places(wanted)).to_list()

    def _position(self, wanted: int) -> int:
        """Find one hash: polars takes a millisecond to begin, and this some microseconds."""
        if self._numbers is None:
            self._numbers = array("q", self._sorted.to_list())
            self._positions = array("q", self._order.to_list())
        place = bisect_left(self._numbers, wanted)
        return self._positions[min(place, len(self._numbers) - 1)]

    def _places(self, wanted: pl.Series) -> pl.Series:
        return self._sorted.search_sorted(wanted).clip(upper_bound=len(self._sorted) - 1)


class CreatedRows:
    """
    Rows that were created, each the first of its kind in the source, in the order of the results.

    Of each row only half its source hash, where its line begins, and the first digits of its key
    are held; the outcome itself is read from the file when it is asked for.
    """

    def __init__(
        self,
        path: Path,
        digests: bytearray,
        sources: HashPrefixIndex,
        keys: HashPrefixIndex,
        offsets: pl.Series,
    ) -> None:
        """
        Take what `importer.writer.index.scanning` finds: in each list, an entry for each row.

        `digests` are the source hashes' first `DIGEST_BYTES`, joined; of `sources` and `keys` no
        two are equal; `offsets` say where the lines begin.
        """
        self._path = path
        self._digests = digests
        self._offsets = offsets.rechunk()
        self._by_source = sources
        self._by_key = keys

    def __len__(self) -> int:
        return len(self._offsets)

    def has_next(self, position: int, hashes: Sequence[str]) -> bool:
        """Return whether rows with these hashes stand here from `position` on, one by one."""
        return self._digests.startswith(_digests(hashes), position * DIGEST_BYTES)

    def find(self, hashes: Sequence[str]) -> list[int | None]:
        """Return the position of each source hash, None where it is not here."""
        if not len(self):
            return [None] * len(hashes)
        return [
            position if self.has_next(position, [source_hash]) else None
            for source_hash, position in zip(hashes, self._by_source.positions(hashes), strict=True)
        ]

    def offset(self, position: int) -> int:
        """Return where the line of a row begins in the results file."""
        return int(self._offsets[position])

    def links(self, stream: BinaryIO, begin: int, count: int) -> Iterator[tuple[str, str]]:
        """
        Yield `external_id` and `record_url` of rows that follow each other, from the results file.

        A `record_url` of null is "".
        """
        for place in range(begin, begin + count, _READ_AT_ONCE):
            offsets = self._offsets[place : min(place + _READ_AT_ONCE, begin + count)].to_list()
            for line in _lines_at(stream, offsets):
                found = _LINKS.search(line)
                yield (found[1].decode(), (found[2] or b"").decode()) if found else ("", "")

    def find_key(self, key: str) -> Outcome | None:
        """Return the outcome of the row that was created under a key of a first attempt."""
        if not len(self):
            return None
        outcome = self._outcome(self._by_key.positions([key[4:]])[0])
        return outcome if outcome is not None and outcome.idempotency_key == key else None

    def key(self, position: int) -> str | None:
        """Return the key that a row was created with."""
        outcome = self._outcome(position)
        return None if outcome is None else outcome.idempotency_key

    def _outcome(self, position: int) -> Outcome | None:
        with self._path.open("rb") as stream:
            stream.seek(self.offset(position))
            line = read_line(stream.readline())
        return line.outcome if isinstance(line, RowLine) else None


def _lines_at(stream: BinaryIO, offsets: Sequence[int]) -> Iterator[bytes]:
    """Yield the lines that begin there; in one go, unless there is much between them."""
    first, last = offsets[0], offsets[-1]
    if last - first > len(offsets) * _FAR_APART:
        for offset in offsets:
            stream.seek(offset)
            yield stream.readline()
        return
    stream.seek(first)
    block = stream.read(last - first) + stream.readline()
    for offset in offsets:
        begin = offset - first
        yield block[begin : block.index(b"\n", begin)]


def _digests(hashes: Sequence[str]) -> bytes:
    return bytes.fromhex("".join([source_hash[:_DIGEST_DIGITS] for source_hash in hashes]))
