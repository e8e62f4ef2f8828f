"""The state of rows by a results file: which record each content belongs to, or may belong to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import NamedTuple

from importer.core import keys
from importer.core.locale.message import Message
from importer.core.records import TO_COMPARE, Outcome, Status
from importer.core.row_marks import Where
from importer.core.shared import FORGOTTEN
from importer.writer.index.created_rows import CreatedRows
from importer.writer.index.known_rows import KnownRows
from importer.writer.line_reader import Line
from importer.writer.lines.row_line import KnownLine, ReadingLine, RequestLine, RowLine
from importer.writer.lines.run_line import (
    AcknowledgedLine,
    EndLine,
    ExportsLine,
    RunLine,
    VanishedLine,
)
from importer.writer.state.history import History
from importer.writer.state.idempotency_keys import IdempotencyKeys, KeyState
from importer.writer.state.record_changes import ReportedChanges

_MEANING = 9
"""The letters of the hash of a meaning, which comes first (docs/results-file.md)."""


class VersionKind(IntEnum):
    """
    How a version of a row belongs to its record, the strongest first.

    The record was made of it (`OWN`); a run has recognised it (`KNOWN`); a person has said so, or
    has dealt with the change (`DEALT_WITH`); it was reported as `CHANGED`; it was skipped as a
    `DUPLICATE`; it may belong to it (`MAYBE`).
    """

    OWN = 0
    KNOWN = 1
    DEALT_WITH = 2
    CHANGED = 3
    DUPLICATE = 4
    MAYBE = 5


@dataclass(slots=True)
class Version:
    """
    One version of a row: its content, and what a run has recorded about it.

    `base` is the key (of the first attempt) of its record, or None if that is not known. `key`,
    `row_hash` and `hashes` (with their `salt`) are those of the version, if they are on record; the
    lines of its request have them if it made its record. `outcome` is that of a row without a
    record of its own. `mapping` is the SHA-256 of the file of the mapping that a run had for it, if
    that is on record. `order` is that of all versions on record. With `is_new` a person has
    said that the row is nobody on record.
    """

    kind: VersionKind
    source_hash: str
    occurrence: int
    base: str | None
    key: str | None = None
    row_hash: str | None = None
    hashes: str | None = None
    salt: str = ""
    outcome: Outcome | None = None
    mapping: str | None = None
    order: int = 0
    is_new: bool = False

    @property
    def where(self) -> Where:
        """The source hash and occurrence of its row."""
        return self.source_hash, self.occurrence

    @property
    def meaning(self) -> object:
        """The salt and the first hash, which are equal for versions that mean the same."""
        return self.row_hash if self.hashes is None else (self.salt, self.hashes[:_MEANING])

    @property
    def is_like_another(self) -> bool:
        """Whether it was reported since it is sent like another row, or has its identity."""
        one = self.outcome
        return one is not None and bool(one.columns) and not one.changed

    @property
    def is_other_row(self) -> bool:
        """Whether it was skipped as the row of a record that was made of another row's values."""
        if self.kind is not VersionKind.DUPLICATE or self.outcome is None:
            return False
        return self.outcome.differs is True

    def shares(self, hashes: Iterable[str]) -> bool:
        """Return whether a row with these findable hashes shares a name or a detail with it."""
        return not _findable(self).isdisjoint(hashes)

    @property
    def is_unwritten(self) -> bool:
        """Whether only the correction of a row with this content is on record."""
        return self.kind is VersionKind.KNOWN and self.order == 0


class Correction(NamedTuple):
    """
    A rejected row that a person has corrected.

    `source_hash` is that of the row, `run` the first run that has rejected it, and `base` the key
    of the record that the correction has made.
    """

    source_hash: str
    run: str | None
    base: str


