"""What the jobs of a fleet are doing, in words: those of `fleet status` and of the page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from importer.core.locale.language import N_
from importer.fleet.showing.overview import JobState

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


def doing(
    job: JobState,
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
