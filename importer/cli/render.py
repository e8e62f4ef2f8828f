"""Renders summaries, plans and states as text for a person."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

from importer.records import Status

if TYPE_CHECKING:
    from importer.checking import CheckSummary
    from importer.config import ImportConfig
    from importer.problems import Problem
    from importer.records import Summary
    from importer.status import ImportStatus

__all__ = ["duration", "render_check", "render_plan", "render_status", "render_summary"]

_WORDS = {
    Status.CREATED: "created",
    Status.DUPLICATE: "duplicates of an earlier row",
    Status.INVALID: "not sent: invalid",
    Status.FAILED: "refused by the API or the CRM",
    Status.UNKNOWN: "without a clear answer",
    Status.CHANGED: "changed since they were created",
}
_PROBLEMS_SHOWN = 20


def duration(seconds: float) -> str:
    """Return seconds as a person says them."""
    if seconds < 90:  # noqa: PLR2004
        return f"{seconds:.0f} s"
    if seconds < 5400:  # noqa: PLR2004
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _table(rows: Iterable[tuple[int, str]]) -> list[str]:
    return [f"  {count:>9,}  {what}" for count, what in rows if count]


def render_summary(summary: Summary, *, again: str | None) -> str:
    """Return what a run did. `again` is the command that goes on."""
    lines = [""]
    if summary.stopped:
        lines += [f"Stopped: {summary.stopped}"]
        lines += [summary.hint] if summary.hint else []
    lines += [f"{summary.read:,} rows read"]
    lines += _table([(summary.before, "created by an earlier run")])
    lines += _table((summary.counts[status], word) for status, word in _WORDS.items())
    lines += _table([(summary.unsent, "read, but not decided before the stop")])
    lines += [f"{summary.requests:,} requests in {duration(summary.seconds)}", ""]
    lines += [f"Results  {summary.results}"]
    if summary.success_file:
        lines += [f"Success  {summary.success_file}", f"Failed   {summary.failed_file}"]
        lines += [f"Unsent   {summary.unsent_file}"]
    if again and (summary.stopped or summary.exit_code == 1 or summary.unsent):
        lines += ["", "To go on, or to try refused rows again, run the same command:", f"  {again}"]
    return "\n".join(lines)


def render_plan(plan: CheckSummary, config: ImportConfig) -> str:
    """Return what is shown before the question whether to send."""
    mapping = config.mapping or "headers that are field names"
    return "\n".join(
        [
            f"To       {config.base_url}",
            f"Object   {plan.object}",
            f"Mapping  {mapping}",
            f"Results  {plan.results}",
            *(f"note: {notice}" for notice in plan.notices),
            f"{plan.read:,} rows",
            *_table([(plan.before, "created by an earlier run: not sent")]),
            *_table((plan.counts[status], word) for status, word in _WORDS.items()),
            *_table([(plan.requests, f"to send, in about {duration(plan.seconds)}")]),
        ]
    )


def render_check(plan: CheckSummary, config: ImportConfig) -> str:
    """Return the whole report of a dry run."""
    lines = [render_plan(plan, config)]
    if plan.problems:
        lines += ["", "Problems", *render_problems(plan.problems)]
    for sample in plan.samples:
        lines += ["", "Would send", json.dumps(sample, ensure_ascii=False, indent=2, default=str)]
    return "\n".join(lines)


def render_problems(problems: Iterable[Problem]) -> list[str]:
    """Return a block per kind of trouble: count, code, field, message, lines and hint."""
    lines: list[str] = []
    problems = list(problems)
    for problem in problems[:_PROBLEMS_SHOWN]:
        what = problem.code + (f", field {problem.field}" if problem.field else "")
        first = ", ".join(map(str, problem.lines))
        more = ", ..." if problem.count > len(problem.lines) else ""
        lines += [f"  {problem.count:>9,}  {what} ({problem.origin}): {problem.message}"]
        lines += [f"             lines {first}{more}"]
        lines += [f"             {problem.hint}"] if problem.hint else []
    if len(problems) > _PROBLEMS_SHOWN:
        lines += [f"  and {len(problems) - _PROBLEMS_SHOWN} kinds more (see --json)"]
    return lines


def render_status(status: ImportStatus, *, command: str) -> str:
    """Return where an import stands."""
    run, end = status.last_run, status.last_end
    source = run.get("source", {})
    lines = [
        f"Results  {status.results}",
        f"Source   {source.get('name')}, {source.get('rows', 0):,} rows",
        f"Object   {run.get('object')}",
        f"To       {run.get('base_url')}",
        f"Runs     {status.runs}, the last one began {run.get('at')}",
    ]
    if status.ended:
        stopped = end.get("stopped")
        lines += [f"Ended    {end.get('at')}, exit code {end.get('exit_code')}"]
        lines += [f"         {stopped}"] if stopped else []
    else:
        lines += ["Ended    no: it is still running, or was killed"]
    lines += ["", "Rows, by what holds for each"]
    lines += _table((status.counts[name], word) for name, word in _WORDS.items())
    lines += _table([(status.open_rows, "without an outcome yet")])
    lines += _table([(status.unclear, "sent, answer not on record: sent again with the same key")])
    if status.problems:
        lines += ["", "Problems", *render_problems(status.problems)]
    lines += ["", "Next", f"  {command}"]
    return "\n".join(lines)
