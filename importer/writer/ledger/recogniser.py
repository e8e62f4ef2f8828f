"""
Recognises rows without a known key: by a copy, by earlier mappings, or by their marks.

`docs/reliability.md` has the rules, in the same order.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from importer.marks import Marks
from importer.records import AlreadyCreated, Decision, Known, Outcome, Postponed, Send, Status
from importer.writer.ledger import decisions
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.on_record import OnRecord
from importer.writer.ledger.policy import Policy
from importer.writer.ledger.recognition import EarlierMappings, MarksOnRecord, OtherResults

__all__ = ["Family", "ListHashes", "Recogniser"]

ListHashes = Callable[[], Iterable[Sequence[str]]]
"""Returns the source hashes of all rows of the list, in batches."""

_FEW = 8
"""So many keys of equal rows are made once more for each row; to keep them would take memory."""


@dataclass(slots=True)
class Family:
    """The keys of equal rows that are on record; `left` are those that may still be free."""

    bases: set[str] = field(default_factory=set)
    left: deque[str] = field(default_factory=deque)


class Recogniser:
    """
    Knows which record belongs to which row.

    Each record belongs to one row at most. The row that it was created from comes first, so the
    list is searched for that row before the record is given to another one.
    """

    def __init__(self, policy: Policy, on_record: OnRecord) -> None:
        self.earlier: EarlierMappings | None = None
        self.marks: MarksOnRecord | None = None
        self.elsewhere: OtherResults | None = None
        self.list_hashes: ListHashes = tuple
        self.is_same_list = False
        self.is_part = False
        self.wanted: set[str] = set()
        self._policy = policy
        self._on_record = on_record
        self._keys = on_record.keys
        self._claimed: set[str] = set()
        self._has_looked = False
        self._same_today: dict[str, str] = {}
        self._families: dict[str, Family] = {}

    @property
    def _resends(self) -> bool:
        return self._policy.resend_unknown

    # Which records are taken

    def claim(self, *bases: str) -> None:
        """Note that a row of this run has these keys, or their records."""
        self._claimed.update(bases)

    def is_claimed(self, base: str) -> bool:
        """Return whether a row of this run has this key so far, or its record."""
        return base in self._claimed

    def is_free(self, base: str, state: KeyState) -> bool:
        """Return whether no row of the list has this record, by its content or by a decision."""
        return base not in self._claimed and not self._owners(base, state)

    def _is_gone(self, base: str, state: KeyState) -> bool:
        """Return whether the row of a record is gone from a list that is still in use."""
        if not self.is_free(base, state):
            return False
        return self.is_same_list or self._on_record.settled.has_most()

    def _owners(self, base: str, state: KeyState) -> list[str]:
        """Return the source hashes in the list that this record was created from or known by."""
        if self.is_part:
            return [state.source_hash]
        if not self._has_looked:
            self._has_looked = True
            self._on_record.settled.look_ahead(self.list_hashes())
        settled = self._on_record.settled
        rows = self._on_record.rows_of(base, state)
        return [one for one, nth in rows if settled.is_present(one, nth)]

    def note_owner(self, source_hash: str, today: str) -> None:
        """Note the current key of a `wanted` row, whose record is known by its content."""
        base = self._on_record.created_key(source_hash)
        if base is not None:
            self._same_today[today] = base

    def family(self, key: Callable[[int], str]) -> Family:
        """Return the keys of equal rows that are on record; `key` makes them from their numbers."""
        first = key(1)
        family = self._families.get(first) or Family()
        while self._keys.find(base := key(len(family.bases) + 1)) is not None:
            family.bases.add(base)
            family.left.append(base)
        if len(family.bases) > _FEW:
            self._families[first] = family
        return family

    def left(
        self,
        family: Family,
        is_taken: Callable[[str, KeyState], bool] = lambda _base, _state: False,
    ) -> Iterator[tuple[str, KeyState]]:
        """
        Yield the keys of equal rows that no row of this run has, in their order.

        A key that is claimed or taken stays so, and is not looked at again: otherwise each of
        thousands of equal rows would be compared with all of them.
        """
        at = 0
        while at < len(family.left):
            base = family.left[at]
            state = self._keys.find(base)
            if state is None or base in self._claimed or is_taken(base, state):
                del family.left[at]
            else:
                yield base, state
                at += 1

    def recognised(self, send: Send, base: str) -> AlreadyCreated:
        """Give the record of a key to a row, which is recognised by its content from now on."""
        self.claim(base)
        self._same_today[send.key] = base
        known = Known(
            source_hash=send.source_hash,
            occurrence=send.occurrence,
            idempotency_key=base,
            row=send.record.row.number,
        )
        return AlreadyCreated(known=known)

    def duplicate(self, send: Send, state: KeyState) -> Outcome:
        """Return the outcome of a row that is the same record as one that was created or sent."""
        outcome = send.outcome(
            Status.DUPLICATE,
            duplicate_of=state.row if state.this_run else None,
            differs=state.row_hash is not None and state.row_hash != send.row_hash,
        )
        return decisions.duplicate_outcome(outcome, state)

    # Recognition, in this order

    def recognise(
        self, send: Send, today: Collection[str], *, is_last_chance: bool, by_contacts: bool
    ) -> Decision | None:
        """
        Recognise a row by anything but its content and the keys of `today`.

        Returns None if it is new. Without `by_contacts`, contact details are not compared, since
        the row is known to be another one.
        """
        tied: set[str] = set()
        return (
            self._by_copy(send)
            or self._unclear_before(send, today)
            or self._by_earlier_mapping(send, today, tied, is_last_chance=is_last_chance)
            or self._by_marks(send, today, tied, by_contacts=by_contacts)
        )

    def _by_copy(self, send: Send) -> Outcome | None:
        """Recognise a row that equals a created one, by any mapping or by the current one."""
        if self._policy.numbers_equal_rows:
            return None
        base = self._same_today.get(send.key)
        is_copy = base is None and send.occurrence > 1
        if is_copy:
            base = self._on_record.created_key(send.source_hash)
        state = self._keys.find(base) if base is not None else None
        if base is None or state is None or not state.is_created:
            return None
        if is_copy and self._owners(base, state)[:1] != [send.source_hash]:
            return None  # the record belongs to another row, which is back in the list
        return self.duplicate(send, state)

    def _unclear_before(self, send: Send, today: Collection[str]) -> Outcome | None:
        """
        Return the outcome of a row that may have been created with a key that it had before.

        The mapping or the row has changed after a request without a clear answer: with its new key
        it might become a second record.
        """
        for base in self._keys.sent_keys(send.source_hash):
            state = self._keys.find(base)
            if state is None or base in today or base in self._claimed:
                continue
            if (held := self._in_doubt(send, base, state)) is not None:
                return held
        return None

    def _in_doubt(self, send: Send, base: str, state: KeyState) -> Outcome | None:
        """Return the outcome of a row in the place of a request without a clear answer."""
        if not state.is_unclear or self._resends:
            return None
        self.claim(base, send.key)  # rows with the same content are now its duplicates
        if self._keys.find(send.key) is None:
            held = KeyState(row=send.record.row.number, row_hash=send.row_hash, this_run=True)
            self._keys.begin(send.key, held)
        is_edited = bool(state.source_hash) and state.source_hash != send.source_hash
        held_back = decisions.edited if is_edited else decisions.mapped_anew
        return held_back(replace(send, key=state.key(base)), state.sent_at)

    def _by_earlier_mapping(
        self, send: Send, today: Collection[str], tied: set[str], *, is_last_chance: bool
    ) -> Decision | None:
        """
        Recognise a row by the key it had under the mapping of an earlier run.

        If the record belongs to another row, this row is decided about again: it is a duplicate
        only if both rows are the same record today, which the `wanted` rows show. Such records are
        `tied` to the row by a mapping that is not used any more.
        """
        other_content: list[tuple[str, KeyState]] = []
        for form in self.earlier.forms(send.record.row) if self.earlier is not None else ():
            family = self.family(form.key)
            tied |= family.bases
            for base, state in self.left(family):
                if state.is_refused:
                    continue
                unclear = None if base in today else self._in_doubt(send, base, state)
                if unclear is not None:
                    return unclear
                if not state.is_created:
                    continue
                owners = self._owners(base, state)
                if not owners and state.row_hash in {None, form.row_hash}:
                    return self.recognised(send, base)
                if not owners:
                    other_content.append((base, state))
                elif not is_last_chance and not self._policy.numbers_equal_rows:
                    self.wanted.update(owners)
                    return Postponed(waits_for_others=True)
        for base, state in other_content[:1]:
            self.claim(base)
            if self._policy.on_change == "report":
                self._same_today[send.key] = base  # rows with the same content are its duplicates
                return decisions.changed(send, None, state)
        return None

    def _by_marks(
        self, send: Send, today: Collection[str], tied: set[str], *, by_contacts: bool
    ) -> Decision | None:
        """Recognise a row by what its values mean, then by its contact details."""
        found = [
            (base, state, marks)
            for base, state, marks in self._candidates(send)
            if state.is_created or base not in today
        ]
        same = [
            (base, state)
            for base, state, marks in found
            if send.marks is not None and marks.meaning == send.marks.meaning
        ]
        decision = self._by_meaning(send, same)
        is_counted = self._policy.numbers_equal_rows and any(state.is_created for _, state in same)
        if decision is not None or is_counted or not by_contacts:
            return decision
        return self._by_contacts(send, tied, found)

    def _by_meaning(self, send: Send, same: Sequence[tuple[str, KeyState]]) -> Decision | None:
        created = [(base, state) for base, state in same if state.is_created]
        for base, state in created:
            if self.is_free(base, state):
                return self.recognised(send, base)
        for base, state in same:
            if not state.is_created and not self.is_claimed(base) and not self._resends:
                self.claim(base)
                return self._held_back(send, base, state)
        if created and not self._policy.numbers_equal_rows:
            return self.duplicate(send, created[0][1])
        return None

    def _by_contacts(
        self, send: Send, tied: set[str], found: Sequence[tuple[str, KeyState, Marks]]
    ) -> Outcome | None:
        if self._policy.on_change == "send":
            return None
        for base, state, marks in found:
            if base not in tied and self._resembles(send, base, state, marks):
                return self._held_back(send, base, state)
        other = self.elsewhere.find(send) if self.elsewhere is not None else None
        if other is None:
            return None
        return decisions.made_elsewhere(send, other.results, other.record)

    def means_the_same(self, send: Send, base: str) -> bool:
        """Return whether the values of a row mean the same as those of the record of a key."""
        return any(
            found == base and send.marks is not None and marks.meaning == send.marks.meaning
            for found, _, marks in self._candidates(send)
        )

    def lookalike(self, send: Send) -> KeyState | None:
        """Return a record whose values mean the same as this row's, or that it may be."""
        for _, state, marks in self._candidates(send):
            if not state.is_created or send.marks is None:
                continue
            is_same = marks.meaning == send.marks.meaning
            # Whether its row is gone from the other list is not known, so it does not matter.
            if is_same or send.marks.may_be(marks, is_gone=lambda: False):
                return state
        return None

    def _candidates(self, send: Send) -> list[tuple[str, KeyState, Marks]]:
        """Return the records, and the requests without a clear answer, that share a mark."""
        if self.marks is None or send.marks is None:
            return []
        return [
            (base, state, marks)
            for base, marks in self.marks.find(send.marks)
            if (state := self._keys.find(base)) is not None
            and (state.is_created or state.is_unclear)
            and not state.this_run
        ]

    def _resembles(self, send: Send, base: str, state: KeyState, marks: Marks) -> bool:
        if state.is_unclear and self._resends:
            return False
        return send.marks is not None and send.marks.may_be(
            marks, is_gone=lambda: self._is_gone(base, state), is_same_list=self.is_same_list
        )

    def _held_back(self, send: Send, base: str, state: KeyState) -> Outcome:
        if state.is_created:
            return decisions.resembles(send, state)
        return decisions.edited(replace(send, key=state.key(base)), state.sent_at)
