"""A set of hashes that needs little memory."""

from __future__ import annotations

import polars as pl

__all__ = ["SeenHashes"]

_RATIO = 4


class SeenHashes:
    """
    A set of 64-bit hashes that takes 8 bytes for each; Python's own takes some 90.

    It is kept as sorted runs, each of them much longer than the next. Two different contents among
    a million have the same hash in one of thirty million lists.
    """

    def __init__(self) -> None:
        self._runs: list[pl.Series] = []

    def add(self, hashes: pl.Series) -> list[int]:
        """Add hashes. Returns the places of those that were already in the set, in order."""
        is_first = hashes.is_first_distinct()
        known = [(~is_first).arg_true()]
        table = pl.DataFrame({"place": is_first.arg_true(), "hash": hashes.filter(is_first)})
        table = table.sort("hash")  # since neighbours are found near to each other
        for run in self._runs:
            is_in = _are_in(run, table["hash"])
            known.append(table["place"].filter(is_in))
            table = table.filter(~is_in)
        self._keep(table["hash"])
        return pl.concat(known).sort().to_list()

    def _keep(self, run: pl.Series) -> None:
        while self._runs and len(self._runs[-1]) < _RATIO * len(run):
            run = pl.concat([self._runs.pop(), run]).sort()
        if len(run):
            self._runs.append(run)


def _are_in(run: pl.Series, hashes: pl.Series) -> pl.Series:
    """Return for each hash whether it is in a sorted run."""
    at = run.search_sorted(hashes, side="left").clip(upper_bound=len(run) - 1)
    return run.gather(at) == hashes
