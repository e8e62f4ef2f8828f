"""Checks a list one row after the other, as plainly as can be: what `check` must come to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from importer.core.problems import ProblemGroups
from importer.core.records import (
    AlreadyCreated,
    Outcome,
    Problem,
    Record,
    Rejected,
    Row,
    RowError,
    Send,
    Status,
)
from importer.mapper.cell import Change
from importer.run.config import ImportConfig
from importer.run.job import Job, prepare
from importer.run.loaded_import import load_import
from importer.run.plan_execution import PlanExecution
from importer.run.planning import make_plan
from importer.writer.exporter import flatten

__all__ = ["check_row_by_row", "group_problems"]

KINDS = {"phone": ("phone", "mobile_phone"), "email": ("email",)}


def group_problems(errors: Iterable[tuple[int, RowError]]) -> list[Problem]:
    """Group (line, error) pairs as `ProblemGroups` does, the most frequent first."""
    groups = ProblemGroups()
    for line, error in errors:
        groups.add(line, error)
    return list(groups.result())


def check_row_by_row(config: ImportConfig, spool: Path) -> dict[str, Any]:
    """Return counts, problems, samples, changes, repeated values and columns of a contact list."""
    job = prepare(config, spool=spool)
    with load_import(job) as loaded:
        plan = make_plan(job, loaded, now=datetime.now(UTC))
        execution = PlanExecution(job, plan, loaded.state)
        counts = dict.fromkeys((*Status, "before", "unsent"), 0)
        problems = ProblemGroups()
        sends: list[Send] = []
        rows: list[dict[str, str]] = []
        to_decide = sorted({*plan.fresh, *plan.rejected, *plan.planned})
        decided = {
            one[0]: execution.decide(*one)
            for first, batch, here in job.survey.batches_with(to_decide)
            for one in execution.mapped(here, batch, first)
        }
        for at, (_, batch, index) in enumerate(job.survey.hashed()):
            row = batch.row(index)
            rows += [dict(flatten(row.values))] if isinstance(row, Row) else []
            decision = decided.get(at, AlreadyCreated())
            if isinstance(decision, Send):
                sends.append(decision)
                counts["unsent"] += 1
            elif isinstance(decision, Outcome):
                counts[decision.status] += 1
                for error in _faults(job, row, decision):
                    problems.add(row.line, error, row.source)
            else:
                is_known = isinstance(decision, AlreadyCreated)
                counts["before" if is_known else Status.DUPLICATE] += 1
    return {
        "counts": {str(name): count for name, count in counts.items()},
        "problems": list(problems.result()),
        "samples": [_body(send) for send in sends[:3]],
        "changes": _changes(job, [send.record for send in sends]),
        "repeated": {kind: _repeated(KINDS[kind], sends) for kind in KINDS},
        "columns": {name: _column(name, rows) for name in job.survey.columns},
    }


def _faults(job: Job, row: Row | Rejected, outcome: Outcome) -> list[RowError]:
    refused: Row | Record | Rejected = row
    if isinstance(row, Row) and outcome.status is Status.INVALID:
        refused = job.mapper.map(row)
    if isinstance(refused, Rejected):
        return [refused.error, *refused.more]
    return [outcome.error] if outcome.error is not None else []


def _body(send: Send) -> dict[str, Any]:
    fields = dict(send.record.fields)
    return {"object": send.record.object, "fields": fields, "idempotency_key": send.key}


def _changes(job: Job, records: list[Record]) -> list[tuple[Any, ...]]:
    found: dict[tuple[str, str, str], list[Change]] = {}
    for record in records:
        for change in job.mapper.map_with_changes(record.row)[1]:
            found.setdefault((change.field, change.kind, change.what), []).append(change)
    told = [(*key, len(all_), all_[0].before, all_[0].after) for key, all_ in found.items()]
    return sorted(told, key=lambda one: -one[3])


def _repeated(fields: tuple[str, ...], sends: list[Send]) -> tuple[int, list[tuple[int, int]]]:
    first: dict[str, tuple[int, int]] = {}
    found: list[tuple[int, int]] = []
    for at, send in enumerate(sends):
        line = send.record.row.line
        sent = send.record.fields
        values = {str(sent[name]).lower() for name in fields if name in sent}
        known = [first[value] for value in values if value in first]
        found += [(line, min(known)[1])] if known else []
        for value in values:
            first.setdefault(value, (at, line))
    return len(found), found[:5]


def _column(name: str, rows: list[dict[str, str]]) -> tuple[Any, ...]:
    cells = [cell for row in rows if (cell := row.get(name, "").strip())]
    lengths = [len(cell) for cell in cells] or [0]
    samples = [*dict.fromkeys(cells)][:3]
    return len(rows), len(cells), len({*cells}), min(lengths), max(lengths), samples
