"""Sums up a run for whoever started it."""

from __future__ import annotations

from collections.abc import Sequence

from importer.clock import Durations
from importer.errors import StopRun
from importer.logs import cause_of
from importer.records import Summary
from importer.running.exporting import Exported
from importer.running.job import Job
from importer.running.tally import Tally

__all__ = ["summary_of"]


def summary_of(
    run: str,
    job: Job,
    tally: Tally,
    exported: Exported,
    *,
    requests: int,
    durations: Durations,
    stop: StopRun | None,
    notices: Sequence[str],
    news: Sequence[str] = (),
) -> Summary:
    """Return what a run did: its counts, the state of the list, and the files that it left."""
    standing = exported.record.standing if exported.record else None
    return Summary(
        run=run,
        object=job.object,
        exit_code=tally.exit_code(stop),
        read=tally.read,
        before=tally.before,
        unsent=tally.unsent,
        left=exported.left,
        counts=dict(tally.counts),
        requests=requests,
        seconds=durations.seconds("deciding", "sending"),
        durations=durations.by_phase(),
        results=str(job.results),
        success_file=exported.files.get("success"),
        failed_file=exported.files.get("failed"),
        unsent_file=exported.files.get("unsent"),
        vanished=len(exported.vanished),
        undecided_before=tally.undecided_before,
        changed_file=exported.files.get("changed"),
        files=exported.files,
        list=standing.by_name() if standing else None,
        problems=standing.problems if standing else tally.problems.result(),
        stopped=stop.message if stop else None,
        hint=stop.hint if stop else None,
        cause=cause_of(stop) if stop else None,
        notices=tuple(notices),
        news=tuple(news),
        changed_fields=dict(tally.changed_fields),
    )
