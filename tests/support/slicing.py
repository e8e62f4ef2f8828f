"""Processes that run slices of a fleet's jobs, for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import Mock, patch

import anyio
from fleets import Client

from importer.core.control import StopGroup
from importer.core.errors import ImporterError
from importer.fleet.database.connecting import connect
from importer.fleet.showing.overview import job_states
from importer.fleet.work.job_files import JobFiles
from importer.fleet.work.running import opened_fleet
from importer.fleet.work.slices import Slices
from importer.fleet.work.worker import WorkerStop
from importer.jobs.job_folder import JobEnd
from importer.jobs.monitoring.monitor import RunMonitor
from importer.jobs.monitoring.monitoring_settings import MonitoringSettings

__all__ = ["Here", "joined"]

_TAKE = """
INSERT INTO procrastinate_jobs (queue_name, task_name, lock, status, worker_id)
VALUES ('slices', 'slice', 'clinic', 'doing', %s)
"""


class Here:
    """
    A process that runs slices, and what it has told.

    It is the worker with the id `taker` of the queue, if it is any.
    """

    def __init__(self, client: Client, sliced: Slices, group: StopGroup) -> None:
        self.database = client.environment["VOREL_FLEET_DATABASE"]
        self.taker: int | None = None
        self.run_slice = sliced.run_slice
        self.sliced = sliced
        self.group = group
        self.ends: list[JobEnd] = []
        self.told: list[str] = []

    async def slice(self, seconds: float = 0) -> bool:
        with self._taken():
            return await self.run_slice("clinic", anyio.current_time() + seconds)

    @contextmanager
    def _taken(self) -> Iterator[None]:
        """Have taken a line of the queue meanwhile."""
        if self.taker is None:
            yield
            return
        with connect(self.database) as connection:
            connection.execute("SET search_path TO vorel_queue")
            connection.execute(_TAKE, (self.taker,))
            try:
                yield
            finally:
                connection.execute("DELETE FROM procrastinate_jobs")

    def state(self) -> str:
        return job_states(self.database, ["clinic"])[0].state


@contextmanager
def joined(
    client: Client,
    name: str,
    *,
    at_least: float = 0.7,
    files: Path | None = None,
    host: str | None = None,
    **monitoring: Any,
) -> Iterator[Here]:
    """
    Return a process of the fleet that has its own copies.

    It has the job files of the folder `files`, and is on a computer with the name `host`.
    """

    def monitor(_: MonitoringSettings, name: str) -> RunMonitor:
        settings = MonitoringSettings(**monitoring)
        return RunMonitor(settings, job=name, tell=here.told.append)

    def tell(text: str, *, event: str = "notice", job: str | None = None) -> None:
        assert event == "takeover" or job is None
        here.told.append(text)

    def explain(error: BaseException) -> ImporterError:
        assert isinstance(error, ImporterError), error
        return error

    database, group = client.environment["VOREL_FLEET_DATABASE"], WorkerStop(Mock())
    with (
        patch("importer.fleet.work.slices.explained", explain),
        opened_fleet(database, client.folder / name, tell=tell) as fleet,
    ):
        if host is not None:
            fleet._turns.owner = f"{host}/{fleet.owner.partition('/')[2]}"
        sliced = Slices(
            database,
            fleet,
            JobFiles(files or client.folder, lambda _path, error: here.told.append(error.message)),
            monitor=monitor,
            ended=lambda end: here.ends.append(end),  # noqa: PLW0108 - made below
            group=group,
            tell=lambda text: here.told.append(text),  # noqa: PLW0108
            at_least=at_least,
        )
        here = Here(client, sliced, group)
        yield here
