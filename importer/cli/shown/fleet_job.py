"""Shows the state of a job of a fleet, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.cli.text import duration

if TYPE_CHECKING:
    from importer.fleet.showing.overview import JobState

__all__ = ["described"]

_SAID = {"stopped": "stopped", "waiting": "waiting for a worker", "new": "has not run"}


def described(job: JobState) -> str:
    """Return what a job is doing, how far it is, and what has kept rows from being created."""
    parts = [*_doing(job), *(f"{count:,} {name}" for name, count in job.counts().items())]
    if job.pace is not None:
        parts.append(f"{job.pace:.0f} requests a minute")
    if (finish := job.finishes_at) is not None:
        takes = duration((finish - job.now).total_seconds())
        parts.append(f"done in {takes} ({finish:%H:%M} UTC)")
    causes = "; ".join(f"{count:,} x {name}" for name, count in job.causes().items())
    return ", ".join(parts) + (f" [{causes}]" if causes else "")


def _doing(job: JobState) -> list[str]:
    ago = "" if job.idle is None else f"{duration(job.idle)} ago"
    if job.state == "running":
        return [f"running on {job.running_on}", *([f"last line {ago}"] if ago else [])]
    parts = [_SAID[job.state]] if job.state in _SAID else []
    if job.problem is not None:
        parts.append(f"cannot be run: {job.problem}")
    elif job.state == "cut off":
        parts.append(f"cut off {ago}; it can be run again")
    elif job.end is not None and not (job.state == "waiting" and job.end.is_of_slice):
        parts.append(f"ended {ago} with exit code {job.end.exit_code}")
    return parts
