"""A folder of job files, for programs and for `vorel-import run --job`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Unpack

import anyio
import anyio.to_thread

from importer.core.control import StopGroup, refuse_loop
from importer.core.errors import ConfigError, ImporterError
from importer.core.events import Hook
from importer.core.records import Summary
from importer.jobs.job_file import JobFile, find_jobs, load_job, told_of_mistakes
from importer.jobs.monitoring.monitor import RunMonitor
from importer.jobs.monitoring.monitoring_settings import MonitoringSettings
from importer.jobs.output import check_output, keep_files, make_smaller
from importer.jobs.unexpected import explained
from importer.run.config import ImportSettings
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


class JobFolder:
    """
    The jobs of a folder, which are run side by side; or the one of a job file.

        folder = JobFolder("jobs")
        for job in folder.jobs:
            print(job.name, job.source.sources, job.settings)
        for end in await folder.run(at_once=4):
            print(end.name, end.exit_code, end.summary or end.error)

    `jobs` are sorted by their files. `broken` has the mistake in each file that is no job, by its
    path. Raises `ConfigError` if the folder has no job file, or if two jobs have the same name or
    results file.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        jobs: list[JobFile] = []
        broken: dict[Path, ImporterError] = {}
        for file in find_jobs(self.path):
            try:
                jobs.append(load_job(file))
            except ImporterError as error:
                broken[file] = error
        _refuse_shared(jobs)
        self.jobs: tuple[JobFile, ...] = tuple(jobs)
        self.broken: Mapping[Path, ImporterError] = broken

    def sound(self) -> tuple[JobFile, ...]:
        """Return `jobs`. Raises `ConfigError` for the first mistake in one of the files."""
        for error in self.broken.values():
            raise error
        return self.jobs

    async def run(
        self,
        *,
        at_once: int = 4,
        watch: Callable[[JobFile], Hook] | None = None,
        ended: Callable[[JobEnd], None] | None = None,
        group: StopGroup | None = None,
        **settings: Unpack[ImportSettings],
    ) -> list[JobEnd]:
        """
        Import the list of each job, `at_once` of them at a time, as `vorel-import run --job` does.

        Returns how each job ended, by name: with a summary, or with the error that kept it from
        running. None of them stops another. Those whom a job file names are told of it.

        `settings` take precedence over those of the job files. The API key is the one in
        `settings`, of the job, or of VOREL_API_KEY. `watch` returns what gets the events of a job,
        `ended` is called as each job ends, and `group` stops all of them.
        """
        return await self.run_with(
            {name: value for name, value in settings.items() if value is not None},
            monitor=lambda told, name: RunMonitor(told, job=name, tell=_tell_nobody),
            ended=ended or _tell_nobody,
            run_job=partial(_run, watch=watch),
            group=group or StopGroup(),
            at_once=at_once,
        )

    def run_sync(
        self,
        *,
        at_once: int = 4,
        watch: Callable[[JobFile], Hook] | None = None,
        ended: Callable[[JobEnd], None] | None = None,
        **settings: Unpack[ImportSettings],
    ) -> list[JobEnd]:
        """Do what `run` does, for programs without an event loop: return when all have ended."""
        refuse_loop("ends = await folder.run(…)", "run_sync(…)")
        return anyio.run(lambda: self.run(at_once=at_once, watch=watch, ended=ended, **settings))

    async def run_with(
        self,
        settings: Mapping[str, Any],
        *,
        monitor: Callable[[MonitoringSettings, str], RunMonitor],
        ended: Callable[[JobEnd], None],
        run_job: RunJob | None,
        group: StopGroup,
        at_once: int,
    ) -> list[JobEnd]:
        """
        Do what `run` does, with watchers and words of the caller.

        `monitor` makes what watches a job, or tells of a mistake in its file, for those whom the
        file names and the name of the job. `run_job` runs a job whose journal is not in its results
        file.
        """
        ends: list[JobEnd] = []
        places = anyio.CapacityLimiter(at_once)

        def note(end: JobEnd) -> None:
            ends.append(end)
            ended(end)

        async def run(job: JobFile) -> None:
            async with places:
                try:
                    with monitor(job.monitoring, job.name) as watch:
                        work = (run_job or _run)(job, settings, watch, group)
                        end = await _watched(job, work, watch)
                except Exception as error:  # noqa: BLE001 - the other jobs go on
                    end = JobEnd(name=job.name, error=explained(error))
            note(end)

        for path, error in self.broken.items():
            with monitor(told_of_mistakes(path), path.stem) as watch:
                await anyio.to_thread.run_sync(watch.failed, error)
            note(JobEnd(name=path.stem, error=error))
        async with anyio.create_task_group() as tasks:
            for job in self.jobs:
                tasks.start_soon(run, job)
        return sorted(ends, key=lambda end: end.name)


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
    job: JobFile,
    settings: Mapping[str, Any],
    monitor: RunMonitor,
    group: StopGroup,
    *,
    watch: Callable[[JobFile], Hook] | None = None,
) -> Summary:
    hooks: list[Hook] = [monitor] if watch is None else [monitor, watch(job)]
    with ExitStack() as stack:
        found = job.source.found(job.folder)
        files = await anyio.to_thread.run_sync(stack.enter_context, found)
        config = job.run_config(files, **settings)
        control = stack.enter_context(group.control())
        await anyio.to_thread.run_sync(check_output, config, monitor.note)
        await anyio.to_thread.run_sync(monitor.started, config)
        await anyio.to_thread.run_sync(monitor.refuse_lost_memory, config)
        await anyio.to_thread.run_sync(make_smaller, config, monitor.note)
        summary = await run_import(config, hooks=hooks, control=control)
    return await anyio.to_thread.run_sync(keep_files, config, summary, monitor.note)


def _tell_nobody(_: object) -> None:
    """Leave it to the log and to those whom the job file names."""


def _refuse_shared(jobs: Sequence[JobFile]) -> None:
    """Raise `ConfigError` if two jobs have the same name or results file."""
    names: dict[str, JobFile] = {}
    results: dict[Path, JobFile] = {}
    for job in jobs:
        for what, other in (
            ("name", names.setdefault(job.name, job)),
            ("results file", results.setdefault(job.results.resolve(), job)),
        ):
            if other is not job:
                raise ConfigError(
                    "%(path)s and %(path_2)s: both jobs have the same %(key)s",
                    path=other.path,
                    path_2=job.path,
                    key=what,
                    hint="Give each its own in [job].",
                )
