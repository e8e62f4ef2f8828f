"""Finds hashes by their first digits, which are kept as sorted numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Self

import polars as pl

from importer.writer.index.scanning import PREFIX_DIGITS, prefixes_of

PREFIX_TABLE = {"number": pl.Int64, "position": pl.UInt32}
"""The columns of the table of an index: the first `PREFIX_DIGITS` of hashes, and where they are."""
_FEW = 64


def with_more(table: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
    """Return the table of an index that also has the `numbers`, at the positions that follow."""
    later = numbers.alias("number").to_frame().with_row_index("position", offset=len(table))
    return table.merge_sorted(later.select("number", "position").sort("number"), key="number")


class HashPrefixIndex:
    """Finds hashes by their first digits, in a table of sorted numbers with their positions."""

    def __init__(self, table: pl.DataFrame) -> None:
        self._sorted = table["number"]
        self._order = table["position"]

    @classmethod
    def of(cls, numbers: pl.Series) -> Self:
        """Return the index of numbers in any order; their positions are those they have here."""
        return cls(with_more(pl.DataFrame(schema=PREFIX_TABLE), numbers))

    def find(self, hashes: Sequence[str]) -> Sequence[int | None]:
        """Return the only possible position of each hash, or None if it is not in the index."""
        if not len(self._sorted):
            return [None] * len(hashes)
        if len(hashes) < _FEW:
            return [self._position(int(one[:PREFIX_DIGITS], 16)) for one in hashes]
        numbers = prefixes_of(hashes)
        places = self._sorted.search_sorted(numbers).clip(upper_bound=len(self._sorted) - 1)
        is_there = self._sorted.gather(places) == numbers
        return self._order.gather(places).set(~is_there, None).to_list()

    def _position(self, number: int) -> int | None:
        """Find one hash in microseconds; polars needs a millisecond to start."""
        last = len(self._sorted) - 1
        place = min(bisect_left(range(last + 1), number, key=self._sorted.__getitem__), last)
        return int(self._order[place]) if self._sorted[place] == number else None
