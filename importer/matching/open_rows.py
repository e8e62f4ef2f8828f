"""The rows of a list that are matched, the records they may be, and the verdict about each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from importer.core.keys import key_base
from importer.core.objects import PEOPLE
from importer.core.records import Record, Row, RowIdentity
from importer.core.shared import JsonValue
from importer.matching.content import OpenContent
from importer.matching.field_hashes import FieldChange
from importer.matching.hashes import MatchHashes
from importer.matching.match_texts import without_case
from importer.matching.reasons import Reason, Say
from importer.matching.row_form import RowForm
from importer.matching.ties import Level, Tie
from importer.writer.state.idempotency_keys import KeyState
from importer.writer.state.journal_state import Version, VersionKind


@dataclass(slots=True, eq=False)
class Candidate:
    """
    A record, or a request that may have made one, by its key `base`.

    `holder` is the row that has it, and `tie` the tie of that row. It `is_known` if a row has it
    that is known by its content. If its row has left the list, and a row that repeats it has not,
    that one is its `remaining_copy`: another row may only have it that is, or may be, a changed
    version.
    """

    base: str
    state: KeyState
    is_known: bool = False
    remaining_copy: OpenRow | None = None
    holder: OpenRow | None = None
    tie: Tie | None = None

    @property
    def is_made(self) -> bool:
        """Whether it has a record."""
        return self.state.is_created

    @property
    def is_taken(self) -> bool:
        """Whether a row has it."""
        return self.is_known or self.holder is not None

    @property
    def is_in_doubt(self) -> bool:
        """Whether the tie of the row that has it is only a maybe: another row may be it as well."""
        return self.is_made and self.tie is not None and self.tie.level is Level.MAYBE

    def is_free_for(self, *, change: bool) -> bool:
        """Return whether a row may have it that is, or is not, a changed version of its row."""
        return not self.is_taken and (change or self.remaining_copy is None)


@dataclass(eq=False)
class OpenRow:
    """
    A row of the list that is not known by its content.

    `content` is what is on record of its content. `today` is the row as the mapping of today maps
    it, and `forms_of` maps it as those of earlier runs did. `salts` are those of the hashes on
    record; rows of the list are compared by the first. With `is_declared_new` a person has said
    that it is nobody on record; `Matcher.match` sets it anew, since that can hold for other rows.
    """

    content: OpenContent
    today: RowForm
    salts: Sequence[str]
    forms_of: Callable[[Row], Iterable[RowForm]]
    is_declared_new: bool = False

    @property
    def at(self) -> int:
        """Its place in the list."""
        return self.content.at

    @property
    def where(self) -> RowIdentity:
        """Which row on record it is."""
        return self.content.where

    @property
    def record(self) -> Record:
        """Its record by the mapping of today."""
        return self.today.record

    @property
    def content_hash(self) -> str:
        """The source hash of the present cells, also if they are a correction."""
        return self.where.corrected or self.where.source_hash

    @cached_property
    def identity(self) -> tuple[JsonValue, ...] | None:
        """The identity, with addresses in lower case."""
        identity = self.record.identity
        return None if identity is None else tuple(map(without_case, identity))

    @cached_property
    def earlier(self) -> Sequence[RowForm]:
        """The row as each earlier mapping maps it."""
        return list(self.forms_of(self.record.row))

    @property
    def forms(self) -> Sequence[RowForm]:
        """The row as the mapping of today maps it, and each earlier one."""
        return [self.today, *self.earlier]

    @cached_property
    def hashes(self) -> MatchHashes:
        """The hashes by which it is compared with other rows of the list."""
        return self.today.hashes(self.salts[0])

    @property
    def meaning(self) -> tuple[str, frozenset[str]]:
        """The hashes of the values that are sent, equal for all spellings of the same values."""
        return self.hashes.meaning, self.hashes.details

    @property
    def has_detail(self) -> bool:
        """Whether it has a value that two people hardly share: an address, a number or an id."""
        details = self.hashes.details
        if self.record.object in PEOPLE:
            return bool(details)
        return any(one[0] == "r" for one in details)


@dataclass(slots=True)
class RowVerdict:
    """
    The verdict about a row, and why.

    `key` is the key of its request, if it is sent; with `unclear` an earlier request may have made
    the record already. `candidate` is its record, or the request that may have made one. `as_key`
    is the row's own key, if its record was made with another one and it is not sent. `version`
    is the version on record with the same values. `of` is the place of the row that this one
    repeats or resembles, and `same` are the fields that tie it to a record which it may be. A
    changed row that is sent has the key of its record in `change_of`.

    The plan adds what people ask: `of_row` is the number of that row in its source, and `columns`
    are those in which the two differ. `elsewhere` is the results file of another import that has
    the record. `changes` are the fields that differ from what was sent of the record, or None if
    that is not known.
    """

    say: Say
    reason: Reason
    key: str | None = None
    as_key: str | None = None
    candidate: Candidate | None = None
    of: int | None = None
    version: Version | None = None
    unclear: bool = False
    change_of: str | None = None
    of_row: int | None = None
    columns: tuple[str, ...] = ()
    same: tuple[str, ...] = ()
    elsewhere: str | None = None
    changes: Sequence[FieldChange] | None = None

    @property
    def base(self) -> str | None:
        """The key of the first attempt that made the record, or may have made it."""
        return None if self.candidate is None else self.candidate.base

    @property
    def request(self) -> str | None:
        """The key of the first attempt of its record, or of the request that it is sent with."""
        return self.base or (None if self.key is None else key_base(self.key))

    @property
    def record(self) -> KeyState | None:
        """The state of that key."""
        return None if self.candidate is None else self.candidate.state

    @property
    def has_record(self) -> bool:
        """Whether the row has a record, if only by an earlier version."""
        is_its_own = self.say is Say.INVALID and self.reason is not Reason.MAY_BE
        return self.base is not None and (is_its_own or self.say in {Say.BEFORE, Say.CHANGED})

    @property
    def is_open_change(self) -> bool:
        """Whether it is a version that was reported as changed, and nobody has dealt with that."""
        return self.version is not None and self.version.kind is VersionKind.CHANGED

    @property
    def differs(self) -> bool:
        """Whether the row differs from the one that it repeats or resembles."""
        return self.reason in _DIFFERENT

    @property
    def may_differ(self) -> bool:
        """Whether the plan has to compare it with the row that it repeats or resembles."""
        return self.differs or self.say is Say.DUPLICATE


_DIFFERENT = {Reason.EQUAL_AS_SENT, Reason.IDENTITY_CONTRADICTS, Reason.SAME_PERSON}


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
