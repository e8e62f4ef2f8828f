"""The rows of a list that need not be matched, and what the matcher asks about them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from importer.core.records import Record, Row, RowIdentity
from importer.matching.content import ContentMatcher, OpenContent
from importer.matching.list_rows import ListRows
from importer.matching.open_rows import Candidate, OpenRow
from importer.run.job import Job
from importer.run.results_lookup import ResultsLookup
from importer.writer.state.journal_state import JournalState, Version, VersionKind


@dataclass(eq=False)
class SettledRows(ListRows):
    """
    The rows of a list that need not be matched: `content` knows most of them.

    `held` are the keys of the records and requests of the others, and `refused` is how many of
    these are refused, and have values in common with what is on record. `mapped` are the rows that
    `rows_of` has returned, by their place.
    """

    job: Job
    state: JournalState
    lookup: ResultsLookup
    content: ContentMatcher
    held: set[str] = field(default_factory=set)
    refused: int = 0
    mapped: dict[int, OpenRow] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many rows the list has."""
        return self.content.rows

    @property
    def known(self) -> int:
        """How many rows are known by their content, or refused with values that are on record."""
        return self.content.known + self.refused

    def is_held(self, base: str) -> bool:
        """Return whether a row that need not be matched has the record of a key."""
        return self.content.is_held(base) or base in self.held

    def rows_of(self, bases: Collection[str]) -> Mapping[str, OpenRow]:
        """Map the rows that are known by their content, and have these records."""
        by_hash: dict[str, str] = {}
        by_place: dict[int, str] = {}
        for base in bases:
            if (at := self.content.place_of(base)) is not None:
                by_place[at] = base
            elif (state := self.state.keys.find(base)) is not None:
                by_hash[state.source_hash] = base
        found: dict[str, OpenRow] = {}
        for at, (source_hash, batch, index) in enumerate(self.job.survey.hashed()):
            of = by_place.get(at) or by_hash.pop(source_hash, None)
            if of is None:
                continue
            row = batch.row(index)
            mapped = self.job.mapper.map(row) if isinstance(row, Row) else row
            if isinstance(mapped, Record):
                known = self.lookup.open_row(OpenContent(at, RowIdentity(source_hash, 1)), mapped)
                found[of] = self.mapped[at] = known
            if len(found) == len(bases):
                break
        return found

    def is_other_row(self, row: OpenRow, candidate: Candidate) -> bool:
        """Return whether a row of a derived file was in the list beside the row of a record."""
        is_undecided = any(one.kind is VersionKind.MAYBE for one in row.content.versions)
        if not row.content.has_ref or is_undecided:
            return False
        made, where = candidate.state, row.where
        if (made.source_hash, made.occurrence) == (where.source_hash, where.occurrence):
            return False
        state, made_in = self.state, made.run
        if self._is_latest_part and state.was_in_last_list(made_in):
            return True
        return state.was_listed_with(where.source_hash, where.occurrence, made_in)

    @cached_property
    def _is_latest_part(self) -> bool:
        """Return whether the list is a derived file just as the last run has left it."""
        return not self.state.latest_files.isdisjoint(self.job.survey.digests())

    def has_row_of(self, version: Version) -> bool:
        """Return whether the list has the row of a version; in a part of it, all may be there."""
        return self.job.survey.is_derived or self.content.has_row_of(version)
