"""
Decides who on the list is who on record, for the whole list at once.

`importer.matching.content` has given records to the rows that are known by their content. This
module matches the other rows with the records that are left, the strongest ties first: alike,
certain, maybe (`importer.matching.ties`). After the records of each level it gives out the requests
without a clear answer, which may have made a record. docs/reliability.md describes the same steps.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from importer.core import keys
from importer.core.records import Status
from importer.matching.assignment import assign
from importer.matching.hashes import MatchHashes
from importer.matching.match_texts import PEOPLE, is_telling
from importer.matching.open_rows import (
    KNOWN,
    Candidate,
    MappedRow,
    OpenRow,
    RowVerdict,
    is_sent,
)
from importer.matching.policy import Policy
from importer.matching.reasons import Reason, Say
from importer.matching.ties import MAYBE_ALIKE, NAME_ALONE, Level, Tie, is_change, tie_of
from importer.writer import JournalState, KeyState, Version, VersionKind

_MANY_KEYS = 100_000
"""More equal rows than these are not counted by their keys."""


class HashesOnRecord(Protocol):
    """The hashes of the requests of earlier runs."""

    def find(
        self, findable: Sequence[str], compared: Sequence[str] = ()
    ) -> Iterator[tuple[str, str, str]]:
        """Yield key, source hash and hashes of each request with one of the findable hashes."""


@dataclass(eq=False)
class _Unit:
    """
    Equal rows, which are one record. `row` is the one that the record was given to.

    `shared` are the values by which rows are of one unit.
    """

    rows: list[OpenRow]
    shared: list[object] = field(default_factory=list)
    candidate: Candidate | None = None
    tie: Tie | None = None
    row: OpenRow | None = None
    version: Version | None = None
    is_copy: bool = False
    """Whether it is a duplicate of a row that has a record."""

    @property
    def has_own_request(self) -> bool:
        """Whether it has the request that was made for just this content."""
        state = None if self.candidate is None else self.candidate.state
        return state is not None and state.source_hash == self.first.where.source_hash

    @property
    def first(self) -> OpenRow:
        return self.row or self.rows[0]


@dataclass(frozen=True, slots=True)
class _Edge:
    """A tie of a row to a candidate: to what was sent, or to a `version` on record."""

    tie: Tie
    row: OpenRow
    version: Version | None = None
    is_today: bool = False
    """Whether both are sent with the same values by today's mapping, in any spelling."""
    same_identity: bool = False
    same_name: bool = False
    is_other_row: bool = False
    """Whether the record belongs to another row, which is not in this part of the list."""


@dataclass(frozen=True, slots=True)
class _Hit:
    """A version of a candidate that shares a hash with a row."""

    candidate: Candidate
    salt: str
    hashes: MatchHashes
    version: Version | None


