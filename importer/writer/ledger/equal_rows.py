"""Counts equal rows against the keys on record, where each of them becomes a record of its own."""

from __future__ import annotations

from collections import Counter

from importer.records import Send
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.keyed import KeyMaker
from importer.writer.ledger.recogniser import Recogniser

__all__ = ["EqualRows"]


class EqualRows:
    """Knows which of the numbered keys of equal rows no row of the list has so far."""

    def __init__(self, make: KeyMaker, recogniser: Recogniser) -> None:
        self._make = make
        self._recogniser = recogniser
        self._spent: Counter[str] = Counter()

    def free(self, send: Send) -> tuple[list[tuple[str, KeyState]], int]:
        """Return the keys of equal rows that no row of the list has, and the next number."""
        spent = self._spent[send.key]
        free: list[tuple[str, KeyState]] = []
        number = spent + 1
        for base, state in self._recogniser.family(
            lambda nth: self._make.numbered(send, spent + nth)
        ):
            number += 1
            is_claimed = self._recogniser.is_claimed(base)
            if not is_claimed and not (
                state.is_created and not self._recogniser.is_free(base, state)
            ):
                free.append((base, state))
            elif not free:
                self._spent[send.key] += 1
        return free, number
