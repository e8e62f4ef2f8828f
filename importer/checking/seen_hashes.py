"""A set of hashes that needs little memory."""

from __future__ import annotations

from array import array
from collections.abc import Sequence

__all__ = ["SeenHashes"]

_FIRST_SLOTS = 1 << 12
_HASH = (1 << 64) - 1


class SeenHashes:
    """
    A set of 64-bit hashes that takes 12 to 24 bytes for each: a table with open addressing.

    Python's own set takes some 90 bytes. Two different contents among a million have the same hash
    in one of thirty million lists.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * _FIRST_SLOTS))
        self._used = 0

    def add(self, hashes: Sequence[int]) -> list[int]:
        """Add results of `hash`. Returns the places of those that were already in the set."""
        while (self._used + len(hashes)) * 3 > len(self._slots) * 2:
            self._grow()
        slots, mask = self._slots, len(self._slots) - 1
        known: list[int] = []
        for place, signed in enumerate(hashes):
            hashed = signed & _HASH or 1  # 0 marks a free slot
            slot = hashed & mask
            while (found := slots[slot]) and found != hashed:
                slot = (slot + 1) & mask
            if found:
                known.append(place)
            slots[slot] = hashed
        self._used += len(hashes) - len(known)
        return known

    def _grow(self) -> None:
        before = self._slots
        self._slots = array("Q", bytes(16 * len(before)))
        self._used = 0
        self.add([hashed for hashed in before if hashed])
