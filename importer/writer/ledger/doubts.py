"""
Holds rows back that may have a record, which nothing on record shows.

A request without a clear answer may have made it. Or, where only a part of the list is read, it may
be that of an earlier version of the row.

`docs/reliability.md` has the rules, under "When a row is known".
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from importer.records import Outcome, Postponed, Rejected, Row, RowIdentity, Send
from importer.writer.ledger import decisions
from importer.writer.ledger.candidates import Candidates
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.on_record import OnRecord
from importer.writer.ledger.ownership import Ownership
from importer.writer.ledger.policy import Policy
from importer.writer.ledger.protocols import EarlierForm, EarlierMappings

__all__ = ["Doubts"]


class Doubts:
    """
    The requests of earlier runs without a clear answer, each of which may have made a record.

    A row is held back if such a request may have been for it, with a key that it has no longer.
    Whoever looks up rows in the CRM has to know of each.
    """

    def __init__(
        self, policy: Policy, on_record: OnRecord, records: Ownership, candidates: Candidates
    ) -> None:
        self.earlier: EarlierMappings | None = None
        self._policy = policy
        self._on_record = on_record
        self._keys = on_record.keys
        self._records = records
        self._candidates = candidates

    def forms(self, row: Row) -> list[EarlierForm]:
        """Return a row as the mappings of earlier runs map it."""
        return [] if self.earlier is None else list(self.earlier.forms(row))

    def holds(self, state: KeyState) -> bool:
        """Return whether a key that has made no record holds back rows with other keys."""
        return state.is_unclear and not (self._policy.resend_unknown or state.is_cleared)

    def check_refused(self, rejected: Rejected, row: RowIdentity) -> Outcome | None:
        """Return the outcome of a refused row that an earlier request may have created."""
        bases = [*self._keys.sent_keys(row.source_hash)]
        if rejected.row is not None and self._keys.has_unclear:
            for form in self.forms(rejected.row):
                bases += self._records.family(form.key).left
        for base in bases:
            state = self._keys.find(base)
            if state is not None and self.holds(state):
                return decisions.refused_in_doubt(decisions.refused(rejected, row), state.key(base))
        return None

    def check_duplicate(
        self, send: Send, of: str, *, is_last_chance: bool
    ) -> Outcome | Postponed | None:
        """
        Return the outcome of a row in doubt that is otherwise a duplicate of the row with a key.

        The row, or one that looks like it, was sent with another key, today or by an earlier
        mapping. Other rows may still be held back for the same request. If `of` is the key of a
        record that the row of such a request has by now, a person has looked it up.
        """
        return (
            self.check_own(send, {send.key})
            or self._check_earlier_form(send, of)
            or self.check_similar(send, {send.key}, is_last_chance=is_last_chance)
        )

    def check_own(self, send: Send, today: Collection[str]) -> Outcome | None:
        """
        Return the outcome of a row that an unclear request may have created with an earlier key.

        The mapping or the row has changed since that request, and with its key today the row might
        become a second record. A row that was sent with its key today is sent again with that key.
        """
        if self.has_own_request(send, today):
            return None
        for base in self._keys.sent_keys(send.source_hash):
            state = self._keys.find(base)
            may_hold = self._records.may_be_held_for(base, send)
            if state is None or base in today or not may_hold:
                continue
            if (held := self.hold_back(send, base, state)) is not None:
                return held
        return None

    def check_similar(
        self, send: Send, today: Collection[str], *, is_last_chance: bool
    ) -> Outcome | Postponed | None:
        """Return the outcome of a row whose contact details an unclear request has, if any."""
        for one in self._candidates.find(send) if self._keys.has_unclear else ():
            is_own = one.base in today or one.state.source_hash == send.source_hash
            if is_own or not self.holds(one.state):
                continue
            if not is_last_chance and self._candidates.depends_on_others(one):
                return Postponed(waits_for_others=True, is_unlike=True)
            if self._candidates.resembles(send, one):
                return self.report(send, one.base, one.state)
        return None

    def _check_earlier_form(self, send: Send, of: str) -> Outcome | None:
        for form in self.forms(send.record.row) if self._keys.has_unclear else ():
            for base in self._records.family(form.key).left:
                state = self._keys.find(base)
                if state is None or base == send.key or not self.holds(state):
                    continue
                is_settled = self._on_record.created_key(state.source_hash) == of
                if not is_settled and self._records.may_be_held_for(base, send):
                    return self.report(send, base, state)
        return None

    def hold_back(self, send: Send, base: str, state: KeyState) -> Outcome | None:
        """
        Hold a row back that an unclear request with this key may have created.

        Rows with its key today are its duplicates, except one that was sent with this key. Returns
        None if the request holds no row back.
        """
        if not self.holds(state):
            return None
        self._records.claim_in_doubt(send, base, state)
        state.held_row = send.record.row.number
        if not self._policy.numbers_equal_rows:
            self._claim_today(send)
        is_edited = bool(state.source_hash) and state.source_hash != send.source_hash
        if is_edited:
            return self.report(send, base, state)
        return decisions.mapped_anew(replace(send, key=state.key(base)), state.sent_at)

    def _claim_today(self, send: Send) -> None:
        number, today = send.record.row.number, self._keys.find(send.key)
        if today is None:
            held = KeyState(row=number, row_hash=send.row_hash, this_run=True, held_row=number)
            self._keys.begin(send.key, held)
            self._records.claim(send.key)
        elif not today.is_created:
            today.held_row = number
            self._records.claim_beside(send, today)

    def report(self, send: Send, base: str, state: KeyState) -> Outcome:
        """Return the outcome of a row that a request, for it or one like it, may have created."""
        return decisions.edited(replace(send, key=state.key(base)), state.sent_at)

    def check_part(
        self, send: Send, forms: Sequence[EarlierForm], today: Collection[str]
    ) -> Outcome | None:
        """
        Return the outcome of a row of a derived file that may be a row with a record, edited since.

        A part of the list does not show whether that row is still there. It matters if each of
        equal rows is sent, or if only an earlier mapping connects the two. A row that was asked for
        and has no record is a row of its own.
        """
        if not self._records.is_part or self._was_asked_for(send):
            return None
        bases = [base for form in forms for base in self._records.family(form.key).bases]
        if self._policy.numbers_equal_rows:
            same = [one.base for one in self._candidates.find(send) if one.means_the_same]
            bases += [*today, *same]
        for base in bases:
            state = self._keys.find(base)
            if state and state.is_created and state.source_hash != send.source_hash:
                return self.in_part(send, state)
        return None

    def in_part(self, send: Send, state: KeyState) -> Outcome | None:
        """
        Return the outcome of a row of a derived file that may have the record of another row.

        Returns None if that has been reported, and changed rows are to be sent.
        """
        outcome = decisions.in_part(send, state)
        is_told = self._on_record.says(outcome) or self._keys.was_reported(
            decisions.changed(send, state)
        )
        return None if is_told and self._policy.on_change == "send" else outcome

    def is_change_in_part(self, send: Send, state: KeyState) -> bool:
        """Return whether a row of a derived file has other content than the record of its key."""
        if not self._records.is_part or self._records.is_of_another(send, send.key):
            return False
        return decisions.differs(send, state)

    def _was_asked_for(self, send: Send) -> bool:
        states = [self._keys.find(base) for base in self._keys.sent_keys(send.source_hash)]
        return bool(states) and not any(state and state.is_created for state in states)

    # A row that still has the key of an unclear request is sent again with it

    def has_unclear_key(self, today: Collection[str]) -> bool:
        """Return whether a row has the key of a request without a clear answer."""
        return bool(self._with_key(today))

    def has_own_request(self, send: Send, today: Collection[str]) -> bool:
        """Return whether such a request was for a row with this very content."""
        return any(one.source_hash == send.source_hash for one in self._with_key(today))

    def is_superseded(self, today: Collection[str], base: str) -> bool:
        """Return whether the row of such a request was sent with, or held back for, `base` too."""
        return any(base in self._keys.sent_keys(one.source_hash) for one in self._with_key(today))

    def _with_key(self, today: Collection[str]) -> list[KeyState]:
        states = (self._keys.find(base) for base in today if not self._records.is_claimed(base))
        return [state for state in states if state is not None and state.is_unclear]
