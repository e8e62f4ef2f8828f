"""The queue of slices: who gets them, and what becomes of those whose worker has died."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import anyio
import pytest
from fleets import lease_of
from postgres import NOT_HERE, Server, find_binaries, server

from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import grant, migrate
from importer.fleet.journal import blocks
from importer.fleet.leases.lease import hand_back
from importer.fleet.work import orders, queue
from importer.fleet.work.queue import SliceQueue

pytestmark = pytest.mark.slow

ALIVE = "SELECT count(*) FROM vorel_fleet.worker"


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_ASKS_EVERY_SECONDS", 0.05)
    monkeypatch.setattr(queue, "_AGAIN_SECONDS", 0.05)
    monkeypatch.setattr(queue, "_LASTS_SECONDS", 0.2)


class Jobs:
    """Jobs that somebody wants, and how often a slice of each was run."""

    def __init__(self, connection: Connection, *names: str) -> None:
        self._connection = connection
        self.ran = Counter[str]()
        self.told: list[str] = []
        for name in names:
            orders.give(connection, blocks.add_job(connection, name))

    def end(self, name: str) -> None:
        query = (
            "UPDATE vorel_fleet.work SET state = 'ended' WHERE job = "
            "(SELECT id FROM vorel_fleet.job WHERE name = %s)"
        )
        self._connection.execute(query, (name,))

    def queue(
        self,
        url: str,
        run: Callable[[str], object],
        *,
        known: tuple[str, ...] = ("a", "b", "c"),
        retry_at: str | None = None,
        worker: str = "here",
    ) -> SliceQueue:
        async def run_slice(job: str, _deadline: float) -> bool:
            self.ran[job] += 1
            # Not on the loop: a statement may wait for a lock that the worker here holds.
            await anyio.to_thread.run_sync(run, job)
            await anyio.lowlevel.checkpoint()
            return True

        return SliceQueue(
            url,
            run_slice,
            worker=worker,
            names=lambda: known,
            at_once=2,
            tell=self.told.append,
            seconds=60,
            retry_at=retry_at,
        )


def worker(connection: Connection, name: str, *, idle: float) -> None:
    """Let there be a worker that was alive some seconds ago."""
    query = (
        "INSERT INTO vorel_fleet.worker (name, seen_at) "
        "VALUES (%s, clock_timestamp() - %s * interval '1 second')"
    )
    connection.execute(query, (name, idle))


def doing(connection: Connection, job: str, *, worker: str) -> None:
    """Let a worker have taken a job."""
    query = (
        "UPDATE vorel_fleet.work SET taken_by = %s "
        "WHERE job = (SELECT id FROM vorel_fleet.job WHERE name = %s)"
    )
    connection.execute(query, (worker, job))


async def test_wanted_jobs_are_run_until_they_end(database: str, connection: Connection) -> None:
    jobs, done = Jobs(connection, "a", "b", "other"), anyio.Event()

    def run(job: str) -> None:
        if jobs.ran[job] == 2:
            jobs.end(job)
        if jobs.ran["a"] >= 2 and jobs.ran["b"] >= 2:
            anyio.from_thread.run_sync(done.set)

    with anyio.fail_after(30):
        await jobs.queue(database, run).serve(done)
    assert jobs.ran == {"a": 2, "b": 2}
    assert connection.execute(ALIVE).fetchone() == (0,)
    assert not jobs.told


async def test_what_a_dead_worker_had_is_run_by_another(
    database: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a", "b", "c"), anyio.Event()
    worker(connection, "dead", idle=11)
    doing(connection, "a", worker="dead")
    doing(connection, "b", worker="gone")  # whose worker was forgotten
    doing(connection, "c", worker="here")  # who was not told that it has it

    def run(job: str) -> None:
        jobs.end(job)
        if len(jobs.ran) == 3:
            anyio.from_thread.run_sync(done.set)

    with anyio.fail_after(30):
        await jobs.queue(database, run).serve(done)
    assert jobs.ran == {"a": 1, "b": 1, "c": 1}


async def test_what_a_worker_does_not_run_is_left_to_others(
    database: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a", "b"), anyio.Event()
    doing(connection, "a", worker="here")  # who was not told that it has it, and has no file of it

    def run(job: str) -> None:
        if job == "a":
            anyio.from_thread.run_sync(done.set)

    here = jobs.queue(database, run, known=("b",))
    there = jobs.queue(database, run, known=("a",), worker="there")
    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(here.serve, done)
            while not jobs.ran:  # noqa: ASYNC110 - in a thread
                await anyio.sleep(0.01)
            tasks.start_soon(there.serve, done)
    assert not jobs.told


async def test_what_a_worker_takes_it_takes_just_after_its_sign_of_life(
    database: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a"), anyio.Event()
    ages: list[object] = []

    def names() -> tuple[str, ...]:
        """Look for job files for so long that the worker seems to be dead."""
        connection.execute("UPDATE vorel_fleet.worker SET seen_at = seen_at - interval '11 s'")
        return ("a",)

    async def run_slice(_job: str, _deadline: float) -> bool:
        query = "SELECT seen_at > vorel_fleet.clock() - interval '5 s' FROM vorel_fleet.worker"
        ages.extend(connection.execute(query).fetchall())
        done.set()
        await anyio.lowlevel.checkpoint()
        return True

    serving = SliceQueue(
        database,
        run_slice,
        worker="here",
        names=names,
        at_once=1,
        tell=jobs.told.append,
        seconds=60,
    )
    with anyio.fail_after(30):
        await serving.serve(done)
    assert ages == [(True,)]


async def test_a_job_is_not_handed_out_again_while_its_worker_lives(
    database: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a", "b"), anyio.Event()
    # Its heartbeat is not old, however long this test takes.
    worker(connection, "other", idle=-60)
    doing(connection, "a", worker="other")

    def run(job: str) -> None:
        del job
        if jobs.ran["b"] == 5:
            anyio.from_thread.run_sync(done.set)

    with anyio.fail_after(30):
        await jobs.queue(database, run).serve(done)
    assert jobs.ran["a"] == 0


async def test_a_job_that_was_put_off_waits(database: str, connection: Connection) -> None:
    jobs, done = Jobs(connection, "a", "b"), anyio.Event()
    orders.put_off(connection, "a", 60)

    def run(job: str) -> None:
        del job
        if jobs.ran["b"] == 3:
            anyio.from_thread.run_sync(done.set)

    with anyio.fail_after(30):
        await jobs.queue(database, run).serve(done)
    assert jobs.ran == {"b": 3}


async def test_a_job_whose_own_lease_is_held_is_handed_out_when_the_lease_is_handed_back(
    database: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a", "b"), anyio.Event()
    lease = lease_of(connection, "a")  # as `fleet run` has, or a worker that seems to be dead
    orders.note_key(connection, lease.job, lease.key)

    def run(job: str) -> None:
        if job == "a":
            anyio.from_thread.run_sync(done.set)
        elif jobs.ran["b"] == 5:
            hand_back(connection, lease)

    with anyio.fail_after(30):
        await jobs.queue(database, run).serve(done)
    assert jobs.ran["b"] >= 5
    assert not jobs.told


@pytest.mark.parametrize("what", ["cut", "pruned"])
async def test_a_worker_goes_on_after(database: str, connection: Connection, what: str) -> None:
    jobs, done = Jobs(connection, "a", "b"), anyio.Event()
    struck: list[str] = []

    def run(job: str) -> None:
        if not struck and jobs.ran.total() >= 2:
            struck.append(job)
            if what == "cut":
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE pid <> pg_backend_pid()"
                )
            else:  # as one that was stopped for more than an hour is
                connection.execute("DELETE FROM vorel_fleet.worker")
        if jobs.ran.total() > 6:
            anyio.from_thread.run_sync(done.set)

    with anyio.fail_after(30):
        await jobs.queue(database, run).serve(done)
    assert not jobs.told


@contextmanager
def own_server() -> Iterator[Server]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(NOT_HERE)
    with server(binaries) as running:
        with closing(connect(running.url)) as opened:
            migrate(opened)
        yield running


async def test_a_worker_goes_on_when_the_database_is_back() -> None:
    with own_server() as postgres:
        with closing(connect(postgres.url)) as connection:
            jobs, done = Jobs(connection, "a"), anyio.Event()
        began = anyio.Event()

        def run(job: str) -> None:
            del job
            anyio.from_thread.run_sync(began.set)
            if is_back[0] and jobs.ran["a"] > 3:
                anyio.from_thread.run_sync(done.set)

        is_back = [False]
        serving = jobs.queue(postgres.url, run)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(serving.serve, done)
            with anyio.fail_after(60):
                await began.wait()
                await anyio.to_thread.run_sync(postgres.stop, "immediate")
                await anyio.to_thread.run_sync(postgres.start)
                is_back[0] = True
                jobs.ran.clear()
                await done.wait()
        assert not jobs.told


async def test_a_database_that_says_nothing_is_waited_for_until_it_is_given_up(
    database: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a"), anyio.Event()
    serving = jobs.queue(database, lambda _job: None)
    waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with connect(database) as other, other.transaction(), anyio.fail_after(30):
        other.execute("LOCK vorel_fleet.worker")
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(serving.serve, done)
            while connection.execute(waiting).fetchone() == (0,):  # noqa: ASYNC110 - in PostgreSQL
                await anyio.sleep(0.01)
            done.set()
            serving.give_up()
    assert not jobs.ran


async def test_two_workers_share_the_jobs(database: str, connection: Connection) -> None:
    names = tuple(f"job {n}" for n in range(12))
    jobs, done = Jobs(connection, *names), anyio.Event()
    at_once, most = Counter[str](), Counter[str]()

    def run(job: str) -> None:
        at_once[job] += 1
        most[job] = max(most[job], at_once[job])
        time.sleep(0.05)
        at_once[job] -= 1
        if min(jobs.ran[name] for name in names) >= 3:
            anyio.from_thread.run_sync(done.set)

    with anyio.fail_after(60):
        async with anyio.create_task_group() as tasks:
            for name in ("a", "b"):
                serving = jobs.queue(database, run, known=names, worker=name)
                tasks.start_soon(serving.serve, done)
    assert set(most.values()) == {1}
    assert not jobs.told


@pytest.fixture
def carrier(postgres: Server, connection: Connection) -> Iterator[str]:
    """Return the address for a role with the rights of a worker."""
    connection.execute("CREATE ROLE carrier LOGIN")
    try:
        grant(connection, "carrier")
        yield postgres.url_of("fleet", "carrier")
    finally:
        connection.execute("DROP OWNED BY carrier")
        connection.execute("DROP ROLE carrier")


async def test_a_worker_needs_no_more_rights_than_it_is_given(
    carrier: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a"), anyio.Event()
    with anyio.fail_after(30):
        await jobs.queue(carrier, lambda _job: anyio.from_thread.run_sync(done.set)).serve(done)
    assert jobs.ran["a"]
    assert not jobs.told


async def test_a_right_that_is_missing_is_told_once_and_asked_for_again(
    carrier: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a"), anyio.Event()
    connection.execute("REVOKE SELECT ON vorel_fleet.work FROM carrier")
    asked = 0

    def names() -> tuple[str, ...]:
        nonlocal asked
        asked += 1
        if asked == 4:
            grant(connection, "carrier")
        return ("a",)

    def tell(text: str) -> None:
        jobs.told.append(text)
        if "again" in text and len(jobs.told) > 1:
            anyio.from_thread.run_sync(done.set)

    async def run_slice(_job: str, _deadline: float) -> bool:
        await anyio.lowlevel.checkpoint()
        return False

    serving = SliceQueue(
        carrier, run_slice, worker="here", names=names, at_once=2, tell=tell, seconds=60
    )
    with anyio.fail_after(30):
        await serving.serve(done)
    told, over = jobs.told
    assert "permission denied for table work" in told
    assert "fleet init --grant ROLE" in told
    assert over == "the queue is used again"


async def test_a_slice_that_fails_is_told_and_others_go_on(
    database: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a", "b"), anyio.Event()

    def run(_job: str) -> None:
        if jobs.ran.total() < 4:
            raise LookupError
        if "again" in jobs.told[-1]:
            anyio.from_thread.run_sync(done.set)

    with anyio.fail_after(30):
        await jobs.queue(database, run).serve(done)
    assert jobs.told[0] == "the queue cannot be used (LookupError); it is tried again"


async def test_jobs_that_have_ended_are_run_once_more_at_their_time(
    carrier: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a", "b"), anyio.Event()
    jobs.end("a")
    now = connection.execute("SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'HH24:MI')")
    (at,) = now.fetchone() or ("",)

    def run(_job: str) -> None:
        jobs.end("a")
        if jobs.ran["b"] > 20:
            anyio.from_thread.run_sync(done.set)

    with anyio.fail_after(30):
        async with anyio.create_task_group() as tasks:
            for name in ("a", "b"):
                serving = jobs.queue(carrier, run, retry_at=str(at), worker=name)
                tasks.start_soon(serving.serve, done)
    assert jobs.ran["a"] == 1, "by one of both workers"
    assert not jobs.told


@pytest.mark.parametrize("ago", ["11 minutes", "-1 minute"])
async def test_a_time_that_nobody_was_there_for_is_left_out(
    database: str, connection: Connection, ago: str
) -> None:
    jobs, done = Jobs(connection, "a", "b"), anyio.Event()
    jobs.end("a")
    query = "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC' - %s::interval, 'HH24:MI')"
    (at,) = connection.execute(query, (ago,)).fetchone() or ("",)

    def run(job: str) -> None:
        if jobs.ran[job] > 5:
            anyio.from_thread.run_sync(done.set)

    with anyio.fail_after(30):
        await jobs.queue(database, run, retry_at=str(at)).serve(done)
    assert jobs.ran["a"] == 0
