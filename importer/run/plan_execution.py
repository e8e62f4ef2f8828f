"""Carries out a plan: reads the list again, and yields what is to be done with each row."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from heapq import merge

from importer.core import keys
from importer.core.errors import SourceLost
from importer.core.records import (
    AlreadyCreated,
    Decision,
    KnownRow,
    Outcome,
    PendingDuplicate,
    Record,
    Rejected,
    Row,
    RowIdentity,
    RowReading,
    Send,
    Status,
)
from importer.matching.hashes import MatchHashes
from importer.matching.open_rows import Candidate, RowVerdict
from importer.matching.reasons import Reason, Say
from importer.reader import Batch
from importer.run import local_outcomes
from importer.run.job import Job
from importer.run.journal import Sends
from importer.run.plan import Plan
from importer.writer.state.idempotency_keys import KeyState
from importer.writer.state.journal_state import JournalState

_TOGETHER = 1024
"""So many rows are mapped at once: enough for columns to pay off, and few to wait for."""


class PlanExecution:
    """
    Turns a plan into decisions, and settles the duplicates of rows in flight.

    The plan has decided already which row belongs to which record.
    """

    def __init__(self, job: Job, plan: Plan, state: JournalState) -> None:
        self._job = job
        self._plan = plan
        self._sends = Sends(state.salt, job.config.namespace)
        self._waiting: dict[str, list[Outcome]] = {}
        self._settled: dict[str, Outcome] = {}
        places = merge(
            *(plan.fresh, plan.rejected),
            *map(sorted, (plan.recognised, plan.to_read, plan.planned)),
        )
        self._places = array("L", places)

    def decisions(self) -> Iterator[Decision]:
        """
        Yield the decision about each row, in source order; rows that failed before come last.

        Consecutive rows that earlier runs created are one `AlreadyCreated`. It reads only what has
        a row that needs a decision, unless the list has changed since the plan was made. Raises
        `SourceLost` if the plan was made for another list.
        """
        later: list[int] = []
        reached, recognised = 0, self._plan.recognised
        for first, batch, places in self._job.survey.batches_with(self._places):
            at_once = (at for at in places if at not in recognised and not self._is_retry(at))
            mapped = self.mapped([*at_once], batch, first)
            for at in places:
                if at > reached:
                    yield AlreadyCreated(at - reached)
                reached = at + 1
                if at in recognised:
                    yield self._recognised(at, batch, at - first)
                elif self._is_retry(at):
                    later.append(at)
                else:
                    yield self.decide(*next(mapped))
        if (
            self._job.survey.changed()
            and sum(len(batch) for batch in self._job.survey.batches()) != self._plan.rows
        ):
            raise self._changed()
        if self._plan.rows > reached:
            yield AlreadyCreated(self._plan.rows - reached)
        yield from self._again(later)

    def _again(self, places: Sequence[int]) -> Iterator[Decision]:
        """Yield the decisions about rows that failed before."""
        for first, batch, here in self._job.survey.batches_with(places):
            for one in self.mapped(here, batch, first):
                yield self.decide(*one)

    def _recognised(self, at: int, batch: Batch, index: int) -> AlreadyCreated:
        base, source_hash = self._plan.recognised[at]
        if batch.hashes[index] != source_hash:
            raise self._changed()
        known = KnownRow(
            source_hash=source_hash,
            occurrence=1,
            idempotency_key=base,
            number=batch.number_of(index),
        )
        return AlreadyCreated(known=known)

    def _is_retry(self, at: int) -> bool:
        planned = self._plan.planned.get(at)
        return planned is not None and planned.reason is Reason.FAILED_BEFORE

    def settle(self, outcome: Outcome) -> list[Outcome]:
        """Note the outcome of a row that was sent. Returns the outcomes of its duplicates."""
        base = keys.key_base(outcome.idempotency_key or "")
        self._settled[base] = outcome
        waiting = self._waiting.pop(base, ())
        return [self._repeats(one, base, outcome) for one in waiting]

    @staticmethod
    def _repeats(duplicate: Outcome, base: str, first: Outcome) -> Outcome:
        return local_outcomes.duplicate_outcome(replace(duplicate, record_key=base), first)

    def mapped(
        self, places: Sequence[int], batch: Batch, first: int
    ) -> Iterator[tuple[int, Record | Rejected, RowIdentity]]:
        """
        Map rows of a batch that are not just known, and yield each with its place and which it is.

        `places` are theirs in the list, `first` is that of the batch's first row.
        """
        for start in range(0, len(places), _TOGETHER):
            some = places[start : start + _TOGETHER]
            found = [self._row(at, batch, at - first) for at in some]
            rows = [row for row, _ in found if isinstance(row, Row)]
            records = iter(self._job.mapper.map_rows(rows))
            for at, (row, where) in zip(some, found, strict=True):
                is_hash = (where.corrected or where.source_hash) == batch.hashes[at - first]
                if not is_hash and not self._job.corrected:
                    raise self._changed()
                yield at, row if isinstance(row, Rejected) else next(records), where

    def _row(self, at: int, batch: Batch, index: int) -> tuple[Row | Rejected, RowIdentity]:
        where = self.where(at, batch.hashes[index])
        return self._job.corrected.in_place_of(batch.row(index), where)

    def where(self, at: int, source_hash: str) -> RowIdentity:
        """Return which row on record the row at a place is; `source_hash` is that of its cells."""
        return self._plan.identities.get(at) or RowIdentity(source_hash, 1)

    def decide(self, at: int, mapped: Record | Rejected, where: RowIdentity) -> Decision:
        """Return the decision about one row that `mapped` has yielded."""
        planned = self._plan.planned.get(at)
        if at in self._plan.to_read:
            return self._reading(at, mapped, where)
        if isinstance(mapped, Rejected):
            return self._rejected(mapped, planned, where)
        if planned is None:
            return self._sends.of(mapped, where)
        return self._carry_out(mapped, planned, where)

    def _reading(self, at: int, mapped: Record | Rejected, where: RowIdentity) -> AlreadyCreated:
        """Return what today's mapping reads of a row on record; names alone are nothing new."""
        base, source_hash = self._plan.to_read[at]
        if where.source_hash != source_hash:
            raise self._changed()
        if isinstance(mapped, Rejected):
            return AlreadyCreated()
        send = self._sends.of(mapped, where)
        if send.hashes is None or not MatchHashes.parse(send.hashes).details:
            return AlreadyCreated()
        reading = RowReading(
            source_hash=source_hash,
            idempotency_key=base,
            number=mapped.row.number,
            hashes=send.hashes,
        )
        return AlreadyCreated(known=reading)

    def _rejected(
        self, rejected: Rejected, planned: RowVerdict | None, where: RowIdentity
    ) -> Decision:
        if planned is None:
            return local_outcomes.rejected(rejected, where)
        if planned.say is Say.INVALID:
            return local_outcomes.rejected_version(rejected, planned, where)
        if planned.say is Say.BEFORE:
            return _known(planned, where, rejected.number)
        if planned.say is Say.DUPLICATE:
            return local_outcomes.rejected_copy(rejected, planned, where)
        if (request := planned.candidate) is None:
            raise self._changed()
        outcome = local_outcomes.rejected(rejected, where)
        return local_outcomes.rejected_in_doubt(outcome, request.state.key(request.base))

    def _carry_out(  # noqa: PLR0911 - one for each verdict
        self, record: Record, planned: RowVerdict, where: RowIdentity
    ) -> Decision:
        send = self._sends.of(
            record, where, planned.key, unclear=planned.unclear, change_of=planned.change_of
        )
        match planned.say:
            case Say.NEW | Say.AGAIN:
                return send
            case Say.BEFORE:
                return self._before(send, planned, where)
            case Say.CHANGED:
                return local_outcomes.changed(send, planned)
            case Say.POSSIBLE_DUPLICATE:
                of = self._plan.planned.get(-1 if planned.of is None else planned.of)
                if planned.base is None and of is not None and of.request is not None:
                    first = of.candidate or Candidate(of.request, KeyState())
                    planned = replace(planned, candidate=first)
                return local_outcomes.possible_duplicate(send, planned)
            case Say.UNKNOWN:
                return local_outcomes.unclear(send, planned)
            case Say.FAILED:
                return local_outcomes.failed_before(send, planned)
            case Say.DUPLICATE:
                return self._duplicate(send, planned)
            case Say.INVALID:
                raise self._changed()

    def _duplicate(self, send: Send, planned: RowVerdict) -> Decision:
        """Return the outcome of a duplicate, or let it wait for that of the row it repeats."""
        outcome = local_outcomes.duplicate(send, planned)
        first = None if planned.of is None else self._plan.planned.get(planned.of)
        if first is not None and first.say is Say.POSSIBLE_DUPLICATE:
            return local_outcomes.duplicate_of_undecided(outcome)
        if first is None or first.say not in {Say.NEW, Say.AGAIN} or first.key is None:
            return outcome
        base, outcome = keys.key_base(first.key), replace(outcome, error=None)
        if base in self._settled:
            return self._repeats(outcome, base, self._settled[base])
        self._waiting.setdefault(base, []).append(outcome)
        return PendingDuplicate(outcome)

    def _before(self, send: Send, planned: RowVerdict, where: RowIdentity) -> AlreadyCreated:
        """Return the decision about a row with a record; a reported change stays on record."""
        reported = None if planned.version is None else planned.version.outcome
        is_told = planned.reason is Reason.REPORTED
        if is_told and reported is not None and reported.status is Status.CHANGED:
            row = send.record.row
            again = replace(
                reported,
                number=row.number,
                line=row.line,
                source=row.source,
                source_hash=send.source_hash,
                occurrence=send.occurrence,
                hashes=send.hashes,
                field_hashes=send.field_hashes,
            )
            return AlreadyCreated(known=again)
        return _known(planned, where, send.record.row.number, hashes=send.hashes)

    def _changed(self) -> SourceLost:
        return SourceLost(
            "%(name)s was changed while it was imported: its rows are not those that the plan was"
            " made for",
            name=self._job.survey.name,
            hint="Run the same command again once the list is complete: it goes on.",
        )


def _known(
    planned: RowVerdict, where: RowIdentity, number: int, *, hashes: str | None = None
) -> AlreadyCreated:
    """Return the decision about a row that belongs to a record made from other content."""
    base = planned.base
    if base is None:
        return AlreadyCreated()
    known = KnownRow(
        source_hash=where.source_hash,
        occurrence=where.occurrence,
        idempotency_key=base,
        number=number,
        as_key=planned.as_key,
        hashes=None if planned.as_key is None else hashes,
    )
    return AlreadyCreated(known=known)
