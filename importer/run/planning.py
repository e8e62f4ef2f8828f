"""Makes the plan of a run: reads the list, and matches its rows with what is on record."""

from __future__ import annotations

import shlex
from array import array
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import chain, islice
from pathlib import PurePath
from typing import TYPE_CHECKING

from importer.core.errors import QuestionError
from importer.core.list_names import is_of_list, without_stamp
from importer.core.locale.message import Message
from importer.core.records import Record, Rejected, Row, RowIdentity
from importer.core.row_marks import Where
from importer.core.shared import FINISHED
from importer.matching.changed_fields import ChangedFields
from importer.matching.content import ContentMatcher, OpenContent
from importer.matching.matcher import Matcher
from importer.matching.open_rows import Candidate, ListRows, OpenRow, RowVerdict
from importer.matching.reasons import Reason, Say
from importer.matching.ties import OWN_DETAIL, OWN_DETAIL_AND_NAME
from importer.reader import Batch, batch_of
from importer.run.job import Job
from importer.run.loaded_import import LoadedImport
from importer.run.plan import Plan
from importer.run.results_lookup import ResultsLookup
from importer.writer.state.journal_state import Correction, Version, VersionKind

if TYPE_CHECKING:  # polars takes long to load, and a list without news is planned without it
    import polars as pl

    from importer.mapper.block import MappedBlock
    from importer.run.row_chunks import RowChunk

See = Callable[[Batch], None]
"""A function that gets each batch of the list as it is read."""

_FEW = 5
_SHARE = 0.01
"""So many rows, or this share of the list, may be possible duplicates within the list."""
_LOOKED_AT = 200
"""How many rows of a list are looked up in other results files before the import has one."""


def make_plan(job: Job, loaded: LoadedImport, *, now: datetime, see: See | None = None) -> Plan:
    """
    Return what a run would do with every row of the list. Nothing is sent or written.

    It calls `see` with each batch of the list first. Raises `QuestionError` if so many rows have
    equal values in the mapped columns, or equal identities, that the mapping is hardly right.
    """
    return _Planner(job, loaded, now, see).make()


@dataclass(frozen=True, slots=True)
class _RejectedRow:
    """
    A row that reader or mapper reject, and that may have a record or a request all the same.

    `corrected` are the keys of records that corrections of its cells have made. `row` has the
    values that can be read, if they tie it to something. `is_known`: it was rejected before.
    """

    where: RowIdentity
    corrected: Sequence[str]
    row: OpenRow | None
    is_known: bool


