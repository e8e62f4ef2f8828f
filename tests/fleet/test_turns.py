"""Jobs with one key take turns, on any number of workers: whoever has waited longest is next."""

from __future__ import annotations

import anyio
import anyio.to_thread
import pytest
from fleets import ROWS, Client, expire, lease_of
from slicing import joined, ready

from importer.fleet.database.connecting import Connection
from importer.fleet.journal.blocks import add_job
from importer.fleet.leases.lease import Lease, hand_back
from importer.fleet.work import orders, queue
from importer.fleet.work.orders import change

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_AGAIN_SECONDS", 0)


def end_slice(connection: Connection, lease: Lease) -> None:
    """Let a slice end: the lease of its job is handed back, and the job to the queue."""
    hand_back(connection, lease)
    orders.step_back(connection, lease, 60)
    connection.execute("UPDATE vorel_fleet.work SET taken_by = 'w' WHERE job = %s", (lease.job,))
    connection.execute(queue._RELEASE, {"worker": "w", "running": [], "again": 0})


@pytest.fixture
def lease(connection: Connection) -> Lease:
    """Return the lease of a key that three jobs wait for, in the order of their names."""
    held = lease_of(connection, "first")
    orders.give(connection, held.job)
    orders.note_key(connection, held.job, held.key)
    for name in ("second", "third", "fourth"):
        number = add_job(connection, name)
        orders.give(connection, number)
        orders.note_key(connection, number, held.key)
    assert not ready(connection)
    return held


def test_who_has_waited_longest_is_next(connection: Connection, lease: Lease) -> None:
    end_slice(connection, lease)
    assert ready(connection) == ["second", "third", "fourth"]
    query = "UPDATE vorel_fleet.lease SET job = (SELECT id FROM vorel_fleet.job WHERE name = %s)"
    connection.execute(query + ", expires_at = clock_timestamp() + interval '9 s'", ("second",))
    assert not ready(connection)


def test_a_job_that_was_stopped_holds_nobody_up(
    database: str, connection: Connection, lease: Lease
) -> None:
    change(database, "stop", ["second"])
    end_slice(connection, lease)
    assert ready(connection) == ["third", "fourth"]
    change(database, "resume", ["second"])
    assert ready(connection) == ["third", "fourth", "second"]


def test_who_is_alone_with_a_key_is_not_put_off(connection: Connection, lease: Lease) -> None:
    connection.execute("UPDATE vorel_fleet.work SET state = 'ended' WHERE job <> %s", (lease.job,))
    end_slice(connection, lease)
    assert ready(connection) == ["first"]


def test_nobody_waits_for_a_key_that_was_handed_back_meanwhile(
    connection: Connection, lease: Lease
) -> None:
    hand_back(connection, lease)
    number = add_job(connection, "late")
    orders.give(connection, number)
    orders.note_key(connection, number, lease.key)
    assert "late" in ready(connection)


@pytest.mark.usefixtures("lease")
def test_who_waits_for_a_dead_owner_is_next_when_its_lease_runs_out(connection: Connection) -> None:
    expire(connection)
    assert ready(connection) == ["first", "second", "third", "fourth"]


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1"])
async def test_a_key_has_one_lease_however_the_address_is_spelt(
    client: Client, connection: Connection, host: str
) -> None:
    path = client.folder / "clinic.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("127.0.0.1", host), encoding="utf-8")
    key = (client.folder / "key").read_text(encoding="utf-8")
    client.do("fleet", "add", "clinic.toml")
    lease = lease_of(connection, "other", key=key)
    with joined(client, "a") as here:
        assert await here.slice(600)
        assert not client.made()
        hand_back(connection, lease)
        assert not await here.slice(600)
    assert set(client.made().values()) == {1}


def add_two_jobs(client: Client, *, rows: int) -> None:
    """Add two jobs with one key: `clinic`, whose list has so many `rows`, and `other`."""
    text = (client.folder / "clinic.toml").read_text(encoding="utf-8")
    (client.folder / "other.toml").write_text(text.replace("people", "others"), encoding="utf-8")
    for name, count in (("others", ROWS), ("people", rows)):
        lines = "".join(f"{name} {n},{name}{n}@example.com\n" for n in range(count))
        (client.folder / f"{name}.csv").write_text("Name,Email\n" + lines, encoding="utf-8")
    client.do("fleet", "add", ".")


async def test_a_job_that_waits_for_a_key_is_next_on_any_worker(
    client: Client, connection: Connection
) -> None:
    add_two_jobs(client, rows=100 * ROWS)  # the first job goes on and on
    with joined(client, "a") as here, joined(client, "b") as there:
        over = anyio.Event()

        async def run_clinic() -> None:
            await here.slice(600)
            over.set()

        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.sliced.watch_orders)
            tasks.start_soon(run_clinic)
            while not client.made():  # noqa: ASYNC110 - it is made over HTTP
                await anyio.sleep(0.01)
            with anyio.fail_after(20):  # it does not wait for the key
                assert await there.run_slice("other", anyio.current_time() + 60)
            assert not ready(connection)
            assert not there.told
            change(here.database, "stop", ["clinic"])
            await over.wait()
            tasks.cancel_scope.cancel()
        assert ready(connection) == ["other"]
        assert not await there.run_slice("other", anyio.current_time() + 60)
    made = client.made()
    assert sum(name.startswith("others") for name in made) == ROWS
    assert set(made.values()) == {1}


async def test_a_job_keeps_others_of_its_process_from_its_key_although_its_lease_has_run_out(
    client: Client, connection: Connection
) -> None:
    add_two_jobs(client, rows=3 * ROWS)
    with joined(client, "a") as here:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.slice, 600)
            while not client.made():  # noqa: ASYNC110 - it is made over HTTP
                await anyio.sleep(0.01)
            expire(connection)
            assert await here.run_slice("other", anyio.current_time() + 60)
        assert [(end.name, end.error) for end in here.ends] == [("clinic", None)]
        assert not here.told
    made = client.made()
    assert sum(name.startswith("people") for name in made) == len(made) == 3 * ROWS
    assert set(made.values()) == {1}
