"""Puts requests and outcomes on one axis of time: the minutes of the runs."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from importer.core.clock import instant
from importer.core.records import TO_CORRECT, Status
from importer.writer.run_timeline import RunPart

BINS = 60
"""The most bars of a chart: its size does not grow with the import."""
_DEFAULT_RATE = 200
_LONGEST_RUN = 200_000
"""Minutes: of longer runs, only minutes with requests or outcomes count."""
_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Bin:
    """
    Some minutes that follow each other.

    `requests` is how many were put on record, `peak` the most in one minute, `paused` the minutes
    without any while their run went on sending later. `created`, `refused` and `other` are rows.
    """

    start: datetime
    minutes: int = 0
    requests: int = 0
    peak: int = 0
    paused: int = 0
    created: int = 0
    refused: int = 0
    other: int = 0

    @property
    def rows(self) -> int:
        """The rows that had their outcome in these minutes."""
        return self.created + self.refused + self.other


@dataclass(frozen=True, slots=True)
class Timeline:
    """
    The minutes of all runs in which something happened, in bins of `width` minutes.

    `rate` is the highest limit that a run had, in requests a minute. `seconds` is for how long runs
    were under way; where that is not on record, whole minutes are counted.
    """

    bins: Sequence[Bin] = ()
    width: int = 1
    rate: int = _DEFAULT_RATE
    seconds: float = 0

    @property
    def peak(self) -> int:
        """The most requests in one minute."""
        return max((one.peak for one in self.bins), default=0)

    @property
    def minutes(self) -> int:
        """For how long runs were under way."""
        return sum(one.minutes for one in self.bins)

    @property
    def paused(self) -> int:
        """For how many minutes runs had paused."""
        return sum(one.paused for one in self.bins)

    @property
    def requests(self) -> int:
        """How many requests have their own line in the results file."""
        return sum(one.requests for one in self.bins)


@dataclass(slots=True)
class _Minutes:
    """What happened in each minute of one run."""

    part: RunPart
    rate: int
    minutes: Sequence[datetime] = ()
    paused: set[datetime] = field(default_factory=set)


def timeline(parts: Iterable[RunPart]) -> Timeline:
    """
    Return the timeline of imports; those in which nothing happened to a row are left out.

    Other commands, such as `recover`, put requests on record again, and send none.
    """
    runs = [_minutes(part) for part in parts if part.minutes and part.run.command is None]
    total = sum(len(run.minutes) for run in runs)
    by_minute: Counter[str] = Counter()
    for run in runs:
        by_minute.update(run.part.sent)
    if not total:
        return Timeline()
    width = math.ceil(total / BINS)
    bins: list[Bin] = []
    for run in runs:
        for minute in run.minutes:
            if not bins or bins[-1].minutes == width:
                bins.append(Bin(minute))
            _count(bins[-1], run, minute, by_minute)
    return Timeline(bins, width, max(run.rate for run in runs), sum(map(_seconds, runs)))


def _seconds(run: _Minutes) -> float:
    whole = len(run.minutes) * _MINUTE.total_seconds()
    end = run.part.end
    began, ended = instant(run.part.run.at), instant(end.at if end else None)
    if began is None or ended is None:  # it was killed
        return whole
    took = (ended - began).total_seconds()
    # If it is longer, the run waited at its end, or somebody has set the clock.
    return took if 0 <= took <= whole else whole


def _minutes(part: RunPart) -> _Minutes:
    busy = [at for text in part.minutes if (at := instant(text)) is not None]
    run = _Minutes(part, _rate(part), busy)
    if busy and busy[-1] - busy[0] < _LONGEST_RUN * _MINUTE:
        run.minutes = list(_each(busy[0], busy[-1]))
        sent = sorted(at for text in part.sent if (at := instant(text)) is not None)
        quiet = math.ceil(2 / run.rate)
        for before, after in pairwise(sent):
            if after - before > quiet * _MINUTE:
                run.paused.update(_each(before + _MINUTE, after - _MINUTE))
    return run


def _count(one: Bin, run: _Minutes, minute: datetime, by_minute: Counter[str]) -> None:
    text = minute.isoformat()[: len("2026-11-25T18:05")]
    sent = run.part.sent[text]
    one.minutes += 1
    one.requests += sent
    one.peak = max(one.peak, by_minute[text])  # the limit is for all runs together
    one.paused += minute in run.paused
    found = Counter({status: counts[text] for status, counts in run.part.outcomes.items()})
    created, refused = found.pop(Status.CREATED, 0), sum(found.pop(one, 0) for one in TO_CORRECT)
    one.created += created
    one.refused += refused
    one.other += found.total()


def _each(first: datetime, last: datetime) -> Iterator[datetime]:
    while first <= last:
        yield first
        first += _MINUTE


def _rate(part: RunPart) -> int:
    rate = part.run.settings.get("rate")
    return rate if isinstance(rate, int) and rate > 0 else _DEFAULT_RATE
