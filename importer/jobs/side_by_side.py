"""Runs several jobs side by side in one event loop, each at the rate of its own key."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread

from importer.core.control import StopGroup
from importer.core.errors import ImporterError
from importer.core.records import Summary
from importer.jobs.job_file import JobFile
from importer.jobs.monitoring.monitor import RunMonitor
from importer.jobs.output import check_output, keep_files, make_smaller
from importer.jobs.unexpected import explained
from importer.run.pipeline import run_import

RunJob = Callable[[JobFile, Mapping[str, Any], RunMonitor, StopGroup], Awaitable[Summary]]
"""Runs a job with the given settings and its watcher, until the group is stopped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEnd:
    """How a job ended: with a summary, or with the error that kept it from running."""

    name: str
    summary: Summary | None = None
    error: ImporterError | None = None

    @property
    def exit_code(self) -> int:
        """The exit code of the job."""
        if self.summary is not None:
            return self.summary.exit_code
        return self.error.exit_code if self.error is not None else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobWork:
    """
    What a caller does for each job.

    `settings` take precedence over those of its file. `monitor` makes what watches it, and
    `monitor_of_mistake` what tells that a file is no job. `ended` is called for each job as it
    ends. `run_job` runs a job, if its journal is not in its results file.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    monitor: Callable[[JobFile], RunMonitor]
    monitor_of_mistake: Callable[[Path], RunMonitor]
    ended: Callable[[JobEnd], None]
    run_job: RunJob | None = None


async def run_jobs(
    jobs: Sequence[JobFile], work: JobWork, *, group: StopGroup, at_once: int
) -> list[JobEnd]:
    """
    Run jobs, `at_once` of them at a time. If one fails, the others go on.

    Returns the ends in the order of the jobs.
    """
    ends: dict[str, JobEnd] = {}
    places = anyio.CapacityLimiter(at_once)

    async def run(job: JobFile) -> None:
        async with places:
            try:
                with work.monitor(job) as watch:
                    running = (work.run_job or _run)(job, work.settings, watch, group)
                    end = await _watched(job, running, watch)
            except Exception as error:  # noqa: BLE001 - the other jobs go on
                end = JobEnd(name=job.name, error=explained(error))
        ends[job.name] = end
        work.ended(end)

    async with anyio.create_task_group() as tasks:
        for job in jobs:
            tasks.start_soon(run, job)
    return [ends[job.name] for job in jobs]


async def _watched(job: JobFile, work: Awaitable[Summary], watch: RunMonitor) -> JobEnd:
    """Await the run of a job, and tell `watch` of its end: in a thread, so that no job waits."""
    try:
        summary = await work
    except Exception as found:  # noqa: BLE001 - it is told, and the other jobs go on
        error = explained(found)
        await anyio.to_thread.run_sync(watch.failed, error)
        return JobEnd(name=job.name, error=error)
    await anyio.to_thread.run_sync(watch.ended, summary)
    return JobEnd(name=job.name, summary=summary)


async def _run(
    job: JobFile, settings: Mapping[str, Any], watch: RunMonitor, group: StopGroup
) -> Summary:
    with ExitStack() as stack:
        found = job.source.found(job.folder)
        files = await anyio.to_thread.run_sync(stack.enter_context, found)
        config = job.run_config(files, **settings)
        control = stack.enter_context(group.control())
        await anyio.to_thread.run_sync(check_output, config, watch.note)
        await anyio.to_thread.run_sync(watch.started, config)
        await anyio.to_thread.run_sync(watch.refuse_lost_memory, config)
        await anyio.to_thread.run_sync(make_smaller, config, watch.note)
        summary = await run_import(config, hooks=[watch], control=control)
    return await anyio.to_thread.run_sync(keep_files, config, summary, watch.note)
