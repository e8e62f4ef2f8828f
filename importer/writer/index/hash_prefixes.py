"""Finds hashes by their first digits, which are kept as sorted numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import polars as pl

from importer.writer.index.scanning import PREFIX_DIGITS, prefixes_of

_FEW = 64


class HashPrefixIndex:
    """Finds hashes by their first digits, as a sorted list of numbers with their positions."""

    def __init__(self, numbers: pl.Series, positions: pl.Series) -> None:
        """Take sorted numbers, which are the first `PREFIX_DIGITS` of hashes."""
        self._sorted = numbers
        self._order = positions

    @classmethod
    def of(cls, numbers: pl.Series) -> Self:
        """Return the index of numbers in any order; their positions are those they have here."""
        order = numbers.arg_sort()
        return cls(numbers.gather(order), order)

    def with_more(self, numbers: pl.Series) -> Self:
        """Return an index that also has the numbers at the positions that follow."""
        if not len(numbers):
            return self
        begin, end = len(self._sorted), len(self._sorted) + len(numbers)
        later = pl.int_range(begin, end, eager=True).cast(self._order.dtype)
        together = pl.concat([self._sorted, numbers])
        order = together.arg_sort()
        return type(self)(together.gather(order), pl.concat([self._order, later]).gather(order))

    @classmethod
    def from_frame(cls, frame: pl.DataFrame) -> Self:
        """Return the index in a table of `to_frame`."""
        return cls(frame["number"], frame["position"])

    def to_frame(self) -> pl.DataFrame:
        """Return the index as a table."""
        return pl.DataFrame({"number": self._sorted, "position": self._order})

    def has_repeats(self) -> bool:
        """Return whether two hashes have the same first digits: then a match is not certain."""
        return bool((self._sorted == self._sorted.shift(1)).any())

    def hold(self, numbers: pl.Series) -> pl.Series:
        """Return whether the index has each of the numbers."""
        return self.find(numbers).is_not_null()

    def find(self, numbers: pl.Series) -> pl.Series:
        """Return the position of each number, or null if it is not in the index."""
        if not len(self._sorted):
            return pl.repeat(None, len(numbers), dtype=self._order.dtype, eager=True)
        places = self._places(numbers)
        is_there = self._sorted.gather(places) == numbers
        return self._order.gather(places).set(~is_there, None)

    def positions(self, hashes: Sequence[str]) -> list[int]:
        """Return the only possible position of each hash; another hash may be there."""
        if len(hashes) < _FEW:
            places = (self._place(int(one[:PREFIX_DIGITS], 16)) for one in hashes)
            return [int(self._order[place]) for place in places]
        return self._order.gather(self._places(prefixes_of(hashes))).to_list()

    def position(self, hash_: str) -> int | None:
        """Return the only possible position of a hash, or None if it is not in the index."""
        place = self._place(wanted := int(hash_[:PREFIX_DIGITS], 16))
        return int(self._order[place]) if self._sorted[place] == wanted else None

    def _place(self, wanted: int) -> int:
        """Find one hash in microseconds; polars needs a millisecond to start."""
        last = len(self._sorted) - 1
        return min(bisect_left(range(last + 1), wanted, key=self._sorted.__getitem__), last)

    def _places(self, wanted: pl.Series) -> pl.Series:
        return self._sorted.search_sorted(wanted).clip(upper_bound=len(self._sorted) - 1)


@dataclass(frozen=True, slots=True)
class CreatedTables:
    """
    The places of created rows, by the first digits of their source hashes and of their keys.

    All digits are distinct. `offsets` are the positions of the lines, in the order of the file.
    """

    sources: HashPrefixIndex
    keys: HashPrefixIndex
    offsets: pl.Series

    def with_more(self, created: pl.DataFrame) -> Self:
        """Return the tables with rows that follow: `source`, `key` and `offset` of each."""
        return type(self)(
            self.sources.with_more(created["source"]),
            self.keys.with_more(created["key"]),
            pl.concat([self.offsets, created["offset"]]),
        )

    def has_repeats(self) -> bool:
        """Return whether two rows share the first digits of a hash."""
        return self.sources.has_repeats() or self.keys.has_repeats()
