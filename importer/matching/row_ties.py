"""Finds what ties a row to what is on record: by its content, by its keys, and by hashes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, product

from importer.core import keys
from importer.core.objects import PEOPLE
from importer.core.records import Status
from importer.matching.hashes import MatchHashes, hasher_of
from importer.matching.open_rows import Candidate, ListRows, OpenRow
from importer.matching.policy import Policy
from importer.matching.row_form import RowForm
from importer.matching.ties import IDENTITY_ALONE, MAYBE_ALIKE, Level, Tie, is_change, tie_of
from importer.writer.index.match_hash_index import HashedLine, MatchHashIndex
from importer.writer.state.idempotency_keys import KeyState
from importer.writer.state.journal_state import JournalState, Version, VersionKind

_MANY_KEYS = 100_000
"""More equal rows than these are not counted by their keys."""


@dataclass(frozen=True, slots=True)
class Edge:
    """
    A tie of a row to a record or request: to what was sent, or to a `version` on record.

    `is_today`: both are sent with the same values by today's mapping, in any spelling.
    `agreeing`: how many details they share; it orders ties of one rank.
    `is_other_row`: in a derived file, the record belongs to a row that the file lacks.
    """

    tie: Tie
    row: OpenRow
    version: Version | None = None
    is_today: bool = False
    same_identity: bool = False
    same_name: bool = False
    same_first: bool = False
    is_other_row: bool = False
    agreeing: int = 0

    @property
    def contradicts(self) -> bool:
        """Whether the identity, or an id, is that of the record, and nothing else of it."""
        is_by_id = self.tie == IDENTITY_ALONE and self.row.record.object not in PEOPLE
        return is_by_id or (self.same_identity and not self.same_name)

    @property
    def is_change(self) -> bool:
        """Whether the row has other values than the record, also if that was reported before."""
        told = None if self.version is None else self.version.outcome
        return is_change(self.tie) or (told is not None and told.status is Status.CHANGED)


@dataclass(frozen=True, slots=True)
class Hit:
    """A version of a candidate that shares a hash with a row."""

    candidate: Candidate
    salt: str
    hashes: MatchHashes
    version: Version | None


class RowTies:
    """
    The ties of the rows of a list.

    Call `add` with all rows first: whether a detail is that of one person alone depends on all of
    them. `mappings` has the SHA-256 of the files of `EarlierMappings.comparable`. Without
    `list_rows` no row of the list is settled.
    """

    def __init__(
        self,
        state: JournalState,
        policy: Policy,
        *,
        object_: str,
        on_record: MatchHashIndex | None,
        mappings: Collection[str | None] = (),
        list_rows: ListRows | None = None,
    ) -> None:
        self._state = state
        self._policy = policy
        self._object = object_
        self._on_record = on_record
        self._mappings = mappings
        self._list_rows = list_rows
        self._candidates: dict[str, Candidate | None] = {}
        self._hits: dict[int, list[Hit]] = {}
        self._by_hash: dict[str, list[Version]] = defaultdict(list)
        self._by_key: dict[str, list[Version]] = defaultdict(list)
        self._copies: dict[str, list[Version]] = defaultdict(list)
        """By key of a record: the versions of rows that repeat it, or may."""
        self._owners_of: dict[str, dict[str, set[str]]] = defaultdict(dict)
        """By detail, with its salt: the names of those on record who have it, by first record."""
        self._names_with: dict[str, list[frozenset[str]]] = defaultdict(list)
        """By detail, with its salt: the names of the rows that have it."""
        self._equal_rows: dict[object, list[OpenRow]] = defaultdict(list)
        """By meaning: the rows that have it."""
        self._declared_new: set[tuple[str | None, object]] = set()
        """Records with the values of the rows that a person has said to be somebody else."""
        for version in state.reported():
            if version.is_new and not version.is_like_another:
                self._declared_new.add((version.base, version.meaning))
            if version.key is not None:
                self._by_key[version.key].append(version)
            base = version.base or version.key
            if base is not None and _is_copy(version):
                self._copies[base].append(version)
            if version.hashes is not None:
                for one in MatchHashes.parse(version.hashes).findable():
                    self._by_hash[version.salt + one].append(version)

    def add(self, rows: Iterable[OpenRow], *, are_equal_ones_counted: bool = True) -> None:
        """Look rows up, and note their names and details."""
        for row in rows:
            if are_equal_ones_counted:
                self._equal_rows[row.meaning].append(row)
            self._hits[row.at] = list(self._look_up(row))
            self._note_name(row)

    def equal_rows(self, row: OpenRow) -> Sequence[OpenRow]:
        """Return the rows of the list that mean the same, this one among them."""
        return self._equal_rows[row.meaning]

    def hits(self, row: OpenRow) -> Sequence[Hit]:
        """Return what shares a hash with a row."""
        return self._hits[row.at]

    def same_fields(self, row: OpenRow, candidate: Candidate) -> tuple[str, ...]:
        """Return the fields of a row by which a person sees that it may be that of a record."""
        object_, fields = row.record.object, row.record.fields
        found: set[str] = set()
        for hit in self._hits[row.at]:
            if hit.candidate is candidate and belongs(hit.version):
                found |= hasher_of(hit.salt).same_fields(object_, fields, hit.hashes)
        return tuple(name for name in fields if name in found)

    def versions_alike(self, row: OpenRow) -> Iterator[Version]:
        """Yield the versions that mean the same as a row."""
        for salt in row.salts:
            yield from self._by_hash.get(f"{salt}m{row.today.hashes(salt).meaning}", ())

    def copies(self, base: str) -> Sequence[Version]:
        """Return the versions of rows that repeat a record, or of which somebody was asked that."""
        return self._copies.get(base, ())

    def candidate(self, base: str) -> Candidate | None:
        """Return the record or the open request of a key, or None."""
        if base not in self._candidates:
            self._candidates[base] = self._read_candidate(base)
        return self._candidates[base]

    def _read_candidate(self, base: str) -> Candidate | None:
        state = self._state.keys.find(base)
        if state is None or state.is_refused:
            return None
        if self._corrected_record(state) is not None:
            return None  # its row has a record: a person has looked, this request made none
        is_known = self._list_rows is not None and self._list_rows.is_held(base)
        return Candidate(base, state, is_known=is_known)

    def _look_up(self, row: OpenRow) -> Iterator[Hit]:
        """Yield versions that share a hash with a row, under today's mapping or an earlier one."""
        seen: set[tuple[str, str, MatchHashes, bool]] = set()
        for salt, form in product(row.salts, row.forms):
            for hit in self._sharing(salt, form.hashes(salt)):
                does_belong = belongs(hit.version)
                if (one := (hit.candidate.base, salt, hit.hashes, does_belong)) not in seen:
                    seen.add(one)
                    first = self._state.keys.first_of(hit.candidate.base)
                    for detail in _details(hit.hashes) if does_belong else ():
                        owners = self._owners_of[salt + detail]
                        owners.setdefault(first, set()).update(hit.hashes.names)
                    yield hit

    def _sharing(self, salt: str, hashes: MatchHashes) -> Iterator[Hit]:
        on_record: Iterable[HashedLine] = ()
        if self._on_record is not None:
            on_record = self._on_record.find(hashes.findable(), hashes.compared())
        for key, source_hash, sent, read_at in on_record:
            candidate = self.candidate(keys.key_base(key))
            if read_at is not None:
                read_by = self._state.history.mapping_at(read_at)
                is_today = read_by in self._mappings
                if candidate is not None and (is_today or not self._is_known_today(candidate)):
                    version = Version(
                        VersionKind.KNOWN if is_today else VersionKind.MAYBE,
                        *(source_hash, 1, candidate.base),
                        hashes=sent,
                        salt=salt,
                        mapping=read_by,
                    )
                    yield Hit(candidate, salt, MatchHashes.parse(sent), version)
                continue
            # All requests with the keys of earlier attempts were clearly refused.
            is_over = candidate is None or candidate.state.key(candidate.base) != key
            if candidate is None or is_over:
                continue
            if not self._state.keys.was_made_by_another(key, source_hash):
                yield Hit(candidate, salt, MatchHashes.parse(sent), None)
        for one in hashes.findable():
            for version in self._by_hash.get(salt + one, ()):
                said = version.base, version.meaning
                if said in self._declared_new and not version.is_like_another:
                    continue  # a person has said that it does not belong to that record
                candidate = None if version.base is None else self.candidate(version.base)
                if candidate is not None and version.hashes is not None:
                    yield Hit(candidate, salt, MatchHashes.parse(version.hashes), version)

    def _is_known_today(self, record: Candidate) -> bool:
        """Return whether today's mapping may have made a record, or has read its row."""
        return self.is_by_today(record) or record.base in self._read_today

    @cached_property
    def _read_today(self) -> AbstractSet[str]:
        return self._state.read_by(self._mappings)

    def _note_name(self, row: OpenRow) -> None:
        for salt in row.salts:
            names = row.today.hashes(salt).names
            forms = row.forms if names else ()
            for detail in {one for form in forms for one in form.hashes(salt).details}:
                self._names_with[salt + detail].append(names)

    def _is_own(self, salt: str) -> Callable[[str], bool]:
        """Return a function that returns whether only people of one name have a detail."""

        def is_own(detail: str) -> bool:
            rows = self._names_with.get(salt + detail, ())
            owners = [*self._owners_of.get(salt + detail, {}).values()]
            return _are_one(rows) and (len(owners) < 2 or _are_one(owners))

        return is_own

    def is_by_today(self, candidate: Candidate) -> bool:
        """Return whether a record may have been made with today's mapping."""
        return any(self._was_mapped_by(candidate.base, one) for one in self._mappings)

    def keys_on_record(self, key: Callable[[int], str]) -> Iterator[str]:
        """Yield the keys on record of equal rows."""
        for number in range(1, _MANY_KEYS):
            if self._state.keys.find(base := key(number)) is None:
                return
            yield base

    def edges(self, rows: Sequence[OpenRow]) -> dict[Candidate, list[Edge]]:
        """
        Return the ties of equal rows to records and open requests, the strongest first.

        If a changed row was sent, what ties a row to the first record ties it to the latest.
        """
        edges: dict[Candidate, list[Edge]] = defaultdict(list)
        for row in rows:
            for base, edge in self._and_to_latest(self._edges_of(row)):
                candidate = self.candidate(base)
                judged = None if candidate is None else self._judged(row, candidate, edge)
                if candidate is not None and judged is not None:
                    edges[candidate].append(judged)
        for candidate, found in edges.items():
            found.sort(
                key=lambda edge: (
                    edge.tie,
                    self.is_back(candidate.base, edge.version),
                    -edge.agreeing,
                )
            )
        return edges

    def _and_to_latest(self, edges: Iterable[tuple[str, Edge]]) -> Iterator[tuple[str, Edge]]:
        """Yield ties; those to a record whose changed row was sent are ties to the later record."""
        for base, edge in edges:
            latest = self._state.keys.latest_of(base)
            is_told_before = edge.version is not None and self._state.is_followed(edge.version)
            is_its_own = edge.tie.level is Level.ALIKE and not is_told_before
            if latest == base or is_its_own or edge.row.content.original is not None:
                yield base, edge
                continue
            yield latest, edge
            if edge.tie.level is Level.CERTAIN:
                yield base, replace(edge, tie=_FOLLOWED)
            elif edge.same_first:
                yield base, edge

    def closest(self, row: OpenRow) -> tuple[Tie, Candidate] | None:
        """Return the strongest tie of a row to a record, and the record."""
        found = [
            (edge.tie, candidate)
            for base, edge in self._edges_of(row)
            if (candidate := self.candidate(base)) is not None and candidate.is_made
        ]
        return min(found, key=lambda one: one[0], default=None)

    def _judged(self, row: OpenRow, candidate: Candidate, edge: Edge) -> Edge | None:
        """Return the edge, weaker or None if the list is incomplete or the row is undecided."""
        is_alike = edge.tie.level is Level.ALIKE
        is_unknown = not row.content.versions or row.is_declared_new
        if is_unknown and self._list_rows and self._list_rows.is_other_row(row, candidate):
            is_copy = is_alike and not self._policy.sends_all
            return replace(edge, is_other_row=True) if is_copy else None
        if is_alike and self._has_fewer_details(row, candidate, edge.version):
            return replace(edge, tie=MAYBE_ALIKE)
        # In a part of the list, the record may be that of an equal row which is not in it.
        is_part = row.content.has_ref and self._policy.sends_all
        # Until somebody has decided, nothing makes a possible duplicate that record's row; equal
        # rows are decided about by what is to be done with them.
        versions = row.content.versions
        is_maybe = any(one.kind is VersionKind.MAYBE and not one.is_new for one in versions)
        is_undecided = is_maybe and candidate.is_made
        is_for_policy = is_alike and self._policy.on_duplicate is not None
        is_certain = edge.tie.level is not Level.MAYBE
        if (is_alike and is_part) or (is_certain and is_undecided and not is_for_policy):
            return replace(edge, tie=MAYBE_ALIKE)
        return edge

    def _has_fewer_details(
        self, row: OpenRow, candidate: Candidate, version: Version | None
    ) -> bool:
        """
        Return whether a row has no detail, and the record that its values are those of has some.

        The record was made of a name alone, and its row has got an address since. That says nothing
        of a row whose content is on record, that names its record, or that a person has decided
        about.
        """
        is_decided = version is not None and version.kind is VersionKind.DEALT_WITH
        is_named = row.content.original == candidate.base
        if (
            is_decided
            or is_named
            or any(one.base == candidate.base for one in row.content.versions)
        ):
            return False
        if any(form.hashes(salt).details for salt, form in product(row.salts, row.forms)):
            return False
        hits = (hit for hit in self._hits[row.at] if hit.candidate is candidate)
        return any(hit.hashes.details for hit in hits if belongs(hit.version))

    def _edges_of(self, row: OpenRow) -> Iterator[tuple[str, Edge]]:
        if (original := row.content.original) is not None:
            edges = chain(self._edges_by_key(row), self._edges_by_hash(row))
            its_edges = (edge for base, edge in edges if base == original)
            alike = next((edge for edge in its_edges if edge.tie.level is Level.ALIKE), None)
            tie = Tie(Level.CERTAIN if alike is None else Level.ALIKE, 0)
            yield original, Edge(tie, row, None if alike is None else alike.version)
            return
        for version in row.content.versions:
            if version.base is not None:
                tie = self._as_version(Tie(Level.ALIKE, 0), version)
                yield version.base, Edge(tie, row, version)
        yield from self._edges_by_key(row)
        yield from self._edges_by_hash(row)

    def _edges_by_key(self, row: OpenRow) -> Iterator[tuple[str, Edge]]:
        marked = {hit.candidate.base for hit in self._hits[row.at]}
        today = row.today
        for base in (*self.keys_on_record(today.key), today.row_key()):
            state = self._state.keys.find(base)
            if state is None:
                continue
            if today.was_sent(state.row_hash):
                made = self._corrected_record(state) or base
                yield made, Edge(self._tie_alike(row, 0), row, is_today=True)
            elif base not in marked:  # without hashes there is nothing else to compare
                yield base, Edge(Tie(Level.CERTAIN, 1), row, same_identity=True, same_name=True)
        for key in (today.key(1), today.row_key()):
            for base, version in self._versions_by_key(key, row, today, self._mappings):
                tie = self._as_version(self._tie_alike(row, 0), version)
                yield base, Edge(tie, row, version, is_today=True)
        yield from self._edges_by_earlier_key(row)

    def _edges_by_earlier_key(self, row: OpenRow) -> Iterator[tuple[str, Edge]]:
        for form in row.earlier:
            for base in self.keys_on_record(form.key):
                state = self._state.keys.find(base)
                if state is None or not form.was_sent(state.row_hash):
                    continue
                made = self._corrected_record(state) or base
                if self._was_mapped_by(made, form.mapping) and not self._is_read_today(row, made):
                    yield made, Edge(self._tie_alike_then(row, form, 1, made), row)
            for base, version in self._versions_by_key(form.key(1), row, form, {form.mapping}):
                tie = self._tie_alike_then(row, form, 1, base)
                yield base, Edge(self._as_version(tie, version), row, version)

    def _versions_by_key(
        self, key: str, row: OpenRow, form: RowForm, mappings: Collection[str | None]
    ) -> Iterator[tuple[str, Version]]:
        """Yield the records and the versions with a key of a form that were sent like a row."""
        for version in self._by_key.get(key, ()):
            if not _is_by(version, mappings):
                continue
            if version.base is not None and _was_sent_like(version, form, row):
                yield version.base, version

    def _was_mapped_by(self, base: str, mapping: str | None) -> bool:
        """Return whether what was sent with a key may have been mapped by this mapping."""
        state = self._state.keys.find(base)
        return state is not None and self._state.history.mapped_in(state.run, mapping)

    def _corrected_record(self, state: KeyState) -> str | None:
        """Return the key of the record that a correction of a rejected row has made, if any."""
        if state.is_created:
            return None
        version = self._state.version(state.source_hash, state.occurrence)
        is_own = version is not None and version.kind is VersionKind.OWN
        return version.base if version is not None and is_own else None

    def _edges_by_hash(self, row: OpenRow) -> Iterator[tuple[str, Edge]]:
        for hit in self._hits[row.at]:
            mine = row.today.hashes(hit.salt)
            tie = self._tie(mine, hit) if _is_by(hit.version, self._mappings) else None
            is_today = tie is not None and tie.level is Level.ALIKE
            ties = [self._tie_alike(row, 2) if is_today else tie, *self._ties_then(row, hit)]
            found = [one for one in ties if one is not None]
            if found:
                yield (
                    hit.candidate.base,
                    Edge(
                        self._as_version(min(found, key=_in_order), hit.version),
                        row,
                        hit.version,
                        is_today=is_today,
                        same_identity=mine.identity is not None
                        and mine.identity == hit.hashes.identity,
                        same_name=_has_same_name(mine, hit.hashes),
                        same_first=not mine.first.isdisjoint(hit.hashes.first),
                        agreeing=len(mine.details & hit.hashes.details),
                    ),
                )

    def _tie(self, mine: MatchHashes, hit: Hit) -> Tie | None:
        return tie_of(self._object, mine, hit.hashes, self._is_own(hit.salt))

    def _ties_then(self, row: OpenRow, hit: Hit) -> Iterator[Tie | None]:
        """
        Yield the ties of a row under the mappings of earlier runs.

        What was sent is compared under the mapping it was sent with, if that is on record.

        An identity that is not that of today makes two the same person no more than perhaps. Once
        today's mapping has read a record's row, earlier ones say nothing about that record.
        """
        if self._is_read_today(row, hit.candidate.base):
            return
        run = hit.candidate.state.run if hit.version is None else None
        for form in row.earlier:
            was_so = self._state.history.mapped_in(run, form.mapping)
            if not was_so or not _is_by(hit.version, {form.mapping}):
                continue
            mine = form.hashes(hit.salt)
            tie = self._tie(mine, hit)
            if mine.identity != row.today.hashes(hit.salt).identity:
                others = self._tie(replace(mine, identity=None), hit)
                by_identity = None if tie is None else max(tie, IDENTITY_ALONE)
                tie = min((one for one in (others, by_identity) if one), default=None)
            if tie is not None and tie.level is Level.ALIKE:
                tie = self._tie_alike_then(row, form, 3, hit.candidate.base)
            yield tie

    def _is_read_today(self, row: OpenRow, base: str) -> bool:
        """Return whether today's mapping has read a record's row, and this row is like it."""
        versions = (one.version for one in self._hits[row.at] if one.candidate.base == base)
        return any(
            one is not None and belongs(one) and one.mapping in self._mappings and one.mapping
            for one in versions
        )

    def _as_version(self, tie: Tie, version: Version | None) -> Tie:
        """Return a tie through a version: no stronger than what ties that version to the record."""
        if version is None:
            return tie
        if version.kind is VersionKind.MAYBE or version.is_other_row:
            return max(tie, Tie(Level.MAYBE, 0))
        if tie.level is not Level.ALIKE:
            return tie
        if self._policy.on_change == "send" and self._state.is_change(version):
            return Tie(Level.CERTAIN, 0)
        return tie

    def _tie_alike(self, row: OpenRow, rank: int) -> Tie:
        """
        Return the tie of a row that is sent with the same values as a record.

        It is a maybe by a mapping that sends too little, if an earlier one of the row sent more.
        `rank` is that of `Tie`.
        """
        if rank in _TODAY and _was_told_apart(row):
            return MAYBE_ALIKE
        return Tie(Level.ALIKE, rank)

    def _tie_alike_then(self, row: OpenRow, form: RowForm, rank: int, base: str) -> Tie:
        """
        Return the tie of a row that an earlier mapping sends with the values of a record.

        A mapping without details says little of a record that was made with details.
        """
        is_less = row.has_detail and not form.hashes(row.salts[0]).details
        if not form.is_telling or (is_less and self._was_made_with_details(row, base)):
            return MAYBE_ALIKE
        return self._tie_alike(row, _LESS if is_less else rank)

    def _was_made_with_details(self, row: OpenRow, base: str) -> bool:
        """Return whether a record may have been made by a mapping that reads details of a row."""
        telling = [form for form in row.earlier if form.hashes(row.salts[0]).details]
        mappings = [*self._mappings, *(form.mapping for form in telling)]
        return any(self._was_mapped_by(base, one) for one in mappings)

    def is_back(self, base: str, version: Version | None) -> bool:
        """Return whether a row has its old content again, although its record was updated since."""
        if version is None:
            return self._state.was_overtaken(base)
        return self._state.is_overtaken(version)


