"""`vorel-import fleet worker`: carries the jobs of a folder with other workers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from importer.cli.ending import explain
from importer.cli.interrupts import until_stopped
from importer.cli.job_folder import line_of
from importer.cli.job_settings import config_of_job, key_of_job
from importer.cli.text import say
from importer.cli.watching import (
    monitor_of_job,
    monitor_of_mistake,
    refuse_flags_of_one_run,
)

if TYPE_CHECKING:
    from importer.errors import ImporterError
    from importer.fleet.showing.board import Board
    from importer.jobs.side_by_side import JobEnd
    from importer.monitoring.exposition import Exposition

__all__ = ["run_worker"]


def run_worker(
    jobs: Path,
    monitoring: Mapping[str, Any],
    *,
    database: str,
    folder: Path,
    at_once: int,
    seconds: float,
    metrics: str | None,
    quiet: bool,
) -> int:
    """
    Take slices of the jobs in `jobs`, a folder or a job file, until a signal arrives.

    Copies of journals are kept in `folder`. `metrics` is where their figures are shown to
    Prometheus, if anywhere. Returns the exit code, which is 0: others go on with what it has left.
    """
    from importer.fleet.database.connecting import connect_first
    from importer.fleet.database.migrating import check_queue, check_version
    from importer.fleet.work.job_files import JobFiles
    from importer.fleet.work.queue import SliceQueue
    from importer.fleet.work.running import opened_fleet
    from importer.fleet.work.slices import Slices
    from importer.fleet.work.worker import WorkerStop, work

    refuse_flags_of_one_run(monitoring)
    telling = _Telling(monitoring, quiet=quiet)
    with closing(connect_first(database)) as connection:
        check_version(connection)
        check_queue(connection)
    with (
        opened_fleet(database, folder) as fleet,
        _exposed(metrics, fleet.board, telling) as shown,
    ):
        publish = None if shown is None else shown.ended
        stop = WorkerStop(fleet)
        files = JobFiles(jobs, telling.mistake)
        slices = Slices(
            database,
            fleet,
            files,
            configure=lambda job, found: config_of_job(job, found, key_of_job(job), job=job.path),
            monitor=partial(monitor_of_job, monitoring, quiet=quiet, publish=publish),
            group=stop,
            explain=explain,
            ended=telling.ended,
            tell=telling.tell,
        )
        if shown is not None:
            shown.hindered = slices.hindered
        queue = SliceQueue(
            database,
            slices.run_slice,
            names=files.names,
            at_once=at_once,
            seconds=seconds,
            tell=telling.tell,
        )
        until_stopped(lambda: work(slices, queue, stop), stop, telling.tell)
    return 0


@contextmanager
def _exposed(metrics: str | None, board: Board, telling: _Telling) -> Iterator[Exposition | None]:
    """Show figures to Prometheus if `metrics` says where. Yields what takes the end of a job."""
    from importer.monitoring.exposition import Exposition, exposed

    if metrics is None:
        yield None
        return
    shown = Exposition(board.figures)
    with exposed(metrics, shown.text) as url:
        telling.tell(f"metrics: {url}")
        yield shown


class _Telling:
    """Says on standard error what people should know, unless they asked for less, or for JSON."""

    def __init__(self, monitoring: Mapping[str, Any], *, quiet: bool) -> None:
        self._monitoring = monitoring
        self._quiet = quiet
        self._is_silent = quiet or monitoring.get("log_format") == "json"

    def tell(self, text: str) -> None:
        if not self._is_silent:
            say(text, err=True)

    def ended(self, end: JobEnd) -> None:
        self.tell(line_of(end))

    def mistake(self, path: Path, error: ImporterError) -> None:
        """Tell of a job file with a mistake, and whoever is to be told of it."""
        with monitor_of_mistake(self._monitoring, path, quiet=self._quiet) as watch:
            watch.failed(error)
        self.tell(error.message)
