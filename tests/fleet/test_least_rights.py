"""The role of a worker can run jobs and take orders, with no other right than it is given."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fleets import ROWS, Client, expire, lease_of
from postgres import Server
from slicing import joined

from importer.fleet.database.connecting import Connection
from importer.fleet.database.migrating import grant

pytestmark = pytest.mark.slow


@pytest.fixture
def worker(client: Client, postgres: Server, connection: Connection) -> Iterator[Client]:
    """Return a client whose job was added, and whose commands have the rights of a worker."""
    assert client.do("fleet", "add", "clinic.toml").returncode == 0
    connection.execute("CREATE ROLE plain LOGIN")
    try:
        grant(connection, "plain")
        client.environment["VOREL_FLEET_DATABASE"] = postgres.url_of("fleet", "plain")
        yield client
    finally:
        connection.execute("DROP OWNED BY plain")
        connection.execute("DROP ROLE plain")


async def test_it_runs_a_job_to_its_end(worker: Client, connection: Connection) -> None:
    key = (worker.folder / "key").read_text(encoding="utf-8")
    lease_of(connection, "clinic", key=key)
    expire(connection)  # whoever had the key has died
    with joined(worker, "a") as here:
        while await here.slice():
            assert here.state() == "waiting"
        assert [end.exit_code for end in here.ends] == [0]
    assert worker.made() == {f"ada{n}@example.com": 1 for n in range(ROWS)}
    noted = "SELECT state, last_success IS NOT NULL FROM vorel_fleet.work"
    assert connection.execute(noted).fetchone() == ("ended", True)


async def test_it_says_that_a_job_cannot_be_run(worker: Client, connection: Connection) -> None:
    (worker.folder / "key").unlink()
    with joined(worker, "a") as here:
        assert not await here.slice(60)
    problem = connection.execute("SELECT problem FROM vorel_fleet.work").fetchone()
    assert problem is not None
    assert "key" in str(problem[0])
    assert not worker.made()


def test_it_takes_orders(worker: Client) -> None:
    for words in (
        ("stop", "clinic"),
        ("resume", "clinic"),
        ("run", "clinic.toml"),
        ("retry", "clinic", "--accept-list"),
        ("status", "--check"),
        ("report",),
    ):
        done = worker.do("fleet", *words)
        assert done.returncode == 0, (words, done.stderr)
    refused = worker.do("fleet", "restored", "clinic.toml")
    assert refused.returncode == 2
    assert "may not say that lines are lost" in refused.stderr
