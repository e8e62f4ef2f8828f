"""`vorel-import fleet worker`: carries the jobs of a folder with other workers."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from contextvars import Context, copy_context
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.cli.ending import explain
from importer.cli.interrupts import until_stopped
from importer.cli.monitoring_flags import monitor_of_job, refuse_flags_of_one_run
from importer.cli.run_job_folder import line_of
from importer.cli.terminal_text import is_quiet, say
from importer.core.locale.message import Message
from importer.core.logs.event_log import log_failure, log_notice
from importer.core.logs.handlers import logged

if TYPE_CHECKING:
    from importer.core.errors import ImporterError
    from importer.jobs.job_folder import JobEnd
    from importer.jobs.monitoring.metrics import Metrics, Samples


def run_worker(jobs: Path, monitoring: Mapping[str, Any], **settings: Any) -> int:
    """
    Take slices of the jobs in `jobs`, a folder or a job file, until a signal arrives.

    `settings` are those of `_work`. Returns the exit code, which is 0: others go on with what it
    has left.
    """
    refuse_flags_of_one_run(monitoring)
    if monitoring.get("log_format") != "json":
        _work(jobs, monitoring, _Telling(monitoring, None), **settings)
        return 0
    level = logging.ERROR if is_quiet() else logging.INFO
    with logged(
        path=None,
        log_format="json",
        job=None,
        console=sys.stderr,
        level=level,
        on_failure=partial(say, err=True),
    ):
        try:
            _work(jobs, monitoring, _Telling(monitoring, copy_context()), **settings)
        except Exception as found:  # noqa: BLE001 - it is a line of the log
            error = explain(found)
            log_failure(error)
            return error.exit_code
    return 0


def _work(
    jobs: Path,
    monitoring: Mapping[str, Any],
    telling: _Telling,
    *,
    database: str,
    folder: Path,
    at_once: int,
    seconds: float,
    metrics: str | None,
    retry_at: str | None,
) -> None:
    """
    Work until a signal arrives.

    Copies of journals are kept in `folder`. `metrics` is where their figures are shown to
    Prometheus, if anywhere. At `retry_at`, a time of the day in UTC, jobs that have ended are run
    once more.
    """
    from importer.fleet.reporting.fleet_facts import figures_of_fleet
    from importer.fleet.showing.exposition import exposed
    from importer.fleet.work.job_files import JobFiles
    from importer.fleet.work.queue import SliceQueue
    from importer.fleet.work.running import opened_fleet
    from importer.fleet.work.slices import Slices
    from importer.fleet.work.worker import WorkerStop, work
    from importer.jobs.monitoring.metrics import metrics_text
    from importer.jobs.schedules import hour_and_minute

    if retry_at is not None:
        hour_and_minute("--retry-at", retry_at)  # a mistake in it is said at once
    ended: dict[str, Metrics] = {}

    def note_end(found: Metrics) -> None:
        ended[found.job] = found

    with ExitStack() as stack:
        fleet = stack.enter_context(opened_fleet(database, folder, tell=telling.tell))
        publish = None if metrics is None else note_end

        def give_up() -> None:
            fleet.give_up()
            queue.give_up()

        stop = WorkerStop(give_up)
        files = JobFiles(jobs, telling.mistake)
        slices = Slices(
            database,
            fleet,
            files,
            monitor=partial(monitor_of_job, monitoring, publish=publish),
            ended=telling.ended,
            group=stop,
            tell=telling.tell,
        )
        queue = SliceQueue(
            database,
            slices.run_slice,
            worker=fleet.owner,
            names=files.names,
            at_once=at_once,
            seconds=seconds,
            tell=telling.tell,
            retry_at=retry_at,
        )

        def figures() -> str:
            more: Samples = {
                **figures_of_fleet(database),
                "database_errors": [({}, fleet.database_errors)],
            }
            ends = [one for _, one in sorted(ended.items())]
            return metrics_text(fleet.meters.figures(), ends, slices.hindered(), more)

        if metrics is not None:
            url = stack.enter_context(exposed(metrics, figures, queue.is_ready))
            telling.tell(Message("metrics: %(path)s", path=url))
        until_stopped(lambda: work(slices, queue, stop), stop, telling.tell)


class _Telling:
    """
    Says on standard error what people should know, unless they asked for less.

    In a `log` of JSON it is said as events of the worker, in whichever thread it happens. How jobs
    end and which files have mistakes is in the lines of their own there.
    """

    def __init__(self, monitoring: Mapping[str, Any], log: Context | None) -> None:
        self._monitoring = monitoring
        self._log = log

    def tell(self, text: Message, *, event: str = "notice", job: str | None = None) -> None:
        if self._log is not None:
            self._log.copy().run(partial(log_notice, text, event=event, job=job))
        else:
            say(text, err=True)

    def ended(self, end: JobEnd) -> None:
        if self._log is None:
            say(line_of(end), err=True)

    def mistake(self, path: Path, error: ImporterError) -> None:
        """Tell of a job file with a mistake, and whoever is to be told of it."""
        from importer.jobs.job_file import told_of_mistakes

        with monitor_of_job(self._monitoring, told_of_mistakes(path), path.stem) as watch:
            watch.failed(error)
        if self._log is None:
            self.tell(error.message)
