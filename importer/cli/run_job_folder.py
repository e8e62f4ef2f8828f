"""`vorel-import run --job FOLDER`: runs the jobs of many clients, and prints one summary."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.cli.documents import FolderDocument, RunDocument, document_of
from importer.cli.ending import ignore_signals, monitored, say_result
from importer.cli.interrupts import until_stopped
from importer.cli.monitoring_flags import monitor_of_job, refuse_flags_of_one_run
from importer.cli.options import settings_of
from importer.cli.terminal_text import LONGEST, cut, is_quiet, say
from importer.core.control import StopGroup
from importer.core.errors import ConfigError, ImporterError
from importer.core.shared import counted
from importer.run.tally import worst_of

if TYPE_CHECKING:
    from importer.jobs.job_folder import JobEnd, RunJob


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
    from importer.jobs.api_keys import KeySource
    from importer.jobs.job_folder import JobFolder
    from importer.jobs.monitoring.monitoring_settings import MonitoringSettings

    try:
        found = JobFolder(folder)
    except ImporterError as error:
        watch = monitor_of_job(monitoring, MonitoringSettings(), folder.resolve().name)
        return monitored(watch, partial(_fail, error), shows_json=shows_json)
    refuse_flags_of_one_run(monitoring)
    MonitoringSettings().replace(**monitoring)  # a wrong flag is that of all jobs
    is_still = is_quiet() or monitoring.get("log_format") == "json"
    given = settings_of(flags)
    if api_key_file is not None:  # each job reads it, and tells of it if it cannot
        given["api_key"] = KeySource(file=Path(api_key_file).absolute())

    def ended(end: JobEnd) -> None:
        if not is_still:
            say(line_of(end), err=True)

    stops = group or StopGroup()
    monitor = partial(monitor_of_job, monitoring)
    work = partial(found.run_with, given, monitor=monitor, ended=ended, run_job=run_job)
    ends = until_stopped(lambda: work(group=stops, at_once=at_once), stops)
    ignore_signals()
    return _sum_up(ends, quiet=is_still, shows_json=shows_json)


def _sum_up(ends: Sequence[JobEnd], *, quiet: bool, shows_json: bool) -> int:
    """Show how all jobs together have ended. Returns the exit code."""
    code = worst_of(end.exit_code for end in ends)
    if not quiet:
        good = sum(end.exit_code == 0 for end in ends)
        say(f"\n{counted(len(ends), 'job')}: {good} complete, {len(ends) - good} not", err=True)
    if shows_json:
        say_result(FolderDocument(exit_code=code, jobs={end.name: _document(end) for end in ends}))
    return code


def _fail(error: ImporterError) -> int:
    raise error


def line_of(end: JobEnd) -> str:
    """Return how a job has ended, on one line."""
    if end.summary is None:
        message = end.error.message if end.error is not None else ""
        return f"{end.name}: exit code {end.exit_code}: {cut(message, LONGEST)}"
    counts = [f"{count:,} {name}" for name, count in end.summary.counts.items() if count]
    text = ", ".join([counted(end.summary.read, "row"), *counts])
    stopped = f": {cut(end.summary.stopped, LONGEST)}" if end.summary.stopped else ""
    return f"{end.name}: exit code {end.exit_code}, {text}{stopped}"


def _document(end: JobEnd) -> RunDocument:
    if end.summary is not None:
        return document_of(RunDocument, end.summary, next=None)
    return RunDocument.failed(end.error or ConfigError("the job has not run"))
