"""A folder of job files, for programs and for `vorel-import run --job`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Unpack

import anyio
import anyio.to_thread

from importer.core.control import StopGroup, refuse_loop
from importer.core.errors import ConfigError, ImporterError
from importer.core.events import Hook
from importer.jobs.job_file import JobFile, find_jobs, load_job, told_of_mistakes
from importer.jobs.monitoring.monitor import RunMonitor
from importer.jobs.side_by_side import JobEnd, JobWork, run_jobs
from importer.run.config import ImportSettings


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
        given = {name: value for name, value in settings.items() if value is not None}

        def monitor(job: JobFile) -> RunMonitor:
            each = None if watch is None else watch(job)
            return RunMonitor(job.monitoring, job=job.name, tell=_tell_nobody, each=each)

        work = JobWork(
            settings=given,
            monitor=monitor,
            monitor_of_mistake=lambda path: RunMonitor(
                told_of_mistakes(path), job=path.stem, tell=_tell_nobody
            ),
            ended=ended or _tell_nobody,
        )
        return await self.run_with(work, group=group or StopGroup(), at_once=at_once)

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

    async def run_with(self, work: JobWork, *, group: StopGroup, at_once: int) -> list[JobEnd]:
        """Do what `run` does, with settings, watchers and words of the caller."""
        ends = [await _mistaken(path, error, work) for path, error in self.broken.items()]
        ends += await run_jobs(self.jobs, work, group=group, at_once=at_once)
        return sorted(ends, key=lambda end: end.name)


async def _mistaken(path: Path, error: ImporterError, work: JobWork) -> JobEnd:
    """Tell of a mistake in a job file. Returns the end of the job."""
    with work.monitor_of_mistake(path) as watch:
        await anyio.to_thread.run_sync(watch.failed, error)
    end = JobEnd(name=path.stem, error=error)
    work.ended(end)
    return end


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
