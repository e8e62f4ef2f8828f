"""The rows of a list that need not be matched, and what the matcher asks about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property

from importer.core.records import Record, Row, RowIdentity
from importer.matching.content import ContentMatcher, OpenContent
from importer.matching.open_rows import Candidate, ListRows, OpenRow
from importer.run.job import Job
from importer.run.results_lookup import ResultsLookup
from importer.writer.state.journal_state import JournalState, Version, VersionKind


class SettledRows(ListRows):
    """
    The rows of a list that need not be matched: `content` knows most of them.

    It is given the others with `settle`, `count_rejected` and `keep`.
    """

    def __init__(
        self, job: Job, state: JournalState, lookup: ResultsLookup, content: ContentMatcher
    ) -> None:
        self._job = job
        self._state = state
        self._lookup = lookup
        self._content = content
        self._held: set[str] = set()
        """The keys of the records and requests of rows that `content` does not know."""
        self._rejected = 0
        """How many rows are rejected, and have values in common with what is on record."""
        self._mapped: dict[int, OpenRow] = {}
        """By place: the rows that were mapped all the same."""

    def settle(self, base: str) -> None:
        """Note that a row which need not be matched has the record or the request of a key."""
        self._held.add(base)

    def count_rejected(self) -> None:
        """Count a row that is rejected, and has values in common with what is on record."""
        self._rejected += 1

    def keep(self, row: OpenRow) -> None:
        """Let a row of `ContentMatcher.open_remaining_copies` be what it was before."""
        self._mapped[row.at] = row
        self._content.keep(row.content)

    def row_at(self, place: int) -> OpenRow:
        """Return a row that `rows_of` has returned, or that was kept."""
        return self._mapped[place]

    @property
    def rows(self) -> int:
        """How many rows the list has."""
        return self._content.rows

    @property
    def known(self) -> int:
        """How many rows are known by their content, or rejected with values that are on record."""
        return self._content.known + self._rejected

    def is_held(self, base: str) -> bool:
        """Return whether a row that need not be matched has the record of a key."""
        return self._content.is_held(base) or base in self._held

    def rows_of(self, bases: Collection[str]) -> Mapping[str, OpenRow]:
        """Map the rows that are known by their content, and have these records."""
        by_hash: dict[str, str] = {}
        by_place: dict[int, str] = {}
        for base in bases:
            if (at := self._content.place_of(base)) is not None:
                by_place[at] = base
            elif (state := self._state.keys.find(base)) is not None:
                by_hash[state.source_hash] = base
        found: dict[str, OpenRow] = {}
        for at, (source_hash, batch, index) in enumerate(self._job.survey.hashed()):
            of = by_place.get(at) or by_hash.pop(source_hash, None)
            if of is None:
                continue
            row = batch.row(index)
            mapped = self._job.mapper.map(row) if isinstance(row, Row) else row
            if isinstance(mapped, Record):
                known = self._lookup.open_row(OpenContent(at, RowIdentity(source_hash, 1)), mapped)
                found[of] = self._mapped[at] = known
            if len(found) == len(bases):
                break
        return found

    def is_other_row(self, row: OpenRow, candidate: Candidate) -> bool:
        """Return whether a row of a derived file was in the list beside the row of a record."""
        is_undecided = any(one.kind is VersionKind.MAYBE for one in row.content.versions)
        if not row.content.has_ref or is_undecided:
            return False
        made, where = candidate.state, row.where
        if (made.source_hash, made.occurrence) == where.of_list:
            return False
        state, made_in = self._state, made.run
        if self._is_latest_part and state.history.was_in_last_list(made_in):
            return True
        return state.was_listed_with(*where.of_list, made_in)

    @cached_property
    def _is_latest_part(self) -> bool:
        """Return whether the list is a derived file just as the last run has left it."""
        return not self._state.latest_files.isdisjoint(self._job.survey.digests())

    def has_row_of(self, version: Version) -> bool:
        """Return whether the list has the row of a version; in a part of it, all may be there."""
        return self._job.survey.is_derived or self._content.has_row_of(version)