class _Planner(ListRows):
    """Makes one plan, and answers what the matcher asks about the rows that it does not match."""

    def __init__(self, job: Job, loaded: LoadedImport, now: datetime, see: See | None) -> None:
        self._job = job
        self._own = own = loaded.own
        self._loaded = loaded
        self._see = see
        self._policy = replace(job.policy, now=now)
        self._lookup = ResultsLookup(own, job)
        self._content = ContentMatcher(
            own.state,
            sends_all=self._policy.sends_all,
            sends_changes=self._policy.on_change == "send",
            keeps_places=self._has_new_mapping,
        )
        self._unrelated: list[pl.DataFrame] = []
        """Rows that nothing on record may match, as columns to compare them with each other."""
        self._as_sent: dict[int, tuple[str, str]] = {}
        """By place: the key of the record that was made of the values the row is sent with."""
        self._open: dict[int, OpenRow] = {}
        """By place: rows to be matched one by one."""
        self._rejected = array("L")
        """Places of rows that reader or mapper reject, and of which nothing is on record."""
        self._rejected_before = 0
        """How many of the rejected rows an earlier run has rejected."""
        self._corrections: dict[str, Sequence[Correction]] = {}
        """By the hash of the mapped cells: the corrections of rejected rows with these cells."""
        self._rejected_later: dict[int, _RejectedRow] = {}
        """By place: rejected rows that may have a record or a request, decided after all others."""
        self._alike_rejected = 0
        """How many rows were rejected that may have a record or a request."""
        self._held: set[str] = set()
        """The keys of the records and requests of settled rows that `_content` does not know."""
        self._mapped: dict[int, OpenRow] = {}
        """By place: the rows that need not be matched, and were mapped all the same."""
        self._seen: Counter[str] = Counter()
        """By source hash: how many equal rows were counted so far."""
        self._planned: dict[int, RowVerdict] = {}
        """By place: the verdicts."""
        self._identities: dict[int, RowIdentity] = {}
        """By place: which rows the verdicts are about."""
        self._found_in = Counter[str]()
        """By results file of another import: how many rows it has created."""
        self._is_first = own.state.history.last_with_records is None
        """Whether no run of this import has created a record."""

    @cached_property
    def _lookups_elsewhere(self) -> Sequence[ResultsLookup]:
        """The results files of other imports; they are loaded for the first new row."""
        return [ResultsLookup(one, self._job) for one in self._loaded.others()]

    @cached_property
    def _columns(self) -> Collection[str]:
        """The columns that today's mapping reads, or one of an earlier run."""
        then = (one.columns for one in (self._lookup, *self._lookups_elsewhere))
        return dict.fromkeys(chain(self._job.mapper.mapped_columns, *then))

    def make(self) -> Plan:
        """
        Read the list, match its rows, and return the plan.

        A row is settled by its content, or it is opened, to be matched with all other open rows, or
        it is unrelated to what is on record. Unrelated rows that are like another row of the list
        are opened as well; the rest is new.
        """
        self._read()
        self._ask_if_made_elsewhere()
        self._open_rows({one.at: one for one in self._content.finish()})
        fresh, alike = self._split_unrelated()
        as_sent = {at: base for at, (base, _) in self._as_sent.items() if at not in alike}
        recognised = {at: self._as_sent[at] for at in self._content.recognise(as_sent)}
        self._open_rows(dict.fromkeys(alike.union(self._as_sent).difference(recognised)))
        copies = [] if self._job.survey.is_derived else self._content.open_remaining_copies()
        rows = [self._open[at] for at in sorted(self._open)]
        self._open_rows({one.at: one for one in copies})
        self._settle_corrected()
        matcher = self._matcher()
        opened = [self._open[one.at] for one in copies if one.at in self._open]
        verdicts = matcher.match(rows, opened)
        for copy in copies:
            if copy.at not in verdicts and copy.at in self._open:
                self._mapped[copy.at] = self._open.pop(copy.at)
                self._content.keep(self._mapped[copy.at].content)
        self._look_elsewhere(verdicts)
        self._ask_if_made_elsewhere()
        self._plan(verdicts)
        self._settle_rejected(matcher)
        undecided = [
            version
            for version in self._own.state.left_undecided()
            if not (self._has_row(version) or self._record_has_row(version))
        ]
        self._stop_if_too_many(matcher.contradictions)
        return Plan(
            rows=self._content.rows,
            fresh=fresh,
            rejected=sorted({*self._rejected}.difference(self._planned)),
            rejected_before=self._rejected_before,
            recognised=recognised,
            to_read=dict(self._to_read()),
            planned=dict(sorted(self._planned.items())),
            identities=self._identities,
            duplicates=self._content.duplicates,
            edited=self._content.edited,
            shared=self._shared(),
            reported=self._content.reported,
            undone=() if self._job.survey.is_derived else [*self._undone()],
            undecided=0 if self._job.survey.is_derived else len(undecided),
            asked_about={
                version.base for version in self._own.state.undecided() if version.base is not None
            },
        )

    def _shared(self) -> int:
        """Return how many rows, but no duplicates, have a record that another row has."""
        others = (one.base for one in self._planned.values() if one.has_record)
        return self._content.shared(Counter(base for base in others if base is not None))

    def _has_row(self, version: Version) -> bool:
        """Return whether a possible duplicate has its row in the list, edited or not."""
        where = RowIdentity(*version.where)
        return any(
            row.where == where
            or version.meaning == (version.salt, f"m{row.today.hashes(version.salt).meaning}")
            or self._is_edited(row, version)
            for row in self._open.values()
        )

    def _is_edited(self, row: OpenRow, version: Version) -> bool:
        """Return whether a row is an edited version of a possible duplicate."""
        planned = self._planned.get(row.at)
        if planned is None or planned.say is not Say.POSSIBLE_DUPLICATE or version.base is None:
            return False
        hashes = row.today.hashes(version.salt).findable()
        return planned.base == version.base and version.shares(hashes)

    def _record_has_row(self, version: Version) -> bool:
        """Return whether the record of a possible duplicate has its own row in the list."""
        base = version.base
        if base is None:
            return False
        first = self._own.state.keys.first_of(base)
        return self._content.is_held(base) or first in self._first_with_row

    @cached_property
    def _first_with_row(self) -> Collection[str]:
        """The keys of the first records of all that was sent again or matched, and has a row."""
        keys = self._own.state.keys
        again = {*keys.sent_again, *map(keys.first_of, keys.sent_again)}
        found = set(filter(self._content.is_held, again))
        for one in self._planned.values():
            if one.base is not None and one.say in {Say.BEFORE, Say.CHANGED}:
                found.add(one.base)
            elif one.change_of is not None:
                found.add(one.change_of)
        return {*map(keys.first_of, found)}

    @cached_property
    def _list_names(self) -> Collection[str]:
        """The names, without dates, of the files of the list and those its job has read before."""
        names, job = [self._job.survey.name], self._job.config.job
        for run in self._loaded.history.runs:
            of_job, source = run.settings.get("job"), run.source
            is_same = job is not None and PurePath(str(of_job)).name == job.name
            if is_same and source is not None and not source.is_derived:
                names.append(str(source.name))
        return {without_stamp(one) for name in names for one in name.split(", ")}

    def _undone(self) -> Iterator[Where]:
        """Yield the open changes of the list that no row of it has any more."""
        state = self._own.state
        open_changes = (one.version for one in self._planned.values() if one.is_open_change)
        known = [*self._content.reported, *filter(None, open_changes)]
        there = {state.changes.open_row(one.outcome) for one in known if one.outcome is not None}
        for where in sorted(state.changes.open_rows()):
            version = state.version(*where)
            if version is None or version.kind is not VersionKind.CHANGED or version.base is None:
                continue
            told = version.outcome
            if told is None or without_stamp(told.source) not in self._list_names:
                continue
            if where not in there:
                yield where

    @cached_property
    def _has_new_mapping(self) -> bool:
        """Return whether the last run that went through the list had another mapping."""
        earlier, history = self._loaded.own.earlier, self._own.state.history
        if self._job.survey.is_derived or not earlier:
            return False
        whole = {end.run for end in history.ends if end.exit_code in FINISHED and end.rows}
        here = self._job.survey.name.split(", ")
        for run in reversed(history.runs):
            if run.source is None or not run.is_of_list or run.run not in whole:
                continue
            if all(is_of_list(one, str(run.source.name)) for one in here):
                return run.mapping_sha256 not in earlier.comparable
        return True

    def _to_read(self) -> Iterator[tuple[int, tuple[str, str]]]:
        """
        Yield the rows known by their content that today's mapping has not read so far.

        Each comes with the key of its record and its content.
        """
        state, today = self._own.state, self._own.earlier.comparable
        read = state.read_by(today) if self._has_new_mapping else ()
        for at, version in self._content.places():
            if (base := version.base) is None or base in read or at in self._planned:
                continue
            made = state.keys.find(base) if version.kind is VersionKind.OWN else None
            by = version.mapping if made is None else state.history.mapping_of(made.run)
            if by not in today:
                yield at, (base, version.source_hash)

    # Reading the list

    def _read(self) -> None:
        for batch in self._job.survey.batches():
            if self._see is not None:
                self._see(batch)
            first = self._content.rows
            unknown = self._content.see(batch.hashes, batch.marks)
            if batch.marks:
                for index in unknown:
                    self._add_row(first + index, batch.row(index), batch.hashes[index])
            elif unknown:
                self._add_unknown(batch, first, unknown)

    def _add_unknown(self, batch: Batch, first: int, unknown: Sequence[int]) -> None:
        """Map the rows of a batch whose content nothing on record knows."""
        wanted = set(unknown)
        if self._job.corrected:
            corrected = {at for at in wanted if self._job.corrected.has_row_of(batch.hashes[at])}
            for index in sorted(corrected):
                self._add_row(first + index, batch.row(index), batch.hashes[index])
            wanted -= corrected
        from importer.run.row_chunks import row_chunks

        for whole in row_chunks(batch, self._job.survey.columns, self._columns):
            rows = [at for at in whole.rows if at in wanted]
            if not rows:
                continue
            chunk = whole.only(rows)
            read = set(chunk.read)
            for at in rows:
                if at not in read:
                    self._reject_new(first + at, batch.row(at), batch.hashes[at])
            if chunk.read:
                self._add_chunk(batch, first, chunk)

    def _add_chunk(self, batch: Batch, first: int, chunk: RowChunk) -> None:
        mapped = chunk.mapped_by(self._job.mapper)
        hashes = [batch.hashes[at] for at in chunk.read]
        as_sent = self._lookup.as_sent(mapped, len(chunk.read))
        for place, base in as_sent.items():
            self._as_sent[first + chunk.read[place]] = base, hashes[place]
        related = self._related(chunk, mapped, hashes, without=as_sent)
        for place in sorted(mapped.rejected):
            at = chunk.read[place]
            self._reject_new(first + at, batch.row(at), hashes[place])
        rows = {place: batch.row(chunk.read[place]) for place in sorted(related)}
        read = {place: row for place, row in rows.items() if isinstance(row, Row)}
        for place, record in mapped.records(read).items():
            at = first + chunk.read[place]
            self._add_row(at, record.row, hashes[place], record=record)
        left = [
            place
            for place in range(len(chunk.read))
            if place not in mapped.rejected and place not in related
        ]
        if left:
            places = [first + chunk.read[place] for place in left]
            self._unrelated.append(_as_compared(mapped, left, places, [hashes[at] for at in left]))

    def _related(
        self,
        chunk: RowChunk,
        mapped: MappedBlock,
        hashes: Sequence[str],
        *,
        without: Collection[int],
    ) -> Collection[int]:
        """Return the places of the rows of a chunk that something on record may match."""
        found = set(self._lookup.related(chunk, mapped, hashes, without=without))
        for lookup in self._lookups_elsewhere:
            if self._is_first:  # a list that was imported elsewhere is asked about as a whole
                self._found_in[lookup.name] += lookup.count_content(hashes)
            if len(self._open) < _LOOKED_AT or not self._is_first:
                found.update(lookup.related(chunk, mapped, hashes, without=without))
        return found - mapped.rejected

    def _split_unrelated(self) -> tuple[Sequence[int], set[int]]:
        """Return the places of rows that are new, and of those that are like another row."""
        if not self._unrelated:
            return [], set()
        import polars as pl

        table = pl.concat([*self._unrelated, *self._opened()])
        self._unrelated.clear()
        is_alike = pl.any_horizontal(
            pl.col("source").is_duplicated(),
            pl.col("sent").is_duplicated(),
            pl.col("identity").is_duplicated() & pl.col("identity").is_not_null(),
        )
        table = table.with_columns(alike=is_alike).filter(~pl.col("at").is_in([*self._open]))
        alike = set(table.filter("alike")["at"].to_list())
        fresh = table.filter(~pl.col("alike") & ~pl.col("at").is_in([*self._as_sent]))
        return array("L", fresh["at"]), alike

    def _opened(self) -> Iterator[pl.DataFrame]:
        """Yield the columns by which open rows are compared with all others."""
        from importer.run.row_chunks import row_chunks

        rows = [one.record.row for one in self._open.values()]
        hashes = [one.content_hash for one in self._open.values()]
        done = 0
        for chunk in row_chunks(batch_of(rows), self._job.survey.columns, self._columns):
            mapped = chunk.mapped_by(self._job.mapper)
            places = list(islice(self._open, done, done + len(chunk.rows)))
            of_chunk = hashes[done : done + len(chunk.rows)]
            yield _as_compared(mapped, range(len(chunk.read)), places, of_chunk)
            done += len(chunk.rows)

    # Rows that are looked at one by one

    def _open_rows(self, opened: Mapping[int, OpenContent | None]) -> None:
        """Read the rows again that are open after a look at the whole list."""
        for at, row, source_hash in self._rows_at(sorted(opened)):
            self._add_row(at, row, source_hash, opened[at])

    def _rows_at(self, places: Sequence[int]) -> Iterator[tuple[int, Row | Rejected, str]]:
        for first, batch, here in self._job.survey.batches_with(places):
            for at in here:
                yield at, batch.row(at - first), batch.hashes[at - first]

    def _add_row(
        self,
        at: int,
        row: Row | Rejected,
        source_hash: str,
        found: OpenContent | None = None,
        record: Record | None = None,
    ) -> None:
        """Map one row, unless its `record` is known, and open it if it can be sent."""
        if found is None:
            self._seen[source_hash] += 1
            found = OpenContent(at, RowIdentity(source_hash, self._seen[source_hash]))
        if found.duplicate_of is not None:
            base = found.duplicate_of
            self._settle(at, found.where, Say.DUPLICATE, Reason.EQUAL, base)
            return
        row, where = self._job.corrected.in_place_of(row, found.where)
        mapped = row if isinstance(row, Rejected) else record or self._job.mapper.map(row)
        if isinstance(mapped, Rejected):
            self._reject(at, mapped.row or mapped, where, found.original)
            return
        content = replace(found, where=where)
        is_declared_new = self._own.state.is_new(*where.of_list)
        self._open[at] = self._lookup.open_row(content, mapped, is_declared_new=is_declared_new)

    def _reject_new(self, at: int, row: Row | Rejected, source_hash: str) -> None:
        """Plan a row that is rejected, and whose content nothing on record knows."""
        self._seen[source_hash] += 1
        self._reject(at, row, RowIdentity(source_hash, self._seen[source_hash]))

    def _reject(
        self, at: int, row: Row | Rejected, where: RowIdentity, original: str | None = None
    ) -> None:
        """
        Note a row that reader or mapper reject; if it may have a record, decide later.

        `original` is the key of the record of the row that it names, if any.
        """
        state, mapper = self._own.state, self._job.mapper
        is_known = where.source_hash in state.tried
        corrected: Sequence[str] = ()
        if isinstance(row, Row) and state.tried:
            cells = mapper.cells_hash(row)
            is_known = is_known or state.was_rejected(cells)
            if cells is not None:
                corrected = [*self._corrections_of(cells, where.source_hash)]
        for base in state.keys.sent_keys(where.source_hash):
            request = state.keys.find(base)
            if request is not None and request.is_unclear and not self._policy.clears(request):
                self._settle(at, where, Say.UNKNOWN, Reason.REJECTED_IN_DOUBT, base)
                return
        readable = None
        if isinstance(row, Row) and not state.is_empty:
            named = OpenContent(at, where, original=original)
            readable = self._lookup.readable(named, row)
        one = _RejectedRow(where, corrected, readable, is_known)
        if corrected or readable is not None:
            self._rejected_later[at] = one
            self._alike_rejected += 1
        else:
            self._say_rejected(at, one)

    def _corrections_of(self, cells: str, row: str) -> Iterator[str]:
        """Yield the keys of the records that corrections of a row may have made."""
        state = self._own.state
        if cells not in self._corrections:
            self._corrections[cells] = [*state.corrections_of(cells)]
        for one in self._corrections[cells]:
            if state.may_be_corrected(cells, row, one):
                yield one.base

    def _say_rejected(self, at: int, one: _RejectedRow) -> None:
        self._rejected_before += one.is_known
        if one.where.occurrence == 1 and one.where.corrected is None:
            self._rejected.append(at)
        else:
            self._settle(at, one.where, Say.INVALID, Reason.REJECTED)

    def _settle_corrected(self) -> None:
        """Give rejected rows the records that their corrections have made."""
        for at, one in sorted(self._rejected_later.items()):
            for base in one.corrected:
                if not self.is_held(base):
                    self._settle(at, one.where, Say.BEFORE, Reason.CORRECTED_BEFORE, base)
                    del self._rejected_later[at]
                    break

    def _settle_rejected(self, matcher: Matcher) -> None:
        """Give rejected rows the records and requests that are theirs, if any are left."""
        self._settle_corrected()
        found = matcher.match_rejected(one.row for one in self._rejected_later.values() if one.row)
        for at, one in sorted(self._rejected_later.items()):
            verdict = found.get(at)
            if verdict is None:
                self._say_rejected(at, one)
                continue
            self._rejected_before += one.is_known and verdict.say is Say.INVALID
            self._planned[at], self._identities[at] = verdict, one.where
            if verdict.base is not None and verdict.reason is not Reason.MAY_BE:
                self._held.add(verdict.base)

    def _settle(
        self, at: int, where: RowIdentity, say: Say, reason: Reason, base: str | None = None
    ) -> None:
        """Decide about a row that need not be matched; `base` is the key of its record, if any."""
        state = self._own.state.keys.find(base) if base else None
        candidate = Candidate(base, state) if base and state is not None else None
        if candidate is not None:
            self._held.add(candidate.base)
        self._planned[at] = RowVerdict(say, reason, candidate=candidate)
        self._identities[at] = where

    # Matching

    def _matcher(self) -> Matcher:
        return Matcher(
            self._own.state,
            self._policy,
            self,
            object_=self._job.object,
            on_record=self._own.hashes,
            mappings=self._own.earlier.comparable,
            changed=self._changed,
        )

    @cached_property
    def _changed(self) -> ChangedFields:
        names = [plan.target for plan in self._job.mapper.plans]
        return ChangedFields(self._own.state, self._own.hashes, names)

    def _look_elsewhere(self, verdicts: dict[int, RowVerdict]) -> None:
        """Hold back new rows whose records another import in the same folder has, or may have."""
        for lookup in self._lookups_elsewhere:
            new = [
                self._open[at]
                for at, verdict in verdicts.items()
                if verdict.say is Say.NEW and verdict.reason is not Reason.DECIDED_NEW
            ]
            for at, tie, made in lookup.records_of(new):
                is_maybe = tie >= OWN_DETAIL_AND_NAME
                if tie > OWN_DETAIL or (not is_maybe and self._policy.on_change == "send"):
                    continue
                say = Say.POSSIBLE_DUPLICATE if is_maybe else Say.CHANGED
                verdicts[at] = RowVerdict(
                    say, Reason.MADE_ELSEWHERE, candidate=made, elsewhere=lookup.name
                )
                self._found_in[lookup.name] += not is_maybe

    def _ask_if_made_elsewhere(self) -> None:
        """
        Raise `QuestionError` if another import has created rows of this list, and this one none.

        The list may have been renamed. If the import has created records itself, such rows are held
        back one by one instead.
        """
        if not self._is_first or not self._found_in.total():
            return
        [(most, count)] = self._found_in.most_common(1)
        raise QuestionError(
            "%(path)s is the results file of an import that has created %(count)s of the %(rows)s"
            " rows of %(name)s",
            path=most,
            count=count,
            rows=self._content.rows,
            name=self._job.config.named,
            hint=Message(
                "To continue it, add --results %(path)s; to create all rows once more, add "
                "--new-import.",
                path=shlex.quote(most),
            ),
            answers={
                Message("continue %(path)s", path=most): {"results": most},
                Message("create all rows once more"): {"new_import": True},
            },
        )

    # What the matcher asks

    @property
    def rows(self) -> int:
        """How many rows the list has."""
        return self._content.rows

    @property
    def known(self) -> int:
        """How many rows are known by their content, or rejected with values that are on record."""
        return self._content.known + self._alike_rejected

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
            elif (state := self._own.state.keys.find(base)) is not None:
                by_hash[state.source_hash] = base
        found: dict[str, OpenRow] = {}
        for at, (source_hash, batch, index) in enumerate(self._job.survey.hashed()):
            of = by_place.get(at) or by_hash.pop(source_hash, None)
            if of is None:
                continue
            row = batch.row(index)
            mapped = self._job.mapper.map(row) if isinstance(row, Row) else row
            if isinstance(mapped, Record):
                content = OpenContent(at, RowIdentity(source_hash, 1))
                found[of] = self._mapped[at] = self._lookup.open_row(content, mapped)
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
        state = self._own.state
        if self._is_latest_part and state.history.was_in_last_list(made.run):
            return True
        return state.was_listed_with(*where.of_list, made.run)

    @cached_property
    def _is_latest_part(self) -> bool:
        """Return whether the list is a derived file just as the last run has left it."""
        return not self._own.state.latest_files.isdisjoint(self._job.survey.digests())

    def has_row_of(self, version: Version) -> bool:
        """Return whether the list has the row of a version; in a part of it, all may be there."""
        return self._job.survey.is_derived or self._content.has_row_of(version)

    # The plan

    def _plan(self, verdicts: Mapping[int, RowVerdict]) -> None:
        """Add to each verdict what a person asks: whom it resembles, and what has changed."""
        known = {
            verdict.candidate.base
            for verdict in verdicts.values()
            if verdict.may_differ and verdict.of is None and verdict.candidate is not None
        }
        owners = self.rows_of(known) if known else {}
        for at, verdict in verdicts.items():
            row, candidate, of = self._open[at], verdict.candidate, None
            if verdict.of is not None:
                of = self._open.get(verdict.of) or self._mapped[verdict.of]
            elif candidate is not None and verdict.may_differ:
                of = owners.get(candidate.base)
            if of is not None:
                verdict.of, verdict.of_row = of.at, of.record.row.number
                if verdict.say in {Say.DUPLICATE, Say.POSSIBLE_DUPLICATE}:
                    verdict.columns = _different(row.record.row, of.record.row)
            if verdict.say is Say.BEFORE and candidate is not None:
                verdict.as_key = None if row.today.key(1) == candidate.base else row.today.key(1)
            if _may_have_changed(verdict):
                verdict.changes = self._changed.of(row, candidate)
            self._planned[at] = verdict
            self._identities[at] = row.where

    def _stop_if_too_many(self, contradictions: int) -> None:
        """Raise `QuestionError` if many rows are like others; so many contradict an identity."""
        if self._policy.on_duplicate is not None:
            return
        told = sum(bool(one.content.versions) for one in self._open.values())
        equal = sum(one.reason is Reason.EQUAL_AS_SENT for one in self._planned.values())
        suspicious = contradictions + max(0, equal - told)
        if suspicious <= max(_FEW, _SHARE * self.rows):
            return
        apart = Counter(
            column for one in self._planned.values() if one.differs for column in one.columns
        )
        named = [column for column, _ in apart.most_common(3)] or Message("their columns")
        alike, cure = Message("would be one"), Message("map such a column")
        if contradictions:
            alike = Message("have the identity of somebody else")
            cure = Message("leave the identity out")
        raise QuestionError(
            "%(count)s of the %(rows)s rows %(alike)s: what is sent of them is the same as of "
            "another row, or their identity is, and they differ in %(listed)s",
            count=f"{suspicious:,}",
            rows=f"{self.rows:,}",
            alike=alike,
            listed=named,
            hint=Message(
                "Rows that become one record differ in %(listed)s: %(what)s. Or say what they are: "
                "--on-duplicate skip takes them for one, --on-duplicate send creates each of them.",
                listed=named,
                what=cure,
            ),
            answers={
                Message("they are the same: create one record of them"): {"on_duplicate": "skip"},
                Message("they are different: create each of them"): {"on_duplicate": "send"},
            },
        )


def _may_have_changed(verdict: RowVerdict) -> bool:
    """Return whether a row may differ from its record in a way that no run has seen yet."""
    if verdict.say is Say.BEFORE:
        return verdict.version is None
    return verdict.say in {Say.CHANGED, Say.POSSIBLE_DUPLICATE}


def _different(row: Row, of: Row) -> tuple[str, ...]:
    """Return the columns in which two rows differ."""
    names = dict.fromkeys((*of.values, *row.values))
    return tuple(name for name in names if row.values.get(name) != of.values.get(name))


def _as_compared(
    mapped: MappedBlock, rows: Sequence[int], places: Sequence[int], hashes: Sequence[str]
) -> pl.DataFrame:
    """Return the columns by which rows of a block are compared with other rows of the list."""
    import polars as pl

    from importer.matching.sent_meanings import meanings

    identity = mapped.identities()
    return pl.DataFrame(
        {
            "at": pl.Series(places, dtype=pl.UInt32),
            "source": pl.Series([one[:16] for one in hashes]).hash(),
            "sent": meanings(mapped).hash()[rows],
            "identity": pl.repeat(None, len(rows), dtype=pl.UInt64, eager=True)
            if identity is None
            else identity.hash()[rows],
        }
    )
