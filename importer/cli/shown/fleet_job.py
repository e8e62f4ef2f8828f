"""Shows the state of a job of a fleet, in one line."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from importer.cli.text import duration
from importer.core.shared import GUARD_EXIT
from importer.ui.words.jobs import doing

if TYPE_CHECKING:
    from importer.fleet.showing.overview import JobState

__all__ = ["described"]


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
    hosts: dict[str, list[str]] = {}
    for host, problem in job.hindered.items():
        hosts.setdefault(problem, []).append(host)
    for problem, names in hosts.items():
        if job.state != "faulty" or not (job.problem or "").startswith(f"{problem} (on "):
            yield f"cannot be run on {', '.join(names)}: {problem}"
