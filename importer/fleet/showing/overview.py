"""What the database says about each job: what it is doing, or how its last run ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, Self

import psycopg

from importer.core.errors import ConfigError
from importer.core.locale.message import Message
from importer.core.problems import ErrorKind
from importer.fleet.database.connecting import AWAY, DatabaseAway, connect_first, reason_of
from importer.fleet.database.migrating import connected
from importer.fleet.journal.blocks import unpacked
from importer.jobs.monitoring.figures import Figures, causes_of
from importer.writer.line_reader import read_line
from importer.writer.lines.run_line import EndLine
from importer.writer.list_status import ListStatus

_PACE_SECONDS = 60.0
"""How long a pace is believed: it is noted every ten seconds."""
# A lease that has run out still says whose figures are the latest.
_STATES = """
SELECT
    job.name,
    coalesce(latest.first_line + latest.line_count - 1, 0),
    extract(epoch FROM vorel_fleet.clock() - latest.at)::float8,
    latest.lines,
    latest.is_packed,
    lease.owner,
    lease.expires_at > vorel_fleet.clock(),
    work.state,
    work.problem,
    work.hindered,
    progress.figures,
    extract(epoch FROM vorel_fleet.clock() - progress.at)::float8,
    vorel_fleet.clock(),
    work.last_success,
    extract(epoch FROM vorel_fleet.clock() - work.not_before)::float8
FROM vorel_fleet.job
LEFT JOIN LATERAL (
    SELECT * FROM vorel_fleet.block WHERE job = job.id ORDER BY first_line DESC LIMIT 1
) AS latest ON true
LEFT JOIN vorel_fleet.lease ON lease.job = job.id
LEFT JOIN vorel_fleet.work ON work.job = job.id
LEFT JOIN vorel_fleet.progress ON progress.job = job.id
    AND progress.owner = lease.owner AND progress.epoch = lease.epoch
