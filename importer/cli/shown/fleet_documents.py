"""What commands of a fleet print with `--json`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from importer.cli.documents import Failed, document_of
from importer.cli.terminal_text import duration
from importer.core.locale.message import Message
from importer.core.shared import GUARD_EXIT
from importer.fleet.showing.job_words import doing
from importer.fleet.showing.overview import FleetState, JobState, utc_text


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedDocument:
    """The changes of the tables that were made."""

    applied: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """How many lines the journal of a job has; null if the job was added before."""

    lines: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinesDocument:
    """The jobs that were added or removed, by name."""

    jobs: Mapping[str, Lines]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDocument:
    """Whether the order of each job was changed, by the names of the jobs."""

    changed: Mapping[str, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """How many rows of a job may have been sent."""

    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredDocument:
    """The jobs of a restored database by name, and the most serious exit code."""

    exit_code: int
    jobs: Mapping[str, Rows | Failed]


@dataclass(frozen=True, slots=True, kw_only=True)
class Smaller:
    """
    How many bytes a journal took before, and takes after.

    `lines` lines are gone, and `packed` lines were packed into others.
    """

    lines: int
    packed: int
    before: int
    after: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactedDocument:
    """The journals that were made smaller, by job, and the most serious exit code."""

    exit_code: int
    jobs: Mapping[str, Smaller]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDocument:
    """
    A job of a fleet.

    Its journal has so many `lines`, the last of which was added `idle` seconds ago. `running_on` is
    a host or null. `problem` keeps all workers from running it, `hindered` some, by host. It has
    waited for `waits` seconds. `exit_code` and `stopped` are of its last run. `done` rows have an
    outcome, `left` have none. `pace` is in requests a minute, `counts` rows by status, and `causes`
    rows by kind of error. Times are UTC.
    """

    state: str
    lines: int
    idle: float | None
    running_on: str | None
    problem: str | None
    hindered: Mapping[str, str]
    last_success: str | None
    waits: float | None
    exit_code: int | None
    stopped: str | None
    done: int
    left: int
    pace: float | None
    finishes_at: str | None
    counts: Mapping[str, int]
    causes: Mapping[str, int]

    @classmethod
    def of(cls, job: JobState) -> Self:
        """Return the document of a job."""
        end = job.end
        return document_of(
            cls,
            job,
            last_success=utc_text(job.last_success),
            exit_code=None if end is None else end.exit_code,
            stopped=None if end is None else end.stopped,
            finishes_at=utc_text(job.finishes_at),
            counts=job.counts(),
            causes={str(kind): rows for kind, rows in job.causes().items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetStatusDocument:
    """
    The jobs of a fleet by name, and what holds for all of them.

    With `--check`, `wrong` says of each job that does not go on by itself why, and `exit_code` is 1
    if there is one.
    """

    jobs: Mapping[str, JobDocument]
    fleet: FleetState
    exit_code: int = 0
    wrong: Mapping[str, str]


def described(job: JobState) -> str:
    """
    Return what a job is doing, how far it is, and what has kept rows from being created.

    If a guard has stopped it, the ways on are below that.
    """
    parts = [
        *doing(job, str, duration, str),
        *_hindered(job),
        *(f"{count:,} {name}" for name, count in job.counts().items()),
    ]
    if job.pace is not None:
        parts.append(f"{job.pace:.0f} requests a minute")
    if (finish := job.finishes_at) is not None:
        takes = duration((finish - job.now).total_seconds())
        parts.append(f"done in {takes} ({finish:%H:%M} UTC)")
    causes = "; ".join(f"{count:,} x {name}" for name, count in job.causes().items())
    text = ", ".join(parts) + (f" [{causes}]" if causes else "")
    if job.state == "ended" and job.end is not None and job.end.exit_code == GUARD_EXIT:
        again = f"vorel-import fleet retry {shlex.quote(job.name)}"
        text += f"\n  once the list is exported again: {again}"
        text += f"\n  if it is right as it is: {again} --accept-list"
    return text


def _hindered(job: JobState) -> Iterator[str]:
    """Yield what keeps hosts from running a job, each reason once, unless `problem` says it."""
    hosts: dict[Message, list[str]] = {}
    for host, problem in job.hindered.items():
        hosts.setdefault(problem, []).append(host)
    for problem, names in hosts.items():
        if (
            job.state != "faulty"
            or job.problem is None
            or job.problem.values.get("what") != problem
        ):
            yield f"cannot be run on {', '.join(names)}: {problem}"
