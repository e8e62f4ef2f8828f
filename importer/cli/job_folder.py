"""`vorel-import run --job FOLDER`: runs the jobs of many clients, and prints one summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.cli.ending import as_json, explain, ignore_signals, monitored, say_result
from importer.cli.interrupts import until_stopped
from importer.cli.job_settings import config_of_job, key_of_job
from importer.cli.text import LONGEST, counted, cut, is_quiet, say
from importer.cli.watching import monitor_of_folder, monitor_of_job, monitor_of_mistake
from importer.core.errors import ConfigError, ImporterError

if TYPE_CHECKING:
    from importer.core.control import StopGroup
    from importer.jobs import JobFile
    from importer.jobs.side_by_side import JobEnd, RunJob
    from importer.run.config import ImportConfig

__all__ = ["job_files", "line_of", "load_all", "run_folder"]


def run_folder(
    folder: Path,
    monitoring: Mapping[str, Any],
    *,
    at_once: int,
    shows_json: bool,
    run_job: RunJob | None = None,
    api_key_file: str | None = None,
    group: StopGroup | None = None,
    **flags: Any,
) -> int:
    """
    Run all jobs of a folder, `at_once` of them at a time. Returns the most serious exit code.

    `folder` may also be a single job file. `run_job` and `group` take the place of what usually
    runs a job, and of what stops all of them. `flags` and `monitoring` apply to each job. A job
    file with a mistake, or a run that fails, stops no other job.
    """
    from importer.core.control import StopGroup
    from importer.jobs.side_by_side import run_jobs

    quiet = is_quiet()
    try:
        jobs, broken = _load(folder)
    except ImporterError as error:
        watch = monitor_of_folder(monitoring, folder, quiet=quiet)
        return monitored(watch, partial(_fail, error), shows_json=shows_json)
    monitors = {job.name: monitor_of_job(monitoring, job, quiet=quiet) for job in jobs}
    ends = [_told(path, error, monitoring, quiet=quiet) for path, error in broken.items()]
    quiet = quiet or monitoring.get("log_format") == "json"

    def configure(job: JobFile, files: Sequence[str]) -> ImportConfig:
        key = key_of_job(job, api_key_file)
        return config_of_job(job, files, key, **{**flags, "job": job.path})

    def ended(end: JobEnd) -> None:
        if not quiet:
            say(line_of(end), err=True)

    for end in ends:
        ended(end)
    group = group or StopGroup()
    ends += until_stopped(
        lambda: run_jobs(
            jobs,
            configure=configure,
            monitor=lambda job: monitors[job.name],
            group=group,
            run_job=run_job,
            at_once=at_once,
            explain=explain,
            ended=ended,
        ),
        group,
    )
    ignore_signals()
    return _sum_up(sorted(ends, key=lambda end: end.name), quiet=quiet, shows_json=shows_json)


def _sum_up(ends: Sequence[JobEnd], *, quiet: bool, shows_json: bool) -> int:
    """Show how all jobs together have ended. Returns the exit code."""
    from importer.jobs.side_by_side import JobEnd

    code = JobEnd.worst(ends)
    if not quiet:
        good = sum(end.exit_code == 0 for end in ends)
        say(f"\n{counted(len(ends), 'job')}: {good} complete, {len(ends) - good} not", err=True)
    if shows_json:
        say_result({"exit_code": code, "jobs": {end.name: _as_json(end) for end in ends}})
    return code


def job_files(path: Path) -> list[Path]:
    """Return the job files of a folder, or the one that it is. Raises `ConfigError`."""
    from importer.jobs import find_jobs

    return find_jobs(path) if path.is_dir() else [path]


def load_all(path: Path) -> list[JobFile]:
    """
    Return the jobs of a folder, or the one of a job file.

    Raises `ConfigError` for the first mistake in one of them.
    """
    jobs, broken = _load(path)
    if broken:
        raise next(iter(broken.values()))
    return jobs


def _load(folder: Path) -> tuple[list[JobFile], dict[Path, ImporterError]]:
    """Return the jobs of a folder, and the mistakes in files that are none."""
    from importer.jobs import load_job

    jobs: list[JobFile] = []
    broken: dict[Path, ImporterError] = {}
    for path in job_files(folder):
        try:
            jobs.append(load_job(path))
        except ImporterError as error:
            broken[path] = error
    _refuse_shared(jobs)
    return jobs, broken


def _fail(error: ImporterError) -> int:
    raise error


def _told(
    path: Path, error: ImporterError, monitoring: Mapping[str, Any], *, quiet: bool
) -> JobEnd:
    """Tell of a mistake in a job file. Returns the end of the job."""
    from importer.jobs.side_by_side import JobEnd

    with monitor_of_mistake(monitoring, path, quiet=quiet) as watch:
        watch.failed(error)
    return JobEnd(name=path.stem, error=error)


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
                    f"{other.path} and {job.path}: both jobs have the same {what}",
                    hint="Give each its own in [job].",
                )


def line_of(end: JobEnd) -> str:
    """Return how a job has ended, on one line."""
    if end.summary is None:
        message = end.error.message if end.error is not None else ""
        return f"{end.name}: exit code {end.exit_code}: {cut(message, LONGEST)}"
    counts = [f"{count:,} {name}" for name, count in end.summary.counts.items() if count]
    text = ", ".join([counted(end.summary.read, "row"), *counts])
    stopped = f": {cut(end.summary.stopped, LONGEST)}" if end.summary.stopped else ""
    return f"{end.name}: exit code {end.exit_code}, {text}{stopped}"


def _as_json(end: JobEnd) -> dict[str, Any]:
    if end.summary is not None:
        return end.summary.as_dict()
    return as_json(explain(end.error or ConfigError("the job has not run")), command="run")