class Matcher:
    """
    Matches the open rows of a list with what is on record.

    `rows` is how many rows the list has, `known` how many of them are known by their content. The
    functions answer questions of the matcher: `is_held` whether a row known by its content has the
    record of a key, `is_too_old` whether the service may have forgotten a key, `has_row_of` whether
    the list has a row with just the content of a version, and `is_other_row` whether the row of a
    derived file and the row of a record are two rows of one list. `today` maps rows that have
    records again, by the keys of these; it is needed if an earlier run had another mapping.
    """

    def __init__(
        self,
        state: JournalState,
        policy: Policy,
        *,
        object_: str,
        rows: int,
        known: int,
        is_held: Callable[[str], bool],
        is_too_old: Callable[[KeyState], bool],
        on_record: HashesOnRecord | None = None,
        today: Callable[[Collection[str]], Mapping[str, OpenRow]] = lambda _: {},
        is_other_row: Callable[[OpenRow, Candidate], bool] = lambda *_: False,
        has_row_of: Callable[[Version], bool] = lambda _: False,
    ) -> None:
        self._state = state
        self._policy = policy
        self._object = object_
        self._rows = rows
        self._known = known
        self._is_held = is_held
        self._is_too_old = is_too_old
        self._on_record = on_record
        self._today = today
        self._is_other_row = is_other_row
        self._has_row_of = has_row_of
        self._candidates: dict[str, Candidate | None] = {}
        self._hits: dict[int, list[_Hit]] = {}
        self._by_hash: dict[str, list[Version]] = defaultdict(list)
        self._by_key: dict[str, list[Version]] = defaultdict(list)
        self._bases_with: dict[str, set[str]] = defaultdict(set)
        """By detail, with its salt: the keys of the records that have it."""
        self._names_with: dict[str, list[frozenset[str]]] = defaultdict(list)
        """By detail, with its salt: the names of the rows that have it."""
        self._equal_rows: dict[object, int] = defaultdict(int)
        """By meaning: how many rows have it."""
        self._holders: dict[int, OpenRow] = {}
        """By place: the rows that have got a record or a request."""
        self._owners: Mapping[str, OpenRow] = {}
        """By key: known rows that were mapped again, each with its record."""
        self._with_heirs: set[str] = set()
        """Keys of records that rows are left to have if no row has them that has changed."""
        self._used: set[str] = set()
        """Keys that no other row may be sent with."""
        self._open_requests: dict[str, list[Candidate]] = {}
        """By source hash: requests without a clear answer that no row has got yet."""
        self._used_decisions: set[tuple[str, int]] = set()
        self._sent_as_decided: Counter[str] = Counter()
        """By key: how many rows are sent since a person has declared an equal one new."""
        self.contradictions = 0
        """How many rows have the identity of a record, or of another row, that is somebody else."""
        for version in state.reported():
            if version.key is not None:
                self._by_key[version.key].append(version)
            if version.hashes is not None:
                for one in MatchHashes.parse(version.hashes).findable():
                    self._by_hash[version.salt + one].append(version)

    def match(  # noqa: C901 - the steps of docs/reliability.md
        self, rows: Sequence[OpenRow], heirs: Sequence[OpenRow] = ()
    ) -> dict[int, RowVerdict]:
        """
        Return the verdict about each row, by its place in the list.

        `heirs` are rows that repeat another one which has left the list. They have, or may have,
        that one's record, unless another row has got it: then there is no verdict about them.
        """
        found: dict[int, RowVerdict] = {}
        self._with_heirs = {row.heir_of for row in heirs if row.heir_of is not None}
        for row in rows:
            self._equal_rows[row.meaning] += 1
            self._hits[row.at] = [] if row.is_new else list(self._look_up(row))
        for row in rows:
            row.is_new = row.is_new or self._was_decided_new(row)
            self._note_name(row)
        units = self._units([row for row in rows if not row.is_new])
        edges = {unit: self._edges(unit) for unit in units}
        self._give_own_requests(units)
        for level in Level:
            if level is Level.MAYBE and not self._is_in_use(units, edges):
                _drop_names_alone(edges)
            for is_made in (True, False):
                self._give(units, edges, level, is_made=is_made)
            if level is Level.ALIKE:
                self._map_owners(units, edges)
                self._leave_out_copies(units, edges)
        for unit in units:
            for row, verdict in self._verdicts(unit, edges[unit]):
                found[row.at] = verdict
        self._compare_new(units, found)
        for row in rows:
            if row.is_new:
                key = self._free_key(row.row_key)
                found[row.at] = RowVerdict(Say.NEW, Reason.DECIDED_NEW, key=key)
            elif found[row.at].say is Say.NEW and found[row.at].key is None:
                found[row.at].key = self._free_key(row.key)
        for row in heirs:
            found |= self._match_heir(row)
        return found

    def closest(self, rows: Sequence[OpenRow]) -> Iterator[tuple[int, Tie, Candidate]]:
        """Yield (place, tie, record) for the strongest tie of each row."""
        for row in rows:
            self._hits[row.at] = list(self._look_up(row))
            self._note_name(row)
        for row in rows:
            found = [
                (edge.tie, candidate)
                for base, edge in self._edges_of(row)
                if (candidate := self._candidate(base)) is not None and candidate.is_made
            ]
            if found:
                yield row.at, *min(found, key=lambda one: one[0])

    def _match_heir(self, row: OpenRow) -> dict[int, RowVerdict]:
        record = None if row.heir_of is None else self._candidate(row.heir_of)
        if record is None or record.holder is not None:
            return {}
        record.has_heir = False
        [(unit, edges)] = self._give_rest([row], (*Level,)).items()
        if unit.candidate is None:
            return {row.at: _possible(Reason.MAY_BE, record, None)}
        return {row.at: self._verdict(unit, edges)}

    def match_refused(self, rows: Iterable[OpenRow]) -> Mapping[int, Candidate]:
        """
        Return, by place, what refused rows certainly are of that which no other row has.

        Call it after `match`.
        """
        found = {}
        for unit in self._give_rest(rows, (Level.ALIKE, Level.CERTAIN)):
            one = unit.candidate
            if one is not None and (one.is_made or not self._policy.clears(one.state)):
                found[unit.first.at] = one
        return found

    def _give_rest(
        self, rows: Iterable[OpenRow], levels: Sequence[Level]
    ) -> Mapping[_Unit, dict[str, list[_Edge]]]:
        """Give what is left to single rows, and return them with their ties."""
        units = [_Unit([row]) for row in rows]
        for unit in units:
            self._hits[unit.first.at] = list(self._look_up(unit.first))
            self._note_name(unit.first)
        edges = {unit: self._edges(unit) for unit in units}
        for level in levels:
            for is_made in (True, False):
                self._give(units, edges, level, is_made=is_made)
        return edges

    # What may tie

    def _candidate(self, base: str) -> Candidate | None:
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
        if not self._is_held(base):
            return Candidate(base, state, has_heir=base in self._with_heirs)
        return Candidate(base, state, KNOWN)

    def _look_up(self, row: OpenRow) -> Iterator[_Hit]:
        """Yield versions that share a hash with a row, under today's mapping or an earlier one."""
        seen: set[tuple[str, str, MatchHashes]] = set()
        for salt in row.hashers:
            for hashes in (row.hashes(salt), *row.form_hashes(salt)):
                for hit in self._sharing(salt, hashes):
                    if (one := (hit.candidate.base, salt, hit.hashes)) not in seen:
                        seen.add(one)
                        for detail in hit.hashes.details if _counts(hit.version) else ():
                            self._bases_with[salt + detail].add(hit.candidate.base)
                        yield hit

    def _sharing(self, salt: str, hashes: MatchHashes) -> Iterator[_Hit]:
        on_record: Iterable[tuple[str, str, str]] = ()
        if self._on_record is not None:
            on_record = self._on_record.find(hashes.findable(), hashes.compared())
        for key, source_hash, sent in on_record:
            candidate = self._candidate(keys.key_base(key))
            # All requests with the keys of earlier attempts were clearly refused.
            is_over = candidate is None or candidate.state.key(candidate.base) != key
            if candidate is None or is_over:
                continue
            if not self._state.keys.was_made_by_another(key, source_hash):
                yield _Hit(candidate, salt, MatchHashes.parse(sent), None)
        for one in hashes.findable():
            for version in self._by_hash.get(salt + one, ()):
                candidate = None if version.base is None else self._candidate(version.base)
                if candidate is not None and version.hashes is not None:
                    yield _Hit(candidate, salt, MatchHashes.parse(version.hashes), version)

    def _was_decided_new(self, row: OpenRow) -> bool:
        """Return whether a person has declared a row with the same values new."""
        alike = [one for one in self._by_key.get(row.key(1), ()) if one.row_hash == row.row_hash]
        decided = [one for one in alike if one.is_new]
        has_equal = self._equal_rows[row.meaning] > 1  # equal rows are decided about one by one
        if not decided or has_equal:
            return False
        made = set(self._keys_on_record(row.row_key))
        return len(made) < 1 + any(one.base in made for one in decided)

    def _note_name(self, row: OpenRow) -> None:
        for salt in row.hashers:
            names = row.hashes(salt).names
            every = (row.hashes(salt), *row.form_hashes(salt))
            for detail in {one for hashes in every for one in hashes.details} if names else ():
                self._names_with[salt + detail].append(names)

    def _is_own(self, salt: str) -> Callable[[str], bool]:
        """Return a function that returns whether only one person has a detail."""

        def is_own(detail: str) -> bool:
            names = self._names_with.get(salt + detail, [])
            has_others = any(one.isdisjoint(names[0]) for one in names)
            return not has_others and len(self._bases_with.get(salt + detail, ())) < 2

        return is_own

    def _keys_on_record(self, key: Callable[[int], str]) -> Iterator[str]:
        """Yield the keys on record of equal rows."""
        for number in range(1, _MANY_KEYS):
            if self._state.keys.find(base := key(number)) is None:
                return
            yield base

    # The ties of a unit

    def _units(self, rows: Sequence[OpenRow]) -> list[_Unit]:
        """Return the units of equal rows (docs/reliability.md, "Equal rows")."""
        if self._policy.sends_all:
            return [_Unit([row]) for row in rows]
        unit_of: dict[object, _Unit] = {}
        for row in rows:
            values = self._shared_values(row)
            found = list(dict.fromkeys(unit_of[one] for one in values if one in unit_of))
            unit = found[0] if found else _Unit([])
            for other in found[1:]:
                unit.rows += other.rows
                unit.shared += other.shared
            unit.rows.append(row)
            unit.shared += values
            unit_of.update(dict.fromkeys(unit.shared if len(found) > 1 else values, unit))
        units = list(dict.fromkeys(unit_of.values()))
        for unit in units:
            unit.rows.sort(key=lambda row: row.at)
        return sorted(units, key=lambda unit: unit.rows[0].at)

    def _shared_values(self, row: OpenRow) -> list[object]:
        """Return the values that rows of one unit have in common."""
        shared: list[object] = [("at", row.at)]
        if row.original is not None:
            return shared
        shared += [("row", row.content_hash)]
        says_skip = self._policy.on_duplicate == "skip"
        if says_skip or row.has_detail:
            shared.append(("sent", row.meaning))
        if row.identity is not None and says_skip:
            shared.append(("identity", row.identity))
        elif row.identity is not None and self._object in PEOPLE:
            forms = row.hashes(row.salt).names or ({""} if row.has_detail else ())
            shared += [("identity", row.identity, form) for form in forms]
        return shared

    def _edges(self, unit: _Unit) -> dict[str, list[_Edge]]:
        """Return the ties of a unit to records and open requests, the strongest first."""
        edges: dict[str, list[_Edge]] = defaultdict(list)
        for row in unit.rows:
            for base, edge in self._edges_of(row):
                candidate = self._candidate(base)
                judged = None if candidate is None else self._judged(row, candidate, edge)
                if judged is not None:
                    edges[base].append(judged)
        for base, found in edges.items():
            found.sort(key=lambda edge: (edge.tie, self._is_back(base, edge.version)))
        return edges

    def _judged(self, row: OpenRow, candidate: Candidate, edge: _Edge) -> _Edge | None:
        """Return the edge, weaker or None if the list is incomplete or the row is undecided."""
        is_alike = edge.tie.level is Level.ALIKE
        if not row.content and self._is_other_row(row, candidate):
            is_copy = is_alike and not self._policy.sends_all
            return replace(edge, is_other_row=True) if is_copy else None
        # In a part of the list, the record may be that of an equal row which is not in it.
        is_part = row.has_ref and self._policy.sends_all
        # Until somebody has decided, nothing makes a possible duplicate that record's row; equal
        # rows are decided about by what is to be done with them.
        is_maybe = any(one.kind is VersionKind.MAYBE for one in row.content)
        is_undecided = is_maybe and candidate.is_made
        is_for_policy = is_alike and self._policy.on_duplicate is not None
        is_certain = edge.tie.level is not Level.MAYBE
        if (is_alike and is_part) or (is_certain and is_undecided and not is_for_policy):
            return replace(edge, tie=MAYBE_ALIKE)
        return edge

    def _edges_of(self, row: OpenRow) -> Iterator[tuple[str, _Edge]]:
        if row.original is not None:
            alike = [edge for base, edge in self._edges_by_key(row) if base == row.original]
            alike += [edge for base, edge in self._edges_by_hash(row) if base == row.original]
            is_alike = any(edge.tie.level is Level.ALIKE for edge in alike)
            level = Level.ALIKE if is_alike else Level.CERTAIN
            yield row.original, _Edge(Tie(level, 0), row)
            return
        for version in row.content:
            if version.base is not None:
                tie = self._as_version(Tie(Level.ALIKE, 0), version)
                yield version.base, _Edge(tie, row, version)
        yield from self._edges_by_key(row)
        yield from self._edges_by_hash(row)

    def _edges_by_key(self, row: OpenRow) -> Iterator[tuple[str, _Edge]]:
        marked = {hit.candidate.base for hit in self._hits[row.at]}
        for base in (*self._keys_on_record(row.key), row.row_key()):
            state = self._state.keys.find(base)
            if state is None:
                continue
            if is_sent(state.row_hash, row):
                made = self._corrected_record(state) or base
                yield made, _Edge(self._tie_alike(row, 0), row, is_today=True)
            elif base not in marked:  # without hashes there is nothing else to compare
                yield base, _Edge(Tie(Level.CERTAIN, 1), row, same_identity=True, same_name=True)
        for key in (row.key(1), row.row_key()):
            for version in self._by_key.get(key, ()):
                if version.base is not None and _was_sent_like(version, row, row):
                    tie = self._as_version(self._tie_alike(row, 0), version)
                    yield version.base, _Edge(tie, row, version, is_today=True)
        yield from self._edges_by_earlier_key(row)

    def _edges_by_earlier_key(self, row: OpenRow) -> Iterator[tuple[str, _Edge]]:
        for form in row.forms:
            tie = MAYBE_ALIKE if self._is_poor(form) else self._tie_alike(row, 1)
            for base in self._keys_on_record(form.key):
                state = self._state.keys.find(base)
                if state is not None and is_sent(state.row_hash, form):
                    yield self._corrected_record(state) or base, _Edge(tie, row)
            for version in self._by_key.get(form.key(1), ()):
                if version.base is not None and _was_sent_like(version, form, row):
                    yield version.base, _Edge(self._as_version(tie, version), row, version)

    def _corrected_record(self, state: KeyState) -> str | None:
        """Return the key of the record that a correction of a refused row has made, if any."""
        if state.is_created:
            return None
        version = self._state.version(state.source_hash, state.occurrence)
        is_own = version is not None and version.kind is VersionKind.OWN
        return version.base if version is not None and is_own else None

    def _edges_by_hash(self, row: OpenRow) -> Iterator[tuple[str, _Edge]]:
        for hit in self._hits[row.at]:
            mine = row.hashes(hit.salt)
            tie = self._tie(mine, hit)
            is_today = tie is not None and tie.level is Level.ALIKE
            ties = [self._tie_alike(row, 2) if is_today else tie, *self._ties_then(row, hit)]
            found = [one for one in ties if one is not None]
            if found:
                yield (
                    hit.candidate.base,
                    _Edge(
                        self._as_version(min(found, key=_in_order), hit.version),
                        row,
                        hit.version,
                        is_today=is_today,
                        same_identity=mine.identity is not None
                        and mine.identity == hit.hashes.identity,
                        same_name=_has_same_name(mine, hit.hashes),
                    ),
                )

    def _tie(self, mine: MatchHashes, hit: _Hit) -> Tie | None:
        return tie_of(self._object, mine, hit.hashes, self._is_own(hit.salt))

    def _ties_then(self, row: OpenRow, hit: _Hit) -> Iterator[Tie | None]:
        """Yield the ties of a row under the mappings of earlier runs."""
        for form, mine in zip(row.forms, row.form_hashes(hit.salt), strict=True):
            tie = self._tie(mine, hit)
            if tie is not None and tie.level is Level.ALIKE:
                tie = MAYBE_ALIKE if self._is_poor(form) else self._tie_alike(row, 3)
            yield tie

    def _as_version(self, tie: Tie, version: Version | None) -> Tie:
        """Return a tie through a version, which is no stronger than the tie of that version."""
        if version is None:
            return tie
        if version.kind is VersionKind.MAYBE or version.is_other_row:
            return max(tie, Tie(Level.MAYBE, 0))
        if tie.level is not Level.ALIKE:
            return tie
        if version.kind is VersionKind.CHANGED and self._policy.on_change == "send":
            return Tie(Level.CERTAIN, 0)
        return tie

    def _tie_alike(self, row: OpenRow, rank: int) -> Tie:
        """
        Return the tie of a row that is sent with the same values as a record.

        Two deals may have the same values and be two: it is a maybe if the list or the records ever
        held two such deals, and no id tells them apart. So it is by a mapping that sends too little
        if an earlier one of the row sent more. `rank` is that of `Tie`.
        """
        if rank in _TODAY and self._was_told_apart(row):
            return MAYBE_ALIKE
        has_two = self._equal_rows[row.meaning] > 1 or self._state.keys.find(row.key(2)) is not None
        if self._object not in PEOPLE and not row.has_detail and has_two:
            return MAYBE_ALIKE
        return Tie(Level.ALIKE, rank)

    def _was_told_apart(self, row: OpenRow) -> bool:
        """Return whether only an earlier mapping has sent what tells a row from all others."""
        if is_telling(row.record.object, row.record.fields):
            return False
        return not all(map(self._is_poor, row.forms))

    def _is_poor(self, form: MappedRow) -> bool:
        """Return whether an earlier mapping did not send the values that tell two records apart."""
        return not is_telling(form.record.object, form.record.fields)

    # Giving out

    def _give_own_requests(self, units: Sequence[_Unit]) -> None:
        """Give rows their own requests without a clear answer, before anything else."""
        for unit in units:
            for row in unit.rows:
                source_hash = row.where.source_hash
                if source_hash not in self._open_requests:
                    self._open_requests[source_hash] = self._own_requests(row)
        for is_today in (True, False):
            for unit in units:
                for row in unit.rows if unit.candidate is None else ():
                    of_row = self._open_requests[row.where.source_hash]
                    own = [one for one in of_row if self._sends(row, one) is is_today]
                    if not own or row.original is not None:
                        continue
                    self._take(unit, own[0], row, Tie(Level.ALIKE, 0), None)
                    of_row.remove(own[0])
                    break

    def _own_requests(self, row: OpenRow) -> list[Candidate]:
        found = (self._candidate(one) for one in self._state.keys.sent_keys(row.where.source_hash))
        mine = [
            one for one in found if one is not None and not one.is_made and self._holds(row, one)
        ]
        return sorted(mine, key=lambda one: one.state.source_hash != row.where.source_hash)

    def _holds(self, row: OpenRow, request: Candidate) -> bool:
        """Return whether a request without a clear answer holds a row back, or is sent again."""
        return not self._policy.clears(request.state) or self._sends(row, request)

    def _sends(self, row: OpenRow, request: Candidate) -> bool:
        """Return whether a request has a key of the row today, and the same values."""
        state = request.state
        if request.base not in {*self._keys_on_record(row.key), row.row_key()}:
            return False
        if (is_just_that := is_sent(state.row_hash, row)) is not None:
            return is_just_that
        meant = [(one.salt, one.hashes) for one in self._hits[row.at] if one.candidate is request]
        if meant:
            return any(row.hashes(salt).meaning == one.meaning for salt, one in meant)
        return state.source_hash == row.where.source_hash

    def _give(
        self,
        units: Sequence[_Unit],
        edges: Mapping[_Unit, dict[str, list[_Edge]]],
        level: Level,
        *,
        is_made: bool,
    ) -> None:
        """Give the free records, or open requests, to the units with ties of this level."""
        ties: dict[_Unit, list[tuple[int, str]]] = {}
        for unit in units:
            if unit.candidate is not None or unit.is_copy:
                continue
            for base, found in edges[unit].items():
                candidate = self._candidates[base]
                if candidate is None or candidate.is_made is not is_made:
                    continue
                is_free = candidate.is_free_for(found[0].tie) and not found[0].is_other_row
                is_free = is_free or found[0].row.original == base
                if not is_free or found[0].tie.level is not level:
                    continue
                if is_made or self._holds(found[0].row, candidate):
                    ties.setdefault(unit, []).append((found[0].tie.rank, base))
        for unit, base in assign([*ties], ties).items():
            edge = edges[unit][base][0]
            candidate = self._candidates[base]
            assert candidate is not None  # noqa: S101 - it was offered
            self._take(unit, candidate, edge.row, edge.tie, edge.version)

    def _take(
        self,
        unit: _Unit,
        candidate: Candidate,
        row: OpenRow,
        tie: Tie,
        version: Version | None,
    ) -> None:
        unit.candidate, unit.row, unit.tie, unit.version = candidate, row, tie, version
        candidate.holder, candidate.tie = row.at, tie
        self._holders[row.at] = row
        self._used.add(candidate.base)

    def _is_in_use(
        self, units: Sequence[_Unit], edges: Mapping[_Unit, dict[str, list[_Edge]]]
    ) -> bool:
        """Return whether half of the list is known, or tied to records that are free."""
        tied = self._known
        for unit in units:
            is_tied = unit.candidate is not None or any(
                (one := self._candidates[base]) is not None and one.is_made and one.holder is None
                for base in edges[unit]
            )
            tied += len(unit.rows) if is_tied else 0
        return 2 * tied >= self._rows

    def _leave_out_copies(
        self, units: Sequence[_Unit], edges: Mapping[_Unit, dict[str, list[_Edge]]]
    ) -> None:
        """Keep free records from copies of rows that have a record already."""
        if self._policy.sends_all:
            return
        for unit in units:
            if unit.candidate is None:
                like = self._like_another(unit.first, edges[unit])
                unit.is_copy = like is not None and like.say is Say.DUPLICATE

    def _map_owners(
        self, units: Sequence[_Unit], edges: Mapping[_Unit, dict[str, list[_Edge]]]
    ) -> None:
        """Map known rows again if an earlier mapping ties their records to rows without one."""
        wanted = {
            base
            for unit in units
            if unit.candidate is None and any(row.forms for row in unit.rows)
            for base in edges[unit]
            if (one := self._candidates[base]) is not None and one.holder == KNOWN
        }
        if wanted:
            self._owners = self._today(wanted)

    # What follows

    def _verdicts(
        self, unit: _Unit, edges: Mapping[str, list[_Edge]]
    ) -> Iterator[tuple[OpenRow, RowVerdict]]:
        first = unit.first
        verdict = self._verdict(unit, edges)
        if self._contradicts(unit, edges):
            self.contradictions += 1
        yield first, verdict
        for row in unit.rows:
            if row is first:
                continue
            if own := self._open_requests.get(row.where.source_hash):
                own[0].holder = row.at
                request = own.pop(0)  # it may have made a record of its own for this row
                yield row, RowVerdict(Say.UNKNOWN, Reason.UNCLEAR_REQUEST, candidate=request)
                continue
            if verdict.say in {Say.POSSIBLE_DUPLICATE, Say.DUPLICATE}:
                yield row, replace(verdict, version=None)
            else:
                reason = Reason.EQUAL if row.meaning == first.meaning else Reason.SAME_PERSON
                key = verdict.key
                yield (
                    row,
                    RowVerdict(
                        Say.DUPLICATE, reason, candidate=verdict.candidate, of=first.at, key=key
                    ),
                )

    def _verdict(self, unit: _Unit, edges: Mapping[str, list[_Edge]]) -> RowVerdict:
        row, candidate = unit.first, unit.candidate
        if candidate is None:
            return self._without_record(row, unit, edges)
        if not candidate.is_made:
            return self._with_request(row, candidate, unit, edges)
        assert unit.tie is not None  # noqa: S101 - it has a record by a tie
        if unit.tie.level is Level.MAYBE:
            return RowVerdict(Say.POSSIBLE_DUPLICATE, Reason.MAY_BE, candidate=candidate)
        told = self._told(edges[candidate.base])
        is_alike = unit.tie.level is Level.ALIKE
        is_alike = is_alike and not self._is_back(candidate.base, unit.version)
        if is_alike or told is not None:
            version = unit.version if is_alike else told
            is_reported = version is not None and version.kind in _REPORTED
            reason = Reason.REPORTED if is_reported else Reason.SENT_ALIKE
            return RowVerdict(Say.BEFORE, reason, candidate=candidate, version=version)
        reason = Reason.ROW_CORRECTED if row.original is not None else Reason.SAME_PERSON
        if self._policy.on_change == "send":
            return self._as_change(row)
        return RowVerdict(Say.CHANGED, reason, candidate=candidate)

    def _told(self, edges: Sequence[_Edge]) -> Version | None:
        """Return the version of a record with the values of a row that was reported, if any."""
        sends = self._policy.on_change == "send"
        kinds = {VersionKind.DEALT_WITH} if sends else _REPORTED
        same = (edge.version for edge in edges if edge.is_today and edge.version is not None)
        told = (one for one in same if one.kind in kinds)
        return next((one for one in told if not self._state.is_overtaken(one)), None)

    def _is_back(self, base: str, version: Version | None) -> bool:
        """Return whether a row has its old content again, although its record was updated since."""
        if version is None:
            return self._state.was_overtaken(base)
        return self._state.is_overtaken(version)

    def _with_request(
        self,
        row: OpenRow,
        request: Candidate,
        unit: _Unit,
        edges: Mapping[str, list[_Edge]],
    ) -> RowVerdict:
        """Decide about a row that may be the row of a request without a clear answer."""
        is_alike = unit.tie is not None and unit.tie.level is Level.ALIKE
        if not is_alike or not self._sends(row, request):
            return RowVerdict(Say.UNKNOWN, Reason.UNCLEAR_REQUEST, candidate=request)
        other = None if unit.has_own_request else self._left_over(row, edges)
        if other is None:
            return self._again(row, request)
        if other.is_made:
            return _possible(Reason.MAY_BE, other, None)
        return RowVerdict(Say.UNKNOWN, Reason.UNCLEAR_REQUEST, candidate=other)

    def _left_over(self, row: OpenRow, edges: Mapping[str, list[_Edge]]) -> Candidate | None:
        """
        Return another free record or request that a row may have.

        If there is one, the row cannot be sent again: its request may have been that of somebody
        who is not in the list any more.
        """
        for base, _ in sorted(edges.items(), key=lambda one: one[1][0].tie):
            one = self._candidates[base]
            if one is None or one.holder is not None or self._sends(row, one):
                continue
            if one.is_made or self._holds(row, one):
                return one
        return None

    def _again(self, row: OpenRow, candidate: Candidate) -> RowVerdict:
        """Decide about a row whose key is on record without a known record."""
        state, base = candidate.state, candidate.base
        failed, last = state.status is Status.FAILED, state.error
        self._used.add(base)
        if failed and (
            self._policy.retry == "none"
            or (self._policy.retry == "transient" and not (last is not None and last.retryable))
        ):
            key = state.key(base)
            return RowVerdict(Say.FAILED, Reason.NOT_RETRIED, candidate=candidate, key=key)
        # A conflict about an identity means that the key was used for other content, which may
        # have been created elsewhere: another key could create the same person twice.
        conflict = failed and last is not None and last.code == "conflict"
        if state.is_refused and not (conflict and row.record.identity is not None):
            key = state.next_key(base)
            reason = Reason.REFUSED_BEFORE if failed else Reason.OWN_REQUEST
            return RowVerdict(Say.AGAIN, reason, candidate=candidate, key=key)
        if self._is_too_old(state):
            return RowVerdict(Say.UNKNOWN, Reason.OWN_REQUEST, candidate=candidate)
        key = state.key(base)
        return RowVerdict(Say.AGAIN, Reason.OWN_REQUEST, candidate=candidate, key=key, unclear=True)

    def _as_change(self, row: OpenRow) -> RowVerdict:
        """Decide to send a changed row, with its key in the form `row`."""
        base = row.row_key()
        state = self._state.keys.find(base)
        is_copy = self._policy.sends_all and self._is_held(base)
        if state is None or base in self._used or is_copy:
            key = self._free_key(row.row_key)
            return RowVerdict(Say.NEW, Reason.SAME_PERSON, key=key)
        if not state.is_created:
            return self._again(row, Candidate(base, state))
        if self._is_held(base):
            made = Candidate(base, state, KNOWN)
            return RowVerdict(Say.DUPLICATE, Reason.EQUAL, candidate=made)
        self._used.add(base)
        return RowVerdict(Say.BEFORE, Reason.SENT_ALIKE, candidate=Candidate(base, state))

    def _without_record(
        self, row: OpenRow, unit: _Unit, edges: Mapping[str, list[_Edge]]
    ) -> RowVerdict:
        """Decide about a unit that no free record was given to."""
        held = None
        if not self._policy.sends_all:
            held = (
                self._decided_alike(row, edges)
                or self._like_another(row, edges)
                or self._like_a_rival(edges)
            )
        if held is not None:
            return held
        for one in unit.rows:
            for base in (*self._keys_on_record(one.key), one.row_key()):
                state = self._state.keys.find(base)
                if state is not None and state.is_refused and base not in self._used:
                    unit.row = one
                    return self._again(one, Candidate(base, state))
        has_failed = any(map(self._has_failed, unit.rows))
        return RowVerdict(Say.NEW, Reason.REFUSED_BEFORE if has_failed else Reason.NOTHING_TIES)

    def _decided_alike(self, row: OpenRow, edges: Mapping[str, list[_Edge]]) -> RowVerdict | None:
        """
        Return the decision of a person about an equal row whose old version left the list.

        A person decides about equal rows one by one, so each decision holds for one row.
        """
        made = [*self._keys_on_record(row.row_key)]
        for base, found in edges.items():
            equal = {
                one.where: one
                for edge in found
                if edge.is_today and (one := edge.version) is not None
                if one.is_like_another and not self._has_row_of(one)
            }
            new = [one for one in equal.values() if one.is_new]
            if len(new) > len(made) - (base in made) + self._sent_as_decided[base]:
                self._sent_as_decided[base] += 1
                return RowVerdict(Say.NEW, Reason.DECIDED_NEW, key=self._free_key(row.row_key))
            for where, version in equal.items():
                if version.kind is VersionKind.DEALT_WITH and where not in self._used_decisions:
                    self._used_decisions.add(where)
                    known = self._candidates[base]
                    return RowVerdict(Say.BEFORE, Reason.REPORTED, candidate=known, version=version)
        return None

    def _like_a_rival(self, edges: Mapping[str, list[_Edge]]) -> RowVerdict | None:
        """Return the verdict about a row that may be a record if another row is not."""
        for base, found in edges.items():
            rival = self._candidates[base]
            if rival is not None and rival.is_in_doubt and is_change(found[0].tie):
                return _possible(Reason.MAY_BE, rival, None)
        return None

    def _has_failed(self, row: OpenRow) -> bool:
        """Return whether the service refused a row that was sent with an earlier mapping."""
        bases = [*self._state.keys.sent_keys(row.where.source_hash)]
        bases += [base for form in row.forms for base in self._keys_on_record(form.key)]
        states = map(self._state.keys.find, bases)
        return any(state is not None and state.status is Status.FAILED for state in states)

    def _like_another(self, row: OpenRow, edges: Mapping[str, list[_Edge]]) -> RowVerdict | None:
        """Return the verdict about a row that resembles one with a record or a request."""
        says_skip = self._policy.on_duplicate == "skip"
        possible = None
        for base, found in edges.items():
            candidate = self._candidates[base]
            is_held = candidate is not None and not candidate.is_free_for(found[0].tie)
            if candidate is None or not (is_held or found[0].is_other_row):
                continue
            holder = None if candidate.holder is None else self._holders.get(candidate.holder)
            of = holder or self._owners.get(base)
            if of is not None and self._is_one_unit(row, of):
                reason = Reason.EQUAL if row.meaning == of.meaning else Reason.SAME_PERSON
                return RowVerdict(Say.DUPLICATE, reason, candidate=candidate, of=of.at)
            same = [edge for edge in found if edge.same_identity and _counts(edge.version)]
            counting = [edge for edge in found if _counts(edge.version)]
            is_today = any(edge.is_today for edge in counting)
            at = None if of is None else of.at
            if is_today if of is None else row.meaning == of.meaning:
                if says_skip or row.has_detail:
                    return RowVerdict(Say.DUPLICATE, Reason.EQUAL, candidate=candidate, of=at)
                possible = _possible(Reason.EQUAL_AS_SENT, candidate, at)
            elif same and (says_skip or any(edge.same_name for edge in same)):
                return RowVerdict(Say.DUPLICATE, Reason.SAME_PERSON, candidate=candidate, of=at)
            elif same:
                possible = possible or _possible(Reason.IDENTITY_CONTRADICTS, candidate, at)
        return possible

    def _is_one_unit(self, row: OpenRow, of: OpenRow) -> bool:
        """Return whether a row and a known one would be one record if both were new."""
        shared = {*self._shared_values(row)}
        return not self._policy.sends_all and not shared.isdisjoint(self._shared_values(of))

    def _contradicts(self, unit: _Unit, edges: Mapping[str, list[_Edge]]) -> bool:
        """Return whether a row has the identity of a record that is somebody else."""
        is_known = any(row.content for row in unit.rows)
        mine = unit.candidate.base if unit.candidate is not None else None
        return not is_known and any(
            edge.same_identity and not edge.same_name and _counts(edge.version)
            for base, found in edges.items()
            if base != mine or (unit.tie is not None and unit.tie.level is Level.MAYBE)
            for edge in found
        )

    def _compare_new(self, units: Sequence[_Unit], found: dict[int, RowVerdict]) -> None:
        """Compare the new rows with the others and with each other, to find duplicates."""
        if self._policy.on_duplicate is not None:
            return
        first: dict[object, OpenRow] = {}
        is_new = {
            unit: unit.candidate is None
            and found[unit.first.at].say in {Say.NEW, Say.AGAIN}
            and found[unit.first.at].reason is not Reason.DECIDED_NEW
            for unit in units
        }
        for unit in sorted(units, key=lambda unit: is_new[unit]):
            row = unit.first
            shared: list[tuple[Reason, object]] = [(Reason.EQUAL_AS_SENT, row.meaning)]
            if row.identity is not None:
                shared.append((Reason.IDENTITY_CONTRADICTS, row.identity))
            for reason, value in shared:
                of = first.setdefault((reason, value), row)
                if of is not row and is_new[unit]:
                    if reason is Reason.IDENTITY_CONTRADICTS:
                        self.contradictions += 1
                    for one in unit.rows:
                        found[one.at] = _possible(reason, None, of.at)
                    break

    def _free_key(self, key: Callable[[int], str]) -> str:
        """Return the first free key of equal rows."""
        number = 1
        while (base := key(number)) in self._used or self._state.keys.find(base) is not None:
            number += 1
        self._used.add(base)
        return base


