"""What the jobs of a fleet are doing, in words: those of `fleet status` and of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from importer.core.locale import N_, Language
from importer.core.locale.titles import field_title
from importer.core.problems import ErrorKind
from importer.ui.words.problems import problem_title


class _End(Protocol):
    @property
    def exit_code(self) -> int | None: ...
    @property
    def stopped(self) -> str | None: ...
    @property
    def is_of_slice(self) -> bool: ...


class Job(Protocol):
    """The state of a job, as `importer.fleet.showing.overview.JobState` has it."""

    @property
    def name(self) -> str:
        """Its name, unique in the fleet."""

    @property
    def state(self) -> str:
        """One of `STATES`."""

    @property
    def lines(self) -> int:
        """The number of lines in its journal."""

    @property
    def idle(self) -> float | None:
        """How many seconds ago the last line was added, if there is one."""

    @property
    def running_on(self) -> str | None:
        """The host of the process that runs it."""

    @property
    def problem(self) -> str | None:
        """Why workers cannot run it."""

    @property
    def end(self) -> _End | None:
        """How its last run ended."""

    @property
    def pace(self) -> float | None:
        """Its requests a minute."""

    @property
    def finishes_at(self) -> datetime | None:
        """When it will be done at its pace."""

    @property
    def done(self) -> int:
        """How many rows have an outcome."""

    @property
    def left(self) -> int:
        """How many rows have none."""

    def counts(self) -> dict[str, int]:
        """Return how many rows have which status, and how many are left."""

    def causes(self) -> dict[ErrorKind, int]:
        """Return how many rows each kind of error has kept from being created."""


Ask = Callable[[], Sequence[Job]]
"""Asks the database for the state of all jobs, by name."""

STATES: Mapping[str, tuple[str, str]] = {
    "running": (N_("running"), "good"),
    "waiting": (N_("waiting for a worker"), "busy"),
    "stopped": (N_("stopped"), "quiet"),
    "faulty": (N_("cannot be run"), "bad"),
    "cut off": (N_("cut off"), "warn"),
    "ended": (N_("ended"), "quiet"),
    "new": (N_("has not run"), "quiet"),
}
"""The states of jobs, each in words and with the tone in which the page shows it."""
COUNTS: Mapping[str, str] = {
    "created": N_("created"),
    "failed": N_("failed"),
    "invalid": N_("invalid"),
    "duplicate": N_("duplicate"),
    "unknown": N_("unknown"),
    "changed": N_("changed"),
    "possible_duplicate": N_("possible duplicates"),
    "dealt_with": N_("dealt with"),
    "left": N_("left"),
}
"""What rows are counted by, in words."""
_SAID = {"stopped", "waiting", "new"}
_IDENTIFIED = "no field"


def doing(
    job: Job,
    gettext: Callable[[str], str],
    duration: Callable[[float], str],
    said: Callable[[str], str],
) -> list[str]:
    """
    Return what a job is doing, in parts.

    `gettext` translates a text, `duration` says how long something takes, and `said` shows a text
    that is not the importer's own.
    """
    _ = gettext
    ago = {"time": "" if job.idle is None else duration(job.idle)}
    if job.state == "running":
        parts = [_(N_("running on %(host)s")) % {"host": said(job.running_on or "")}]
        return [*parts, *([] if job.idle is None else [_(N_("last line %(time)s ago")) % ago])]
    parts = [_(STATES[job.state][0])] if job.state in _SAID else []
    if job.problem is not None:
        parts.append(_(N_("cannot be run: %(why)s")) % {"why": said(job.problem)})
    elif job.state == "cut off":
        parts.append(_(N_("cut off %(time)s ago; it can be run again")) % ago)
    elif job.end is not None and not (job.state == "waiting" and job.end.is_of_slice):
        code = {"code": str(job.end.exit_code)}
        parts.append(_(N_("ended %(time)s ago with exit code %(code)s")) % (ago | code))
    return parts


def cause_title(cause: ErrorKind, language: Language) -> str:
    """Return what a cause such as `validation_error (email)` means."""
    field = cause.field
    title = language.gettext(problem_title(cause.code, "" if field else _IDENTIFIED))
    return title % {"field": field_title(field, language) if field else "", "code": cause.code}
