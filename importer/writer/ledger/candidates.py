"""Finds the records, and the requests without a clear answer, that share a mark with a row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from importer.keys import key_base
from importer.marks import Marks
from importer.records import Postponed, Record, Send
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.on_record import OnRecord
from importer.writer.ledger.ownership import Ownership
from importer.writer.ledger.protocols import EarlierForm, EarlierMappings, MarksOnRecord

__all__ = ["Candidate", "Candidates"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """
    A record, or a request without a clear answer, that shares a mark with a row.

    `base` is its key. `marks` are its own, and `row` are those of the row with the same salt.
    """

    base: str
    state: KeyState
    marks: Marks
    row: Marks

    @property
    def means_the_same(self) -> bool:
        """Whether its values mean the same as those of the row."""
        return self.marks.meaning == self.row.meaning


class Candidates:
    """What earlier runs made or asked for, found by its marks; without `marks` nothing is found."""

    def __init__(self, on_record: OnRecord, records: Ownership) -> None:
        self.marks: MarksOnRecord | None = None
        self._on_record = on_record
        self._records = records

    def find(self, send: Send) -> list[Candidate]:
        """Return what shares a mark with a row."""
        return [] if send.marks is None else self._find(send.record, send.marks)

    def _find(self, record: Record, latest: Marks) -> list[Candidate]:
        return [
            Candidate(base, state, marks, row)
            for row in self._with_each_salt(record, latest)
            for key, marks in self._marked(row)
            if (state := self._on_record.keys.find(base := key_base(key))) is not None
            and (state.is_created or state.is_unclear)
            and not state.this_run
            # All requests with the keys of earlier attempts were clearly refused.
            and state.key(base) == key
        ]

    def _marked(self, row: Marks) -> Iterator[tuple[str, Marks]]:
        """Yield the key and the marks of each request that shares a mark; each key once."""
        seen: set[str] = set()
        for key, source_hash, marks in () if self.marks is None else self.marks.find(row):
            if key in seen or self._on_record.keys.was_made_by_another(key, source_hash):
                continue
            seen.add(key)
            yield key, marks

    def _with_each_salt(self, record: Record, latest: Marks) -> Iterator[Marks]:
        yield latest
        for salt, marker in self._on_record.markers.items():
            if salt != self._on_record.salt:
                yield marker.marks(record.object, record.fields, record.identity)

    def as_today(self, send: Send, found: Candidate) -> Candidate | None:
        """Return one with the marks that the row of its record has today, or None if unknown."""
        owner = self._records.owner_marks(found.base)
        if owner is None or send.marks is None:
            return None
        return replace(found, marks=owner, row=send.marks)

    def resembles(self, send: Send, found: Candidate) -> bool:
        """Return whether a row may be that of a record, or of a request, by its contact details."""
        return found.row.may_be(
            found.marks,
            is_gone=lambda: self._records.is_gone(found.base, found.state, send),
            is_same_list=self._records.is_same_list,
        )

    def depends_on_others(self, found: Candidate, *, is_one: bool = True) -> bool:
        """
        Return whether later rows decide if a row is taken for one with these contact details.

        They may have the record, so that it is not gone; of several, unless this `is_one` alone,
        the row is taken for one that nobody has.
        """
        same, row, marks = self._records.is_same_list, found.row, found.marks
        if not row.may_be(marks, is_gone=lambda: True, is_same_list=same):
            return False
        return not is_one or not row.may_be(marks, is_gone=lambda: False, is_same_list=same)

    def free_first(self, send: Send, found: Sequence[Candidate]) -> Sequence[Candidate]:
        """Return first what belongs to no other row of the list."""
        if len(found) < 2:
            return found
        return sorted(found, key=lambda one: not self._records.is_free(one.base, one.state, send))

    def free(self, send: Send, found: Sequence[Candidate]) -> list[Candidate]:
        """Return the records that belong to no row of the list; of equal rows only the first."""
        free: dict[str, Candidate] = {}
        for one in found:
            is_new = one.state.is_created and one.state.source_hash not in free
            if is_new and self._records.is_free(one.base, one.state, send):
                free[one.state.source_hash] = one
        return [*free.values()]

    def means_today(self, send: Send, found: Candidate) -> bool:
        """Return whether a row means the same as a record, or as the row of the record today."""
        today = self.as_today(send, found)
        return found.means_the_same or (today is not None and today.means_the_same)

    def means_the_same(self, send: Send, base: str) -> bool:
        """Return whether the values of a row mean the same as those of the record of a key."""
        return any(found.base == base and found.means_the_same for found in self.find(send))

    def meant_the_same(self, form: EarlierForm) -> list[tuple[str, KeyState]]:
        """Return the records whose values mean the same as a row's did by an earlier mapping."""
        record = form.record
        marks = self._on_record.marker.marks(record.object, record.fields, record.identity)
        return [
            (found.base, found.state)
            for found in self._find(record, marks)
            if found.state.is_created and found.means_the_same
        ]

    def first_that_means_the_same(
        self, send: Send, forms: Sequence[EarlierForm], bases: Sequence[str]
    ) -> str | None:
        """Return the first of some records' keys that a row means the same as, by any mapping."""
        then = {base for form in forms for base, _ in self.meant_the_same(form)}
        return next((one for one in bases if one in then or self.means_the_same(send, one)), None)

    def after_others(self, send: Send, bases: Sequence[str]) -> Postponed:
        """Postpone a row that only its identity connects with records: who has their name first."""
        has_name = any(
            found.base in bases and found.row.has_name_of(found.marks) for found in self.find(send)
        )
        return Postponed(waits_for_others=True, is_unlike=not has_name)

    def record_of(self, send: Send, earlier: EarlierMappings | None) -> KeyState | None:
        """Return the record that was created from a row, or from one that may be the same."""
        keys = self._on_record.keys
        state = keys.find(self._on_record.created_key(send.source_hash) or send.key)
        if state is not None and state.is_created:
            return state
        record = send.record
        marks = self._on_record.marker.marks(record.object, record.fields, record.identity)
        return self._lookalike(replace(send, marks=marks), earlier)

    def _lookalike(self, send: Send, earlier: EarlierMappings | None) -> KeyState | None:
        """Return a record that was created from this row or a similar one, by any mapping."""
        for form in earlier.forms(send.record.row) if earlier is not None else ():
            keyed = self._records.left(self._records.family(form.key))
            for _, state in (*keyed, *self.meant_the_same(form)):
                if state.is_created:
                    return state
        for one in self.find(send):
            if not one.state.is_created:
                continue
            # Whether its row is gone from the other list is not known: assume that it is not.
            if one.means_the_same or one.row.may_be(one.marks, is_gone=lambda: False):
                return one.state
        return None