_FOLLOWED = Tie(Level.CERTAIN, 5)
"""The record was followed by another one of the same person."""
_LESS = 4
"""The rank of a tie by an earlier mapping that sent no detail, where today's does."""
_TODAY = {0, 2}
"""The ranks of ties by the mapping of today."""


def _are_one(names: Sequence[AbstractSet[str]]) -> bool:
    """Return whether all have a name in common."""
    return not names or bool(frozenset.intersection(*map(frozenset, names)))


def belongs(version: Version | None) -> bool:
    """Return whether a version certainly belongs to its record, so that its details count."""
    return version is None or version.kind is not VersionKind.MAYBE


def _is_copy(version: Version) -> bool:
    """Return whether a version is that of a row that repeats the row of a record, or may."""
    is_skipped = version.kind is VersionKind.DUPLICATE
    return is_skipped or (version.is_like_another and not version.is_new)


def _details(hashes: MatchHashes) -> Collection[str]:
    """Return the hashes of the details of somebody, the identity among them."""
    return hashes.details if hashes.identity is None else {*hashes.details, hashes.identity}


def _in_order(tie: Tie) -> tuple[bool, Tie]:
    """Return a sort key for ties: unchanged values first."""
    return is_change(tie), tie


def _was_told_apart(row: OpenRow) -> bool:
    """Return whether only an earlier mapping has sent what tells a row from all others."""
    return not row.today.is_telling and any(form.is_telling for form in row.earlier)


def _was_sent_like(version: Version, form: RowForm, row: OpenRow) -> bool:
    """Return whether a version with the key of `form` has all values that a row is sent with."""
    if (is_just_that := form.was_sent(version.row_hash)) is not None:
        return is_just_that
    meaning = None if version.hashes is None else MatchHashes.parse(version.hashes).meaning
    forms = row.forms if version.salt else ()
    return any(one.hashes(version.salt).meaning == meaning for one in forms)


def _is_by(version: Version | None, mappings: Collection[str | None]) -> bool:
    """
    Return whether a version may be compared with a row as the mapping of these files maps it.

    Its hashes are those of its row by the mapping of the run that has reported or recognised it.
    """
    return version is None or version.mapping is None or version.mapping in mappings


def _has_same_name(one: MatchHashes, other: MatchHashes) -> bool:
    """Return whether two rows of one identity have the same name, or other details without one."""
    given = (
        (one.names, other.names),
        (one.first, other.first),
        (one.details - one.of_identity, other.details - one.of_identity),
    )
    both = next(((mine, theirs) for mine, theirs in given if mine and theirs), None)
    return both is None or not both[0].isdisjoint(both[1])
