"""The messages about the end of a run: counts and causes, and never a value of its list."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from importer.core import systems
from importer.core.locale.message import Message
from importer.core.problems import failing_words
from importer.core.records import Status, Summary
from importer.core.shared import counted, one_line
from importer.core.verdict import Verdict
from importer.jobs.monitoring.run_state import Cause, News, RunState

_HEADLINES = {
    "failed": "the run did not come to its end",
    "guard": "stopped before its first request, nothing was sent",
    "problems": "rows need a look",
    "list": "the list or its mapping is not as usual",
    "recovered": "the import is in order again",
    "undecided": "possible duplicates are not decided yet",
    None: "the run has ended",
}
_CAUSES_SHOWN = 10
_FIELDS_SHOWN = 6
_LONGEST = 500


def message(
    job: str,
    state: RunState,
    kind: News | None,
    *,
    summary: Summary | None,
    why: Sequence[Message | None],
    results: str | None,
    last_success: float | None,
) -> str:
    """
    Return the end of a run as text: a headline, and a line for each fact.

    `why` is why it ended early and what to do, without values. `results` is the path of the results
    file. `last_success` is when a run last reached the end of its list, in seconds since 1970.
    """
    next_ = "" if results is None else f"; next: {_command(results)}"
    if kind == "undecided":
        return one_line(f"{job}: {_undecided(state.undecided)}{next_}")
    if kind == "changes" and summary is not None:
        return one_line(f"{job}: {_changes(summary)}{next_}")
    headline = _HEADLINES[kind]
    if kind == "recovered" and state.exit_code:
        headline = "the run came to its end again"
    lines = [f"{job}: {headline} (exit code {state.exit_code})"]
    for text in why:
        lines += [line[:_LONGEST] for line in (text or "").splitlines()]
    if summary is not None:
        lines += [f"Unusual: {one}" for one in summary.news]
        lines += _verdict(summary.verdict)
        # A guard stops before the rows are looked up: counts of none would look like a loss.
        lines += [] if kind == "guard" else _counts(summary)
    if state.causes:
        lines += ["Rows of the whole list that a person has to look at:", *_causes(state, summary)]
        lines += _oldest(summary)
    if summary is not None and summary.undecided_before:
        lines += [f"Of earlier lists: {_undecided(summary.undecided_before)}"]
    if kind in {"failed", "guard"} and last_success is not None:
        last = datetime.fromtimestamp(last_success, UTC)
        lines += [f"The last run that came to its end: {last:%Y-%m-%d %H:%M} UTC"]
    lines += [f"Computer: {platform.node()}"]
    if results is not None:
        # Without a summary the results file does not know of the run, and may not be there.
        lines += [f"Results: {results}" if summary is None else f"Next: {_command(results)}"]
    return "\n".join(map(one_line, lines))


def _verdict(verdict: Verdict) -> Iterator[str]:
    """Yield the verdict without why nothing was sent, which the message begins with."""
    if verdict.why is None or verdict.records:
        yield replace(verdict, why=None).words()


def _undecided(count: int) -> str:
    """Return the line about possible duplicates that need a decision."""
    are = "possible duplicate is" if count == 1 else "possible duplicates are"
    return f"{count:,} {are} not decided yet"


def _changes(summary: Summary) -> str:
    """Return the line about changed rows and their fields."""
    count = summary.counts.get(Status.CHANGED, 0)
    fields = Counter(summary.changed_fields).most_common(_FIELDS_SHOWN)
    named = ", ".join(f"{rows:,} {name}" for name, rows in fields)
    words = f"{count:,} {'row has' if count == 1 else 'rows have'} changed"
    return words + (f" ({named})" if named else "") + _open(summary, count)


def _open(summary: Summary, count: int) -> str:
    """Return the line about older changes that still need a person, or nothing."""
    every = count if summary.list is None else summary.list.get(Status.CHANGED, 0)
    return f"; with those of other nights, {every:,} wait for somebody" if every > count else ""


def _command(results: str) -> str:
    """Return the command that shows what to do."""
    return systems.current.command_line(["vorel-import", "status", results])


def _counts(summary: Summary) -> list[str]:
    counts = [
        f"{counted(summary.read, 'row')} read",
        f"{summary.before:,} with a record already",
        *(f"{summary.counts.get(one, 0):,} {one}" for one in Status if summary.counts.get(one)),
    ]
    if summary.left:
        counts.append(f"{summary.left:,} without an outcome yet")
    return [f"{', '.join(counts)}; {counted(summary.requests, 'request')}"]


def _oldest(summary: Summary | None) -> Iterator[str]:
    """Yield since when the first of the failing rows has been failing, if not since today."""
    dates = [one.failing_since for one in summary.problems if one.failing_since] if summary else []
    if since := failing_words(min(dates, default=None), datetime.now(UTC).date()):
        yield f"The oldest of them: {since}"


def _causes(state: RunState, summary: Summary | None) -> Iterator[str]:
    found = sorted(state.causes.items(), key=lambda one: (-one[1], one[0]))
    for cause, count in found[:_CAUSES_SHOWN]:
        is_change = cause[0] == Status.CHANGED and summary is not None
        tonight = state.changes if is_change else count
        since = f", {tonight:,} of them since the last run" if tonight < count else ""
        yield f"- {count:,} {_words(cause)}{since}"
    if more := found[_CAUSES_SHOWN:]:
        yield f"- {sum(count for _, count in more):,} with {len(more)} other causes"


def _words(cause: Cause) -> str:
    status, code, field = cause
    if status == code:
        return status.replace("_", " ")
    return f"{status}: {code}, field {field}" if field else f"{status}: {code}"
