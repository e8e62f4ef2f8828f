"""Counts equal rows against the keys on record, where each of them becomes a record of its own."""

from __future__ import annotations

from dataclasses import dataclass

from importer.records import Send
from importer.writer.ledger.decisions import differs
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.keyed import KeyMaker
from importer.writer.ledger.ownership import Ownership

__all__ = ["EqualKeys", "EqualRows"]


@dataclass(slots=True)
class EqualKeys:
    """
    The keys on record of rows that equal a row.

    `bases` are all of them, `number` is that of the next one. Of those that no row of the list has
    so far, `same` has a record with the content of the row, `other` one with other content, and
    `again` may be sent again for the row: one without a clear answer before one that was refused.
    """

    bases: set[str]
    number: int
    same: str | None = None
    other: tuple[str, KeyState] | None = None
    again: tuple[str, KeyState] | None = None


class EqualRows:
    """Knows which of the numbered keys of equal rows no row of the list has so far."""

    def __init__(self, make: KeyMaker, records: Ownership) -> None:
        self._make = make
        self._records = records

    def find(self, send: Send) -> EqualKeys:
        """Return what is on record of rows that equal this one, so far as the row needs it."""
        family = self._records.family(lambda number: self._make.numbered(send, number))
        keys = EqualKeys(bases=family.bases, number=len(family.bases) + 1)
        for base, state in self._records.left(family, self._is_taken):
            if state.is_created and not differs(send, state):
                keys.same = base
                break
            if state.is_created:
                keys.other = keys.other or (base, state)
            is_better = keys.again is None or (keys.again[1].is_refused and not state.is_refused)
            if is_better and not (state.is_unclear and differs(send, state)):
                keys.again = base, state
        return keys

    def _is_taken(self, base: str, state: KeyState) -> bool:
        return state.is_created and not self._records.is_free(base, state)