WHERE %(names)s::text[] = '{}' OR job.name = ANY(%(names)s::text[])
ORDER BY job.name, lease.expires_at
"""


class _JobRow(NamedTuple):
    name: str
    lines: int
    idle: float | None
    latest: bytes | None
    is_packed: bool | None
    owner: str | None
    is_held: bool | None
    order: Literal["wanted", "stopped", "ended"] | None
    problem: str | None
    hindered: Mapping[str, Any] | None
    figures: Mapping[str, Any] | None
    noted: float | None
    now: datetime
    last_success: datetime | None
    waits: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """
    A job: its journal has so many `lines`, the last of which was added `idle` seconds ago.

    `running_on` is the host of the process that runs it, or None; `end` is the line with which its
    last run ended, or None if it is at work or was cut off. Then, and after a slice, `figures` say
    what it has done so far, if that is known. `pace` are its requests a minute now. `order` is what
    workers are to do with it, or None if they were never given it; `problem` is why they cannot run
    it, and `hindered` why some of them cannot, by host, while others try it. `last_success` is when
    its list was last imported to its end, and `waits` for how many seconds it has waited for a
    worker or its key, or None if it does not. `now` is the time of all this.
    """

    name: str
    lines: int
    idle: float | None
    running_on: str | None
    end: EndLine | None
    now: datetime
    figures: Figures | None = None
    pace: float | None = None
    order: Literal["wanted", "stopped", "ended"] | None = None
    problem: Message | None = None
    hindered: Mapping[str, Message] = field(default_factory=dict)
    last_success: datetime | None = None
    waits: float | None = None

    @property
    def state(
        self,
    ) -> Literal["running", "stopped", "waiting", "faulty", "new", "ended", "cut off"]:
        """What the job is doing."""
        if self.running_on is not None:
            return "running"
        if self.order == "stopped":
            return "stopped"
        if self.order == "wanted" and self.lines:
            return "waiting"
        if self.problem is not None:
            return "faulty"
        if not self.lines:
            return "new"
        return "cut off" if self.end is None else "ended"

    @property
    def list_status(self) -> ListStatus | None:
        """The state of the list at the end of the last run, if that read it to its end."""
        return self.end.exports.list_status if self.end is not None and self.end.exports else None

    @property
    def _is_within_slices(self) -> bool:
        """Whether the figures say more than the last end: after a slice nothing is counted."""
        is_over = self.end is not None and not self.end.is_of_slice
        return self.figures is not None and not is_over

    def counts(self) -> dict[str, int]:
        """Return how many rows of the list have which status, and how many are left."""
        if self.list_status is not None:
            found = {**self.list_status.counts, "left": self.list_status.left}
        elif self.end is not None and not self._is_within_slices:
            left = self.end.unsent if self.end.left is None else self.end.left
            found = {**self.end.counts, "left": left or 0}
            found["created"] = found.get("created", 0) + (self.end.before or 0)
        elif self.figures is not None:
            found = {"created": 0, **self.figures.counts, "left": self.figures.left or 0}
            found["created"] += self.figures.before
        else:
            found = {}
        return {name: count for name, count in found.items() if count}

    @property
    def done(self) -> int:
        """How many rows have an outcome."""
        return sum(count for name, count in self.counts().items() if name != "left")

    @property
    def left(self) -> int:
        """How many rows have none, as far as it is known."""
        return self.counts().get("left", 0)

    @property
    def finishes_at(self) -> datetime | None:
        """When a running job will be done at its pace, in UTC; None if that is not known."""
        if not self.pace or self.figures is None or self.figures.left is None:
            return None
        return self.now.astimezone(UTC) + timedelta(minutes=self.figures.left / self.pace)

    def causes(self) -> dict[ErrorKind, int]:
        """Return how many rows each kind of error has kept from being created, the most first."""
        if self.figures is not None and self._is_within_slices:
            found = self.figures.causes  # jsonb has an order of its own
        else:
            found = causes_of(() if self.list_status is None else self.list_status.problems)
        return dict(sorted(found.items(), key=lambda one: -one[1]))


def job_states(database: str, names: Sequence[str]) -> list[JobState]:
    """
    Return the state of each job with one of these names, or of all if none is given, by name.

    Raises `ConfigError` if the database is away, or has no tables of this version for this role.
    """
    try:
        with connected(database) as connection:
            rows = connection.execute(_STATES, {"names": list(names)}, binary=True).fetchall()
    except AWAY:
        raise DatabaseAway("the connection to the database has broken") from None
    except psycopg.Error as error:
        raise ConfigError("the database cannot be asked: %(text)s", text=reason_of(error)) from None
    # A job whose key was changed has had several leases: the one that was renewed last counts.
    latest = {row.name: row for row in (_JobRow(*one) for one in rows)}  # type: ignore[arg-type]
    return [_state(row) for row in latest.values()]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetState:
    """
    What holds for a whole fleet.

    `waiting` is how many jobs wait for a worker or their key, `oldest_wait` for how many seconds
    the first of them does. `takeovers` is how often the lease of a key has run out before another
    owner took it.
    """

    waiting: int
    oldest_wait: float
    takeovers: int

    @classmethod
    def of(cls, jobs: Sequence[JobState], takeovers: int) -> Self:
        """Return it from the states of all jobs."""
        waits = [job.waits for job in jobs if job.waits is not None]
        return cls(waiting=len(waits), oldest_wait=max(waits, default=0.0), takeovers=takeovers)


def takeovers(database: str) -> int:
    """
    Return how often the lease of a key has run out before another owner took it.

    Raises `ConfigError` as `job_states` does.
    """
    try:
        with closing(connect_first(database)) as connection:
            query = "SELECT coalesce(sum(takeovers), 0)::bigint FROM vorel_fleet.lease"
            row = connection.execute(query).fetchone()
    except AWAY:
        raise DatabaseAway("the connection to the database has broken") from None
    return int(str(row[0])) if row else 0


def utc_text(at: datetime | None) -> str | None:
    """Return a time as it is printed, in UTC."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _state(row: _JobRow) -> JobState:
    lines = unpacked(row.latest or b"", is_packed=row.is_packed is True)
    last = read_line(lines.splitlines()[-1]) if lines else None
    is_running = row.owner is not None and row.is_held is True
    figures = Figures.from_json(row.figures) if row.figures is not None else None
    is_new = row.noted is not None and row.noted < _PACE_SECONDS
    return JobState(
        name=row.name,
        lines=row.lines,
        idle=row.idle,
        running_on=(row.owner or "").partition("/")[0] if is_running else None,
        end=last if isinstance(last, EndLine) else None,
        now=row.now,
        figures=figures,
        pace=figures.pace if figures is not None and is_running and is_new else None,
        order=row.order,
        last_success=row.last_success,
        waits=max(0.0, row.waits or 0.0) if row.order == "wanted" and not is_running else None,
        problem=None if row.problem is None else Message.from_text(row.problem),
        hindered={
            worker.partition("/")[0]: Message.from_text(str(one.get("problem")))
            for worker, one in sorted((row.hindered or {}).items())
        },
    )
