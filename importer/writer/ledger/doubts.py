"""
Holds rows back whose record may have been made by a request without a clear answer.

`docs/reliability.md` has the rules, under "When a row is known".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from importer.records import Outcome, Postponed, Rejected, RowIdentity, Send
from importer.writer.ledger import decisions
from importer.writer.ledger.candidates import Candidates
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.on_record import OnRecord
from importer.writer.ledger.ownership import Ownership
from importer.writer.ledger.policy import Policy
from importer.writer.ledger.protocols import EarlierMappings

__all__ = ["Doubts"]


class Doubts:
    """
    The requests of earlier runs without a clear answer, each of which may have made a record.

    A request holds back one row that would otherwise be sent, and any number of rows that would not
    be sent anyway: whoever looks up rows in the CRM has to know of each.
    """

    def __init__(
        self, policy: Policy, on_record: OnRecord, records: Ownership, candidates: Candidates
    ) -> None:
        self.earlier: EarlierMappings | None = None
        self._policy = policy
        self._keys = on_record.keys
        self._records = records
        self._candidates = candidates

    def holds(self, state: KeyState) -> bool:
        """Return whether a key that has made no record holds back rows with other keys."""
        return state.is_unclear and not (self._policy.resend_unknown or state.is_cleared)

    def about_refused(self, rejected: Rejected, row: RowIdentity) -> Outcome | None:
        """Return the outcome of a refused row that an earlier request may have created."""
        for base in self._keys.sent_keys(row.source_hash):
            state = self._keys.find(base)
            if state is not None and self.holds(state):
                return decisions.refused_in_doubt(decisions.refused(rejected, row), state.key(base))
        return None

    def about_duplicate(self, send: Send, *, is_last_chance: bool) -> Outcome | Postponed | None:
        """
        Return the outcome of a row in doubt that is otherwise a duplicate of one in this run.

        The row, or one that looks like it, was sent with another key, today or by an earlier
        mapping. Other rows may still be held back for the same request.
        """
        return (
            self.about_itself(send, {send.key})
            or self._by_earlier_mapping(send)
            or self.about_lookalike(send, {send.key}, is_last_chance=is_last_chance)
        )

    def about_itself(self, send: Send, today: Collection[str]) -> Outcome | None:
        """
        Return the outcome of a row that an unclear request may have created with an earlier key.

        The mapping or the row has changed since that request, and with its key today the row might
        become a second record.
        """
        for base in self._keys.sent_keys(send.source_hash):
            state = self._keys.find(base)
            may_hold = self._records.may_be_held_for(base, send)
            if state is None or base in today or not may_hold:
                continue
            if (held := self.hold_back(send, base, state)) is not None:
                return held
        return None

    def about_lookalike(
        self, send: Send, today: Collection[str], *, is_last_chance: bool
    ) -> Outcome | Postponed | None:
        """Return the outcome of a row whose contact details an unclear request has, if any."""
        for one in self._candidates.find(send) if self._keys.has_unclear else ():
            is_own = one.base in today or one.state.source_hash == send.source_hash
            if is_own or not self.holds(one.state):
                continue
            if not is_last_chance and self._candidates.depends_on_others(one):
                return Postponed(waits_for_others=True, is_unlike=True)
            if self._candidates.resembles(one):
                return self.named(send, one.base, one.state)
        return None

    def _by_earlier_mapping(self, send: Send) -> Outcome | None:
        if self.earlier is None or not self._keys.has_unclear:
            return None
        for form in self.earlier.forms(send.record.row):
            for base, state in self._records.left(self._records.family(form.key)):
                if base != send.key and self.holds(state):
                    return self.named(send, base, state)
        return None

    def hold_back(self, send: Send, base: str, state: KeyState) -> Outcome | None:
        """
        Hold a row back that an unclear request with this key may have created.

        The request holds back no other row that would be sent; rows with the same content are
        duplicates of this one. Returns None if the request holds no row back.
        """
        if not self.holds(state):
            return None
        self._records.claim_in_doubt(send, base, state)
        if not self._policy.numbers_equal_rows:
            self._records.claim(send.key)
            number = send.record.row.number
            today = self._keys.find(send.key)
            if today is None:
                held = KeyState(row=number, row_hash=send.row_hash, this_run=True)
                self._keys.begin(send.key, held)
            elif not today.is_created:
                today.held_row = number
        is_edited = bool(state.source_hash) and state.source_hash != send.source_hash
        held_back = decisions.edited if is_edited else decisions.mapped_anew
        return held_back(replace(send, key=state.key(base)), state.sent_at)

    def named(self, send: Send, base: str, state: KeyState) -> Outcome:
        """Return the outcome of a row that is held back for a request of a row like it."""
        return decisions.edited(replace(send, key=state.key(base)), state.sent_at)

    # A row that still has the key of an unclear request is sent again with it

    def has_own_request(self, today: Collection[str]) -> bool:
        """Return whether a row still has the key of a request without a clear answer."""
        return bool(self._own_requests(today))

    def was_sent(self, send: Send, today: Collection[str]) -> bool:
        """Return whether a request without a clear answer was for this very row, as it is today."""
        return any(one.source_hash == send.source_hash for one in self._own_requests(today))

    def is_settled_by(self, today: Collection[str], base: str) -> bool:
        """Return whether the row of a request with today's key was sent with `base` before."""
        return any(
            base in self._keys.sent_keys(one.source_hash) for one in self._own_requests(today)
        )

    def _own_requests(self, today: Collection[str]) -> list[KeyState]:
        states = (self._keys.find(base) for base in today if not self._records.is_claimed(base))
        return [state for state in states if state is not None and state.is_unclear]
