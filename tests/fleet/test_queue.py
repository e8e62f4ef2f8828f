"""The queue of slices: who gets them, and what becomes of those whose worker has died."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import anyio
import pytest
from postgres import NOT_HERE, Server, find_binaries, server
from procrastinate.exceptions import ConnectorException

from importer.core.errors import ConfigError
from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import check_queue, grant, migrate, prepare_queue
from importer.fleet.journal import blocks
from importer.fleet.work import orders, queue
from importer.fleet.work.queue import SliceQueue

pytestmark = pytest.mark.slow

LINES = "SELECT count(*) FROM vorel_queue.procrastinate_jobs"


@pytest.fixture(autouse=True)
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_TENDS_EVERY_SECONDS", 0.05)
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
        retries: str | None = None,
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
            names=lambda: known,
            at_once=2,
            tell=self.told.append,
            seconds=60,
            retries=retries,
        )


def worker(connection: Connection, *, idle: float) -> int:
    """Return the number of a worker whose last heartbeat is some seconds ago."""
    query = (
        "INSERT INTO vorel_queue.procrastinate_workers (last_heartbeat) "
        "VALUES (now() - %s * interval '1 second') RETURNING id"
    )
    row = connection.execute(query, (idle,)).fetchone()
    assert row is not None
    return int(str(row[0]))


def waiting(connection: Connection, job: str) -> None:
    """Let a line of the queue wait for somebody to take it."""
    with connection.transaction():
        connection.execute("SET LOCAL search_path TO vorel_queue")
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args) "
            "VALUES ('slices', 'slice', %s, jsonb_build_object('job', %s::text))",
            (job, job),
        )


def doing(connection: Connection, job: str, *, worker: int | None) -> None:
    """Let a worker have taken a line of the queue."""
    waiting(connection, job)
    with connection.transaction():
        connection.execute("SET LOCAL search_path TO vorel_queue")
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE lock = %s",
            (worker, job),
        )


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
    assert connection.execute(LINES).fetchone() == (0,)
    assert not jobs.told


async def test_what_a_dead_worker_had_is_run_by_another(
    database: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a", "b", "c"), anyio.Event()
    doing(connection, "a", worker=worker(connection, idle=11))
    doing(connection, "b", worker=None)  # whose worker was forgotten
    doing(connection, "c", worker=worker(connection, idle=0))  # who was not told that it has it
    connection.execute("UPDATE vorel_queue.procrastinate_events SET at = at - interval '1 hour'")

    def run(job: str) -> None:
        jobs.end(job)
        if len(jobs.ran) == 3:
            anyio.from_thread.run_sync(done.set)

    with anyio.fail_after(30):
        await jobs.queue(database, run).serve(done)
    assert jobs.ran == {"a": 1, "b": 1, "c": 1}


async def test_a_line_is_not_handed_out_again_while_its_worker_lives(
    database: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a", "b"), anyio.Event()
    # Its heartbeat is not old, however long this test takes.
    doing(connection, "a", worker=worker(connection, idle=-60))
    # A second line, as two that tend the queue at once may make it, waits for the first.
    waiting(connection, "a")

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
                connection.execute("DELETE FROM vorel_queue.procrastinate_workers")
        if jobs.ran.total() > 6:
            anyio.from_thread.run_sync(done.set)

    with anyio.fail_after(30):
        await jobs.queue(database, run).serve(done)
    assert bool(jobs.told) == (what == "pruned")


@contextmanager
def own_server() -> Iterator[Server]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(NOT_HERE)
    with server(binaries) as running:
        with closing(connect(running.url)) as opened:
            migrate(opened)
            prepare_queue(opened)
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


async def test_a_database_that_stays_away_is_waited_for_until_it_is_given_up() -> None:
    with own_server() as postgres:
        connector = queue._PatientConnector(postgres.url)
        await connector.open_async()
        postgres.stop("immediate")
        with anyio.move_on_after(0.3) as waited:
            await connector.execute_query_async("SELECT 1")
        assert waited.cancelled_caught
        connector.is_patient = False
        with pytest.raises(ConnectorException):
            await connector.execute_query_async("SELECT 1")
        await connector.close_async()
        postgres.start()


def test_the_queue_is_made_anew_for_another_version(database: str, connection: Connection) -> None:
    del database
    check_queue(connection)
    assert not prepare_queue(connection)
    connection.execute("COMMENT ON SCHEMA vorel_queue IS 'procrastinate 2'")
    with pytest.raises(ConfigError, match="no queue of this version"):
        check_queue(connection)
    assert prepare_queue(connection)
    check_queue(connection)


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

    serving = SliceQueue(
        carrier, _sets(done), names=names, at_once=2, tell=jobs.told.append, seconds=60
    )
    with anyio.fail_after(30):
        await serving.serve(done)
    told, over = jobs.told
    assert "permission denied for table work" in told
    assert "fleet init --grant ROLE" in told
    assert over == "the queue is filled again"


def _sets(done: anyio.Event) -> queue.RunSlice:
    async def run_slice(_job: str, _deadline: float) -> bool:
        done.set()
        await anyio.lowlevel.checkpoint()
        return False

    return run_slice


async def test_a_queue_that_cannot_be_used_is_told_once_and_when_it_works_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    stopped = anyio.Event()

    def tell(text: str) -> None:
        told.append(text)
        if "again" in text and len(told) > 1:
            stopped.set()

    serving = SliceQueue(
        database, _sets(anyio.Event()), names=tuple, at_once=2, tell=tell, seconds=60
    )
    run, failures = serving._app.run_worker_async, 0

    async def fails(**given: Any) -> None:
        nonlocal failures
        failures += 1
        if failures < 4:
            raise LookupError
        await run(**given)

    monkeypatch.setattr(serving._app, "run_worker_async", fails)
    with anyio.fail_after(30):
        await serving.serve(stopped)
    assert told == [
        "the queue cannot be used (LookupError); it is tried again",
        "the queue is used again",
    ]


async def test_jobs_that_have_ended_are_run_once_more_at_their_time(
    carrier: str, connection: Connection
) -> None:
    jobs, done = Jobs(connection, "a"), anyio.Event()
    with connection.transaction():  # a worker has died before it had done that
        connection.execute("SET LOCAL search_path TO vorel_queue")
        connection.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args) "
            "VALUES ('slices', 'retry', '{\"timestamp\": 0}')"
        )
        connection.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s "
            "WHERE task_name = 'retry'",
            (worker(connection, idle=11),),
        )

    def run(job: str) -> None:
        jobs.end(job)
        if jobs.ran["a"] == 3:
            anyio.from_thread.run_sync(done.set)

    serving = jobs.queue(carrier, run, retries="* * * * * */1")
    with anyio.fail_after(30):
        await serving.serve(done)
    assert not jobs.told
    due = "SELECT count(*) FROM vorel_queue.procrastinate_jobs WHERE status = 'doing'"
    assert connection.execute(due).fetchone() == (0,)
