"""Knows which record belongs to which row of the list."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from importer.marks import Marks
from importer.records import AlreadyCreated, Known, RowIdentity, Send
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.on_record import OnRecord
from importer.writer.ledger.settled import SettledRows

__all__ = ["Family", "ListHashes", "Ownership"]

ListHashes = Callable[[], Iterable[Sequence[str]]]
"""Returns the source hashes of all rows of the list, in batches."""

_HANDFUL = 10
_FEW = 8
"""Up to this many keys of equal rows are computed anew for each row, which saves memory."""


@dataclass(slots=True)
class Family:
    """The keys of equal rows that are on record; `left` are those that may still be free."""

    bases: set[str] = field(default_factory=set)
    left: deque[str] = field(default_factory=deque)


class Ownership:
    """
    Gives records to rows, each to one row at most.

    The row that a record was created from comes first, so the list is searched for that row before
    the record is given to another one.
    """

    def __init__(self, on_record: OnRecord) -> None:
        self.is_part = False
        self.is_same_list = False
        self._list_hashes: ListHashes = tuple
        self._on_record = on_record
        self._keys = on_record.keys
        self._claimed: set[str] = set()
        self._held_for: dict[str, tuple[str, str]] = {}
        self._may_hold_another: set[str] = set()
        self._has_looked = False
        self._same_today: dict[str, str] = {}
        self._owner_marks: dict[str, Marks] = {}
        self._key_today: dict[str, str] = {}
        self._alike: dict[str, set[str]] = {}
        self._heirs: dict[str, dict[str, str]] = {}
        self._inherited: dict[str, str] = {}
        self._today: dict[str, list[tuple[str, Marks | None]]] = {}
        self._families: dict[str, Family] = {}
        self._recognised: set[str] = set()
        self._counted: tuple[int, int] | None = None

    def set_list(self, hashes: ListHashes, *, is_same_list: bool, is_part: bool) -> None:
        """Set the list, before the first row; the rest are those of `Ledger.recognise_by`."""
        self.is_part = is_part
        self.is_same_list = is_same_list
        self._list_hashes = hashes

    def claim(self, *bases: str) -> None:
        """Note that a row of this run has taken these keys, or their records."""
        self._claimed.update(bases)

    def is_claimed(self, base: str) -> bool:
        """Return whether a row of this run has taken this key, or its record."""
        return base in self._claimed

    def claim_in_doubt(self, send: Send, base: str, state: KeyState) -> None:
        """Note that a row is held back because of a request, which may be that of another row."""
        if state.source_hash != send.source_hash and base not in self._claimed:
            self._held_for[base] = send.source_hash, send.key
        self._may_hold_another.discard(base)
        self.claim(base)

    def claim_beside(self, send: Send, state: KeyState) -> None:
        """
        Note that a row with this key is held back because of a request with another one.

        If another row was sent with its key, that request may hold back one more row.
        """
        if send.key not in self._claimed:
            self.claim_in_doubt(send, send.key, state)
            if state.is_unclear and send.key in self._held_for:
                self._may_hold_another.add(send.key)

    def may_be_held_for(self, base: str, send: Send) -> bool:
        """
        Return whether a row may be held back because of a request.

        Several rows may that it was not made for, but of equal rows only one.
        """
        if base not in self._claimed:
            return True
        return base in self._held_for and self._held_for[base][0] != send.source_hash

    def release_own(self, send: Send) -> None:
        """
        Let a row have its own requests for which rows before it were held back.

        These are requests for a row with its content, and the one with its key today, unless the
        row before it has the same key.
        """
        for base in (*self._keys.sent_keys(send.source_hash), send.key) if self._held_for else ():
            state = self._keys.find(base)
            if state is None or not state.is_unclear or base not in self._held_for:
                continue
            _, key = self._held_for[base]
            if state.source_hash == send.source_hash or (base == send.key and key != base):
                del self._held_for[base]
                self._claimed.discard(base)
                self._may_hold_another.discard(base)

    def is_free(self, base: str, state: KeyState, send: Send | None = None) -> bool:
        """Return whether this record belongs to no row of the list other than `send`."""
        return base not in self._claimed and not self.owners(base, state, send)

    def first_free(self, bases: Iterable[str]) -> str | None:
        """Return the first of these keys whose record belongs to no row of the list."""
        states = ((base, self._keys.find(base)) for base in bases)
        return next((base for base, one in states if one and self.is_free(base, one)), None)

    def corrected(self, state: KeyState) -> str | None:
        """
        Return the key of a record that a correction of the row of `state` made, if it is free.

        The requests of the row itself have made none, or may have made one.
        """
        base = None
        if state.is_refused:
            base = self._on_record.created_key(state.source_hash)
        elif state.is_unclear and state.source_hash:
            base = self._on_record.record_of(state.source_hash, state.occurrence)
            made = self._keys.find(base) if base is not None else None
            base = base if made is not None and made.corrected is not None else None
        return None if base is None else self.first_free([base])

    def is_gone(self, base: str, state: KeyState, send: Send) -> bool:
        """Return whether the row of a record is gone from a list that is still in use."""
        if not self.is_free(base, state, send):
            return False
        return self.is_same_list or self._is_in_use()

    def _is_in_use(self) -> bool:
        """
        Return whether the list has at least half of the records, as far as rows were decided about.

        A handful of records proves nothing: then this is True.
        """
        if self._counted is None:
            self._counted = self._on_record.count_records()
        records, present = self._counted
        return records <= _HANDFUL or 2 * (present + len(self._recognised)) >= records

    def owners(self, base: str, state: KeyState, send: Send | None = None) -> list[str]:
        """
        Return the hashes of rows in the list that this record was created from or belongs to.

        If there is none, its duplicates in the list have it before the row `send`, except those
        that are the same record as that row today.
        """
        if self.is_part:
            return [state.source_hash]
        settled = self._look_ahead()
        rows = self._on_record.rows_of(base, state)
        owners = [one for one, nth in rows if settled.is_present(one, nth)]
        if owners or send is None or self._is_same_today(send, base):
            return owners
        return [one for key, one in self._heirs_of(base, state).items() if key != send.key]

    def _heirs_of(self, base: str, state: KeyState) -> dict[str, str]:
        """Return, by their keys today, rows in the list that were duplicates of a record."""
        heirs = self._heirs.get(base)
        if heirs is None:
            settled = self._look_ahead()
            duplicates = self._on_record.duplicates_of(state)
            heirs = {key: one for one, key in duplicates if settled.is_any_present(one)}
            self._heirs[base] = heirs
            self._inherited.update(dict.fromkeys(heirs.values(), base))
        return heirs

    def rows_alike(self, source_hash: str) -> set[str]:
        """Return the hashes of rows in the list with this content, or with a record made of it."""
        alike = self._alike.get(source_hash)
        if alike is None:
            alike = {source_hash} if self._is_in_list(source_hash) else set()
            for base in self._on_record.records_of(source_hash):
                if (state := self._keys.find(base)) is not None:
                    alike.update(self.owners(base, state))
            self._alike[source_hash] = alike
        return alike

    def is_like_another(self, send: Send, source_hash: str) -> bool:
        """Return whether a row is the same record today as one that `rows_alike` is about."""
        made_of = self._on_record.records_of(source_hash)
        return any(self._is_same_today(send, base) for base in made_of) or any(
            self._key_today.get(one) == send.key for one in self.rows_alike(source_hash)
        )

    def _is_in_list(self, source_hash: str) -> bool:
        settled = self._look_ahead()
        return settled.is_any_present(source_hash) or settled.is_present(source_hash, 1)

    def _look_ahead(self) -> SettledRows:
        settled = self._on_record.settled
        if not self._has_looked:
            self._has_looked = True
            settled.look_ahead(self._list_hashes())
        return settled

    def note_owner(self, owner: Send) -> None:
        """Note how a `wanted` row, which has a record or inherits one, is mapped today."""
        created = self._on_record.created_key(owner.source_hash)
        base = created or self._inherited.get(owner.source_hash)
        self._key_today[owner.source_hash] = owner.key
        if base is not None and not self._is_of_row_before(owner.source_hash, created):
            self._same_today[owner.key] = base
            self._note_today(owner, base)
            if owner.marks is not None:
                self._owner_marks[base] = owner.marks

    def _is_of_row_before(self, source_hash: str, base: str | None) -> bool:
        """Return whether the record of a row belongs to another one, which is back in the list."""
        state = None if base is None or self.is_part else self._keys.find(base)
        owners = [] if base is None or state is None else self.owners(base, state)
        return bool(owners) and owners[0] != source_hash

    def take(self, send: Send, base: str) -> None:
        """Give a record to a row of this run."""
        self.claim(base)
        if send.key != base:
            self._note_today(send, base)

    def _note_today(self, send: Send, base: str) -> None:
        self._today.setdefault(base, []).append((send.key, send.marks))

    def is_of_another(self, send: Send, base: str) -> bool:
        """
        Return whether a record belongs to a row that is not the same record as this one today.

        Only an earlier mapping took the two for one.
        """
        return base in self._today and not self._is_same_today(send, base)

    def _is_same_today(self, send: Send, base: str) -> bool:
        """Return whether a row that a record belongs to is known, and is the same as this one."""
        return any(
            key == send.key or (marks and send.marks and marks.meaning == send.marks.meaning)
            for key, marks in self._today.get(base, [])
        )

    def note_same_today(self, key: str, base: str) -> None:
        """Note that rows with the key `key` today are duplicates of the record of `base`."""
        self._same_today[key] = base

    def same_today(self, key: str) -> str | None:
        """Return the key of the record that rows with this key today are duplicates of, or None."""
        return self._same_today.get(key)

    def owner_marks(self, base: str) -> Marks | None:
        """Return the marks, with today's mapping, of the row that a record belongs to, if known."""
        return self._owner_marks.get(base)

    def family(self, key: Callable[[int], str]) -> Family:
        """Return the keys of equal rows on record; `key` returns the key with a number, from 1."""
        first = key(1)
        family = self._families.get(first) or Family()
        number = len(family.bases) + 1
        while self._keys.find(base := key(number)) is not None:
            family.bases.add(base)
            family.left.append(base)
            number += 1
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

        A key that is claimed or taken stays so, unless it is given back, and is dropped: otherwise
        each of thousands of equal rows would be compared with all the others. A claimed key that
        may hold back one more row (`claim_beside`) is yielded.
        """
        at = 0
        while at < len(family.left):
            base = family.left[at]
            state = self._keys.find(base)
            is_open = base in self._may_hold_another
            if base in self._held_for and not is_open:
                at += 1
            elif state is None or (base in self._claimed and not is_open) or is_taken(base, state):
                del family.left[at]
            else:
                yield base, state
                at += 1

    def recognised(self, send: Send, base: str) -> AlreadyCreated:
        """Give the record of a key to a row; later runs recognise the row by its content."""
        self._same_today[send.key] = base
        if send.key != base:
            self._note_today(send, base)
        row = RowIdentity(send.source_hash, send.occurrence)
        return self.known(row, base, send.record.row.number)

    def known(self, row: RowIdentity, base: str, number: int) -> AlreadyCreated:
        """Give the record of a key to the row with this number."""
        self.claim(base)
        self._recognised.add(base)
        known = Known(
            source_hash=row.source_hash,
            occurrence=row.occurrence,
            idempotency_key=base,
            row=number,
        )
        return AlreadyCreated(known=known)
