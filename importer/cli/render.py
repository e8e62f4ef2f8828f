"""Renders summaries, plans and states as text for a person."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from importer.cli.text import cut, duration
from importer.records import Origin, Status

if TYPE_CHECKING:
    from importer.checking import Changes, CheckSummary
    from importer.checking.columns import ColumnProfile
    from importer.checking.repeats import Repeated
    from importer.config import ImportConfig
    from importer.records import Problem, Summary
    from importer.status import ImportStatus

__all__ = ["render_check", "render_plan", "render_status", "render_summary"]

_WORDS = {
    Status.CREATED: "created",
    Status.DUPLICATE: "duplicates of an earlier row",
    Status.INVALID: "not sent: invalid",
    Status.FAILED: "refused by the API or the CRM",
    Status.UNKNOWN: "without a clear answer",
    Status.CHANGED: "changed since they were created",
}
_PROBLEMS_SHOWN = 20
_LINES_SHOWN = 3
_CHANGES_SHOWN = 12
_COLUMNS_SHOWN = 20
_VERBS = {"normalised", "mapped by values", "cut"}


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
    if summary.left:
        have = "row of the list has" if summary.left == 1 else "rows of the list have"
        lines += [f"{summary.left:,} {have} no outcome yet"]
    lines += [f"{summary.requests:,} requests in {duration(summary.seconds)}", ""]
    lines += [f"Results  {summary.results}"]
    lines += [
        f"{kind.partition('_')[0].capitalize():<7}  {path}"
        for kind, path in summary.files.items()
        if path is not None
    ]
    if again and (summary.stopped or summary.exit_code == 1 or summary.left):
        lines += ["", "To go on, or to try refused rows again, run the same command:", f"  {again}"]
    return "\n".join(lines)


def render_plan(plan: CheckSummary, config: ImportConfig) -> str:
    """Return what is shown before the question whether to send."""
    mapping = config.mapping_path or "headers that are field names"
    return "\n".join(
        [
            f"To       {config.base_url}",
            f"Object   {plan.object}",
            f"Mapping  {mapping}",
            f"Results  {plan.results}",
            *(f"Read as  {how}" for how in plan.read_as),
            *(f"note: {notice}" for notice in plan.notices),
            f"{plan.read:,} rows",
            *_table([(plan.before, "created by an earlier run: not sent")]),
            *_table((plan.counts[status], word) for status, word in _WORDS.items()),
            *_table([(plan.requests, f"to send, in about {duration(plan.seconds)}")]),
        ]
    )


def render_check(plan: CheckSummary, config: ImportConfig) -> str:
    """Return the whole report of a dry run: what has to be done about it comes last."""
    lines = [render_plan(plan, config)]
    lines += _block("Columns", _columns(plan.columns))
    if plan.samples:
        sample = json.dumps(plan.samples[0], ensure_ascii=False, default=str)
        lines += ["", "Would send first (more with --json)", f"  {sample}"]
    lines += _block("Values that are not sent as they stand", _changes(plan.changes))
    lines += _block("Warnings", [_warning(repeated) for repeated in plan.repeated])
    lines += _block("Problems", render_problems(plan.problems))
    if plan.failed_file:
        lines += ["", f"Refused rows  {plan.failed_file}"]
    return "\n".join(lines)


def _block(title: str, lines: list[str]) -> list[str]:
    return ["", title, *lines] if lines else []


def _columns(columns: Sequence[ColumnProfile]) -> list[str]:
    """Return a line per column: all that are mapped, and some of those that are not read."""
    mapped = [column for column in columns if column.fields]
    others = [column for column in columns if not column.fields]
    shown = [*mapped, *others[:_COLUMNS_SHOWN]]
    if not shown:
        return []
    rows = [("", "filled", "distinct", "length", "is sent as", "e.g."), *map(_column, shown)]
    widths = [max(len(row[at]) for row in rows) for at in range(5)]
    lines = [
        f"  {name:<{widths[0]}}  {filled:>{widths[1]}}  {distinct:>{widths[2]}}"
        f"  {length:>{widths[3]}}  {fields:<{widths[4]}}  {samples}".rstrip()
        for name, filled, distinct, length, fields, samples in rows
    ]
    if len(others) > _COLUMNS_SHOWN:
        lines += [f"  and {len(others) - _COLUMNS_SHOWN} more that are not read (see --json)"]
    return lines


def _column(column: ColumnProfile) -> tuple[str, str, str, str, str, str]:
    share = 100 * column.filled / column.rows if column.rows else 0.0
    length = f"{column.min_length}-{column.max_length}"
    return (
        cut(column.column, 30),
        f"{int(share * 10) / 10:.1f} %",
        f"{column.distinct:,}" + ("+" if column.distinct_capped else ""),
        length if column.min_length != column.max_length else str(column.max_length),
        cut(", ".join(column.fields), 30) or "(not read)",
        " | ".join(cut(text, 20) for text in column.samples),
    )


def _pair(before: str, after: str) -> str:
    """Return a change, from shortly before the place where it begins."""
    same = next(
        (at for at, signs in enumerate(zip(before, after, strict=False)) if len({*signs}) > 1),
        min(len(before), len(after)),
    )
    start = same - 10 if same > 20 and len(before) > 40 else 0
    mark = "…" if start else ""
    shown = [mark + cut(text[start:], 40) for text in (before, after)]
    return f"{shown[0]} → {shown[1] or '(left out)'}"


def _changes(changes: Sequence[Changes]) -> list[str]:
    from importer.mapper.kinds import KINDS

    lines = []
    for change in changes[:_CHANGES_SHOWN]:
        noun = KINDS[change.kind].plural
        what = f" {change.what}" if change.what in _VERBS else f": {change.what}"
        after = change.after
        if not isinstance(after, str):
            after = json.dumps(after, ensure_ascii=False, default=str)
        example = _pair(change.before, after)
        lines += [f"  {change.count:>9,}  {noun}{what} ({change.field}), e.g. {example}"]
    if len(changes) > _CHANGES_SHOWN:
        lines += [f"  and {len(changes) - _CHANGES_SHOWN} kinds more (see --json)"]
    return lines


def _warning(repeated: Repeated) -> str:
    first = ", ".join(f"{line} (as {earlier})" for line, earlier in repeated.lines)
    more = ", ..." if repeated.count > len(repeated.lines) else ""
    word = "row has" if repeated.count == 1 else "rows have"
    kind = repeated.kind
    return f"  {repeated.count:>9,}  {word} the {kind} of an earlier row: lines {first}{more}"


def render_problems(problems: Sequence[Problem]) -> list[str]:
    """
    Return a few lines per kind of trouble: how often and what, then what to do about it, where.

    On a terminal they are broken between words.
    """
    lines: list[str] = []
    shown = problems[:_PROBLEMS_SHOWN]
    width = max((len(f"{problem.count:,}") for problem in shown), default=0)
    indent = " " * (width + 4)
    for problem in shown:
        first = ", ".join(map(str, problem.lines[:_LINES_SHOWN]))
        more = ", …" if problem.count > _LINES_SHOWN else ""
        hint = f"{problem.hint} " if problem.hint else ""
        lines += _wrapped(f"  {problem.count:>{width},}  {_trouble(problem)}", indent)
        word = "Line" if len(problem.lines) == 1 and not more else "Lines"
        lines += _wrapped(f"{indent}→ {hint}{word} {first}{more}", f"{indent}  ")
    if len(problems) > _PROBLEMS_SHOWN:
        lines += [f"  and {len(problems) - _PROBLEMS_SHOWN} kinds more (see --json)"]
    return lines


def _wrapped(line: str, indent: str) -> list[str]:
    """Return a line as it stands, or on a terminal as lines that it has room for."""
    if not sys.stdout.isatty():
        return [line]
    columns = shutil.get_terminal_size().columns
    return textwrap.wrap(
        line,
        max(columns, 2 * len(indent)),
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _trouble(problem: Problem) -> str:
    """Return what is wrong; of a service's refusal its own word too, and who refused."""
    if problem.origin in {Origin.READER, Origin.MAPPER}:
        return problem.message
    field = f", field {problem.field}" if problem.field else ""
    return f"{problem.code} ({problem.origin}){field}: {problem.message}"


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
