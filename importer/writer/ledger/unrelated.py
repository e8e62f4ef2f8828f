"""Finds the rows of a block that nothing on record is about: they are new."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from importer.writer.ledger.equal_rows import EqualRows
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.on_record import OnRecord
from importer.writer.ledger.protocols import MappedRows
from importer.writer.ledger.recogniser import Recogniser

__all__ = ["UnrelatedRows"]


class UnrelatedRows:
    """
    Finds the rows that `Ledger.decide` sends for the first time, without asking it for each.

    A row can be known by its content, by its key under any mapping, or by a mark. All of these are
    looked up for a block of rows at once; a match may be one by chance. A row without any is new,
    unless another row of the list has its key.
    """

    def __init__(self, on_record: OnRecord, recogniser: Recogniser, equal_rows: EqualRows) -> None:
        self._on_record = on_record
        self._recogniser = recogniser
        self._records = recogniser.records
        self._equal_rows = equal_rows
        self._sent = KeyState(this_run=True, in_flight=True)

    def related(self, hashes: Sequence[str], mapped: Sequence[MappedRows]) -> set[int]:
        """
        Return the places of the rows of a block that something on record may be about.

        `hashes` are the source hashes of all rows of the block. `mapped` are the rows as today's
        mapping maps them, and as each earlier one does.
        """
        found = set(self._known_by_content(hashes))
        for block in mapped:
            is_known = self._on_record.keys.may_have(block.keys)
            found.update(at for at, known in zip(block.places, is_known, strict=True) if known)
        return found | self._known_by_marks(mapped)

    def _known_by_marks(self, mapped: Sequence[MappedRows]) -> set[int]:
        if (on_record := self._recogniser.candidates.marks) is None:
            return set()
        markers = {self._on_record.salt: self._on_record.marker, **self._on_record.markers}
        found = [block.findable(marker) for block in mapped for marker in markers.values()]
        places = chain.from_iterable(places for places, _ in found)
        is_known = on_record.hold([mark for _, marks in found for mark in marks])
        return {at for at, known in zip(places, is_known, strict=True) if known}

    def _known_by_content(self, hashes: Sequence[str]) -> list[int]:
        tried, keys, settled = self._on_record.tried, self._on_record.keys, self._on_record.settled
        created = settled.have_created(hashes)
        return [
            at
            for at, (one, is_created) in enumerate(zip(hashes, created, strict=True))
            if is_created or one in tried or settled.has_added(one) or keys.sent_keys(one)
        ]

    def send(self, key: str, without_case: str | None = None) -> bool | None:
        """
        Decide about a row of the list that is not `related`, in source order.

        `key` is its key. If it has an identity, `without_case` is the key with the addresses of the
        identity in lower case. Returns True if the row is sent, False if it repeats a row that was
        sent in this way, and None if `Ledger.decide` has to be asked.
        """
        state = self._on_record.keys.begun(key)
        if state is self._sent and without_case is None:
            return False
        if state is not None or self._records.same_today(key) is not None:
            return None
        if without_case is not None and self._equal_rows.first_of(key, without_case) is not None:
            return None
        self._on_record.keys.begin(key, self._sent)
        self._records.claim(key)
        return True
