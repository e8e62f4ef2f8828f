"""Finds the records, and the requests without a clear answer, that share a mark with a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from importer.marks import Marks
from importer.records import Send
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.on_record import OnRecord
from importer.writer.ledger.ownership import Ownership
from importer.writer.ledger.protocols import EarlierForm, MarksOnRecord

__all__ = ["Candidates"]


class Candidates:
    """What earlier runs made or asked for, found by its marks; without `marks` nothing is found."""

    def __init__(self, on_record: OnRecord, records: Ownership) -> None:
        self.marks: MarksOnRecord | None = None
        self._on_record = on_record
        self._records = records

    def find(self, send: Send) -> list[tuple[str, KeyState, Marks]]:
        """Return the key, the state and the marks of each that shares a mark with a row."""
        if self.marks is None or send.marks is None:
            return []
        return [
            (base, state, marks)
            for base, marks in self.marks.find(send.marks)
            if (state := self._on_record.keys.find(base)) is not None
            and (state.is_created or state.is_unclear)
            and not state.this_run
        ]

    def means(self, send: Send, base: str, marks: Marks) -> bool:
        """Return whether a row means the same as a record, or as the row of the record today."""
        owner = self._records.owner_marks(base) or marks
        return send.marks is not None and send.marks.meaning in {marks.meaning, owner.meaning}

    def means_the_same(self, send: Send, base: str) -> bool:
        """Return whether the values of a row mean the same as those of the record of a key."""
        return any(
            found == base and send.marks is not None and marks.meaning == send.marks.meaning
            for found, _, marks in self.find(send)
        )

    def meant_the_same(self, send: Send, form: EarlierForm) -> list[tuple[str, KeyState]]:
        """Return the records whose values mean the same as a row's did by an earlier mapping."""
        record = form.record
        marks = self._on_record.marker.marks(record.object, record.fields, record.identity)
        return [
            (base, state)
            for base, state, found in self.find(replace(send, marks=marks))
            if state.is_created and found.meaning == marks.meaning
        ]

    def first_that_means_the_same(
        self, send: Send, forms: Sequence[EarlierForm], bases: Sequence[str]
    ) -> str | None:
        """Return the first of some records' keys that a row means the same as, by any mapping."""
        then = {base for form in forms for base, _ in self.meant_the_same(send, form)}
        return next((one for one in bases if one in then or self.means_the_same(send, one)), None)
