"""The lists of earlier runs that the list of a run can be compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import PurePath

from importer.guards.shape import ListShape
from importer.records import Status
from importer.running.file_names import without_stamp
from importer.shared import GUARD_EXIT
from importer.writer import EndLine, History, RunLine

__all__ = ["FEWEST_ROWS", "EarlierList", "EarlierLists", "earlier_lists"]

FEWEST_ROWS = 100
"""Shorter lists are not judged: of 20 rows, 5 more or fewer prove nothing."""

_NIGHTS_KEPT = 30
"""Growth is judged by the last runs: what a list did a year ago says little about today."""
_UNSETTLED = (
    Status.INVALID,
    Status.FAILED,
    Status.UNKNOWN,
    Status.CHANGED,
    Status.POSSIBLE_DUPLICATE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierList:
    """
    The list of an earlier run.

    `at` is when the run began, `rows` how many rows the list had, or None if that is not on
    record. `new` of them were created by that run, `unsettled` have no record yet: all of them,
    if the run was killed before it could say.
    """

    at: str
    sha256: str | None
    rows: int | None
    new: int
    unsettled: int
    shape: ListShape | None


@dataclass(frozen=True, slots=True)
class EarlierLists:
    """The lists of the earlier runs of an import, the last one at the end; at least one."""

    lists: Sequence[EarlierList]

    @property
    def last(self) -> EarlierList:
        """The last of them."""
        return self.lists[-1]

    @property
    def longest(self) -> int:
        """How many rows the longest of them had."""
        return max(one.rows or 0 for one in self.lists)

    @property
    def last_rows(self) -> int | None:
        """How many rows the last list had whose rows were counted."""
        return next((one.rows for one in reversed(self.lists) if one.rows is not None), None)

    @property
    def last_shape(self) -> ListShape | None:
        """The shape of the last list of which it is on record."""
        return next((one.shape for one in reversed(self.lists) if one.shape is not None), None)

    def most_new(self) -> int:
        """Return the most new rows that a run has sent after the first one."""
        later = [now.new for _, now in pairwise(self.lists)]
        return max(later[-_NIGHTS_KEPT:], default=0)

    def days_since_last(self, now: datetime) -> float:
        """Return how many days ago the last run began."""
        try:
            return max(0.0, (now - datetime.fromisoformat(self.last.at)).total_seconds() / 86_400)
        except ValueError:
            return 0.0


def earlier_lists(
    history: History, sources: Sequence[str], job: PurePath | None
) -> EarlierLists | None:
    """
    Return the earlier lists with the name of these `sources`, or None if there are none.

    If the sources come from a `job`, those of the same job are its earlier lists.

    Dates and times in a name do not count: a list that is exported every night may have one.
    Neither do runs that were stopped by a guard, runs with the import's own files, and the lines of
    other commands.
    """
    ends = {end.run: end for end in history.ends}
    name = _name(sources, job)
    found = []
    for run in history.runs:
        end, earlier = ends.get(run.run), run.settings.get("sources")
        is_list = run.source is not None and not run.source.is_derived and run.command is None
        if not is_list or not isinstance(earlier, list):
            continue
        of_job = run.settings.get("job")
        was = _name([str(one) for one in earlier], PurePath(str(of_job)) if of_job else None)
        if was == name and not _was_guarded(end):
            found.append(_list_of(run, end))
    return EarlierLists(found) if found else None


def _was_guarded(end: EndLine | None) -> bool:
    return end is not None and end.exit_code == GUARD_EXIT


def _list_of(run: RunLine, end: EndLine | None) -> EarlierList:
    source = run.source
    rows = end.rows if end is not None else None
    if rows is None and source is not None and not source.is_about:
        rows = source.rows
    standing = end.exports.standing if end is not None and end.exports is not None else None
    unsettled = rows or 0
    if standing is not None:
        unsettled = standing.left + sum(standing.counts[status] for status in _UNSETTLED)
    return EarlierList(
        at=run.at or "",
        sha256=source.sha256 if source is not None else None,
        rows=rows,
        new=end.counts.get(Status.CREATED, 0) if end is not None else 0,
        unsettled=unsettled,
        shape=ListShape.from_json(end.shape) if end is not None else None,
    )


def _name(sources: Sequence[str], job: PurePath | None) -> tuple[str, ...]:
    """Return the name of the job, or those of the sources: without folders, dates and times."""
    if job is not None:
        return ("job", job.name)
    return tuple(without_stamp(source) for source in sources)
