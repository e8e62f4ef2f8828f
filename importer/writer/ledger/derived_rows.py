"""Finds the rows of a list that the rows of its derived files are."""

from __future__ import annotations

from importer.records import RowIdentity
from importer.row_marks import RowRef
from importer.writer.ledger.on_record import OnRecord

__all__ = ["DerivedRows"]


class DerivedRows:
    """Identifies each row of derived files with at most one row of the list."""

    def __init__(self, on_record: OnRecord) -> None:
        self._on_record = on_record
        self._named: set[tuple[str, int]] = set()

    def identify(self, source_hash: str, occurrence: int, ref: RowRef | None) -> RowIdentity | None:
        """
        Return the identity of a row of a derived file, or None if there is nothing to do.

        It is the row that its `ref` names, corrected or not, unless that row has a record already,
        or an earlier row of this run was identified with it, as when somebody has copied a row to
        make two people of one. In these cases it is a row of its own. `occurrence` is what
        `Ledger.see` has returned for its content.
        """
        settled = self._on_record.settled
        own = source_hash, occurrence
        was = own if ref is None else (ref.source_hash, ref.occurrence)
        is_corrected = was[0] != source_hash
        has_record = settled.holds(*was)
        if (
            is_corrected
            and has_record
            and (settled.holds(*own) or self._is_as_sent(source_hash, was))
        ):
            return None
        if ref is None or was in self._named:
            return None if settled.holds(*own) else RowIdentity(*own)
        self._named.add(was)
        if not has_record:
            return RowIdentity(*was, corrected=source_hash if is_corrected else None)
        return RowIdentity(*own, made_as=was) if is_corrected else None

    def is_edited_copy(self, source_hash: str, ref: RowRef | None) -> bool:
        """
        Return whether a row with a record is a copy of one before it that somebody has edited.

        Such a copy is somebody else, and not the one who has the record.
        """
        if ref is None:
            return False
        was = ref.source_hash, ref.occurrence
        is_copy = was in self._named
        self._named.add(was)
        return is_copy and source_hash != ref.source_hash

    def _is_as_sent(self, source_hash: str, was: tuple[str, int]) -> bool:
        """Return whether a corrected row has the content that its record was created with."""
        base = self._on_record.record_of(*was)
        state = None if base is None else self._on_record.keys.find(base)
        return state is None or state.corrected == source_hash
