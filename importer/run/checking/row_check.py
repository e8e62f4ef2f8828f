"""Describes what `run` would do with a list: the plan of the run, and what it would send."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from importer.core.locale.message import Message
from importer.core.problems import ProblemGroups
from importer.core.records import (
    Outcome,
    PendingDuplicate,
    Record,
    Rejected,
    Row,
    RowIdentity,
    Send,
)
from importer.core.shared import JsonValue
from importer.core.verdict import PartCounts, has_one_value
from importer.mapper.columns import second_choices
from importer.reader import Batch, batch_of
from importer.run.checking.change_counts import ChangeCounts
from importer.run.checking.check_report import CheckReport
from importer.run.checking.column_profiles import ColumnCounts, fields_of, without_secrets
from importer.run.checking.repeats import RepeatedValues, repeatable_fields
from importer.run.checking.shown_rows import Resemblance, ShownRows
from importer.run.config import ImportConfig
from importer.run.guards.list_guard import ListGuard
from importer.run.guards.plan_approval import plan_id
from importer.run.job import Job
from importer.run.loaded_import import LoadedImport
from importer.run.plan import Plan
from importer.run.plan_execution import PlanExecution
from importer.run.planning import make_plan
from importer.run.row_chunks import RowChunk, row_chunks
from importer.run.tally import exit_code_of
from importer.writer.exporter import Exporter
from importer.writer.results import torn_line_left_out

Progress = Callable[[int, int], None]
"""Takes the number of rows checked so far, and the number of all rows."""

EachOutcome = Callable[[Outcome], None]
"""Takes what would become of a row that is not sent, and has no record."""

_SAMPLES = 3


class RowCheck:
    """
    Checks the rows of a job: makes the plan of the run, then describes it.

    It describes rows in blocks, except those that would not be sent, since each is named with its
    cause, and the first few that would be sent, which are samples.
    """

    def __init__(
        self,
        job: Job,
        loaded: LoadedImport,
        *,
        progress: Progress | None = None,
        each: EachOutcome | None = None,
        shown: ShownRows | None = None,
    ) -> None:
        self._job = job
        self._loaded = loaded
        self._progress = progress
        self._each = each
        self._shown = shown
        self._exporter: Exporter | None = None
        self._columns = [ColumnCounts(name) for name in job.survey.columns]
        self._changes = ChangeCounts(job.mapper, shown)
        self._parts = PartCounts(job.object)
        self._problems = ProblemGroups()
        fields = repeatable_fields(job.mapper)
        self._repeated = [(RepeatedValues(kind), fields[kind]) for kind in fields]
        self._samples: list[dict[str, JsonValue]] = []
        self._read = 0

    def run(self, exporter: Exporter | None = None) -> CheckReport:
        """Return what a run would do; refused rows go to `exporter`. Raises `QuestionError`."""
        self._exporter = exporter
        job, now = self._job, datetime.now(UTC)
        guard = ListGuard(job, self._loaded.history, now)
        make = partial(make_plan, job, self._loaded, now=now, see=self._see(guard))
        plan, refusal = guard.plan(make)
        self._describe(plan)
        changed = [
            Message("%(name)s was changed while it was read", name=name)
            for name in job.survey.changed()
        ]
        told = changed + torn_line_left_out(job.results)
        ends = self._loaded.history.ends
        limit = job.config.limit
        requests = plan.to_send if limit is None else min(plan.to_send, limit)
        repeated = (values.result() for values, _ in self._repeated)
        fields, second = fields_of(job), second_choices(job.mapper.mapping)
        columns = [one.result(fields, second) for one in self._columns]
        return CheckReport(
            object=job.object,
            exit_code=1
            if changed and refusal is None
            else exit_code_of(plan.counts, plan.undecided, refusal),
            stopped=refusal.message if refusal else None,
            hint=refusal.hint if refusal else None,
            plan=plan_id(job, plan),
            verdict=plan.verdict(
                job.object,
                self._parts,
                self._changes.lacks.result(),
                why=refusal.cause.first_line() if refusal else None,
            ).with_parts_of(ends[-1].verdict if ends else None),
            undecided_before=plan.undecided,
            read=plan.rows,
            before=plan.before,
            to_send=plan.to_send,
            counts=plan.counts,
            requests=requests,
            seconds=_duration(requests, job.config),
            results=str(job.results),
            notices=tuple(dict.fromkeys((*job.notices, *job.survey.found, *plan.notices(), *told))),
            read_as=job.survey.read_as,
            problems=self._problems.result(),
            samples=tuple(self._samples),
            changes=self._changes.result(),
            repeated=tuple(one for one in repeated if one.count),
            columns=without_secrets(columns, job.mapper.schema),
        )

    def _see(self, guard: ListGuard) -> Callable[[Batch], None]:
        def see(batch: Batch) -> None:
            guard.see(batch)
            self._read += len(batch)
            self._tell(self._read, max(self._read, self._job.survey.expected_rows))

        return see

    def _describe(self, plan: Plan) -> None:
        """Read the list again, and describe what would be sent, and what would not."""
        survey, execution = self._job.survey, PlanExecution(self._job, plan, self._loaded.state)
        sent = plan.sent()
        others = sorted({*plan.planned, *plan.rejected}.difference(sent))
        first = 0
        for batch in survey.batches():
            end = first + len(batch)
            here, unsent = (
                places[bisect_left(places, first) : bisect_left(places, end)]
                for places in (sent, others)
            )
            for at, mapped, where in execution.mapped(unsent, batch, first):
                decision = execution.decide(at, mapped, where)
                if isinstance(decision, PendingDuplicate):
                    decision = decision.outcome
                planned = plan.planned.get(at)
                self._note(mapped, decision, None if planned is None else planned.of)
            samples = here[: _SAMPLES - len(self._samples)]
            for one in execution.mapped(samples, batch, first):
                self._note_sample(execution.decide(*one))
            self._describe_sent(batch, [at - first for at in here], first, execution)
            first = end
            self._tell(plan.rows + first, plan.rows)
        if self._shown is not None:
            self._shown.find_others(survey)

    def _tell(self, read: int, rows: int) -> None:
        """Tell how far the check is: the list is read twice, to plan and to describe."""
        if self._progress is not None:
            self._progress(read // 2, rows)

    def _describe_sent(
        self, batch: Batch, here: Sequence[int], first: int, execution: PlanExecution
    ) -> None:
        """Describe the rows of a batch, and what would be sent of those at `here`."""
        columns, mapped = self._job.survey.columns, self._job.mapper.mapped_columns
        wanted = set(here)
        if self._job.corrected:
            corrected = [at for at in here if self._job.corrected.has_row_of(batch.hashes[at])]
            read = execution.mapped([first + at for at in corrected], batch, first)
            records = [(record, where) for _, record, where in read if isinstance(record, Record)]
            rows = batch_of([record.row for record, _ in records])
            for chunk in row_chunks(rows, columns, mapped):
                self._note_sent(chunk, first, lambda at: records[at][1])
            wanted.difference_update(corrected)
        for chunk in row_chunks(batch, columns, mapped):
            for column in self._columns:
                column.add(chunk.texts, len(chunk.read))
            sent = [at for at in chunk.read if at in wanted]
            if sent:
                self._note_sent(
                    chunk.only(sent),
                    first,
                    lambda at: execution.where(first + at, batch.hashes[at]),
                )

    def _note(self, mapped: Record | Rejected, decision: object, of: int | None) -> None:
        """Note a row that is not sent, with its faults; `of` is the place of the one it is like."""
        if not isinstance(decision, Outcome):
            return
        if self._shown is not None and isinstance(mapped, Record):
            self._shown.resembles(Resemblance(outcome=decision, row=mapped.row, place=of))
        if self._each is not None:
            self._each(decision)
        if decision.error is None:
            return
        row: Row | Rejected
        faults = [decision.error]
        if isinstance(mapped, Rejected):
            row, faults = mapped.row or mapped, [mapped.error, *mapped.more]
        else:
            row = mapped.row
        for fault in faults:
            self._problems.add(row.line, fault, row.source)
        if self._exporter is not None:
            self._exporter.add(row, decision.where, decision, kind="failed")

    def _note_sample(self, decision: object) -> None:
        if isinstance(decision, Send):
            self._samples.append(
                {
                    "object": decision.record.object,
                    "fields": dict(decision.record.fields),
                    "idempotency_key": decision.key,
                }
            )

    def _note_sent(self, chunk: RowChunk, first: int, where: Callable[[int], RowIdentity]) -> None:
        mapped = chunk.mapped_by(self._job.mapper)
        places = range(len(chunk.read))
        self._parts.add_several(len(places), mapped.parts(places))
        self._parts.add_alone(*_alone(chunk, mapped.names_alone(places)))
        self._changes.add(chunk, mapped, where)
        for values, fields in self._repeated:
            for block in mapped.fields:
                if block.plan.target in fields:
                    values.add(block.texts, chunk.read, chunk.lines, first)


def _alone(chunk: RowChunk, places: Sequence[int]) -> tuple[int, list[int]]:
    """Return how many rows of a chunk, which have a name, have nothing else, and their lines."""
    rows = (chunk.batch.row(chunk.read[at]) for at in places)
    lines = [row.line for row in rows if isinstance(row, Row) and has_one_value(row.values)]
    return len(lines), lines


def _duration(requests: int, config: ImportConfig) -> float:
    """Return how many seconds `requests` take at the pace, without answers and retries."""
    if config.pace == "burst":
        return max(0, -(-requests // config.rate) - 1) * 60.0
    return max(0, requests - 1) * 60.0 / config.rate
