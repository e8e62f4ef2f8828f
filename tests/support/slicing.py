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
from importer.fleet.database.connecting import Connection
from importer.fleet.showing.overview import job_states
from importer.fleet.work import queue
from importer.fleet.work.job_files import JobFiles
from importer.fleet.work.running import opened_fleet
from importer.fleet.work.slices import Slices
from importer.fleet.work.worker import WorkerStop
from importer.jobs.job_folder import JobEnd
from importer.jobs.monitoring.monitor import RunMonitor
from importer.jobs.monitoring.monitoring_settings import MonitoringSettings

__all__ = ["Here", "joined", "ready"]


def ready(connection: Connection) -> list[object]:
    """Return the jobs that the queue may hand out, in their order."""
    query = "SELECT name FROM vorel_fleet.job"
    names = [str(name) for (name,) in connection.execute(query)]
    asked = {"worker": "w", "names": names, "running": [], "dead": 10, "room": 1}
    found: list[object] = []
    with connection.transaction(force_rollback=True):
        while row := connection.execute(queue._TAKE, asked | {"running": found}).fetchone():
            found.append(row[0])
    return found


class Here:
    """A process that runs slices, its name as an owner of leases, and what it has told."""

    def __init__(self, client: Client, sliced: Slices, group: StopGroup, name: str) -> None:
        self.database = client.environment["VOREL_FLEET_DATABASE"]
        self.name = name
        self.run_slice = sliced.run_slice
        self.sliced = sliced
        self.group = group
        self.ends: list[JobEnd] = []
        self.told: list[str] = []

    async def slice(self, seconds: float = 0) -> bool:
        return await self.run_slice("clinic", anyio.current_time() + seconds)

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
        here = Here(client, sliced, group, fleet.owner)
        yield here
