"""Renders the end of a run, the state of an import, and the problems of both."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TextIO

from importer.cli.shown.next_steps import undecided_words
from importer.cli.terminal_text import cut, duration
from importer.core.problems import failing_words
from importer.core.records import Origin, Problem, Status, Summary
from importer.core.shared import DEALT_WITH, counted

if TYPE_CHECKING:
    from importer.cli.shown.next_steps import NextStep
    from importer.core.verdict import Verdict
    from importer.report.import_status import ImportStatus, Undecided

WORDS: Mapping[str, str] = {
    Status.CREATED: "created",
    Status.DUPLICATE: "duplicates of an earlier row",
    Status.INVALID: "not sent: invalid",
    Status.FAILED: "refused by the API or the CRM",
    Status.UNKNOWN: "without a clear answer",
    Status.CHANGED: "with a record that may need an update",
    Status.POSSIBLE_DUPLICATE: "possible duplicates, not decided yet",
    DEALT_WITH: "changed, dealt with",
}
_PROBLEMS_SHOWN = 20
_LINES_SHOWN = 3
_LONGEST_EXAMPLE = 40
_UNDECIDED_SHOWN = 10


def table(rows: Iterable[tuple[int, str]]) -> list[str]:
    """Return a line for each count that is not 0."""
    return [f"  {count:>9,}  {what}" for count, what in rows if count]


def render_verdict(verdict: Verdict, stream: TextIO) -> list[str]:
    """Return the verdict in English, on a terminal wrapped to its width."""
    return _wrapped(verdict.words(), "", stream)


def render_lacks(verdict: Verdict, examples: Mapping[str, str] | None = None) -> list[str]:
    """
    Return a line for each field that is left out of records or sent unread, with its first lines.

    `examples` are values by field.
    """
    lines = []
    for lack in verdict.lacks:
        what = "left out" if lack.what == "left_out" else "sent as written"
        named = ", ".join(map(str, lack.lines[:_LINES_SHOWN]))
        more = ", …" if lack.count > _LINES_SHOWN else ""
        at = f"{'line' if lack.count == 1 else 'lines'} {named}{more}"
        example = (examples or {}).get(lack.field)
        such = f", e.g. {cut(example, _LONGEST_EXAMPLE)}" if example else ""
        lines.append(f"  {lack.count:>9,}  {lack.field}: {what}, {at}{such}")
    return ["", "Values that cannot be read", *lines] if lines else []


def render_summary(summary: Summary, steps: Sequence[NextStep]) -> str:
    """Return what a run did, the problems of its rows, and the next steps."""
    lines = ["", *render_verdict(summary.verdict, sys.stderr)]
    if summary.stopped and summary.stopped != summary.verdict.why:
        lines += [f"Stopped: {summary.stopped}"]
    elif summary.stopped:
        lines += summary.stopped.each_line()[1:]  # the verdict has the first line
    lines += [summary.hint] if summary.stopped and summary.hint else []
    lines += [f"{counted(summary.read, 'row')} read"]
    lines += table([(summary.before, "have a record already")])
    lines += table((summary.counts.get(status, 0), word) for status, word in WORDS.items())
    lines += table([(summary.unsent, "read, but not decided before the stop")])
    if summary.vanished:
        have = "record has no row" if summary.vanished == 1 else "records have no row"
        lines += [f"{summary.vanished:,} {have} in the list any more (see the vanished file)"]
    lines += [f"{counted(summary.requests, 'request')} in {duration(summary.seconds)}"]
    lines += render_lacks(summary.verdict)
    if summary.problems:
        lines += ["", "Problems", *render_problems(summary.problems, sys.stderr)]
    lines += ["", f"Results  {summary.results}", *render_files(summary.files)]
    return "\n".join([*lines, *render_steps(steps)])


def render_status(status: ImportStatus, steps: Sequence[NextStep]) -> str:
    """Return the state of an import."""
    if not status.runs:  # all that is on record was decided on the page, before sending
        return f"No run has begun yet: nothing was sent.\n\nResults  {status.results}"
    run, end = status.last_run, status.last_end
    rows = f", {counted(status.rows, 'row')}" if status.rows else ""
    lines = [
        *render_verdict(status.verdict, sys.stdout),
        "",
        f"Results  {status.results}",
        f"Source   {status.source}{rows}",
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
    what = "Rows of the list" if status.is_exact else "Rows that any run has seen"
    lines += ["", f"{what}, by what holds for each"]
    lines += table((status.counts.get(name, 0), word) for name, word in WORDS.items())
    lines += table([(status.corrected, "of the created rows were corrected in a derived file")])
    lines += table([(status.left, "without an outcome yet")])
    unclear = (
        "of all sent, answer not on record: the same key goes again, if the row is still there"
    )
    lines += table([(status.unclear, unclear)])
    if status.undecided_before:
        lines += ["", f"{undecided_words(status.undecided_before)}.", *_undecided(status.undecided)]
    lines += render_lacks(status.verdict)
    if status.problems:
        lines += ["", "Problems", *render_problems(status.problems, sys.stdout)]
    files = render_files(status.files)
    lines += ["", *files] if files else []
    return "\n".join([*lines, *(render_steps(steps) or ["", "Nothing is left to do."])])


def _undecided(rows: Sequence[Undecided]) -> list[str]:
    """Return a line for each of the first possible duplicates: its name, and what it resembles."""
    shown = rows[:_UNDECIDED_SHOWN]
    others = [f"record {one.external_id}" if one.external_id else "another row" for one in shown]
    lines = [f"  {one.ref}  {other}" for one, other in zip(shown, others, strict=True)]
    more = len(rows) - _UNDECIDED_SHOWN
    return lines + ([f"  and {more:,} more (see --json)"] if more > 0 else [])


def render_files(files: Mapping[str, str | None]) -> list[str]:
    """Return a line for each derived file that there is."""
    return [
        f"{kind.partition('_')[0].capitalize():<7}  {path}"
        for kind, path in files.items()
        if path is not None
    ]


def render_steps(steps: Sequence[NextStep]) -> list[str]:
    """Return what to do next, each with its command."""
    lines = ["", "Next"] if steps else []
    for step in steps:
        lines += [f"  {step.text}"]
        lines += [f"    {step.command}"] if step.command else []
    return lines


def render_problems(
    problems: Sequence[Problem], stream: TextIO, *, several: bool = False
) -> list[str]:
    """
    Return a few lines per problem: how often it is, what is wrong, what to do, and the lines.

    If there are rows that failed on an earlier day too, the first of these days is named. Sources
    are named where the list has `several`, or the problems are of more than one.

    On a terminal the lines are wrapped between words.
    """
    several = several or len({one for problem in problems for one in problem.sources}) > 1
    lines: list[str] = []
    shown = problems[:_PROBLEMS_SHOWN]
    width = max((len(f"{problem.count:,}") for problem in shown), default=0)
    indent = " " * (width + 4)
    today = datetime.now(UTC).date()
    for problem in shown:
        shown_lines = _lines(problem, several=several)
        if since := failing_words(problem.failing_since, today):
            shown_lines += f"; {since}"
        lines += _wrapped(f"  {problem.count:>{width},}  {_trouble(problem)}", indent, stream)
        hint = problem.hint or ""
        if hint and not hint.endswith("."):  # it ends in a command, which is copied to its end
            lines += _wrapped(f"{indent}→ {hint}", f"{indent}  ", stream)
            hint = ""
        hint = f"→ {hint} " if hint else ""
        lines += _wrapped(f"{indent}{hint}{shown_lines}", f"{indent}  ", stream)
    if len(problems) > _PROBLEMS_SHOWN:
        lines += [f"  and {len(problems) - _PROBLEMS_SHOWN} kinds more (see --json)"]
    return lines


def _lines(problem: Problem, *, several: bool) -> str:
    """Return the first lines of a problem, with the names of the sources if there are several."""
    places = list(zip(problem.sources, problem.lines, strict=False)) or [
        (None, line) for line in problem.lines
    ]
    first = ", ".join(
        f"{line} of {source}" if several else str(line) for source, line in places[:_LINES_SHOWN]
    )
    more = ", …" if problem.count > _LINES_SHOWN else ""
    return f"{'Line' if len(places) == 1 and not more else 'Lines'} {first}{more}"


def _wrapped(line: str, indent: str, stream: TextIO) -> list[str]:
    """Return a line unchanged, or on a terminal wrapped to its width."""
    if not stream.isatty():
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
    """Return what is wrong; for a refusal by the service also its code and origin."""
    if problem.origin in {Origin.READER, Origin.MAPPER}:
        return problem.message
    field = f", field {problem.field}" if problem.field else ""
    return f"{problem.code} ({problem.origin}){field}: {problem.message}"
