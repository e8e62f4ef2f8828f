"""What the report of a fleet says: sums over all jobs, and which of them need a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from importer.core.errors import ConfigError
from importer.core.locale.message import Message
from importer.core.logs.event_log import known_word
from importer.core.problems import ErrorKind
from importer.core.records import FOR_A_PERSON
from importer.core.shared import FINISHED
from importer.fleet.showing.overview import FleetState, JobState, job_states, takeovers
from importer.jobs.monitoring.metrics import Samples

Need = Literal["faulty", "failed", "cut off", "rows"]
NEEDS: Sequence[Need] = ("faulty", "failed", "cut off", "rows")
"""Why a job needs a person, the worst first: the last is for rows alone."""

_HAVE = ("created", "dealt_with")
_NAMED = 3


def people_of(job: JobState) -> int:
    """
    Return how many rows of a job need a person.

    They are refused ones, unclear ones, changes and possible duplicates.
    """
    counts = job.counts()
    return sum(counts.get(status, 0) for status in FOR_A_PERSON)


def ended_at(job: JobState) -> datetime | None:
    """Return when the last run ended, or None if it has not, or if another one runs now."""
    if job.end is None or job.end.is_of_slice or job.running_on is not None or job.idle is None:
        return None
    return job.now - timedelta(seconds=job.idle)


def need_of(job: JobState) -> Need | None:
    """Return why a job needs a person, or None if it does not."""
    if job.state == "faulty":
        return "faulty"
    if job.state == "cut off":
        return "cut off"
    if job.state == "ended" and job.end is not None and job.end.exit_code not in FINISHED:
        return "failed"
    return "rows" if people_of(job) else None


def trouble_of(job: JobState, max_age: float | None = None) -> str | None:
    """
    Return why a job does not go on by itself, or None if it does, or was stopped on purpose.

    A job is in trouble, too, if it was not imported to its end for `max_age` seconds, if that is
    given. Rows that need a person are no trouble: the list was imported.
    """
    found: str | None = None
    need = need_of(job)
    if need == "faulty":
        found = "cannot be run"
    elif need == "cut off":
        found = "was cut off, and no worker is to go on with it"
    elif need == "failed" and job.end is not None:
        found = f"ended with exit code {job.end.exit_code}"
    elif max_age is not None and job.state != "stopped":
        if job.last_success is None:
            found = "was never imported to its end"
        elif (age := (job.now - job.last_success).total_seconds()) > max_age:
            found = f"was last imported to its end {age / 3600:.1f} h ago"
    return found


def reason_of(job: JobState) -> Message | None:
    """
    Return why a job cannot be run or why its last run ended early, without values.

    What a service has said is left out, too: it could quote a value.
    """
    if job.state == "faulty":
        return None if job.problem is None else job.problem.without_values()
    if job.end is None or job.end.stopped is None:
        return None
    return job.end.stopped.in_own_words()


@dataclass(frozen=True, slots=True)
class Cause:
    """What has kept `rows` rows of so many `jobs` from being created; `most` has most of them."""

    code: ErrorKind
    rows: int
    jobs: int
    most: Sequence[str]


@dataclass(frozen=True, slots=True)
class JobReason:
    """Why so many `jobs` cannot be run or have ended early; `first` are some of them."""

    text: Message
    jobs: int
    first: Sequence[str]


class FleetFacts:
    """The jobs of a fleet by name, and what they come to together."""

    def __init__(self, jobs: Sequence[JobState]) -> None:
        self.jobs = jobs
        self.states = Counter(job.state for job in jobs)
        self.counts = Counter[str]()
        self.needs: dict[Need, list[JobState]] = {need: [] for need in NEEDS}
        for job in jobs:
            self.counts.update(job.counts())
            need = need_of(job)
            if need is not None:
                self.needs[need].append(job)
        self.needs["rows"].sort(key=lambda job: -people_of(job))
        self.causes: Sequence[Cause] = list(_causes(jobs))
        self.reasons: Sequence[JobReason] = list(
            _reasons([*self.needs["faulty"], *self.needs["failed"]])
        )

    @property
    def need(self) -> int:
        """How many jobs need a person."""
        return sum(map(len, self.needs.values()))

    @property
    def rows(self) -> int:
        """The rows of all lists, as far as they are known."""
        return sum(self.counts.values())

    @property
    def have(self) -> int:
        """How many rows have a record of their own."""
        return sum(self.counts[status] for status in _HAVE)

    @property
    def people(self) -> int:
        """How many rows need a person."""
        return sum(self.counts[status] for status in FOR_A_PERSON)

    @property
    def left(self) -> int:
        """How many rows have no outcome."""
        return self.counts["left"]

    @property
    def pace(self) -> float:
        """The requests a minute of all jobs together."""
        return sum(job.pace or 0.0 for job in self.jobs)

    @property
    def finishes_at(self) -> datetime | None:
        """When the last of the running jobs will be done, as far as that is known."""
        known = [job.finishes_at for job in self.jobs if job.finishes_at is not None]
        return max(known, default=None)


def _causes(jobs: Sequence[JobState]) -> Iterator[Cause]:
    """Yield the causes over all jobs, that of the most rows first."""
    found: Mapping[ErrorKind, dict[str, int]] = defaultdict(dict)
    for job in jobs:
        for cause, rows in job.causes().items():
            of_cause = found[ErrorKind(str(known_word(cause.code)), known_word(cause.field))]
            of_cause[job.name] = of_cause.get(job.name, 0) + rows
    for code, rows_of in sorted(found.items(), key=lambda one: (-sum(one[1].values()), one[0])):
        most = sorted(rows_of, key=lambda name: (-rows_of[name], name))[:_NAMED]
        yield Cause(code, sum(rows_of.values()), len(rows_of), most)


def _reasons(jobs: Sequence[JobState]) -> Iterator[JobReason]:
    """
    Yield why jobs cannot be run, or ended early: the reason of the most jobs first.

    Which file it is about makes no difference.
    """
    found: dict[tuple[str, ...], list[tuple[Message, str]]] = defaultdict(list)
    for job in jobs:
        if why := reason_of(job):
            found[tuple(why.codes())].append((why, job.name))
    for alike in sorted(found.values(), key=lambda one: (-len(one), one[0])):
        text, names = alike[0][0], [name for _, name in alike]
        if any(other != text for other, _ in alike):
            text = text.map_texts(lambda _: "…")
        yield JobReason(text, len(names), names[:_NAMED])


def figures_of_fleet(database: str) -> Samples:
    """
    Return the figures of all jobs of a fleet: how many wait, and when each succeeded last.

    They outlive a worker. While the database is away, only that is in them.
    """
    try:
        jobs = job_states(database, ())
        whole = FleetState.of(jobs, takeovers(database))
    except ConfigError:
        return {"database_up": [({}, 0)]}
    states = Counter(job.state for job in jobs)
    return {
        "database_up": [({}, 1)],
        "fleet_jobs": [({"state": state}, count) for state, count in sorted(states.items())],
        "fleet_in_trouble": [({"job": job.name}, 1) for job in jobs if trouble_of(job) is not None],
        "fleet_waiting": [({}, whole.waiting)],
        "fleet_oldest_wait_seconds": [({}, round(whole.oldest_wait, 3))],
        "fleet_takeovers": [({}, whole.takeovers)],
        "last_success_timestamp_seconds": [
            ({"job": job.name}, round(job.last_success.timestamp(), 3))
            for job in jobs
            if job.last_success is not None
        ],
    }
