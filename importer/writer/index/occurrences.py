"""Counts the equal rows of a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence

import polars as pl

from importer.writer.index.scanning import PREFIX_DIGITS, prefixes_of

_MANY = 100_000


class Occurrences:
    """
    Counts equal rows by their source hashes, and keeps only those that may repeat.

    After many rows it reads the hashes of the whole list by `again`, which yields them in batches:
    eight bytes for each row, until it has looked. Until then, and without `again`, it keeps all.

        >>> counted = Occurrences()
        >>> [counted.take(one * 64) for one in "aba"]
        [1, 1, 2]
    """

    def __init__(
        self, again: Callable[[], Iterable[Sequence[str]]] | None = None, *, many: int = _MANY
    ) -> None:
        """Count from nothing; `many` is the number of rows that are kept without a look."""
        self._again = again
        self._many = many
        self._counts: Counter[str] = Counter()
        self._repeated: Collection[int] | None = None

    def take(self, source_hash: str) -> int:
        """Return how many rows with this hash there are now."""
        if self._repeated is not None and not self._may_repeat(source_hash):
            return 1
        self._counts[source_hash] += 1
        number = self._counts[source_hash]
        self._look_if_many()
        return number

    def take_new(self, hashes: Sequence[str]) -> bool:
        """Count rows if none of them is like another one so far. Returns False if one may be."""
        if self._repeated is not None:
            return not any(map(self._may_repeat, hashes))
        if len(set(hashes)) < len(hashes) or not self._counts.keys().isdisjoint(hashes):
            return False
        self._counts.update(dict.fromkeys(hashes, 1))
        self._look_if_many()
        return True

    def _look_if_many(self) -> None:
        if self._again is not None and len(self._counts) > self._many and self._repeated is None:
            self._repeated = repeated_prefixes(map(prefixes_of, self._again()))
            kept = {one: n for one, n in self._counts.items() if self._may_repeat(one)}
            self._counts = Counter(kept)

    def _may_repeat(self, source_hash: str) -> bool:
        return self._repeated is not None and int(source_hash[:PREFIX_DIGITS], 16) in self._repeated


def repeated_prefixes(prefixes: Iterable[pl.Series]) -> Collection[int]:
    """Return the first digits that several hashes share, most of them of equal rows."""
    parts = [*prefixes]
    seen = pl.concat(parts) if parts else pl.Series("hash", [], pl.Int64)
    return {*seen.filter(seen.is_duplicated()).unique()}
