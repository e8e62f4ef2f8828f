"""Finds out what `run` would do with every row of a job, some thousand rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime

import polars as pl

from importer.checking.changes import ChangeCounts
from importer.checking.chunks import RowChunk, row_chunks
from importer.checking.columns import SourceProfile, fields_of, without_secrets
from importer.checking.newcomers import Newcomers, map_chunk
from importer.checking.repeats import RepeatedValues, repeatable_fields
from importer.checking.report import CheckReport
from importer.checking.seen_hashes import SeenHashes
from importer.config import ImportConfig
from importer.guards import Guard
from importer.mapper.blocks.mapper import BlockMapper, MappedBlock
from importer.problems import group_problems
from importer.reader import Batch
from importer.records import (
    AlreadyCreated,
    Decision,
    Outcome,
    PendingDuplicate,
    Postponed,
    Rejected,
    Row,
    RowError,
    RowIdentity,
    Send,
    Status,
)
from importer.running.job import Job, open_rows
from importer.running.recall import Recalled
from importer.shared import JsonValue
from importer.writer import Exporter, torn_line_left_out

__all__ = ["Progress", "RowCheck"]

Progress = Callable[[int, int], None]
"""Takes the number of rows checked so far, and the number of all rows."""

_SAMPLES = 3


class RowCheck:
    """
    Checks the rows of a job, in one pass.

    Rows are mapped in blocks. Three kinds of rows are also mapped one by one: refused rows, since
    `Mapper.map` words their faults; rows that something on record may be about, since the ledger
    decides about them; and the first few rows that would be sent, which are shown as samples.
    """

    def __init__(
        self,
        job: Job,
        recalled: Recalled,
        exporter: Exporter | None = None,
        *,
        progress: Progress | None = None,
    ) -> None:
        self._job = job
        self._progress = progress
        self._config = job.config
        self._exporter = exporter
        self._mapper = BlockMapper(job.mapper)
        self._newcomers = Newcomers(job, recalled)
        self._mapped_columns = {*job.mapper.mapped_columns, *self._newcomers.columns}
        self._profile = SourceProfile(job.survey.columns)
        self._changes = ChangeCounts(job.mapper)
        fields = repeatable_fields(job.mapper)
        self._repeated = [(RepeatedValues(kind), fields[kind]) for kind in fields]
        self._counts = dict.fromkeys((status.value for status in Status), 0)
        self._before = self._to_send = self._read = self._before_batch = 0
        self._samples: list[dict[str, JsonValue]] = []
        self._seen = SeenHashes()
        self._guard = Guard(job, recalled.history, datetime.now(UTC))
        self._is_first = recalled.is_first
        self._ledger = recalled.ledger
        self._postponed: list[tuple[Row | Rejected, RowIdentity]] = []
        self._unlike: list[tuple[Row | Rejected, RowIdentity]] = []
        self._refused: list[tuple[Row | Rejected, RowIdentity]] = []

    def run(self) -> CheckReport:
        """Return what a run would do."""
        problems = group_problems(self._errors())
        changed = [f"{name} was changed while it was read" for name in self._job.survey.changed()]
        told = changed + torn_line_left_out(self._job.results)
        limit = self._config.limits.limit
        requests = self._to_send if limit is None else min(self._to_send, limit)
        repeated = (values.result() for values, _ in self._repeated)
        columns = self._profile.result(fields_of(self._job))
        verdict = self._guard.judge(rows=self._read, new=self._to_send)
        return CheckReport(
            object=self._job.object,
            exit_code=verdict.exit_code if verdict else self._exit_code(is_whole=not changed),
            stopped=verdict.message if verdict else None,
            hint=verdict.hint if verdict else None,
            read=self._read,
            before=self._before,
            to_send=self._to_send,
            counts=self._counts,
            requests=requests,
            seconds=_duration(requests, self._config),
            results=str(self._job.results),
            notices=tuple(dict.fromkeys((*self._job.notices, *self._job.survey.found, *told))),
            read_as=self._job.survey.read_as,
            problems=tuple(problems),
            samples=tuple(self._samples),
            changes=self._changes.result(),
            repeated=tuple(one for one in repeated if one.count),
            columns=without_secrets(columns, self._job.mapper.schema),
        )

    def _exit_code(self, *, is_whole: bool) -> int:
        if self._counts[Status.INVALID] or self._counts[Status.UNKNOWN] or not is_whole:
            return 1
        return 6 if self._counts[Status.CHANGED] else 0

    def _errors(self) -> Iterator[tuple[int, RowError]]:
        """Check every row. Yields the faults of refused rows, each with the line of the row."""
        columns, mapped = self._job.survey.columns, self._mapped_columns
        for batch in self._job.survey.batches():
            self._guard.see(batch)
            identities = self._open_rows(batch)
            self._before_batch = self._read
            if identities is not None and self._job.corrected:
                yield from self._check_corrected(batch, identities)
            for chunk in row_chunks(batch, columns, mapped):
                self._profile.add(chunk.texts, len(chunk.read))
                yield from self._check(*self._open_part(chunk, identities))
                self._read += len(chunk.rows)
                if self._progress is not None:
                    self._progress(self._read, max(self._read, self._job.survey.rows))
        yield from self._last_chance()

    def _open_part(
        self, chunk: RowChunk, identities: Mapping[int, RowIdentity] | None
    ) -> tuple[RowChunk, Mapping[int, RowIdentity] | None]:
        """Return the rows of a chunk that are not skipped, and count the others."""
        if identities is None:
            return chunk, None
        here = {row: identities[row] for row in chunk.rows if row in identities}
        self._before += len(chunk.rows) - len(here)
        return chunk.only(here), here

    def _check_corrected(
        self, batch: Batch, identities: dict[int, RowIdentity]
    ) -> Iterator[tuple[int, RowError]]:
        """Check the corrected rows of a batch, and take their originals out of `identities`."""
        rows, theirs, originals = self._job.corrected.of_batch(batch, identities)
        for chunk in row_chunks(rows, self._job.survey.columns, self._mapped_columns):
            yield from self._check(chunk, {row: theirs[row] for row in chunk.rows}, originals)
        for at in originals:
            del identities[at]
        self._before -= len(originals)

    def _last_chance(self) -> Iterator[tuple[int, RowError]]:
        """Decide about the rows that had to wait for all other rows."""
        for again in self._job.look_again(self._ledger):
            self._before -= 1
            self._postponed.append(again)
        sends: list[Send] = []
        for row, identity in (*self._postponed, *self._unlike, *self._refused):
            decision = self._job.decide(row, identity, self._ledger, is_last_chance=True)
            if isinstance(decision, Send):
                sends.append(decision)
            yield from self._note(row, decision)
        self._note_sent_last(sends)

    def _check(
        self,
        chunk: RowChunk,
        identities: Mapping[int, RowIdentity] | None,
        originals: Sequence[int] | None = None,
    ) -> Iterator[tuple[int, RowError]]:
        """
        Check some rows; `originals` are the places in the batch of those they stand for.

        Without `identities` each row is itself, and the first with its hash.
        """
        mapped = map_chunk(self._mapper, chunk)
        fresh, to_decide = self._good(mapped, len(chunk.read))
        self._newcomers.look_up(chunk, mapped)
        new = self._new(mapped, fresh)
        self._counts[Status.DUPLICATE] += len(fresh) - len(new)
        shown = new[: _SAMPLES - len(self._samples)]
        more: set[int] = set()
        one_by_one = {*to_decide, *shown, *mapped.refused}
        for row, place in _of_interest(chunk, one_by_one, identities):
            if place is not None and (is_sent := self._decide_new(place)) is not None:
                more.update([place] if is_sent else ())
                continue
            hashes = chunk.batch.hashes
            identity = identities[row] if identities is not None else RowIdentity(hashes[row], 1)
            is_refused = place is None or place in mapped.refused
            decision, faults = self._decide(chunk.batch.row(row), identity, is_refused=is_refused)
            if place is not None and isinstance(decision, Send):
                more.add(place)
            yield from faults
        sent = sorted({*new, *more}) if more.difference(shown) else new
        self._note_sent(chunk, mapped, sent, originals)

    def _decide_new(self, place: int) -> bool | None:
        """Decide about a row like `Newcomers.decide`, and count it if it is not sent."""
        if len(self._samples) < _SAMPLES:
            return None
        is_sent = self._newcomers.decide(place)
        if is_sent is False:
            self._counts[Status.DUPLICATE] += 1
        return is_sent

    def _good(self, mapped: MappedBlock, rows: int) -> tuple[Sequence[int], Sequence[int]]:
        """Return the rows that can be sent, and those that the ledger has to decide about."""
        good: Sequence[int] = range(rows)
        if mapped.refused:
            good = [place for place in good if place not in mapped.refused]
        return (good, []) if self._is_first else ([], good)

    def _new(self, mapped: MappedBlock, fresh: Sequence[int]) -> Sequence[int]:
        """Return the rows that do not repeat the record of an earlier row."""
        if self._ledger.numbers_equal_rows:
            return fresh
        hashes = mapped.contents().hash()
        hashes = hashes if len(fresh) == len(hashes) else hashes[fresh]
        repeated = {fresh[at] for at in self._seen.add(hashes)}
        return [place for place in fresh if place not in repeated] if repeated else fresh

    def _open_rows(self, batch: Batch) -> dict[int, RowIdentity] | None:
        """
        Return the rows that have no record yet, each with the row of the list that it is.

        None is all rows: the number among equal rows only matters if something is on record or
        corrected, and making an identity for each row of a new list takes time.
        """
        if self._is_first and not batch.marks and not self._job.corrected:
            return None
        return dict(open_rows(batch, self._ledger))

    def _decide(
        self, row: Row | Rejected, identity: RowIdentity, *, is_refused: bool
    ) -> tuple[Decision, list[tuple[int, RowError]]]:
        """
        Return what `run` would do with one row, and the faults it is refused for.

        A row that reader or mapper refuse again comes to the same wherever it stands, so that it
        need not be kept until the end.
        """
        decision = self._job.decide(row, identity, self._ledger, is_last_chance=is_refused)
        if isinstance(decision, Postponed):
            likely = self._unlike if decision.is_unlike else self._postponed
            postponed = likely if decision.waits_for_others else self._refused
            postponed.append((row, identity))
            return decision, []
        return decision, self._note(row, decision)

    def _note(self, row: Row | Rejected, decision: Decision) -> list[tuple[int, RowError]]:
        """Count a decision. Returns the faults that the row is refused for."""
        if isinstance(decision, Outcome):
            self._note_outcome(row, decision)
            if decision.status in {Status.INVALID, Status.UNKNOWN}:
                refused = row if isinstance(row, Rejected) else self._job.mapper.map(row)
                if isinstance(refused, Rejected):
                    return [(row.line, fault) for fault in (refused.error, *refused.more)]
            return [(row.line, decision.error)] if decision.error is not None else []
        if isinstance(decision, Send):
            self._note_sample(decision)
        elif isinstance(decision, PendingDuplicate):
            self._counts[Status.DUPLICATE] += 1
        elif isinstance(decision, AlreadyCreated):
            self._before += 1
        return []

    def _note_outcome(self, row: Row | Rejected, outcome: Outcome) -> None:
        self._counts[outcome.status] += 1
        if outcome.error is not None and self._exporter is not None:
            self._exporter.add(row, outcome.source_hash, outcome.occurrence, outcome, kind="failed")

    def _note_sample(self, send: Send) -> None:
        if len(self._samples) < _SAMPLES:
            record = send.record
            self._samples.append(
                {
                    "object": record.object,
                    "fields": dict(record.fields),
                    "idempotency_key": send.key,
                }
            )

    def _note_sent(
        self,
        chunk: RowChunk,
        mapped: MappedBlock,
        sent: Sequence[int],
        places: Sequence[int] | None,
    ) -> None:
        self._to_send += len(sent)
        self._changes.add(chunk, mapped, sent)
        places = chunk.read if places is None else [places[at] for at in chunk.read]
        numbers, lines = places, chunk.lines
        is_all = len(sent) == len(places)
        if not is_all:
            numbers = [places[place] for place in sent]
            lines = [lines[place] for place in sent]
        for values, fields in self._repeated:
            for block in mapped.fields:
                if block.plan.target in fields:
                    texts = block.texts if is_all else block.texts[sent]
                    values.add(texts, numbers, lines, self._before_batch)

    def _note_sent_last(self, sends: Sequence[Send]) -> None:
        """Note the rows that are sent after all others."""
        self._to_send += len(sends)
        for send in sends:
            self._changes.add_row(send.record.row)
        lines = [send.record.row.line for send in sends]
        for values, fields in self._repeated:
            for name in fields:
                texts = pl.Series([send.record.fields.get(name) for send in sends], dtype=pl.String)
                values.add(texts, range(len(sends)), lines, self._read)


def _of_interest(
    chunk: RowChunk, places: Collection[int], identities: Mapping[int, RowIdentity] | None
) -> Iterator[tuple[int, int | None]]:
    """
    Yield each row that is to be looked at by itself, in order, with its place in `chunk.read`.

    These are the rows at `places`, and those that the reader has refused, whose place is None.
    """
    if len(chunk.read) == len(chunk.rows) and identities is None:
        yield from ((chunk.read[place], place) for place in sorted(places))
        return
    place_of = {row: place for place, row in enumerate(chunk.read)}
    for row in chunk.rows if identities is None else identities:
        place = place_of.get(row)
        if place is None or place in places:
            yield row, place


def _duration(requests: int, config: ImportConfig) -> float:
    """Return how many seconds `requests` take at the pace, without answers and retries."""
    if config.pacing.pace == "burst":
        return max(0, -(-requests // config.pacing.rate) - 1) * 60.0
    return max(0, requests - 1) * 60.0 / config.pacing.rate
