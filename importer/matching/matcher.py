"""
Decides who on the list is who on record, for the whole list at once.

`importer.matching.content` has given records to the rows that are known by their content. This
module matches the other rows with the records that are left, the strongest ties first: alike,
certain, maybe (`importer.matching.ties`). After the records of each level it gives out the requests
without a clear answer, which may have made a record. docs/reliability.md describes the same steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from importer.core.objects import PEOPLE
from importer.core.records import Status
from importer.core.row_marks import Where
from importer.matching.assignment import assign
from importer.matching.changed_fields import ChangedFields
from importer.matching.equal_rows import Unit, shared_values, units_of
from importer.matching.open_rows import Candidate, ListRows, OpenRow, RowVerdict
from importer.matching.policy import Policy
from importer.matching.reasons import Reason, Say
from importer.matching.row_ties import Edge, RowTies, belongs
from importer.matching.ties import WEAK, Level, Tie
from importer.writer.index.match_hash_index import MatchHashIndex
from importer.writer.state.journal_state import JournalState, Version, VersionKind


class Matcher:
    """
    Matches the open rows of a list with what is on record.

    `list_rows` answers questions about the rows of the list that are settled. `mappings` has the
    SHA-256 of the files of `EarlierMappings.comparable`. `changed` compares rows with what was sent
    field by field.
    """

    def __init__(
        self,
        state: JournalState,
        policy: Policy,
        list_rows: ListRows,
        *,
        object_: str,
        on_record: MatchHashIndex | None = None,
        mappings: Collection[str | None] = (),
        changed: ChangedFields | None = None,
    ) -> None:
        self._state = state
        self._policy = policy
        self._list_rows = list_rows
        self._changed = changed
        self._ties = RowTies(
            state,
            policy,
            object_=object_,
            on_record=on_record,
            mappings=mappings,
            list_rows=list_rows,
        )
        self._used: set[str] = set()
        """Keys that no other row may be sent with."""
        self._alike = Counter[Candidate]()
        """How many units have the values of a record; then none of them is a change back."""
        self._remaining_copies: dict[object, Candidate] = {}
        """By what rows of one unit share: the record of a remaining copy."""
        self._used_decisions: set[Where] = set()
        self._sent_as_decided = Counter[str]()
        """By key: how many rows are sent since a person has declared an equal one new."""
        self._declared_by: dict[int, Sequence[Where]] = {}
        """By place: the rows on record by which a person has declared a row new."""
        self.contradictions = 0
        """How many rows have the identity of a record, or of another row, that is somebody else."""

    def match(
        self, rows: Sequence[OpenRow], remaining_copies: Sequence[OpenRow] = ()
    ) -> dict[int, RowVerdict]:
        """
        Return the verdict about each row, by its place in the list.

        `remaining_copies` are rows that repeat another one which has left the list. They have, or
        may have, that one's record, unless another row has got it: then there is no verdict about
        them.
        """
        self._add_remaining_copies(remaining_copies)
        self._ties.add(rows)
        apart = {row.at: row for row in rows if self._is_apart(row)}
        for row in rows:
            declared = self._declared(row)
            row.is_declared_new = bool(declared)
            if declared:
                self._declared_by[row.at] = declared
        every = units_of([row for row in rows if row.at not in apart], self._policy)
        every += [Unit([row]) for row in apart.values()]
        new = [unit for unit in every if unit.is_declared_new]
        units = [unit for unit in every if not unit.is_declared_new]
        for unit in every:
            unit.edges = self._edges(unit)
            self._alike.update(
                one for one, edges in unit.edges.items() if edges[0].tie.level is Level.ALIKE
            )
        self._give_own_requests(units)
        self._give(every, Level.ALIKE)
        self._leave_out_copies(units)
        self._give(every, Level.CERTAIN)
        if not self._is_in_use(units, remaining_copies):
            _drop_weak_ties(every)
        self._give(every, Level.MAYBE)
        found = self._say(units)
        for unit in units:
            for row in unit.rows:
                if found[row.at].say is Say.NEW and found[row.at].key is None:
                    found[row.at].key = self._free_key(row.today.key)
        for unit in new:
            found |= self._of_each(unit, self._say_of_new(unit))
        for copy in remaining_copies:
            found |= self._match_remaining_copy(copy)
        _leave_open(found)
        for row in (*rows, *remaining_copies):
            verdict = found.get(row.at)
            if verdict and verdict.reason is Reason.MAY_BE and verdict.candidate:
                verdict.same = self._ties.same_fields(row, verdict.candidate)
        return found

    def _add_remaining_copies(self, remaining_copies: Sequence[OpenRow]) -> None:
        for copy in remaining_copies:
            if record := self._record_left_to(copy):
                record.remaining_copy = record.remaining_copy or copy
                shared = shared_values(copy, self._policy)
                self._remaining_copies.update(dict.fromkeys(shared, record))

    def _record_left_to(self, copy: OpenRow) -> Candidate | None:
        """Return the record of the row that a remaining copy repeats."""
        base = copy.content.remaining_copy_of
        return None if base is None else self._ties.candidate(base)

    def match_rejected(self, rows: Iterable[OpenRow]) -> Mapping[int, RowVerdict]:
        """
        Return, by place, the verdicts about rejected rows that may be what no other row has.

        A row has its record, may have made one, or may be one (`Reason.MAY_BE`). Call it after
        `match`.
        """
        found = {}
        for unit in self._give_rest(rows, *Level):
            one, tie = unit.candidate, unit.tie
            if one is None or tie is None:
                continue
            # By a person's name alone, that has to be the only record that the row may have.
            is_named = unit.first.record.object in PEOPLE and not unit.first.has_detail
            is_certain = tie.level is not Level.MAYBE and (not is_named or len(unit.edges) == 1)
            if one.is_made:
                reason = Reason.REJECTED if is_certain else Reason.MAY_BE
                found[unit.first.at] = RowVerdict(Say.INVALID, reason, candidate=one)
            elif is_certain and not self._is_cleared(one):
                reason = Reason.REJECTED_IN_DOUBT
                found[unit.first.at] = RowVerdict(Say.UNKNOWN, reason, candidate=one)
        return found

    def _say_of_new(self, unit: Unit) -> RowVerdict:
        """Decide about equal rows of which a person has declared one new."""
        if unit.candidate is not None:
            return self._verdict(unit, unit.candidate)
        return self._sent_beside(unit.first, Reason.DECIDED_NEW)

    def _match_remaining_copy(self, row: OpenRow) -> dict[int, RowVerdict]:
        record = self._record_left_to(row)
        if record is None or record.is_known or record.holder not in {None, row}:
            return {}
        record.remaining_copy = record.holder = None
        [unit] = self._give_rest([row], *Level)
        if unit.candidate is None:
            return {row.at: _possible(Reason.MAY_BE, record)}
        verdict = self._verdict(unit, unit.candidate)
        return {} if verdict.version in row.content.versions else {row.at: verdict}

    def _give_rest(self, rows: Iterable[OpenRow], *levels: Level) -> Sequence[Unit]:
        """Give what is left to single rows."""
        units = [Unit([row]) for row in rows]
        self._ties.add((unit.first for unit in units), are_equal_ones_counted=False)
        for unit in units:
            unit.edges = self._edges(unit)
        for level in levels:
            self._give(units, level)
        return units

    def _edges(self, unit: Unit) -> dict[Candidate, list[Edge]]:
        """
        Return the ties of a unit to records and open requests.

        A row that was declared new is nobody of those on record at that time. What was made since
        counts as for any other row, unless it is of the row that this one had resembled, or of
        another one that was declared new at the same time.

        The record of a remaining copy is tied to a row by what it was before, and not by the values
        of the copy: whoever has these is no more than like the copy.
        """
        edges = self._ties.edges(unit.rows)
        declared = self._declared_by.get(unit.first.at, ())
        left = {one: _without_remaining_copy(one, of) for one, of in edges.items()}
        return {
            one: of
            for one, of in left.items()
            if of
            and all(self._state.may_be_since(where, one.base, one.state) for where in declared)
        }

    # Giving out

    def _give(self, units: Sequence[Unit], level: Level) -> None:
        """
        Give the free records to the units with ties of a level, then the open requests.

        Of records with equal ties that agree in as much, a unit gets one whose row was in the last
        list, if there is one, and of these the one that fewest others have any tie to.
        """
        left = [unit for unit in units if unit.candidate is None and not unit.is_copy]
        wanted_by = Counter(candidate for unit in left for candidate in unit.edges)
        for is_made in (True, False):
            offered = {
                unit: [
                    (self._rank(candidate, edges[0]), candidate)
                    for candidate, edges in sorted(
                        unit.edges.items(),
                        key=lambda one: (self._has_vanished(one[0]), wanted_by[one[0]]),
                    )
                    if candidate.is_made is is_made and edges[0].tie.level is level
                    if self._is_offered(candidate, edges[0])
                ]
                for unit in left
                if unit.candidate is None
            }
            for unit, candidate in assign([*offered], offered).items():
                self._take(unit, candidate, unit.edges[candidate][0])

    def _has_vanished(self, candidate: Candidate) -> bool:
        """Return whether the row of a record has left the list in an earlier run."""
        return candidate.state.external_id in self._state.vanished

    def _rank(self, candidate: Candidate, edge: Edge) -> tuple[int, bool, int]:
        """
        Return the rank of an edge.

        The latest values of a record come before older ones, then those that agree in more.
        """
        return edge.tie.rank, self._ties.is_back(candidate.base, edge.version), -edge.agreeing

    def _is_offered(self, candidate: Candidate, edge: Edge) -> bool:
        """Return whether a row may get a record, or an open request, by its strongest tie to it."""
        is_free = candidate.is_free_for(change=edge.is_change) and not edge.is_other_row
        if not is_free and edge.row.content.original != candidate.base:
            return False
        return candidate.is_made or self._holds(edge.row, candidate)

    def _take(self, unit: Unit, candidate: Candidate, edge: Edge) -> None:
        unit.take(candidate, edge)
        self._used.add(candidate.base)

    def _give_own_requests(self, units: Sequence[Unit]) -> None:
        """
        Give rows their own requests without a clear answer, before anything else.

        Of equal rows, each gets the request of the same number if it can.
        """
        own: dict[tuple[Unit, Candidate], tuple[tuple[bool, bool], OpenRow]] = {}
        offered: dict[Unit, list[tuple[tuple[bool, bool], Candidate]]] = {}
        for unit in units:
            for row in unit.rows:
                for one in self._own_requests(row) if row.content.original is None else ():
                    if self._is_cleared(one) and self._repeats_another(unit):
                        continue
                    is_other = one.state.occurrence != row.where.occurrence
                    rank = not self._sends(row, one), is_other
                    if (unit, one) not in own or rank < own[unit, one][0]:
                        own[unit, one] = rank, row
        for (unit, one), (rank, _) in own.items():
            offered.setdefault(unit, []).append((rank, one))
        for unit, one in assign([*offered], offered).items():
            self._take(unit, one, Edge(Tie(Level.ALIKE, 0), own[unit, one][1]))

    def _own_requests(self, row: OpenRow) -> list[Candidate]:
        """Return the requests without a clear answer that were made for the content of a row."""
        bases = self._state.keys.sent_keys(row.where.source_hash)
        mine = [
            one
            for one in map(self._ties.candidate, bases)
            if one is not None and not one.is_made and not one.is_taken and self._holds(row, one)
        ]
        return sorted(mine, key=lambda one: one.state.source_hash != row.where.source_hash)

    def _is_cleared(self, request: Candidate) -> bool:
        """Return whether somebody has looked in the CRM, and a request has made no record."""
        return self._policy.clears(request.state)

    def _holds(self, row: OpenRow, request: Candidate) -> bool:
        """Return whether a request without a clear answer holds a row back, or is sent again."""
        return not self._is_cleared(request) or self._sends(row, request)

    def _sends(self, row: OpenRow, request: Candidate) -> bool:
        """Return whether a request has a key of the row today, and the same values."""
        state = request.state
        if request.base not in {*self._ties.keys_on_record(row.today.key), row.today.row_key()}:
            return False
        if (is_just_that := row.today.was_sent(state.row_hash)) is not None:
            return is_just_that
        hits = self._ties.hits(row)
        meant = [(one.salt, one.hashes) for one in hits if one.candidate is request]
        if meant:
            return any(row.today.hashes(salt).meaning == one.meaning for salt, one in meant)
        return state.source_hash == row.where.source_hash

    def _is_in_use(self, units: Sequence[Unit], remaining_copies: Sequence[OpenRow]) -> bool:
        """Return whether half of the list is known, or tied to records that are free."""
        tied = self._list_rows.known + len(remaining_copies)
        for unit in units:
            is_tied = unit.candidate is not None or any(
                one.is_made and not one.is_taken for one in unit.edges
            )
            tied += len(unit.rows) if is_tied else 0
        return 2 * tied >= self._list_rows.rows

    def _leave_out_copies(self, units: Sequence[Unit]) -> None:
        """
        Keep free records from copies of rows that have a record already.

        Where a remaining copy and a copy of it are in the list, the record is that of the remaining
        copy, and no change.
        """
        left = [unit for unit in units if unit.candidate is None]
        self._map_known(left)
        for unit in left:
            unit.is_copy = self._repeats_another(unit)
            for one, edges in unit.edges.items() if unit.is_copy else ():
                if one.remaining_copy is not None and edges[0].tie.level is Level.ALIKE:
                    one.holder = one.holder or one.remaining_copy

    def _map_known(self, units: Sequence[Unit]) -> None:
        """Map known rows again if an earlier mapping ties their records to rows without one."""
        tied = [
            one
            for unit in units
            if any(row.earlier for row in unit.rows)
            for one in unit.edges
            if one.is_known
        ]
        owners = self._list_rows.rows_of({one.base for one in tied}) if tied else {}
        for one in tied:
            one.holder = owners.get(one.base)

    # What follows

    def _say(self, units: Sequence[Unit]) -> dict[int, RowVerdict]:
        """Return the verdicts: first about what is known or held back, then about what is left."""
        found: dict[int, RowVerdict] = {}
        seen: dict[object, OpenRow] = {}
        left = []
        for unit in units:
            one = unit.candidate
            verdict = self._held_back(unit) if one is None else self._verdict(unit, one)
            self.contradictions += self._contradicts(unit)
            if verdict is None:
                left.append(unit)
                continue
            found |= self._of_each(unit, verdict)
            for _, value in _comparable(unit.first):
                seen.setdefault(value, unit.first)
        for unit in left:
            found |= self._of_each(unit, self._like_one_seen(unit, seen) or self._sent(unit))
        return found

    def _of_each(self, unit: Unit, verdict: RowVerdict) -> Iterator[tuple[int, RowVerdict]]:
        """Yield the verdict about each row of a unit by its place; `verdict` is about the first."""
        first = unit.first
        yield first.at, verdict
        for row in unit.rows:
            if row is first:
                continue
            if own := [one for one in self._own_requests(row) if not self._is_cleared(one)]:
                request = own[0]  # it may have made a record of its own for this row
                request.holder = row
                yield row.at, RowVerdict(Say.UNKNOWN, Reason.UNCLEAR_REQUEST, candidate=request)
            elif verdict.say is Say.POSSIBLE_DUPLICATE:
                yield row.at, RowVerdict(Say.DUPLICATE, _why_one(row, first), of=first.at)
            elif verdict.say is Say.DUPLICATE:
                yield row.at, replace(verdict, version=None)
            else:
                same = replace(verdict, say=Say.DUPLICATE, reason=_why_one(row, first))
                yield row.at, replace(same, of=first.at, version=None, unclear=False)

    def _verdict(self, unit: Unit, candidate: Candidate) -> RowVerdict:
        """Decide about a unit that was given a record or a request."""
        row, edge = unit.first, unit.edge
        assert edge is not None  # noqa: S101 - it has the candidate by a tie
        if not candidate.is_made:
            return self._with_request(unit, candidate)
        if edge.tie.level is Level.MAYBE:
            return _possible(Reason.MAY_BE, candidate)
        told = self._told(unit.edges[candidate])
        is_alike = edge.tie.level is Level.ALIKE
        is_back = self._alike[candidate] == 1 and self._ties.is_back(candidate.base, edge.version)
        is_alike = is_alike and not is_back
        if is_alike or told is not None:
            version = edge.version if is_alike else told
            is_reported = version is not None and version.kind in _REPORTED
            reason = Reason.REPORTED if is_reported else Reason.SENT_ALIKE
            return RowVerdict(Say.BEFORE, reason, candidate=candidate, version=version)
        compares = None if row.content.original is not None else self._changed
        if compares is not None and compares.are_none(row, candidate):
            return RowVerdict(Say.BEFORE, Reason.SENT_ALIKE, candidate=candidate)
        if self._policy.on_change == "send":
            return replace(self._as_change(row), change_of=candidate.base)
        reason = Reason.ROW_CORRECTED if row.content.original is not None else Reason.SAME_PERSON
        return RowVerdict(Say.CHANGED, reason, candidate=candidate)

    def _told(self, edges: Iterable[Edge]) -> Version | None:
        """Return the version of a record with the values of a row that was reported, if any."""
        sends = self._policy.on_change == "send"
        told = _versions(edges, {VersionKind.DEALT_WITH} if sends else _REPORTED)
        return next((one for one in told if not self._state.is_overtaken(one)), None)

    def _with_request(self, unit: Unit, request: Candidate) -> RowVerdict:
        """Decide about a row that may be the row of a request without a clear answer."""
        row = unit.first
        is_alike = unit.tie is not None and unit.tie.level is Level.ALIKE
        if not is_alike or not self._sends(row, request):
            return RowVerdict(Say.UNKNOWN, Reason.UNCLEAR_REQUEST, candidate=request)
        is_own = request.state.source_hash == row.where.source_hash
        other = None if is_own else self._left_over(unit)
        if other is None:
            return self._again(row, request)
        if other.is_made:
            return _possible(Reason.MAY_BE, other)
        return RowVerdict(Say.UNKNOWN, Reason.UNCLEAR_REQUEST, candidate=other)

    def _left_over(self, unit: Unit) -> Candidate | None:
        """
        Return another free record or request that a row may have.

        If there is one, the row cannot be sent again: its request may have been that of somebody
        who is not in the list any more.
        """
        row = unit.first
        for one, _ in sorted(unit.edges.items(), key=lambda one: one[1][0].tie):
            if one.is_taken or self._sends(row, one):
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
            reason = Reason.FAILED_BEFORE if failed else Reason.OWN_REQUEST
            return RowVerdict(Say.AGAIN, reason, candidate=candidate, key=key)
        if self._policy.is_too_old(state, self._state.keys):
            return RowVerdict(Say.UNKNOWN, Reason.OWN_REQUEST, candidate=candidate)
        key = state.key(base)
        return RowVerdict(Say.AGAIN, Reason.OWN_REQUEST, candidate=candidate, key=key, unclear=True)

    def _as_change(self, row: OpenRow) -> RowVerdict:
        """Decide to send a changed row, with its key in the form `row`."""
        base = row.today.row_key()
        state = self._state.keys.find(base)
        is_copy = self._policy.sends_all and self._list_rows.is_held(base)
        if state is None or base in self._used or is_copy:
            return self._sent_beside(row, Reason.SAME_PERSON)
        if not state.is_created:
            return self._again(row, Candidate(base, state))
        if self._list_rows.is_held(base):
            return RowVerdict(Say.DUPLICATE, Reason.EQUAL, candidate=Candidate(base, state))
        self._used.add(base)
        return RowVerdict(Say.BEFORE, Reason.SENT_ALIKE, candidate=Candidate(base, state))

    def _sent(self, unit: Unit) -> RowVerdict:
        """Decide about a unit that nothing ties, and nothing holds back."""
        for row in unit.rows:
            for base in (*self._ties.keys_on_record(row.today.key), row.today.row_key()):
                state = self._state.keys.find(base)
                if state is not None and state.is_refused and base not in self._used:
                    unit.edge = Edge(Tie(Level.ALIKE, 0), row)
                    return self._again(row, Candidate(base, state))
        if any(map(self._has_failed, unit.rows)):
            return RowVerdict(Say.NEW, Reason.FAILED_BEFORE)
        is_told = unit.first.record.object in PEOPLE and unit.first.has_detail
        is_beside = is_told and any(
            one.is_taken and any(map(_is_beside, edges)) for one, edges in unit.edges.items()
        )
        return RowVerdict(Say.NEW, Reason.BESIDE_ANOTHER if is_beside else Reason.NOTHING_TIES)

    def _has_failed(self, row: OpenRow) -> bool:
        """Return whether the service refused a row that was sent with an earlier mapping."""
        bases = [*self._state.keys.sent_keys(row.where.source_hash)]
        bases += [base for form in row.earlier for base in self._ties.keys_on_record(form.key)]
        states = map(self._state.keys.find, bases)
        return any(state is not None and state.status is Status.FAILED for state in states)

    # What holds back a unit without a record

    def _held_back(self, unit: Unit) -> RowVerdict | None:
        """Return the verdict about a unit without a record that resembles something on record."""
        if self._policy.sends_all:
            return None
        return (
            self._decided_alike(unit)
            or self._like_another(unit)
            or self._like_a_rival(unit)
            or self._still_asked(unit)
            or self._like_a_lost_row(unit)
        )

    def _repeats_another(self, unit: Unit) -> bool:
        """Return whether a unit is skipped as a duplicate of a row with a record or a request."""
        like = None if self._policy.sends_all else self._like_another(unit)
        return like is not None and like.say is Say.DUPLICATE

    def _like_another(self, unit: Unit) -> RowVerdict | None:
        """Return the verdict about a unit that resembles a row with a record or a request."""
        row, says_skip = unit.first, self._policy.on_duplicate == "skip"
        if (copy := self._like_a_remaining_copy(row)) is not None:
            return copy
        possible = None
        for candidate, edges in unit.edges.items():
            if candidate.is_free_for(change=edges[0].is_change) and not edges[0].is_other_row:
                continue
            of = candidate.holder or candidate.remaining_copy
            at = None if of is None else of.at
            if of is not None and self._is_one_unit(row, of):
                return RowVerdict(Say.DUPLICATE, _why_one(row, of), candidate=candidate, of=at)
            at = None if candidate.is_in_doubt else at
            counting = [edge for edge in edges if belongs(edge.version)]
            same = [edge for edge in counting if edge.same_identity]
            alike = [edge for edge in counting if edge.is_today]
            made_of_it = any(edge.version is None for edge in alike)
            is_made_of_it = made_of_it and self._ties.is_by_today(candidate)
            if is_made_of_it or (bool(alike) if of is None else row.meaning == of.meaning):
                if says_skip or row.has_detail:
                    return RowVerdict(Say.DUPLICATE, Reason.EQUAL, candidate=candidate, of=at)
                possible = _possible(Reason.EQUAL_AS_SENT, candidate, at)
            elif (told := next(_versions(counting, _ITS_ROWS), None)) is not None:
                reason = Reason.REPORTED if told.kind in _REPORTED else Reason.SENT_ALIKE
                return RowVerdict(Say.BEFORE, reason, candidate=candidate, version=told)
            elif same and (says_skip or any(edge.same_name for edge in same)):
                return RowVerdict(Say.DUPLICATE, Reason.SAME_PERSON, candidate=candidate, of=at)
            elif same:
                possible = possible or _possible(Reason.IDENTITY_CONTRADICTS, candidate, at)
        return possible

    def _like_a_remaining_copy(self, row: OpenRow) -> RowVerdict | None:
        """Return the verdict about a row that is one with a remaining copy."""
        for value in shared_values(row, self._policy):
            record = self._remaining_copies.get(value)
            copy = None if record is None else record.remaining_copy
            if record is not None and copy is not None:
                reason = _why_one(row, copy)
                return RowVerdict(Say.DUPLICATE, reason, candidate=record, of=copy.at)
        return None

    @staticmethod
    def _like_a_rival(unit: Unit) -> RowVerdict | None:
        """Return the verdict about a unit that may be a record if another row is not."""
        for rival, edges in unit.edges.items():
            if rival.is_in_doubt and edges[0].is_change:
                return _possible(Reason.MAY_BE, rival)
        return None

    def _still_asked(self, unit: Unit) -> RowVerdict | None:
        """
        Return the verdict about a unit of which somebody was asked whether it is a record.

        It may have changed since: then the row that was asked about is gone.
        """
        for candidate, edges in unit.edges.items():
            for edge in edges:
                asked = edge.version
                if asked is None or belongs(asked) or asked.is_like_another:
                    continue
                is_it = edge.is_today or asked in edge.row.content.versions
                if candidate.is_taken and (is_it or not self._list_rows.has_row_of(asked)):
                    return _possible(Reason.MAY_BE, candidate)
        return None

    def _like_a_lost_row(self, unit: Unit) -> RowVerdict | None:
        """
        Return the verdict about a unit that may be one of several rows of a record, changed.

        Of several records it names the one with the strongest tie, then with the fewest rows.
        """

        def order(record: Candidate) -> tuple[Tie, int, int]:
            edge, *_ = unit.edges[record]
            holder = record.holder
            return edge.tie, -edge.agreeing, len(self._ties.equal_rows(holder)) if holder else 1

        lost = [one for one in unit.edges if one.is_taken and self._has_lost_a_row(one)]
        return _possible(Reason.MAY_BE, min(lost, key=order)) if lost else None

    def _has_lost_a_row(self, record: Candidate) -> bool:
        """
        Return whether one of several equal rows of a record is not in the list as it was.

        If a copy holds the record, the row that made it is not there.
        """
        holder = None if record.holder is None else record.holder.content
        is_copy = holder is not None and (
            holder.remaining_copy_of is not None
            or any(one.kind is VersionKind.DUPLICATE for one in holder.versions)
        )
        return is_copy or not all(map(self._list_rows.has_row_of, self._ties.copies(record.base)))

    def _like_one_seen(self, unit: Unit, seen: dict[object, OpenRow]) -> RowVerdict | None:
        """Return the verdict about a unit that resembles a row of the list; else note its row."""
        if self._policy.on_duplicate is not None:
            return None
        for reason, value in _comparable(unit.first):
            of = seen.setdefault(value, unit.first)
            if of is not unit.first:
                self.contradictions += reason is Reason.IDENTITY_CONTRADICTS
                return _possible(reason, None, of.at)
        return None

    def _is_one_unit(self, row: OpenRow, of: OpenRow) -> bool:
        """Return whether a row and a known one would be one record if both were new."""
        shared = {*shared_values(row, self._policy)}
        return not self._policy.sends_all and not shared.isdisjoint(shared_values(of, self._policy))

    def _contradicts(self, unit: Unit) -> bool:
        """Return whether a row has the identity of a record that is somebody else."""
        is_known = any(row.content.versions for row in unit.rows)
        is_maybe = unit.tie is not None and unit.tie.level is Level.MAYBE
        first_of = self._state.keys.first_of
        mine = None if unit.candidate is None or is_maybe else first_of(unit.candidate.base)
        return not is_known and any(
            edge.contradicts and belongs(edge.version)
            for candidate, edges in unit.edges.items()
            if first_of(candidate.base) != mine
            for edge in edges
        )

    # What people have decided about equal rows

    def _declared(self, row: OpenRow) -> Sequence[Where]:
        """
        Return the rows by which a person has declared a row new: itself, or rows sent alike.

        Rows without a detail are decided about one by one. Of others that are sent alike, one
        decision makes one record.
        """
        where = row.where.of_list
        is_alone = len(self._ties.equal_rows(row)) == 1
        if self._is_apart(row) or (not row.has_detail and (row.is_declared_new or not is_alone)):
            return [where] if row.is_declared_new else ()
        alike = self._ties.versions_alike(row)
        decided = {one.where: one.base for one in alike if one.is_new}
        if row.is_declared_new:
            own = self._state.version(*where)
            decided[where] = None if own is None else own.base
        made = self._made(row)
        is_open = len(made) < 1 + any(base in made for base in decided.values())
        return [*decided] if is_open else ()

    def _is_apart(self, row: OpenRow) -> bool:
        """Return whether a duplicate was declared new: it is not the record of its equals."""
        if not row.is_declared_new:
            return False
        version = self._state.version(*row.where.of_list)
        outcome = None if version is None else version.outcome
        return outcome is None or outcome.status is Status.DUPLICATE

    def _decided_alike(self, unit: Unit) -> RowVerdict | None:
        """
        Return the decision of a person about an equal row whose old version left the list.

        Each decision holds for one row: a person decides about rows without a detail one by one.
        """
        row = unit.first
        made = self._made(row)
        for known, edges in unit.edges.items():
            base = known.base
            equal = {
                one.where: one
                for edge in edges
                if edge.is_today and (one := edge.version) is not None
                if one.is_like_another and not self._list_rows.has_row_of(one)
            }
            new = [one for one in equal.values() if one.is_new]
            if len(new) > len(made) - (base in made) + self._sent_as_decided[base]:
                self._sent_as_decided[base] += 1
                return self._sent_beside(row, Reason.DECIDED_NEW)
            for where, version in equal.items():
                if version.kind is VersionKind.DEALT_WITH and where not in self._used_decisions:
                    self._used_decisions.add(where)
                    return RowVerdict(Say.BEFORE, Reason.REPORTED, candidate=known, version=version)
        return None

    def _made(self, row: OpenRow) -> set[str]:
        """Return the keys of the records that rows with the same values have, by form `row`."""
        bases = self._ties.keys_on_record(row.today.row_key)
        states = ((base, self._state.keys.find(base)) for base in bases)
        return {base for base, state in states if state is not None and state.is_created}

    def _sent_beside(self, row: OpenRow, reason: Reason) -> RowVerdict:
        """Decide to send a row beside equal ones; a request of its own is repeated."""
        for base in self._ties.keys_on_record(row.today.row_key):
            state = self._state.keys.find(base)
            if state is not None and not state.is_created and base not in self._used:
                return self._again(row, Candidate(base, state))
        return RowVerdict(Say.NEW, reason, key=self._free_key(row.today.row_key))

    def _free_key(self, key: Callable[[int], str]) -> str:
        """Return the first free key of equal rows."""
        number = 1
        while (base := key(number)) in self._used or self._state.keys.find(base) is not None:
            number += 1
        self._used.add(base)
        return base


_REPORTED = {VersionKind.CHANGED, VersionKind.DEALT_WITH}
_ITS_ROWS = {VersionKind.KNOWN, *_REPORTED}
"""A row with the values of such a version is not sent, also if another row has the record."""


def _comparable(row: OpenRow) -> Iterator[tuple[Reason, object]]:
    """Yield what no two new rows should share, each with the reason if they do."""
    yield Reason.EQUAL_AS_SENT, row.meaning
    if row.identity is not None:
        yield Reason.IDENTITY_CONTRADICTS, (row.identity,)


def _why_one(row: OpenRow, of: OpenRow) -> Reason:
    """Return why two rows are one record."""
    return Reason.EQUAL if row.meaning == of.meaning else Reason.SAME_PERSON


def _versions(edges: Iterable[Edge], kinds: Collection[VersionKind]) -> Iterator[Version]:
    """Yield the versions of these kinds that have the values of a row."""
    for edge in edges:
        if edge.is_today and edge.version is not None and edge.version.kind in kinds:
            yield edge.version


def _is_beside(edge: Edge) -> bool:
    """Return whether a row has the name and a detail of a record, or the first name and two."""
    return edge.tie.level is Level.CERTAIN or (edge.same_first and edge.agreeing > 1)


def _without_remaining_copy(record: Candidate, edges: list[Edge]) -> list[Edge]:
    """Return the ties to a record without those to the values of its remaining copy."""
    copy = record.remaining_copy
    theirs = set() if copy is None else {one.meaning for one in copy.content.versions}
    return [one for one in edges if one.version is None or one.version.meaning not in theirs]


def _leave_open(verdicts: Mapping[int, RowVerdict]) -> None:
    """Name no record for a row that repeats a possible duplicate: nobody knows yet whose it is."""
    for verdict in verdicts.values():
        first = None if verdict.of is None else verdicts.get(verdict.of)
        if first is not None and first.say is Say.POSSIBLE_DUPLICATE:
            verdict.candidate = None


def _drop_weak_ties(units: Iterable[Unit]) -> None:
    for unit in units:
        unit.edges = {one: of for one, of in unit.edges.items() if of[0].tie not in WEAK}


def _possible(reason: Reason, candidate: Candidate | None, of: int | None = None) -> RowVerdict:
    return RowVerdict(Say.POSSIBLE_DUPLICATE, reason, candidate=candidate, of=of)
