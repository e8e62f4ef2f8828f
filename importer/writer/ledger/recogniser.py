"""
Recognises rows that content and key do not decide about: by earlier mappings and by their marks.

`docs/reliability.md` has the rules.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from importer.records import Decision, Outcome, Postponed, Send
from importer.writer.ledger import decisions
from importer.writer.ledger.candidates import Candidate, Candidates
from importer.writer.ledger.doubts import Doubts
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.on_record import OnRecord
from importer.writer.ledger.ownership import Family, Ownership
from importer.writer.ledger.policy import Policy
from importer.writer.ledger.protocols import EarlierForm, OtherResults

__all__ = ["Recogniser"]


class Recogniser:
    """Recognises rows by earlier mappings, by meaning and by contact details."""

    def __init__(self, policy: Policy, on_record: OnRecord, records: Ownership) -> None:
        self.elsewhere: OtherResults | None = None
        self.wanted: set[str] = set()
        self._have_owners: dict[str, bool] = {}
        self._policy = policy
        self._on_record = on_record
        self._keys = on_record.keys
        self.records = records
        self.candidates = Candidates(on_record, records)
        self.doubts = Doubts(policy, on_record, records, self.candidates)

    def duplicate_of(
        self, send: Send, base: str, state: KeyState, *, is_last_chance: bool
    ) -> Outcome | Postponed | None:
        """
        Return the outcome of a row whose record another row of the list has.

        Returns None if the two are not the same record today (an earlier mapping took them for
        one), or if the row is a change that is to be sent.
        """
        if not self.records.is_claimed(base) and self.doubts.earlier and not self.records.is_part:
            owners = self.records.owners(base, state, send)
            if send.source_hash not in owners and not is_last_chance:
                self.wanted.update(owners)
                return self._wait_for_owners(send, self.doubts.forms(send.record.row))
        if self.records.is_of_another(send, base):
            return None
        held = self.doubts.check_duplicate(send, base, is_last_chance=is_last_chance)
        if held is None and self.doubts.is_change_in_part(send, state):
            return self.doubts.in_part(send, state)
        return held or decisions.duplicate(send, state)

    def beside_claimed(
        self, send: Send, state: KeyState, *, is_last_chance: bool
    ) -> Decision | None:
        """
        Decide about a row whose key another row of this run has; None means it is its duplicate.

        If the other one is held back only, this one may still have a record by an earlier mapping.
        """
        held = self.doubts.check_duplicate(send, send.key, is_last_chance=is_last_chance)
        if held is not None or state.held_row is None:
            return held
        return self.recognise(send, {send.key}, is_last_chance=is_last_chance, by_contacts=False)

    # Recognition, in this order

    def recognise(
        self, send: Send, today: Collection[str], *, is_last_chance: bool, by_contacts: bool
    ) -> Decision | None:
        """
        Recognise a row about which neither its content nor its keys `today` have decided.

        Returns None if it is new. Without `by_contacts`, contact details are not compared with
        those of records, since the row is known to be a different one.
        """
        tied: set[str] = set()
        known = (
            self._by_copy(send)
            or self.doubts.check_own(send, today)
            or self._by_same_today(send, is_last_chance=is_last_chance)
        )
        if known is not None:
            return known
        forms = self.doubts.forms(send.record.row)
        return (
            self._by_earlier_mapping(send, forms, today, tied, is_last_chance=is_last_chance)
            or self._by_earlier_meaning(send, forms, today, tied, is_last_chance=is_last_chance)
            or self._by_marks(
                send, today, tied, by_contacts=by_contacts, is_last_chance=is_last_chance
            )
            or self.doubts.check_part(send, forms, today)
        )

    def _by_copy(self, send: Send) -> Outcome | None:
        """Recognise a row with the very content of one above it that has a record."""
        if self._policy.numbers_equal_rows or send.occurrence < 2:
            return None
        if self.records.same_today(send.key) is not None:
            return None
        base = self._on_record.created_key(send.source_hash)
        state = self._keys.find(base) if base is not None else None
        if base is None or state is None:
            return None
        if self.records.owners(base, state)[:1] != [send.source_hash]:
            return None  # the record belongs to another row, which is back in the list
        return decisions.duplicate(send, state)

    def _by_same_today(self, send: Send, *, is_last_chance: bool) -> Outcome | Postponed | None:
        """Recognise a row that equals one with a record by today's mapping."""
        if self._policy.numbers_equal_rows:
            return None
        base = self.records.same_today(send.key)
        state = self._keys.find(base) if base is not None else None
        if base is None or state is None or not state.is_created:
            return None
        held = self.doubts.check_duplicate(send, base, is_last_chance=is_last_chance)
        return held or decisions.duplicate(send, state)

    def _by_earlier_mapping(
        self,
        send: Send,
        forms: Sequence[EarlierForm],
        today: Collection[str],
        tied: set[str],
        *,
        is_last_chance: bool,
    ) -> Decision | None:
        """
        Recognise a row by the key it had under the mapping of an earlier run.

        If the record belongs to another row, this row is decided about at the end: it is a
        duplicate only if both rows are the same record today, which the `wanted` rows show.
        `tied` collects the keys that only an earlier mapping connects with this row. A row that was
        sent itself, without a clear answer, does not take the record of another row.
        """
        other_content: list[tuple[str, KeyState]] = []
        has_own = self.doubts.has_own_request(send, today)
        # Rows that can only have these keys come before one that has a request of its own.
        waits = not is_last_chance and self.doubts.has_unclear_key(today)
        for form in forms:
            family = self.records.family(form.key)
            tied |= family.bases
            may_wait = not (is_last_chance or self._policy.numbers_equal_rows)
            if may_wait and self._belongs_to_others(form, family):
                return self._wait_for_owners(send, forms)
            for base, state in self.records.left(family):
                may_hold = state.is_unclear and not (has_own or base in today)
                is_open = may_hold and not self.doubts.is_superseded(today, base)
                owners = self.records.owners(base, state, send) if state.is_created else []
                is_free = state.is_created and not (has_own or owners)
                if (waits and (is_open or is_free)) or (may_wait and owners):
                    self.wanted.update(owners)
                    return Postponed(waits_for_others=True)
                held = self.doubts.hold_back(send, base, state) if is_open else None
                if held is not None:
                    return held
                if not is_free:
                    continue
                if state.row_hash in {None, form.row_hash}:
                    return self.records.recognised(send, base)
                other_content.append((base, state))
        bases = [base for base, _ in other_content]
        if bases and (same := self.candidates.first_that_means_the_same(send, forms, bases)):
            return self.records.recognised(send, same)
        return self._with_other_content(send, other_content, is_last_chance=is_last_chance)

    def _wait_for_owners(self, send: Send, forms: Sequence[EarlierForm]) -> Postponed:
        """Decide about a row later. All rows are wanted that have a record which it might take."""
        for form in forms:
            self._belongs_to_others(form, self.records.family(form.key))
        for one in self.candidates.find(send):
            if one.state.is_created and one.means_the_same:
                self.wanted.update(self.records.owners(one.base, one.state, send))
        return Postponed(waits_for_others=True)

    def give(self, send: Send, same: str, *, is_last_chance: bool) -> Decision:
        """Give the record `same` to one of equal rows; those come first that have no other one."""
        counts = self._policy.numbers_equal_rows
        if counts and not is_last_chance and self._has_another_record(send, same):
            return Postponed(waits_for_others=True)
        return self.records.recognised(send, same)

    def _has_another_record(self, send: Send, same: str) -> bool:
        """Return whether an earlier mapping gives a row its own record, which is not `same`."""
        return any(
            state.is_created and state.row_hash == form.row_hash and base != same
            for form in self.doubts.forms(send.record.row)
            for base, state in self.records.left(self.records.family(form.key))
            if self.records.is_free(base, state, send)
        )

    def _with_other_content(
        self, send: Send, found: Sequence[tuple[str, KeyState]], *, is_last_chance: bool
    ) -> Decision | None:
        """Decide about a row that only an earlier identity connects with records."""
        if found and not is_last_chance:  # rows with the content of the records have them first
            return self.candidates.after_others(send, [base for base, _ in found])
        for base, state in found[:1]:
            self.records.take(send, base)
            if self._policy.on_change == "report":
                self.records.note_same_today(send.key, base)  # for rows with the same content
                return decisions.changed(send, state)
        return None

    def _belongs_to_others(self, form: EarlierForm, family: Family) -> bool:
        """Return whether rows of the list have some of these records; they are `wanted` then."""
        first = form.key(1)
        if first in self._have_owners:
            return self._have_owners[first]
        owners = {
            owner
            for base, state in self.records.left(family)
            if state.is_created
            for owner in self.records.owners(base, state)
        }
        self.wanted |= owners
        if len(family.bases) > 1:  # each of thousands of equal rows would look at all of them
            self._have_owners[first] = bool(owners)
        return bool(owners)

    def _by_earlier_meaning(
        self,
        send: Send,
        forms: Sequence[EarlierForm],
        today: Collection[str],
        tied: set[str],
        *,
        is_last_chance: bool,
    ) -> Decision | None:
        """
        Recognise a row whose values meant, by an earlier mapping, the same as a record's.

        If the record belongs to another row, this one waits for it, as with an earlier key. A row
        that was sent itself, without a clear answer, does not take the record of another row.
        """
        if self.doubts.has_own_request(send, today):
            return None
        for form in forms:
            for base, state in self.candidates.meant_the_same(form):
                if self.records.is_free(base, state, send):
                    return self.records.recognised(send, base)
                tied.add(base)
                if not is_last_chance and not self._policy.numbers_equal_rows:
                    self.wanted.update(self.records.owners(base, state, send))
                    return self._wait_for_owners(send, forms)
        return None

    def _by_marks(
        self,
        send: Send,
        today: Collection[str],
        tied: set[str],
        *,
        by_contacts: bool,
        is_last_chance: bool,
    ) -> Decision | None:
        """Recognise a row by what its values mean, then by its contact details."""
        has_unclear_key = self.doubts.has_unclear_key(today)
        found = [
            one
            for one in self.candidates.find(send)
            if one.state.is_created or not (has_unclear_key or one.base in today)
        ]
        same = [(one.base, one.state) for one in found if self.candidates.means_today(send, one)]
        decision = self._by_meaning(send, same, is_last_chance=is_last_chance)
        if decision is None and self._policy.numbers_equal_rows:
            found = [one for one in found if one.base not in today]  # rows with its key are others
            if any(state.is_created for _, state in same):
                decision = self._by_equal_row(send, found, is_last_chance=is_last_chance)
                by_contacts = False
        if decision is not None:
            return decision
        if by_contacts:
            return self._by_contacts(send, tied, found, is_last_chance=is_last_chance)
        if has_unclear_key:
            return None
        return self.doubts.check_similar(send, today, is_last_chance=is_last_chance)

    def _by_equal_row(
        self, send: Send, found: Sequence[Candidate], *, is_last_chance: bool
    ) -> Decision | None:
        """
        Recognise a row by a free record that was made of the content of another row of the list.

        The other row, which has a record of its own, shows whether both are the same today.
        """
        left = self.candidates.free(send, found)
        if left and not is_last_chance:
            self.wanted.update(*(self.records.rows_alike(one.state.source_hash) for one in left))
            return Postponed(waits_for_others=True)
        for one in left:
            if self.records.is_like_another(send, one.state.source_hash):
                return self.records.recognised(send, one.base)
        return None

    def _by_meaning(
        self, send: Send, same: Sequence[tuple[str, KeyState]], *, is_last_chance: bool
    ) -> Decision | None:
        created = [(base, state) for base, state in same if state.is_created]
        for base, state in created:
            if self.records.is_free(base, state, send):
                return self.records.recognised(send, base)
        for base, state in same:
            if not self.records.is_claimed(base):
                held = self.doubts.hold_back(send, base, state)
                if held is not None:
                    return held
        for base, state in () if self._policy.numbers_equal_rows else created:
            same_as = self.duplicate_of(send, base, state, is_last_chance=is_last_chance)
            if same_as is not None:
                return same_as
        return None

    def _by_contacts(
        self, send: Send, tied: set[str], found: Sequence[Candidate], *, is_last_chance: bool
    ) -> Outcome | Postponed | None:
        sends, is_one = self._policy.on_change == "send", len(found) == 1
        for one in self.candidates.free_first(send, found):
            if sends if one.state.is_created else not self.doubts.holds(one.state):
                continue
            # An earlier mapping may have left out fields: today's marks say more.
            as_today = self.candidates.as_today(send, one)
            if one.base in tied and as_today is None and not self._tells(one):
                continue
            close = as_today or one
            if not is_last_chance and self.candidates.depends_on_others(close, is_one=is_one):
                return Postponed(waits_for_others=True, is_unlike=True)
            if self.candidates.resembles(send, close):
                return self._held_back(send, one.base, one.state)
        other = self.elsewhere.find(send) if self.elsewhere is not None and not sends else None
        if other is None:
            return None
        return decisions.made_elsewhere(send, other.results, other.record)

    def _tells(self, found: Candidate) -> bool:
        """Return whether a record's own marks say enough where its row cannot be looked up."""
        is_apart = self.records.is_part and not self._policy.numbers_equal_rows
        return is_apart and found.state.is_created and found.marks.is_as_telling_as(found.row)

    def _held_back(self, send: Send, base: str, state: KeyState) -> Outcome:
        if state.is_created:
            return decisions.resembles(send, state)
        return self.doubts.report(send, base, state)
