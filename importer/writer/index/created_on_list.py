"""Finds the created rows of a results file in a list, most of them in the same order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from operator import or_

from importer.writer.index.created_rows import CreatedRows


class CreatedOnList:
    """
    The created rows that a list has had so far, by their positions in `CreatedRows`.

    A list that is imported again mostly has them in the order of the results. So it compares a
    whole batch at once, and looks up only rows that moved.
    """

    def __init__(self, created: CreatedRows) -> None:
        self._created = created
        self._met = bytearray(len(created))
        self._held = bytearray(self._met)
        self._next = 0

    def take_whole(self, hashes: Sequence[str]) -> int | None:
        """
        Take a batch that was created in exactly this order.

        Returns its first position. If it was not created so, returns None and takes nothing.
        """
        begin, end = self._next, self._next + len(hashes)
        if not len(hashes) or any(self._met[begin:end]):
            return None
        if not self._created.has_next(begin, hashes):
            return None
        self._met[begin:end] = b"\1" * len(hashes)
        self._next = end
        return begin

    def take(
        self, hashes: Sequence[str], *, without: Collection[str] = ()
    ) -> Iterator[tuple[int | None, bool]]:
        """
        Take the rows of a batch, `without` some contents. Yields (position, is first) of each.

        The position is None if `CreatedRows` has no row with this content. The first of equal
        rows is the one that was created.
        """
        for source_hash, position in zip(hashes, self._created.find(hashes), strict=True):
            is_first = position is not None and not self._met[position]
            is_first = is_first and source_hash not in without
            if position is not None and is_first:
                self._met[position] = 1
                self._next = position + 1
            yield position, is_first

    def hold(self, positions: Iterable[int]) -> None:
        """Note that rows of the list have these records, though by other content."""
        for one in positions:
            self._held[one] = 1

    def left(self) -> list[int]:
        """Return the positions of the records of which the list has had no row."""
        have = bytes(map(or_, self._met, self._held))
        found, at = [], have.find(0)
        while at >= 0:
            found.append(at)
            at = have.find(0, at + 1)
        return found

    def was_met(self, position: int) -> bool:
        """Return whether the list has had a created row so far."""
        return bool(self._met[position])
