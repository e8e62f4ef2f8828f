"""What watches a run: the flags of monitoring, and what a job file says besides."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.shown.progress import row_line
from importer.cli.terminal_text import is_quiet, is_verbose, say
from importer.core.addresses import is_remote, name_of
from importer.core.errors import ImporterError
from importer.core.events import Event, Hook, RowDone

if TYPE_CHECKING:
    from importer.jobs.monitoring.metrics import Metrics
    from importer.jobs.monitoring.monitor import RunMonitor
    from importer.jobs.monitoring.monitoring_settings import MonitoringSettings

_OF_ONE_RUN = ("log_file", "metrics_file", "ping")


def monitoring_flags(flags: dict[str, Any]) -> dict[str, Any]:
    """Take the flags of monitoring that were given out of all flags."""
    from importer.jobs.monitoring.monitoring_settings import MONITORING

    taken = {name: flags.pop(name) for name in MONITORING if name in flags}
    return {name: value for name, value in taken.items() if value is not None}


def monitor_of_run(
    given: Mapping[str, Any],
    *,
    job: str | None,
    sources: tuple[str, ...],
    results: str | None,
) -> RunMonitor:
    """Return what watches the run of a command. Raises `ConfigError` for a flag."""
    from importer.jobs.monitoring.monitor import RunMonitor
    from importer.jobs.monitoring.monitoring_settings import MonitoringSettings

    source = sources[0] if sources else ""
    source = name_of(source) if is_remote(source) else source
    name = Path(results or job or source).stem.removesuffix(".results")
    settings = MonitoringSettings().replace(**given)
    if job is not None:
        from importer.jobs.job_file import load_job, told_of_mistakes

        try:
            found = load_job(Path(job))
        except ImporterError:  # the run raises it again
            settings = told_of_mistakes(Path(job)).replace(**given)
        else:
            name, settings = found.name, found.monitoring.replace(**given)
    return RunMonitor(
        settings,
        job=name or "import",
        tell=partial(say, err=True, always=True),
        console=sys.stderr,
        is_quiet=is_quiet(),
    )


def refuse_flags_of_one_run(given: Mapping[str, Any]) -> None:
    """Raise `click.UsageError` for a flag that would be the same for all jobs."""
    for name in _OF_ONE_RUN:
        if name in given:
            flag = f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{flag}: each job of a folder needs its own; set it in [job].")


def _row_teller(job: str) -> Hook:
    """Return what prints the outcome of each row of a job."""

    def tell(event: Event) -> None:
        if isinstance(event, RowDone):
            say(f"{job}: {row_line(event.outcome)}", err=True)

    return tell


def monitor_of_job(
    given: Mapping[str, Any],
    settings: MonitoringSettings,
    name: str,
    *,
    publish: Callable[[Metrics], None] | None = None,
) -> RunMonitor:
    """
    Return what watches a job of a folder, or tells of a mistake in its file.

    `settings` are those of its file, and flags that were `given` take precedence. Standard error
    gets lines of JSON only by flag, and a line for each row with `-v`. `publish` is as in
    `RunMonitor`.
    """
    from importer.jobs.monitoring.monitor import RunMonitor

    is_json = given.get("log_format") == "json"
    return RunMonitor(
        settings.replace(**given),
        job=name,
        tell=partial(say, err=True, always=True),
        each=_row_teller(name) if is_verbose() and not is_json else None,
        console=sys.stderr if is_json else None,
        is_quiet=is_quiet(),
        publish=publish,
    )
