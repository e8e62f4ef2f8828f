"""Renders the report of a dry run as text for a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from importer.cli.shown.outcome import WORDS, render_lacks, render_problems, render_verdict, table
from importer.cli.terminal_text import LONGEST, cut, duration
from importer.core.shared import counted
from importer.mapper.cell import UNREAD
from importer.mapper.kinds import KINDS

if TYPE_CHECKING:
    from importer.run.checking.check_report import Changes, CheckReport
    from importer.run.checking.column_profiles import ColumnProfile
    from importer.run.checking.repeats import Repeated
    from importer.run.config import ImportConfig

_CHANGES_SHOWN = 12
_COLUMNS_SHOWN = 20
_VERBS = {"normalised", "mapped by values", "cut"}


def render_plan(plan: CheckReport, config: ImportConfig) -> str:
    """Return what is shown before asking whether to send."""
    return "\n".join([_plan(plan, config), "", *render_verdict(plan.verdict, sys.stderr)])


def _plan(plan: CheckReport, config: ImportConfig) -> str:
    mapping = config.mapping_path or "headers that are field names"
    return "\n".join(
        [
            f"To       {config.base_url}",
            f"Object   {plan.object}",
            f"Mapping  {mapping}",
            f"Results  {plan.results}",
            *(f"Read as  {how}" for how in plan.read_as),
            *(f"note: {cut(notice, LONGEST)}" for notice in plan.notices),
            counted(plan.read, "row"),
            *table([(plan.before, "have a record already: not sent")]),
            *table((plan.counts.get(status, 0), word) for status, word in WORDS.items()),
            *table([(plan.requests, f"to send, in about {duration(plan.seconds)}")]),
            f"plan {plan.plan}",
            *(["", *f"Stop: {plan.stopped}".splitlines(), plan.hint or ""] if plan.stopped else []),
        ]
    )


def render_check(plan: CheckReport, config: ImportConfig) -> str:
    """Return the whole report of a dry run. What matters most comes last, so it is seen first."""
    lines = [_plan(plan, config)]
    lines += _block("Columns", _columns(plan.columns))
    if plan.samples:
        sample = json.dumps(plan.samples[0], ensure_ascii=False, default=str)
        lines += ["", "Would send first (more with --json)", f"  {cut(sample, LONGEST)}"]
    unread = {one.field: one.before for one in plan.changes if one.what in UNREAD}
    changed = [one for one in plan.changes if one.what not in UNREAD]
    lines += _block("Values that are not sent as they are", _changes(changed))
    lines += render_lacks(plan.verdict, unread)
    lines += _block("Warnings", [_warning(repeated) for repeated in plan.repeated])
    lines += _block(
        "Problems", render_problems(plan.problems, sys.stdout, several=len(plan.read_as) > 1)
    )
    if plan.failed_file:
        lines += ["", f"Refused rows  {plan.failed_file}"]
    lines += ["", *render_verdict(plan.verdict, sys.stdout)]
    return "\n".join(lines)


def _block(title: str, lines: list[str]) -> list[str]:
    return ["", title, *lines] if lines else []


def _columns(columns: Sequence[ColumnProfile]) -> list[str]:
    """Return a line per column: all mapped ones, and some that are not read."""
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
    second = {name: f"{name} (2nd choice)" for name in column.second_for}
    share = 100 * column.filled / column.rows if column.rows else 0.0
    length = f"{column.min_length}-{column.max_length}"
    return (
        cut(column.column, 30),
        f"{int(share * 10) / 10:.1f} %",
        f"{column.distinct:,}" + ("+" if column.distinct_capped else ""),
        length if column.min_length != column.max_length else str(column.max_length),
        cut(", ".join(second.get(name, name) for name in column.fields), 30) or "(not read)",
        " | ".join(cut(text, 20) for text in column.samples),
    )


def _pair(before: str, after: str) -> str:
    """Return a change, cut to begin shortly before the first difference."""
    same = next(
        (at for at, signs in enumerate(zip(before, after, strict=False)) if len({*signs}) > 1),
        min(len(before), len(after)),
    )
    start = same - 10 if same > 20 and len(before) > 40 else 0
    mark = "…" if start else ""
    shown = [mark + cut(text[start:], 40) for text in (before, after)]
    return f"{shown[0]} → {shown[1] or '(left out)'}"


def _changes(changes: Sequence[Changes]) -> list[str]:
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
