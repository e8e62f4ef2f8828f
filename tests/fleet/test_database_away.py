"""What happens when the database is away, restarts, or breaks a connection at the worst moment."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import anyio
import psycopg
import pytest
from fleets import LINES, blocks_of, lease_of, lines_of, store_of
from postgres import NOT_HERE, Server, find_binaries, server

from importer.core.errors import JournalError
from importer.fleet.database import connecting
from importer.fleet.database.connecting import Connection, DatabaseAway, connect, connect_first
from importer.fleet.database.migrating import migrate
from importer.fleet.journal import appender as module
from importer.fleet.journal.appender import Appender
from importer.fleet.leases.lease import Lease

pytestmark = pytest.mark.slow

CUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"


async def test_a_cut_connection_is_opened_again(
    database: str, connection: Connection, appender: Appender, tmp_path: Path
) -> None:
    with closing(store_of(tmp_path, database, appender, lease_of(connection))) as store:
        for _ in range(3):
            await store.append(*LINES)
            connection.execute(CUT)
    assert blocks_of(connection) == [(1, 3, 1), (4, 3, 1), (7, 3, 1)]


@pytest.mark.parametrize("together", [1, 3])
async def test_a_commit_without_an_answer_adds_lines_once(
    database: str,
    connection: Connection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    together: int,
) -> None:
    work, broken = module._work, [0]

    def breaks(opened: Connection, requests: list[module._Request]) -> None:
        work(opened, requests)
        for request in requests:
            request.is_settled = False
        if broken[0] < 2:
            broken[0] += 1
            raise psycopg.OperationalError("the connection was lost during the commit")
        for request in requests:
            request.is_settled = True

    monkeypatch.setattr(module, "_work", breaks)
    with Appender(database) as appender:
        stores = [
            store_of(tmp_path, database, appender, lease_of(connection, f"job {n}"))
            for n in range(together)
        ]
        async with anyio.create_task_group() as tasks:
            for store in stores:
                tasks.start_soon(store.append, *LINES)
        for store in stores:
            await store.append(LINES[1])
            store.close()
    assert broken == [2]
    assert blocks_of(connection) == [(1, 3, 1), (4, 1, 1)] * together


async def test_a_commit_without_an_answer_by_an_owner_of_before_is_an_error(
    database: str, connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lines are there, and the new owner sees them; but nothing may be sent for them."""
    work = module._work
    lease = lease_of(connection)

    def breaks(opened: Connection, requests: list[module._Request]) -> None:
        monkeypatch.setattr(module, "_work", work)
        work(opened, requests)
        for request in requests:
            request.is_settled = False
        connection.execute("UPDATE vorel_fleet.lease SET epoch = epoch + 1")
        raise psycopg.OperationalError("the connection was lost during the commit")

    monkeypatch.setattr(module, "_work", breaks)
    with (
        Appender(database) as appender,
        closing(store_of(tmp_path, database, appender, lease)) as store,
        pytest.raises(JournalError, match="has taken over"),
    ):
        await store.append(LINES[1])
    assert blocks_of(connection) == [(1, 1, 1)]


@pytest.fixture
def own() -> Iterator[Server]:
    """Return a server that may be stopped."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(NOT_HERE)
    with server(binaries) as running:
        with closing(connect(running.url)) as connection:
            migrate(connection)
        yield running


def test_sending_waits_for_a_database_that_crashed_and_goes_on(own: Server, tmp_path: Path) -> None:
    """One test for both event loops and all ways to end a wait: each server takes seconds."""
    with closing(connect(own.url)) as connection:
        lease = lease_of(connection)
    for loop in ("asyncio", "trio"):
        with Appender(own.url) as appender:
            anyio.run(_crash_and_go_on, own, appender, lease, tmp_path, backend=loop)
    own.stop("immediate")
    for loop in ("asyncio", "trio"):
        with Appender(own.url, patience=0) as appender:
            anyio.run(_fails, appender, lease, "was away for 0 s", backend=loop)
        with Appender(own.url) as appender:
            threading.Timer(0.3, appender.give_up).start()
            anyio.run(_fails, appender, lease, "stopped while the", backend=loop)
    own.start()


async def _crash_and_go_on(own: Server, appender: Appender, lease: Lease, folder: Path) -> None:
    with closing(store_of(folder, own.url, appender, lease)) as store:
        await store.append(*LINES)
        own.stop("immediate")
        lease.valid_until = 0
        began, down = time.monotonic(), 0.5
        starting = threading.Timer(down, own.start)
        starting.start()
        await store.append(*LINES)
        assert time.monotonic() - began > down
        # It waits until it has seen the server run: stopped again before that, it would fail.
        starting.join()
        assert lease.is_valid()
        with closing(connect(own.url)) as connection:
            assert lines_of(connection) == store.path.read_bytes()


async def _fails(appender: Appender, lease: Lease, words: str) -> None:
    from importer.fleet.journal.blocks import EMPTY

    for _ in range(2):
        with pytest.raises(JournalError, match=words):
            await appender.append(lease, EMPTY.followed_by([b"{}\n"]))


async def test_a_database_that_says_nothing_does_not_keep_a_run_from_ending(
    database: str, connection: Connection
) -> None:
    lease = lease_of(connection)
    with Appender(database) as appender, connection.transaction():
        connection.execute("LOCK TABLE vorel_fleet.block")
        threading.Timer(0.3, appender.give_up).start()
        await _fails(appender, lease, "stopped while the database was away")


@pytest.mark.parametrize("words", ["permission denied", "no such table"])
async def test_a_database_that_refuses_lines_stops_the_run(
    database: str, connection: Connection, words: str
) -> None:
    lease = lease_of(connection)

    def refusing(url: str) -> Connection:
        opened = connect(url)
        setting: dict[str, Callable[[], object]] = {
            "permission denied": lambda: opened.execute("SET ROLE pg_monitor"),
            "no such table": lambda: opened.execute("SET default_transaction_read_only = on"),
        }
        setting[words]()
        return opened

    with Appender(database, opened=refusing) as appender:
        await _fails(appender, lease, "refuses lines")


@contextmanager
def refusing(*reasons: str) -> Iterator[str]:
    """Return the address of what refuses each connection for the next of these reasons."""

    def serve() -> None:
        for reason in reasons:
            opened, _ = listening.accept()
            with opened:
                opened.recv(1024)
                fields = f"SFATAL\0VFATAL\0C57P03\0M{reason}\0\0".encode()
                opened.sendall(b"E" + struct.pack("!i", len(fields) + 4) + fields)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        port = listening.getsockname()[1]
        yield f"postgresql://tests@127.0.0.1:{port}/fleet?sslmode=disable&gssencmode=disable"
        thread.join()


STARTS = "the database system is starting up"


def test_a_server_that_starts_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "_STARTS_EVERY_SECONDS", 0)
    with (
        refusing(STARTS, STARTS, 'role "tests" does not exist') as url,
        pytest.raises(DatabaseAway, match="does not exist") as found,
    ):
        connect_first(url)
    assert "--database" in str(found.value.hint)


def test_whoever_meets_a_server_that_starts_is_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "_STARTS_SECONDS", 0)
    with refusing(STARTS) as url, pytest.raises(DatabaseAway, match=STARTS) as found:
        connect_first(url)
    assert found.value.hint == "Wait until it is up, then run the command again."
