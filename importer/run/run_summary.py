"""Sums up a run: the verdict on the list, and the summary for the caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from importer.core.clock import Durations
from importer.core.errors import SourceLost, StopRun
from importer.core.locale.message import Message
from importer.core.records import Status, Summary
from importer.core.shared import DEALT_WITH
from importer.core.verdict import Verdict
from importer.run.derived_files import Exported
from importer.run.job import Job
from importer.run.tally import Tally
from importer.writer.lines.run_line import EndLine
from importer.writer.list_status import ListStatus


def verdict_of(
    job: Job,
    tally: Tally,
    exported: Exported,
    before: EndLine | None,
    *,
    stop: StopRun | None,
) -> Verdict:
    """Return the verdict on the list; `before` is the `end` line of the run before."""
    list_status = exported.record.list_status if exported.record else None
    if list_status is None:
        made = tally.counts[Status.CREATED] + tally.before
        counts = {**tally.counts, Status.CREATED.value: made, DEALT_WITH: 0}
        list_status = ListStatus(counts=counts, left=tally.unsent)
    was_sent = any(tally.counts[one] for one in (Status.CREATED, Status.UNKNOWN, Status.FAILED))
    why = stop.cause.first_line() if stop is not None and not was_sent else None
    verdict = list_status.verdict(
        job.object, tally.changes.parts, undecided=tally.undecided_before, why=why
    )
    verdict = replace(verdict, whole=not isinstance(stop, SourceLost))
    return verdict.with_parts_of(None if before is None else before.verdict)


def summary_of(
    run: str,
    job: Job,
    tally: Tally,
    exported: Exported,
    *,
    requests: int,
    durations: Durations,
    stop: StopRun | None,
    notices: Sequence[Message],
    verdict: Verdict,
    news: Sequence[Message] = (),
) -> Summary:
    """Return what a run did: its counts, the state of the list, and the files that it left."""
    list_status = exported.record.list_status if exported.record else None
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
        list=list_status.by_name() if list_status else None,
        problems=list_status.problems if list_status else tally.problems.result(),
        stopped=stop.message if stop else None,
        hint=stop.hint if stop else None,
        cause=stop.cause if stop else None,
        notices=tuple(notices),
        news=tuple(news),
        verdict=verdict,
        changed_fields=dict(tally.changed_fields),
    )
