"""Recognises the rows of a list by their content, before anything is mapped."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from importer.core.records import Outcome, RowIdentity, Status
from importer.core.row_marks import RowMark, Where
from importer.writer.index.created_on_list import CreatedOnList
from importer.writer.state.journal_state import JournalState, Version, VersionKind

_SETTLED = VersionKind.DUPLICATE
"""Versions up to this one settle a row under the same settings."""


@dataclass(slots=True)
class OpenContent:
    """
    A row that its content does not settle, and what is on record of that content.

    `at` is its place in the list, `where` identifies it on record. `versions` are the open versions
    with its content. `original` is the key of the record whose row somebody corrected into this
    one. With `has_ref` the `vorel_ref` of a derived file says which row it is. `duplicate_of` is
    the key of the record of an equal row, or "" if that is not on record. `remaining_copy_of` is
    set if this row repeats one that has left the list: it is the key of that row's record.
    """

    at: int
    where: RowIdentity
    versions: Sequence[Version] = ()
    original: str | None = None
    duplicate_of: str | None = None
    remaining_copy_of: str | None = None
    has_ref: bool = False


@dataclass(slots=True)
class _Rest:
    """
    The rows with one content that is on record, by their places.

    `settled` and `opened` are their numbers on record among equal rows.
    """

    places: list[int] = field(default_factory=list)
    settled: list[int] = field(default_factory=list)
    opened: list[int] = field(default_factory=list)
    record: str | None = None


class ContentMatcher:
    """
    Gives records to rows by their content: that of the record's row, or of a recognised version.

    Call `see` with all rows, in source order, then `finish`. Each record goes to one row: first to
    the row that it was made of, then to the first row that was recognised as its row. With
    `sends_all` each of several equal rows has a record of its own. With `sends_changes` the changes
    that nobody has dealt with are open. With `keeps_places` it keeps whose row is where.
    """

    def __init__(
        self,
        state: JournalState,
        *,
        sends_all: bool = False,
        sends_changes: bool = False,
        keeps_places: bool = False,
    ) -> None:
        self._state = state
        self._sends_all = sends_all
        self._sends_changes = sends_changes
        self._keeps_places = keeps_places
        self._made_at: dict[int, tuple[int, str]] = {}
        """By place: the position of a created row and its content, if places are kept."""
        self._known_at: dict[int, Version] = {}
        """By place: what is on record of any other row that has a record, if they are kept."""
        self._created = CreatedOnList(state.created)
        self._returned = state.returned()
        self._rest: dict[str, _Rest] = {}
        self._named: set[Where] = set()
        self._opened: list[OpenContent] = []
        self._held: dict[str, int] = {}
        self._positions: dict[str, int | None] = {}
        """By key of a record: its only possible position among the created rows."""
        self._repeated: dict[str, Version] = {}
        """By key of a record: the first known row of it, if all of them repeat another row."""
        self._rows_of = Counter[str]()
        """By key of a record: how many known rows have it by other content, but no duplicates."""
        self._duplicates: dict[int, tuple[Version, Outcome]] = {}
        """By place: the rows that were skipped since another row has their record."""
        self.reported: list[Version] = []
        """The versions of known rows that are a change nobody has dealt with."""
        self.rows = 0
        self.known = 0
        self.edited = 0
        """How many rows of derived files have a record, and were edited all the same."""

    def see(self, hashes: Sequence[str], marks: Mapping[int, RowMark] | None = None) -> list[int]:
        """
        Look at the next rows of the list. Returns the indexes of those that are not on record.

        `marks` are the references of rows in derived files (`importer.core.row_marks`).
        """
        first = self.rows
        self.rows += len(hashes)
        if marks:
            return [at - first for at in self._see_derived(first, hashes, marks)]
        back = {*self._returned}.intersection(hashes) if self._returned else ()
        if not self._keeps_places and not back and self._created.take_whole(hashes) is not None:
            self.known += len(hashes)
            return []
        unknown = []
        taken = self._created.take(hashes, without=back)
        have_content = self._state.have_content(hashes)
        for index, (position, is_first) in enumerate(taken):
            if is_first and position is not None:
                self.known += 1
                if self._keeps_places:
                    self._made_at[first + index] = position, hashes[index]
            elif position is not None or have_content[index]:
                self._add(hashes[index], first + index)
            else:
                unknown.append(index)
        return unknown

    def _add(self, source_hash: str, at: int) -> None:
        self._rest.setdefault(source_hash, _Rest()).places.append(at)

    # Rows of derived files name the row that they are

    def _see_derived(
        self, first: int, hashes: Sequence[str], marks: Mapping[int, RowMark]
    ) -> Iterator[int]:
        for index, source_hash in enumerate(hashes):
            at, mark = first + index, marks.get(index)
            ref = mark.ref if mark is not None else None
            was = None if ref is None else ref.where
            is_copy = was in self._named
            if was is not None:
                self._named.add(was)
            is_edited_copy = is_copy and was is not None and was[0] != source_hash
            if mark is not None and mark.has_record and not is_edited_copy:
                self.edited += was is not None and was[0] != source_hash
                self._know(self._state.version(*was) if was is not None else None, at)
            elif was is None or is_copy:
                if self._state.has_content(source_hash) or self._is_created(source_hash):
                    self._add(source_hash, at)
                else:
                    yield at
            elif was[0] == source_hash:
                self._see_named(at, was)
            else:
                self._see_corrected(at, source_hash, was)

    def _is_created(self, source_hash: str) -> bool:
        return self._state.created.find([source_hash])[0] is not None

    def _know(self, version: Version | None, at: int) -> None:
        self.known += 1
        if version is None:
            return
        if self._keeps_places:
            self._known_at[at] = version
        if version.kind is VersionKind.CHANGED:
            self.reported.append(version)
        if version.kind is VersionKind.DUPLICATE and version.outcome is not None:
            self._duplicates[at] = version, version.outcome
        if version.base is None:
            return
        self._rows_of[version.base] += version.kind is not VersionKind.DUPLICATE
        if not _repeats(version):
            self._repeated.pop(version.base, None)
        elif not self.is_held(version.base):
            self._repeated[version.base] = version
        self._held.setdefault(version.base, at)

    def _see_named(self, at: int, was: Where) -> None:
        """Look at a row of a derived file that nobody has edited."""
        version = self._state.version(*was)
        if version is not None and self._is_settled(version):
            self._know(version, at)
        else:
            versions = () if version is None else (version,)
            kept = self._state.refused_versions.get(was)
            one = OpenContent(at, RowIdentity(*was), versions, original=kept, has_ref=kept is None)
            self._opened.append(one)

    def _see_corrected(self, at: int, source_hash: str, was: Where) -> None:
        """Look at a row that somebody has corrected in a derived file."""
        if (kept := self._state.refused_versions.get(was)) is not None:
            where = RowIdentity(*was, corrected=source_hash)
            self._opened.append(OpenContent(at, where, original=kept))
            return
        original = self._state.version(*was)
        if original is None or not self._is_settled(original) or original.base is None:
            is_maybe = original is not None and original.kind is VersionKind.MAYBE
            versions = (original,) if original is not None and is_maybe else ()
            where = RowIdentity(*was, corrected=source_hash)
            self._opened.append(OpenContent(at, where, versions, has_ref=True))
            return
        own = self._state.version(source_hash, 1)
        if own is not None and self._is_settled(own):
            self._know(own, at)
            return
        where = RowIdentity(source_hash, 1, made_as=was)
        self._opened.append(OpenContent(at, where, original=original.base))

    # All rows with content on record

    def _is_settled(self, version: Version) -> bool:
        if self._sends_changes and self._state.is_change(version):
            return False
        return version.kind <= _SETTLED and not self._state.is_new(*version.where)

    def finish(self) -> list[OpenContent]:
        """Return the rows with content on record that it does not settle."""
        versions = self._state.versions_of(self._rest)
        self._look_up(one.base for found in versions.values() for one in found)
        places = self._state.created.find([*self._rest])
        for (source_hash, rest), position in zip(self._rest.items(), places, strict=True):
            if position is not None and self._created.was_met(position):
                rest.settled.append(1)
                rest.record = self._state.created.key(position)
            for version in versions[source_hash]:
                is_left = len(rest.places) > 0 and version.occurrence not in rest.settled
                is_back = self._is_back(version)
                if is_left and version.kind is VersionKind.OWN and not is_back:
                    self._settle(rest, version)
        later = [
            (version, self._rest[source_hash])
            for source_hash, of_content in versions.items()
            for version in of_content
            if version.kind is not VersionKind.OWN
            and self._is_settled(version)
            and not version.is_unwritten
        ]
        for version, rest in sorted(later, key=lambda one: (one[0].kind, one[0].order)):
            # An old row beside the row of its record is a copy of it, and no change back.
            is_copy = version.kind is VersionKind.DUPLICATE and self._is_beside(version)
            is_known = is_copy or not self._is_back(version)
            if rest.places and is_known and self._stays(version, rest):
                self._settle(rest, version)
        for source_hash, rest in self._rest.items():
            self._open_rest(source_hash, rest, versions[source_hash])
        return sorted(self._opened, key=lambda one: one.at)

    def _settle(self, rest: _Rest, version: Version) -> None:
        at = rest.places.pop(0)
        rest.settled.append(version.occurrence)
        rest.record = rest.record or version.base
        self._know(version, at)

    def _is_back(self, version: Version) -> bool:
        """Return whether a row has its old content again, and that is not what is known of it."""
        return version.source_hash in self._returned and self._state.is_back(version)

    def _is_beside(self, version: Version) -> bool:
        """Return whether another row has the record of a version."""
        return version.base is not None and self.is_held(version.base)

    def _stays(self, version: Version, rest: _Rest) -> bool:
        """Return whether the decision of an earlier run, or of a person, still holds for a row."""
        if version.kind in {VersionKind.DEALT_WITH, VersionKind.DUPLICATE}:
            return True
        if version.kind is VersionKind.CHANGED and self._has_own_request(version):
            return False
        if version.kind is VersionKind.CHANGED:
            is_held = version.base is not None and self.is_held(version.base)
            return not (is_held and self._sends_all)
        if version.base is None or self.is_held(version.base):
            return False
        return self._sends_all or rest.record is None

    def _has_own_request(self, version: Version) -> bool:
        states = map(self._state.keys.find, self._state.keys.sent_keys(version.source_hash))
        return any(state is not None and state.is_unclear for state in states)

    def _open_rest(self, source_hash: str, rest: _Rest, versions: Sequence[Version]) -> None:
        """Open the rows of one content that are left, each with its number among equal rows."""
        taken = {*rest.settled}
        left = {one.occurrence: one for one in versions if one.occurrence not in taken}
        # Rows with something of their own on record come first.
        free = sorted(left)
        number = 0
        for at in rest.places:
            if free:
                occurrence = free.pop(0)
            else:
                number += 1
                while number in taken or number in left:
                    number += 1
                occurrence = number
            rest.opened.append(occurrence)
            where = RowIdentity(source_hash, occurrence)
            version = left.get(occurrence)
            is_open = version is not None and (
                version.is_unwritten
                or self._is_back(version)
                or version.kind is VersionKind.MAYBE
                or (version.kind is VersionKind.CHANGED and self._sends_changes)
            )
            one = OpenContent(at, where, (version,) if is_open and version is not None else ())
            is_new = self._state.is_new(source_hash, occurrence)
            if rest.settled and not self._sends_all and not is_new and not is_open:
                one.duplicate_of = rest.record or ""
            self._opened.append(one)

    # Afterwards

    def places(self) -> Iterator[tuple[int, Version]]:
        """
        Yield each row that has a record of its own, with its place.

        It leaves out rows whose change nobody has dealt with.
        """
        created = self._state.created
        for at, (position, source_hash) in self._made_at.items():
            base = created.key(position)
            if base is not None:
                yield at, Version(VersionKind.OWN, source_hash, 1, base)
        for at, version in self._known_at.items():
            if version.kind <= VersionKind.DEALT_WITH:
                yield at, version

    @property
    def duplicates(self) -> list[Outcome]:
        """The outcomes of the rows that were skipped since another row has their record."""
        return [outcome for _, outcome in self._duplicates.values()]

    def shared(self, others: Counter[str]) -> int:
        """
        Return how many rows, but no duplicates, have a record that another one has.

        `others` counts the rows that are not known by their content, by the key of their record.
        """
        rows_of = self._rows_of + others
        self._look_up(base for base in rows_of if base not in self._positions)
        return sum(
            rows - 1 + self._has_met(self._positions[base], base) for base, rows in rows_of.items()
        )

    def open_remaining_copies(self) -> list[OpenContent]:
        """
        Open the first row that repeats the row of a record, where that one has left the list.

        Such a row may differ from the record. Call `keep` with those that do not get it.
        """
        opened = []
        for base, version in sorted(self._repeated.items()):
            at = self._held.pop(base)
            self._duplicates.pop(at, None)
            self.known -= 1
            self._rows_of[base] -= version.kind is not VersionKind.DUPLICATE
            versions = () if version.kind is VersionKind.DUPLICATE else (version,)
            opened.append(
                OpenContent(at, RowIdentity(*version.where), versions, remaining_copy_of=base)
            )
        return opened

    def keep(self, copy: OpenContent) -> None:
        """Let a row of `open_remaining_copies` be what it was before."""
        if copy.remaining_copy_of is not None:
            self._know(self._repeated[copy.remaining_copy_of], copy.at)

    def recognise(self, bases: Mapping[int, str]) -> Iterator[int]:
        """
        Give records, by their keys, to rows that are sent with the values they were made of.

        Yields the place of each row that gets its record: no row that is known by its content, or
        comes before it, has that.
        """
        positions = self._state.created.find_keys([*bases.values()])
        for (at, base), position in zip(bases.items(), positions, strict=True):
            if base not in self._held and not self._has_met(position, base):
                self.known += 1
                self._rows_of[base] += 1
                self._held.setdefault(base, at)
                yield at

    def has_row_of(self, version: Version) -> bool:
        """Return whether the list has the row of a version, unchanged."""
        rest = self._rest.get(version.source_hash)
        return rest is not None and version.occurrence in (*rest.settled, *rest.opened)

    def is_held(self, base: str) -> bool:
        """Return whether the record of a key is that of a row known by its content."""
        if base in self._held:
            return True
        if base not in self._positions:
            self._look_up([base])
        return self._has_met(self._positions[base], base)

    def _look_up(self, bases: Iterable[str | None]) -> None:
        """Look up where the lines of records can be; many at once are much quicker than each."""
        new = [one for one in dict.fromkeys(bases) if one]
        self._positions.update(zip(new, self._state.created.find_keys(new), strict=True))

    def _has_met(self, position: int | None, base: str) -> bool:
        """Return whether the list has the created row at the only possible position of a key."""
        if position is None or not self._created.was_met(position):
            return False
        return self._state.created.key(position) == base

    def place_of(self, base: str) -> int | None:
        """Return the place of the row that has a record, if it is known one by one."""
        return self._held.get(base)


def _repeats(version: Version) -> bool:
    """Return whether a row shares the record of another row."""
    outcome = version.outcome
    was_possible = outcome is not None and outcome.status is Status.POSSIBLE_DUPLICATE
    return version.kind is VersionKind.DUPLICATE or was_possible