@dataclass(slots=True)
class JournalState:
    """
    The state of an import, loaded line by line; a row is a pair of source hash and occurrence.

    `created` and `known` index the rows whose lines were read in blocks; a row in `known` was only
    recognised, and has no other line. `keys` has the state of each key.
    `tried` are the source hashes of rows that were rejected before. `decides` is a text of all
    settings by which rows are the same record: after another one, duplicates are decided again.
    `salt` is that of the latest hashes, `salts` has all: joined files have more than one. `decided`
    has the decisions of people about rows, `same` or `new`, and `earlier` for older versions of
    such rows, each until a run asks about the row again. `history` has the runs.
    """

    decides: str | None = None
    salt: str = ""
    keys: IdempotencyKeys = field(default_factory=IdempotencyKeys)
    created: CreatedRows = field(default_factory=CreatedRows)
    known: KnownRows = field(default_factory=KnownRows)
    tried: set[str] = field(default_factory=set)
    salts: dict[str, None] = field(default_factory=dict)
    decided: dict[Where, str] = field(default_factory=dict)
    history: History = field(default_factory=History)
    _versions: dict[str, dict[int, Version]] = field(default_factory=dict)
    _declared: dict[Where, int] = field(default_factory=dict)
    """By row: how many runs had begun when a person declared it new."""
    _corrected: dict[str, str] = field(default_factory=dict)
    """By the source hash of a correction: the key of its record."""
    refused_versions: dict[Where, str] = field(default_factory=dict)
    """By row that cannot be read any more: the key of the record that it has kept."""
    _by_external_id: dict[str, str] = field(default_factory=dict)
    _rejected_cells: dict[str, dict[str, str | None]] = field(default_factory=dict)
    """By the hash of the mapped cells: the source hashes of rejected rows, each with its run."""
    changes: ReportedChanges = field(default_factory=ReportedChanges)
    vanished: set[str] = field(default_factory=set)
    """The ids of the records whose rows have left the list."""
    _said: dict[Where, int] = field(default_factory=dict)
    """A hash of what the last line of each row says."""
    _last_line: dict[Where, tuple[str | None, Status]] = field(default_factory=dict)
    """The run and the status of the last line of each row; derived files say nothing of lists."""
    _followed: dict[str, int] = field(default_factory=dict)
    """By key of a record: the order of the version before which its changed row was sent last."""
    _readings: dict[tuple[str, str | None], str] = field(default_factory=dict)
    """By key of a record and SHA-256 of a later mapping's file: the hashes that this has read."""
    _later_readings: Callable[[], Iterable[tuple[int, int, Line | None]]] = tuple
    _files: dict[str, str] = field(default_factory=dict)
    """By derived file: its SHA-256."""
    _decides_alike: bool = True
    """Whether the latest run so far had the settings `decides`."""
    _order: int = 0

    def take(
        self,
        created: CreatedRows,
        known: KnownRows,
        readings: Callable[[], Iterable[tuple[int, int, Line | None]]] = tuple,
    ) -> None:
        """
        Set the rows whose lines are not loaded, before anything else.

        `readings` reads the lines of what later mappings have read of their rows, each with its
        number and offset.
        """
        self.created = created
        self.known = known
        self._later_readings = readings
        self.keys.take(created)

    def load(self, lines: Iterable[Line]) -> None:
        """Load the lines of earlier runs, in file order."""
        for line in lines:
            self.note(line)

    def note(self, line: Line, position: int = 0) -> None:
        """
        Load the next line. `position` is its place in the file.

        It orders the rows of single lines and those of `known`.
        """
        self._order = max(self._order, position)
        self.history.note(line, position)
        at = self.keys.note_time(line.at)
        if isinstance(line, RowLine):
            self._note_row(line)
        elif isinstance(line, RequestLine):
            self.keys.note_request(line, at)
            self._said.pop((line.source_hash, line.occurrence or 1), None)
            if line.change_of is not None:
                self._followed[line.change_of] = self._order
        elif isinstance(line, KnownLine):
            self._note_known(line)
        elif isinstance(line, ReadingLine):
            self._readings[line.idempotency_key, self.history.last_mapping] = line.hashes
        elif isinstance(line, RunLine):
            self._note_run(line)
        elif isinstance(line, AcknowledgedLine):
            self._note_decision(line)
        elif isinstance(line, VanishedLine):
            self.vanished.update(line.external_ids)
            self.vanished.difference_update(line.returned)
        elif isinstance(line, EndLine) and line.exports is not None:
            there = {name for name, _, _ in line.exports.files.values()}
            self._files = {name: one for name, one in self._files.items() if name in there}
        elif isinstance(line, ExportsLine) and line.run is not None:
            self._files.update({name: one.sha256 for name, one in line.files.items()})

    def _note_run(self, line: RunLine) -> None:
        self._decides_alike = self.decides in {None, line.decides}
        for where in line.undone:
            if (version := self.version(*where)) is not None and version.outcome:
                self.changes.undo(version.outcome)
        if line.salt:
            self.salt = line.salt
            self.salts[line.salt] = None

    def _note_row(self, line: RowLine) -> None:
        outcome = line.outcome
        where = outcome.where
        self._forget(where)
        if outcome.status in TO_COMPARE:
            self.decided.pop(where, None)  # it is asked about once more
            self._declared.pop(where, None)
        if where not in self._last_line or self.history.is_of_list(line.run):
            self._last_line[where] = line.run, outcome.status
        version = self._version_of(outcome)
        if version is not None:
            self._keep(version)
        if outcome.status is not Status.CREATED and not self._stays(outcome):
            self._said[where] = _content(outcome)
        if outcome.status in {Status.FAILED, Status.INVALID}:
            self.tried.add(outcome.source_hash)
        if outcome.status is Status.CHANGED:
            self.changes.note(outcome)
        if outcome.is_refused_version and outcome.record_key is not None:
            self.refused_versions[where] = outcome.record_key
        if outcome.cells_hash is not None and outcome.corrected is None:
            rejected = self._rejected_cells.setdefault(outcome.cells_hash, {})
            rejected.setdefault(outcome.source_hash, outcome.run)
        self.keys.note_row(line)

    def _version_of(self, outcome: Outcome) -> Version | None:
        key = outcome.idempotency_key if keys.is_key(outcome.idempotency_key) else None
        if outcome.status is Status.CREATED:
            base = None if key is None else keys.key_base(key)
            if base is not None and outcome.external_id is not None:
                self._by_external_id[outcome.external_id] = base
            if outcome.corrected is not None and base is not None:
                self._corrected[outcome.corrected] = base
            return Version(VersionKind.OWN, *outcome.where, base)
        kind = {
            Status.CHANGED: VersionKind.CHANGED,
            Status.POSSIBLE_DUPLICATE: VersionKind.MAYBE,
            Status.DUPLICATE: VersionKind.DUPLICATE,
        }.get(outcome.status)
        if kind is None or (kind is VersionKind.DUPLICATE and not self._stays(outcome)):
            return None
        base = outcome.record_key
        if base is None and outcome.external_id is not None:
            base = self._by_external_id.get(outcome.external_id)
        return Version(
            kind,
            outcome.source_hash,
            outcome.occurrence,
            base,
            key=None if key is None else keys.key_base(key),
            row_hash=outcome.row_hash,
            hashes=outcome.hashes,
            salt=self.salt,
            outcome=outcome,
            mapping=self.history.last_mapping,
        )

    def _stays(self, outcome: Outcome) -> bool:
        """Return whether a duplicate was found under the same settings, so that it stays one."""
        return outcome.is_settled() and self._decides_alike

    def _note_known(self, line: KnownLine) -> None:
        where = line.source_hash, line.occurrence
        self._forget(where)
        base = keys.key_base(line.idempotency_key)
        self._keep(
            Version(
                VersionKind.KNOWN,
                *where,
                base,
                key=line.as_key,
                hashes=line.hashes,
                salt=self.salt,
                mapping=self.history.last_mapping,
            )
        )

    def _keep(self, version: Version) -> None:
        self._order += 1
        version.order = self._order
        self._versions.setdefault(version.source_hash, {})[version.occurrence] = version

    def _note_decision(self, line: AcknowledgedLine) -> None:
        if line.is_about_changes:
            self.changes.deal_with_all()
        same = (self.version(*where) for where in line.same)
        changes = (one.outcome for one in same if one and one.kind is VersionKind.CHANGED)
        self.changes.deal_with(filter(None, changes))
        self.decided.update(dict.fromkeys(line.same, "same"))
        self.decided.update(dict.fromkeys(line.new, "new"))
        for where in line.new:
            self._declared.setdefault(where, len(self.history.runs))
        self.decided.update(dict.fromkeys(line.earlier, "earlier"))

    def _forget(self, where: Where) -> None:
        """Forget the version of a row, since a later line replaces it."""
        self._said.pop(where, None)
        self.refused_versions.pop(where, None)
        versions = self._versions.get(where[0], {})
        if versions.pop(where[1], None) is not None and not versions:
            del self._versions[where[0]]

    # Questions

    @property
    def is_empty(self) -> bool:
        """Whether nothing is on record that a row could be compared with."""
        loaded = self._versions or not self.keys.is_empty
        return not (self.created or self.known or loaded)

    @property
    def latest_files(self) -> set[str]:
        """The SHA-256 of each derived file that there is, as a run has last written it."""
        return {*self._files.values()}

    def has_content(self, source_hash: str) -> bool:
        """Return whether a row with this content is on record, but for created rows in blocks."""
        return self.have_content([source_hash])[0]

    def have_content(self, hashes: Sequence[str]) -> Sequence[bool]:
        """Return `has_content` of many contents, which is quicker than to ask for each."""
        return [
            is_known
            or source_hash in self._versions
            or source_hash in self._corrected
            or bool(self.keys.sent_keys(source_hash))
            for source_hash, is_known in zip(hashes, self.known.have(hashes), strict=True)
        ]

    def versions(self, source_hash: str) -> list[Version]:
        """
        Return the versions on record with this content, in the order of occurrences.

        It leaves out a possible duplicate if a person has decided about a later version of it: such
        a row counts as a new one, since it may be that version's record by now.
        """
        return self.versions_of([source_hash])[source_hash]

    def versions_of(self, contents: Collection[str]) -> dict[str, list[Version]]:
        """Return the `versions` of many contents, which is quicker than to ask for each."""
        first = [one for one in contents if 1 not in self._versions.get(one, {})]
        places = self.created.find(first)
        made = {one: at for one, at in zip(first, places, strict=True) if at is not None}
        known = self.known.find([one for one in first if one not in made])
        return {
            one: [Version(VersionKind.KNOWN, one, 1, known[one].base, order=known[one].order)]
            if one in known
            else self._versions_with(one, made.get(one))
            for one in contents
        }

    def _versions_with(self, source_hash: str, position: int | None) -> list[Version]:
        """Return the versions with a content; `position` is that of the row created of it."""
        versions = [
            self._judged(version)
            for occurrence, version in sorted(self._versions.get(source_hash, {}).items())
            if self.decided.get((source_hash, occurrence)) != "earlier"
        ]
        if position is not None:
            base = self.created.key(position)
            versions.insert(0, Version(VersionKind.OWN, source_hash, 1, base))
        if not versions and (base := self._corrected.get(source_hash)) is not None:
            versions.append(Version(VersionKind.KNOWN, source_hash, 1, base))
        return versions

    def version(self, source_hash: str, occurrence: int) -> Version | None:
        """Return the version of this row, or None."""
        found = self.versions(source_hash)
        return next((one for one in found if one.occurrence == occurrence), None)

    def reported(self) -> Iterator[Version]:
        """Yield the versions without a record of their own."""
        for of_content in self._versions.values():
            for version in of_content.values():
                if version.kind is not VersionKind.OWN:
                    yield self._judged(version)

    def undecided(self) -> Iterator[Version]:
        """Yield the possible duplicates that nobody has decided about."""
        for version in self.reported():
            if version.kind is VersionKind.MAYBE and version.where not in self.decided:
                yield version

    def left_undecided(self) -> Collection[Version]:
        """Return the undecided possible duplicates, without earlier versions of their rows."""
        of_one: dict[object, list[Version]] = {}
        for one in self.undecided():
            of_one.setdefault(one.meaning if one.base is None else one.base, []).append(one)
        found: dict[object, Version] = {}
        for versions in of_one.values():
            for one in versions:
                if not any(_is_earlier(one, other) for other in versions):
                    found[one.where if one.is_like_another else one.meaning] = one
        return found.values()

    def latest_version(self, where: Where) -> Where:
        """Return the latest version that means the same as an undecided row; else the row."""
        version = self.version(*where)
        if version is None or version.is_like_another:
            return where
        alike = [one for one in self.undecided() if one.meaning == version.meaning]
        latest = max(alike, key=lambda one: one.order, default=None)
        return where if latest is None else latest.where

    def earlier_versions(self, where: Where) -> Iterator[Where]:
        """
        Yield the undecided versions of a row that were reported before a version of it.

        Of equal rows it may yield that of another row: if this is still in the list, the next run
        asks about it again.
        """
        version = self.version(*where)
        if version is None:
            return
        for one in self.undecided():
            if _is_earlier(one, version) or _is_equal_before(one, version):
                yield one.where

    def _judged(self, version: Version) -> Version:
        """Return a version with the decision of a person about it."""
        outcome = version.outcome
        if outcome is None or version.kind is VersionKind.DUPLICATE:
            return version
        said = self.decided.get(version.where)
        is_seen_to = version.kind is VersionKind.CHANGED and self.changes.is_dealt_with(outcome)
        if said == "same" or (is_seen_to and said is None):
            return replace(version, kind=VersionKind.DEALT_WITH)
        return replace(version, is_new=True) if said == "new" else version

    def is_overtaken(self, version: Version) -> bool:
        """
        Return whether a row with the content of a version has changed once more.

        Its record has other values since a change was dealt with, or another one has followed it.
        """
        if version.base is None:
            return False
        if self.is_followed(version):
            return True
        latest = self.changes.latest(version.base)
        if latest is None:
            return False
        if version.kind in {VersionKind.CHANGED, VersionKind.DEALT_WITH} and version.outcome:
            return self._is_change_overtaken(version.outcome, version.base, version.order)
        if version.kind is VersionKind.DUPLICATE:
            return not version.is_other_row and version.row_hash not in {None, latest}
        is_as_sent = version.kind in {VersionKind.OWN, VersionKind.KNOWN} and version.key is None
        return is_as_sent and not version.is_unwritten and self.was_overtaken(version.base)

    def _is_change_overtaken(self, outcome: Outcome, base: str, order: int) -> bool:
        if outcome.status is Status.CHANGED:
            return self.changes.is_overtaken(outcome)
        where = self.changes.latest_row(base)
        after = None if where is None else self._versions.get(where[0], {}).get(where[1])
        return after is not None and after.order > order

    def is_followed(self, version: Version) -> bool:
        """Return whether the row of a reported change was sent again since, as it was then."""
        base = version.base
        if version.kind is not VersionKind.CHANGED or base is None:
            return False
        was_before = version.order <= self._followed.get(base, 0)
        return was_before and self.keys.latest_of(base) != base

    def was_overtaken(self, base: str) -> bool:
        """Return whether a record has other values by now than those that were sent."""
        latest, made = self.changes.latest(base), self.keys.find(base)
        sent = None if made is None else made.row_hash
        return latest is not None and sent is not None and sent != latest

    def is_change(self, version: Version) -> bool:
        """Return whether a version was reported as changed, or repeats one whose change is open."""
        if version.kind is VersionKind.DUPLICATE and version.outcome is not None:
            where = self.changes.open_row(version.outcome)
            told = None if where is None else self.version(*where)
            if told is None or told.kind is not VersionKind.CHANGED:
                return False
            return not self.is_followed(told)
        return version.kind is VersionKind.CHANGED

    def is_back(self, version: Version) -> bool:
        """Return whether a row with the content of a version says something new of its record."""
        one = version.outcome
        if version.kind is VersionKind.CHANGED and one is not None and self.changes.is_undone(one):
            return True
        return self.is_overtaken(version)

    def returned(self) -> Collection[str]:
        """Return the contents of rows that may be `is_back`."""
        if not self.changes.has_returned and not self.keys.sent_again:
            return ()
        made = [self.keys.find(base) for base in self.changes.records if self.was_overtaken(base)]
        found = {one.source_hash for one in made if one is not None}
        every = (one for of_content in self._versions.values() for one in of_content.values())
        found.update(one.source_hash for one in every if self.is_back(self._judged(one)))
        found.update(self.known.of_records({*filter(self.was_overtaken, self.changes.records)}))
        return found

    def is_new(self, source_hash: str, occurrence: int) -> bool:
        """Return whether a person has said that a row is nobody on record, and it has no record."""
        if self.decided.get((source_hash, occurrence)) != "new":
            return False
        version = self.version(source_hash, occurrence)
        return version is None or version.kind not in {VersionKind.OWN, VersionKind.KNOWN}

    def read_by(self, mappings: Collection[str | None]) -> set[str]:
        """Return the keys of the records whose own rows one of these later mappings has read."""
        found = {base for base, mapping in self._readings if mapping in mappings}
        for _, offset, line in self._later_readings():
            if isinstance(line, ReadingLine) and self.history.mapping_at(offset) in mappings:
                found.add(line.idempotency_key)
        return found

    def may_be_since(self, where: Where, base: str, record: KeyState) -> bool:
        """
        Return whether a record, or a request that may have made one, may be a declared row's.

        It was made after a person has declared the row new, and neither of the row that this one
        had resembled, nor of another row that was declared new at the same time.
        """
        made_in, version = self.history.numbers.get(record.run), self.version(*where)
        resembled, first_of = None if version is None else version.base, self.keys.first_of
        is_theirs = resembled is not None and first_of(resembled) == first_of(base)
        maker = record.source_hash, record.occurrence
        is_of_another = maker != where and self._declared.get(maker) == self._declared[where]
        is_since = made_in is not None and made_in >= self._declared[where]
        return is_since and not is_theirs and not is_of_another

    def was_rejected(self, cells_hash: str | None) -> bool:
        """Return whether a row with these mapped cells was rejected."""
        return cells_hash in self._rejected_cells

    def corrections_of(self, cells_hash: str) -> Iterator[Correction]:
        """Yield the records of rejected rows with these cells, once corrected."""
        for source_hash, run in self._rejected_cells.get(cells_hash, {}).items():
            for version in self.versions(source_hash):
                if version.base is not None and version.kind <= VersionKind.DEALT_WITH:
                    yield Correction(source_hash, run, version.base)

    def may_be_corrected(self, cells_hash: str, row: str, by: Correction) -> bool:
        """
        Return whether the record of a corrected row may be that of the rejected row with a hash.

        An earlier run may have rejected this row as well. Then the record is that of the other row
        if the same run has rejected both, or if the record was there before.
        """
        rejected_in = self._rejected_cells.get(cells_hash, {}).get(row)
        if rejected_in is None or row == by.source_hash:
            return True
        numbers, made = self.history.numbers, self.keys.find(by.base)
        made_in = None if made is None else made.run
        return by.run != rejected_in and numbers.get(made_in, 0) > numbers.get(rejected_in, 0)

    def was_listed_with(self, source_hash: str, occurrence: int, made_in: str | None) -> bool:
        """
        Return whether a list had both a row and the row of a record that a run has made.

        That is so if the run that reported the row read the same list; or if the row was sent when
        the record was there, since that run has looked at the whole list.
        """
        reported, status = self._last_line.get((source_hash, occurrence), (None, None))
        numbers = self.history.numbers
        if reported not in numbers or made_in not in numbers:
            return False
        if status is Status.FAILED:
            return numbers[made_in] <= numbers[reported]
        return self.history.is_same_list(made_in, reported)

    def says(self, outcome: Outcome) -> bool:
        """Return whether the last line of a row says the same, and no request was made since."""
        where = outcome.where
        last, is_asked_again = self._said.get(where), self.decided.get(where) == "earlier"
        if last is None or is_asked_again or outcome.attempts or outcome.is_settled():
            return False
        changes = self.changes
        is_dealt_with = changes.is_dealt_with(outcome) or changes.is_overtaken(outcome)
        if outcome.status is Status.CHANGED and (is_dealt_with or changes.is_undone(outcome)):
            return False  # it is told once more
        return last in {_content(outcome), _content(_forgotten(outcome))}

    def says_the_same(self, other: JournalState) -> bool:
        """Return whether every later decision would be the same with `other`."""
        return (
            self.keys.says_the_same(other.keys)
            and self._said_last() == other._said_last()
            and self.salt == other.salt
            and self.salts.keys() == other.salts.keys()
            and self.tried == other.tried
            and self.decided == other.decided
            and self.changes == other.changes
            and self._corrected == other._corrected
            and self.refused_versions == other.refused_versions
            and self._corrections() == other._corrections()
            and self._readings == other._readings
            and self.vanished == other.vanished
            and self._count() == other._count()
            and self._knows_rows_of(other)
            and other._knows_rows_of(self)
        )

    def _said_last(self) -> dict[Where, int]:
        """Return what was said last of rows, without those that a block has created since."""
        places = self.created.find([source_hash for source_hash, _ in self._said])
        return {
            where: said
            for (where, said), place in zip(self._said.items(), places, strict=True)
            if place is None or where[1] != 1 or 1 in self._versions.get(where[0], {})
        }

    def _corrections(self) -> dict[str, set[Correction]]:
        found = {cells: {*self.corrections_of(cells)} for cells in self._rejected_cells}
        return {cells: of_cells for cells, of_cells in found.items() if of_cells}

    def _knows_rows_of(self, other: JournalState) -> bool:
        """Return whether both know the rows that `other` has read one by one in the same way."""
        rows = other._rows()
        versions = self.versions_of({source_hash for source_hash, _ in rows})
        mine = {one.where: one for found in versions.values() for one in found}
        return all(
            where in mine and (mine[where].kind, mine[where].base) == (theirs.kind, theirs.base)
            for where, theirs in rows.items()
        )

    def _rows(self) -> dict[Where, Version]:
        """Return the rows that were not read in blocks."""
        return {
            one.where: self._judged(one)
            for versions in self._versions.values()
            for one in versions.values()
            if self.decided.get(one.where) != "earlier"
        }

    def _count(self) -> int:
        """Return how many rows are known."""
        first = [one for one, occurrence in self._rows() if occurrence == 1]
        both = sum(position is not None for position in self.created.find(first))
        return len(self.created) + len(self._rows()) - both + len(self.known)