_TODAY = {0, 2}
"""The ranks of ties by the mapping of today."""
_REPORTED = {VersionKind.CHANGED, VersionKind.DEALT_WITH}


def _in_order(tie: Tie) -> tuple[bool, Tie]:
    """Return a sort key for ties: unchanged values first."""
    return is_change(tie), tie


def _was_sent_like(version: Version, form: MappedRow, row: OpenRow) -> bool:
    """Return whether a version with the key of `form` has all values that a row is sent with."""
    if (is_just_that := is_sent(version.row_hash, form)) is not None:
        return is_just_that
    meaning = None if version.hashes is None else MatchHashes.parse(version.hashes).meaning
    every = (row.hashes(version.salt), *row.form_hashes(version.salt)) if version.salt else ()
    return any(one.meaning == meaning for one in every)


def _counts(version: Version | None) -> bool:
    """Return whether a version certainly belongs to its record, so its details count."""
    return version is None or version.kind is not VersionKind.MAYBE


def _has_same_name(one: MatchHashes, other: MatchHashes) -> bool:
    """Return whether two rows have the same name, or one of them has none."""
    if one.names and other.names:
        return not one.names.isdisjoint(other.names)
    return not (one.first and other.first) or not one.first.isdisjoint(other.first)


def _drop_names_alone(edges: Mapping[_Unit, dict[str, list[_Edge]]]) -> None:
    for of_unit in edges.values():
        for base in [base for base, found in of_unit.items() if found[0].tie == NAME_ALONE]:
            del of_unit[base]


def _possible(reason: Reason, candidate: Candidate | None, of: int | None) -> RowVerdict:
    return RowVerdict(Say.POSSIBLE_DUPLICATE, reason, candidate=candidate, of=of)
