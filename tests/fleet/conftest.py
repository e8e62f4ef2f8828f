"""A real PostgreSQL for the tests of a fleet; without one they are skipped, and the run says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fleets import Client
from postgres import NOT_HERE, Server, find_binaries, server

from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import migrate
from importer.fleet.journal.appender import Appender
from importer.fleet.leases.lease import key_digest
from importer.fleet.work import orders
from importer.sandbox import Sandbox


@pytest.fixture
def anyio_backend() -> str:
    """A worker runs on asyncio."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """Return a server with the tables of a fleet in its database."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(NOT_HERE)
    with server(binaries) as running:
        with connect(running.url) as connection:
            migrate(connection)
        yield running


@pytest.fixture
def database(postgres: Server) -> str:
    """Return the address of a database whose tables are empty."""
    with connect(postgres.url) as connection:
        connection.execute(
            "TRUNCATE vorel_fleet.job, vorel_fleet.lease, vorel_fleet.block, vorel_fleet.work, "
            "vorel_fleet.progress, vorel_fleet.worker, vorel_fleet.night"
        )
    return postgres.url


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    with connect(database) as opened:
        yield opened


@pytest.fixture
def appender(database: str) -> Iterator[Appender]:
    with Appender(database) as opened:
        yield opened


@pytest.fixture
def client(
    database: str, connection: Connection, tmp_path: Path, start_sandbox: Callable[..., Sandbox]
) -> Client:
    sandbox = start_sandbox()
    connection.execute(  # a key that was at rest: else its first minute would count as used
        "INSERT INTO vorel_fleet.lease VALUES (%s, '', 0, clock_timestamp(), 0, '{}')",
        (key_digest(sandbox.api_key),),
    )
    return Client(tmp_path, database, sandbox)


@pytest.fixture(autouse=True)
def no_others_are_started(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the last try of a job be final at once: no worker is being started meanwhile."""
    monkeypatch.setattr(orders, "_AT_LEAST_SECONDS", 0)