def _is_earlier(version: Version, other: Version) -> bool:
    """
    Return whether a possible duplicate is an earlier version of the row of another one.

    Both mean the same, or may be the same record, share a name or a detail, and were reported one
    after the other. Two rows of one list are two, also if they are sent with the same values.
    """
    if version.order >= other.order or version.is_like_another or other.is_like_another:
        return False
    if version.meaning == other.meaning:
        return True
    is_of_one = version.base is not None and version.base == other.base
    was_before = _run_of(version) != _run_of(other)
    return is_of_one and was_before and version.shares(_findable(other))


def _is_equal_before(version: Version, other: Version) -> bool:
    """Return whether an earlier run has reported a version as like the same other row."""
    is_equal = version.is_like_another and other.is_like_another
    is_equal = is_equal and (version.base, version.meaning) == (other.base, other.meaning)
    return is_equal and version.order < other.order and _run_of(version) != _run_of(other)


def _findable(version: Version) -> set[str]:
    """Return the hashes by which a version is found (docs/results-file.md)."""
    text = (version.hashes or "").partition(".")[0]
    return {text[at : at + _MEANING] for at in range(0, len(text), _MEANING)}


def _run_of(version: Version) -> str | None:
    return None if version.outcome is None else version.outcome.run


def _forgotten(outcome: Outcome) -> Outcome:
    """Return an outcome without its message, as `forget` leaves it on record."""
    if outcome.error is None:
        return outcome
    return replace(outcome, error=replace(outcome.error, message=Message(FORGOTTEN), hint=None))


def _content(outcome: Outcome) -> int:
    """Return a hash of an outcome without the position of its row."""
    return hash(
        (
            outcome.status,
            outcome.row_hash,
            outcome.idempotency_key,
            outcome.external_id,
            outcome.record_url,
            outcome.error,
            outcome.differs,
            outcome.columns,
            outcome.record_key,
            outcome.corrected,
            outcome.may_be,
            outcome.left_out,
            outcome.kept,
            outcome.unproven,
        )
    )
