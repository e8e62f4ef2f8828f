"""A real PostgreSQL for the tests of a fleet; without one they are skipped, and the run says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from postgres import NOT_HERE, Server, find_binaries, server

from importer.fleet.appender import Appender
from importer.fleet.database import Connection, connect
from importer.fleet.migrating import migrate


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
        connection.execute("TRUNCATE vorel_fleet.job, vorel_fleet.lease, vorel_fleet.block")
    return postgres.url


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    with connect(database) as opened:
        yield opened


@pytest.fixture
def appender(database: str) -> Iterator[Appender]:
    with Appender(database) as opened:
        yield opened
