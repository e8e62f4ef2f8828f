"""Puts the end of a run into words: counts and causes, and never a value of its list."""

from __future__ import annotations

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from importer.monitoring.state import Cause, News, RunState
from importer.problems import failing_words
from importer.records import Status, Summary
from importer.shared import one_line

__all__ = ["Ending", "message"]

_HEADLINES = {
    "failed": "the run did not come to its end",
    "guard": "nothing was sent: the list differs too much from the last one, or the results file "
    "is an older one",
    "problems": "rows need a look",
    "recovered": "the import is in order again",
    "undecided": "possible duplicates are not decided yet",
    None: "the run has ended",
}
_CAUSES_SHOWN = 10
_LONGEST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """
    The end of a run: its state, and its summary if it has one.

    `cause` says why it ended early, and `hint` what to do, both without values. `results` is the
    path of the results file.
    """

    state: RunState
    summary: Summary | None = None
    cause: str | None = None
    hint: str | None = None
    results: str | None = None


def message(job: str, ending: Ending, kind: News | None) -> str:
    """Return the end of a run as text: a headline, and a line for each fact."""
    if kind == "undecided":
        return one_line(f"{job}: {_undecided(ending.state.undecided)}")
    code = ending.state.exit_code
    headline = _HEADLINES[kind]
    if kind == "recovered" and code:
        headline = "the run came to its end again"
    lines = [f"{job}: {headline} (exit code {code})"]
    for text in (ending.cause, ending.hint):
        lines += [line[:_LONGEST] for line in (text or "").splitlines()]
    if ending.summary is not None:
        lines += [ending.summary.verdict.words(), *_counts(ending.summary)]
    if ending.state.causes:
        lines += ["Rows of the list that a person has to look at:", *_causes(ending.state)]
        lines += _oldest(ending.summary)
    lines += [f"Computer: {platform.node()}"]
    lines += [f"Results file: {ending.results}"] if ending.results is not None else []
    return "\n".join(map(one_line, lines))


def _undecided(count: int) -> str:
    """Return that somebody has to decide about possible duplicates."""
    are = "possible duplicate is" if count == 1 else "possible duplicates are"
    return f"{count:,} {are} not decided yet; `vorel-import status` names what to do"


def _counts(summary: Summary) -> list[str]:
    counts = [
        f"{summary.read:,} {'row' if summary.read == 1 else 'rows'} read",
        f"{summary.before:,} with a record already",
        *(f"{summary.counts.get(one, 0):,} {one}" for one in Status if summary.counts.get(one)),
    ]
    if summary.left:
        counts.append(f"{summary.left:,} without an outcome yet")
    requests = "request" if summary.requests == 1 else "requests"
    return [f"{', '.join(counts)}; {summary.requests:,} {requests}"]


def _oldest(summary: Summary | None) -> Iterator[str]:
    """Yield since when the first of the failing rows has been failing, if not since today."""
    dates = [one.failing_since for one in summary.problems if one.failing_since] if summary else []
    if since := failing_words(min(dates, default=None), datetime.now(UTC).date()):
        yield f"The oldest of them: {since}"


def _causes(state: RunState) -> Iterator[str]:
    found = sorted(state.causes.items(), key=lambda one: (-one[1], one[0]))
    for cause, count in found[:_CAUSES_SHOWN]:
        yield f"- {count:,} {_words(cause)}"
    if more := found[_CAUSES_SHOWN:]:
        yield f"- {sum(count for _, count in more):,} with {len(more)} other causes"


def _words(cause: Cause) -> str:
    status, code, field = cause
    if status == code:
        return status.replace("_", " ")
    return f"{status}: {code}, field {field}" if field else f"{status}: {code}"
