"""What the matcher asks about the rows of the list that it does not match itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from importer.matching.open_rows import Candidate, OpenRow
from importer.writer.state.journal_state import Version


class ListRows(Protocol):
    """Answers the matcher's questions about the list: most rows are settled without it."""

    @property
    def rows(self) -> int:
        """How many rows the list has."""

    @property
    def known(self) -> int:
        """How many of them are known by their content."""

    def is_held(self, base: str) -> bool:
        """Return whether a row that need not be matched has the record of a key."""

    def rows_of(self, bases: Collection[str]) -> Mapping[str, OpenRow]:
        """Return the rows that are known by their content and have these records, by their keys."""

    def is_other_row(self, row: OpenRow, candidate: Candidate) -> bool:
        """Return whether a row of a derived file was in the list beside the row of a record."""

    def has_row_of(self, version: Version) -> bool:
        """Return whether the list has the row of a version, unchanged."""
