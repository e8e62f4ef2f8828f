"""What the database says about each job: how its last run ended, and where it is running."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

from importer.fleet.database import connect_first
from importer.fleet.migrating import check_version
from importer.writer import EndLine, Standing, read_line

__all__ = ["JobState", "job_states"]

_STATES = """
SELECT
    job.name,
    coalesce(latest.first_line + latest.line_count - 1, 0),
    extract(epoch FROM vorel_fleet.clock() - latest.at)::float8,
    latest.lines,
    lease.owner,
    work.state,
    work.problem
FROM vorel_fleet.job
LEFT JOIN LATERAL (
    SELECT * FROM vorel_fleet.block WHERE job = job.id ORDER BY first_line DESC LIMIT 1
) AS latest ON true
LEFT JOIN vorel_fleet.lease ON lease.job = job.id AND lease.expires_at > vorel_fleet.clock()
LEFT JOIN vorel_fleet.work ON work.job = job.id
WHERE %(names)s::text[] = '{}' OR job.name = ANY(%(names)s::text[])
ORDER BY job.name
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """
    A job: its journal has so many `lines`, the last of which was added `idle` seconds ago.

    `running_on` is the host of the process that runs it, or None; `end` is the line with which its
    last run ended, or None if it is at work or was cut off. `order` is what workers are to do with
    it, or None if they were never given it; `problem` is why they cannot run it.
    """

    name: str
    lines: int
    idle: float | None
    running_on: str | None
    end: EndLine | None
    order: Literal["wanted", "stopped", "ended"] | None = None
    problem: str | None = None

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
    def standing(self) -> Standing | None:
        """The state of the list at the end of the last run, if that read it to its end."""
        return self.end.exports.standing if self.end is not None and self.end.exports else None

    def counts(self) -> dict[str, int]:
        """Return how many rows of the list have which status, and how many are left."""
        if self.standing is not None:
            found = {**self.standing.counts, "left": self.standing.left}
        else:
            found = {} if self.end is None else {**self.end.counts, "left": self.end.left or 0}
        return {name: count for name, count in found.items() if count}

    def causes(self) -> dict[str, int]:
        """Return how many rows each kind of error has kept from being created."""
        causes: dict[str, int] = {}
        for problem in () if self.standing is None else self.standing.problems:
            name = problem.code if problem.field is None else f"{problem.code} ({problem.field})"
            causes[name] = causes.get(name, 0) + problem.count
        return causes

    def to_json(self) -> dict[str, Any]:
        """Return what `fleet status --json` prints."""
        end = self.end
        return {
            "state": self.state,
            "lines": self.lines,
            "idle": self.idle,
            "running_on": self.running_on,
            "problem": self.problem,
            "exit_code": None if end is None else end.exit_code,
            "stopped": None if end is None else end.stopped,
            "counts": self.counts(),
            "causes": self.causes(),
        }


def job_states(database: str, names: Sequence[str]) -> list[JobState]:
    """
    Return the state of each job with one of these names, or of all if none is given, by name.

    Raises `ConfigError` if the database is away or has no tables of this version.
    """
    with closing(connect_first(database)) as connection:
        check_version(connection)
        rows = connection.execute(_STATES, {"names": list(names)}, binary=True).fetchall()
    return [_state(*row) for row in rows]


def _state(
    name: Any, lines: Any, idle: Any, latest: Any, owner: Any, order: Any, problem: Any
) -> JobState:
    last = read_line(latest.splitlines()[-1]) if latest else None
    return JobState(
        name=name,
        lines=lines,
        idle=idle,
        running_on=owner.partition("/")[0] if owner else None,
        end=last if isinstance(last, EndLine) else None,
        order=order,
        problem=problem,
    )
