"""Finds the keys on record of rows that equal one of this run, and which of them are free."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from importer.keys import key_base
from importer.records import Decision, Outcome, Send, Status
from importer.writer.ledger.decisions import differs
from importer.writer.ledger.key_maker import KeyMaker
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.keys_on_record import KeysOnRecord
from importer.writer.ledger.ownership import Ownership

__all__ = ["EqualKeys", "EqualRows"]


@dataclass(slots=True)
class EqualKeys:
    """
    The keys on record that equal rows were sent with.

    `bases` are all of these keys, and `number` is the number of the next one. The others are keys
    that no row of the list has taken so far: `same` has created a record with the content of the
    row, `other` a record with other content, and `again` has created none, so the row may be sent
    with it (a key without a clear answer is preferred to one that was refused). `in_doubt` has no
    clear answer, and was sent for a row with the same identity whose content was, or may have been,
    another one.
    """

    bases: set[str]
    number: int
    same: str | None = None
    other: tuple[str, KeyState] | None = None
    again: tuple[str, KeyState] | None = None
    in_doubt: tuple[str, KeyState] | None = None

    @property
    def has_unclear(self) -> bool:
        """Whether a request without a clear answer may be sent again for the row."""
        return self.again is not None and not self.again[1].is_refused

    @property
    def is_decisive(self) -> bool:
        """Whether one of the keys decides about the row, so that contact details do not."""
        return self.other is not None or self.has_unclear


class EqualRows:
    """
    Finds the numbered keys of equal rows that no row of the list has taken so far.

    Where equal rows are one record, it finds those whose identities differ in case alone.
    """

    def __init__(self, make: KeyMaker, keys: KeysOnRecord, records: Ownership) -> None:
        self._make = make
        self._keys = keys
        self._records = records
        self._first: dict[str, str] = {}
        self._beside: dict[str, tuple[str, KeyState]] = {}

    def find(self, send: Send) -> EqualKeys:
        """Return the keys of rows that equal this one; the search ends at the first `same`."""
        family = self._records.family(lambda number: self._make.numbered(send, number))
        keys = EqualKeys(bases=family.bases, number=len(family.bases) + 1)
        for base, state in self._records.left(family, partial(self._is_taken, send)):
            keys.same = self._records.corrected(state)
            if state.is_created and not differs(send, state):
                keys.same = base
            if keys.same is not None:
                break
            if state.is_created:
                keys.other = keys.other or (base, state)
            elif state.is_unclear and _may_be_of_another(send, state):
                keys.in_doubt = keys.in_doubt or (base, state)
            elif keys.again is None or (keys.again[1].is_refused and not state.is_refused):
                keys.again = base, state
        return keys

    def key_of_first(self, send: Send) -> str | None:
        """
        Return the key that an earlier row of this run has taken for the same identity.

        Addresses are the same in capitals. Returns None if the row is the first.
        """
        return self.first_of(send.key, self._make.without_case(send))

    def first_of(self, own: str, plain: str) -> str | None:
        """Return the same for a row with the key `own`, or with `plain` if all is lower case."""
        for key in (plain, self._first.get(plain)):
            if key is not None and key != own and self._records.is_claimed(key):
                return key
        if plain != own:
            self._first[plain] = own
        return None

    def beside(self, send: Send) -> tuple[Send, KeyState] | None:
        """Return a row with the key, and its state, that was noted for its equals, or None."""
        if (noted := self._beside.get(send.key)) is None:
            return None
        base, state = noted
        return replace(send, key=base), state

    def note_beside(self, send: Send, decision: Decision) -> None:
        """
        Note what was decided about a row whose key has made another row's record.

        If it is sent with another key, or held back, the rows that equal it are its duplicates.
        """
        if isinstance(decision, Send):
            base = key_base(decision.key)
            if (sent := self._keys.find(base)) is not None:
                self._beside[send.key] = base, sent
        elif isinstance(decision, Outcome) and decision.status is Status.UNKNOWN:
            held = KeyState(row=decision.number, row_hash=send.row_hash, this_run=True)
            self._beside[send.key] = send.key, held

    def _is_taken(self, send: Send, base: str, state: KeyState) -> bool:
        return state.is_created and not self._records.is_free(base, state, send)


def _may_be_of_another(send: Send, state: KeyState) -> bool:
    """Return whether the request of a key may have been made for a row with other content."""
    if send.record.identity is None or state.source_hash == send.source_hash:
        return False
    return state.row_hash is None or state.row_hash != send.row_hash
