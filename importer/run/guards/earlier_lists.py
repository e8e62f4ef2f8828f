"""The lists of earlier runs, to compare the list of a run with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from statistics import median

from importer.core.clock import instant
from importer.core.list_names import without_stamp
from importer.core.records import TO_CORRECT, Status
from importer.core.shared import fitting
from importer.run.config import ImportConfig
from importer.run.guards.list_shape import ListShape
from importer.writer.lines.run_line import EndLine, RunLine
from importer.writer.state.history import History

FEWEST_ROWS = 100
"""Shorter lists are not judged: of 20 rows, 5 more or fewer prove nothing."""

_NIGHTS_KEPT = 30
"""Growth is judged by the last runs: what a list did a year ago says little about today."""
_UNSETTLED = (*TO_CORRECT, Status.POSSIBLE_DUPLICATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierList:
    """
    The list of an earlier run.

    `at` is when the run began, `rows` the number of rows, or None if that is not on record. That
    run has created `new` of them, and `changed` had changed. `unsettled` rows had no record at the
    end: all, if the run was killed. It `was_accepted` if a person has accepted its differences.
    `columns` are empty if they are not on record.
    """

    at: str
    sha256: str | None
    rows: int | None
    new: int
    unsettled: int
    changed: int = 0
    was_accepted: bool = False
    shape: ListShape | None
    columns: tuple[str, ...] = ()

    @property
    def different(self) -> int | None:
        """The number of rows without those that repeat another one."""
        counted = None if self.shape is None else self.shape.different
        return self.rows if counted is None else counted


@dataclass(frozen=True, slots=True)
class EarlierLists:
    """The lists of the earlier runs of an import, at least one, the last one at the end."""

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
        """The number of different rows of the last list with a count on record."""
        return next((one.different for one in reversed(self.lists) if one.rows is not None), None)

    @property
    def last_shape(self) -> ListShape | None:
        """The shape of the last list with a shape on record."""
        return next((one.shape for one in reversed(self.lists) if one.shape is not None), None)

    def usually_new(self) -> float:
        """Return the usual number of new rows, in nights with any; 0 if that is not known."""
        return _usual(one.new for one in self._later())

    def usually_changed(self) -> float:
        """Return the usual number of changed rows, in nights with any; 0 if that is not known."""
        return _usual(one.changed for one in self._later())

    def _later(self) -> Sequence[EarlierList]:
        """Return the last lists, without the first one, and without those that were accepted."""
        return [one for one in self.lists[1:] if not one.was_accepted][-_NIGHTS_KEPT:]

    def days_since_last(self, now: datetime) -> float:
        """Return how many days ago the last run began."""
        began = instant(self.last.at) or now
        return max(0.0, (now - began).total_seconds() / 86_400)


def _usual(counts: Iterable[int]) -> float:
    """Return the median, since one odd night does not move it."""
    return median([one for one in counts if one] or [0])


def earlier_lists(config: ImportConfig, history: History) -> EarlierLists | None:
    """
    Return the earlier lists with the name of an import's sources, or None if there are none.

    Dates and times in a name do not count, since a nightly export may have them. If the sources
    come from a job file, its earlier lists count instead. Runs that a guard has stopped, runs of
    derived files, and lines of other commands are left out.
    """
    name = _name(config.sources, config.job)
    found = []
    for run in history.not_guarded:
        earlier = run.settings.get("sources")
        if not run.is_of_list or run.command is not None or not isinstance(earlier, list):
            continue
        of_job = run.settings.get("job")
        was = _name([str(one) for one in earlier], PurePath(str(of_job)) if of_job else None)
        if was == name:
            found.append(_list_of(run, history.end_of(run)))
    return EarlierLists(found) if found else None


def _list_of(run: RunLine, end: EndLine | None) -> EarlierList:
    source = run.source
    rows = end.rows if end is not None else None
    if rows is None and source is not None:
        rows = source.rows
    list_status = None if end is None else end.list_status
    unsettled, found = rows or 0, dict.fromkeys(Status, 0)
    if list_status is not None:
        found = {status: list_status.counts[status] for status in Status}
        sends_changes = run.settings.get("on_change") == "send"
        unsettled = list_status.left + sum(found[status] for status in _UNSETTLED)
        unsettled += found[Status.CHANGED] if sends_changes else 0
    counts = end.counts if end is not None else {}
    return EarlierList(
        at=run.at or "",
        sha256=source.sha256 if source is not None else None,
        rows=rows,
        new=counts.get(Status.CREATED, 0),
        unsettled=unsettled,
        changed=counts.get(Status.CHANGED, 0),
        was_accepted=run.settings.get("accept_list") is True,
        shape=None if end is None else fitting(end.shape, ListShape),
        columns=source.columns if source is not None else (),
    )


def _name(sources: Sequence[str], job: PurePath | None) -> tuple[str, ...]:
    """Return the name of the job, or those of the sources: without folders, dates and times."""
    if job is not None:
        return ("job", job.name)
    return tuple(without_stamp(source) for source in sources)
