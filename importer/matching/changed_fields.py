"""Finds the fields in which the rows of a list differ from what was sent of their records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import product

from importer.core.records import Record
from importer.matching.field_hashes import FieldChange, FieldHashes
from importer.matching.open_rows import Candidate, OpenRow
from importer.writer.index.match_hash_index import MatchHashIndex
from importer.writer.state.journal_state import JournalState, Version, VersionKind


class ChangedFields:
    """
    Compares rows with the records that they were matched with, field by field.

    `on_record` finds the field hashes that were recorded when a record was sent. `names` are the
    fields of the mapping, to find emptied ones. Records that were sent by a version without field
    hashes cannot be compared.
    """

    def __init__(
        self, state: JournalState, on_record: MatchHashIndex | None, names: Iterable[str]
    ) -> None:
        self._state = state
        self._on_record = on_record
        self._names = tuple(names)
        self._hashers = [FieldHashes(salt) for salt in dict.fromkeys((state.salt, *state.salts))]

    def of(self, row: OpenRow, candidate: Candidate | None) -> Sequence[FieldChange] | None:
        """
        Return the fields that differ from the last version of a record that was sent or accepted.

        Returns None if that version has no field hashes on record. If the mapping has changed
        since, the row is compared as the earlier mapping maps it.
        """
        if candidate is None or not candidate.is_made:
            return None
        dealt_with = self._dealt_with.get(candidate.base)
        run = candidate.state.run if dealt_with is None else None
        earlier = (one for one in row.earlier if self._state.history.mapped_in(run, one.mapping))
        forms = [row.today, *earlier]
        sent = candidate.state.row_hash
        if dealt_with is None and sent in {one.row_hash for one in forms}:
            return ()
        if not (then := self._last(row, candidate)):
            return None
        return min((self._changes(then, one.record) for one in forms), key=len)

    def are_none(self, row: OpenRow, record: Candidate) -> bool:
        """Return whether it is known that no field that is sent today differs from a record."""
        if not (then := self._last(row, record)):
            return False
        return not self._changes(then, row.record)

    def _changes(self, then: str, record: Record) -> list[FieldChange]:
        hasher = max(self._hashers, key=lambda one: one.knows(then, self._names))
        return hasher.changes(then, record.fields, self._names)

    def _last(self, row: OpenRow, record: Candidate) -> str | None:
        """Return the field hashes of the last version of a record that was sent or accepted."""
        dealt_with = self._dealt_with.get(record.base)
        return self._sent(row, record) if dealt_with is None else _field_hashes_of(dealt_with)

    def _sent(self, row: OpenRow, candidate: Candidate) -> str | None:
        if self._on_record is None:
            return None
        for salt, form in product(row.salts, row.forms):
            findable = form.hashes(salt).findable()
            found = self._on_record.field_hashes(findable, candidate.base)
            if found is not None:
                return found
        return None

    @cached_property
    def _dealt_with(self) -> dict[str, Version]:
        """The last version of each record that a person has dealt with, by its key."""
        found: dict[str, Version] = {}
        for one in self._state.reported():
            if one.kind is VersionKind.DEALT_WITH and one.base is not None:
                last = found.get(one.base)
                if last is None or last.order < one.order:
                    found[one.base] = one
        return found


def _field_hashes_of(version: Version) -> str | None:
    return None if version.outcome is None else version.outcome.field_hashes
