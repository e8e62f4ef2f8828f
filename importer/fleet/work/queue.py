"""Hands out slices of jobs: the queue of a fleet is its table `work`."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress

import anyio
import anyio.to_thread
import psycopg

from importer.core.locale.message import Message
from importer.fleet.database.connecting import AWAY, Connection, connect, reason_of, shut_down
from importer.fleet.telling import Trouble
from importer.fleet.work import orders

RunSlice = Callable[[str, float], Awaitable[bool]]
"""Runs a slice of a job until an instant of the loop's clock; returns whether rows are left."""

_ASKS_EVERY_SECONDS = 2.0
_AGAIN_SECONDS = 2.0
"""Until then others may have their turn before a job whose slice has ended."""
_LASTS_SECONDS = 10.0
_READY_SECONDS = 30.0

_ALIVE = """
INSERT INTO vorel_fleet.worker (name, seen_at) VALUES (%s, vorel_fleet.clock())
ON CONFLICT (name) DO UPDATE SET seen_at = excluded.seen_at
"""
_FORGET = "DELETE FROM vorel_fleet.worker WHERE seen_at < vorel_fleet.clock() - interval '1 hour'"
_LEAVE = "DELETE FROM vorel_fleet.worker WHERE name = %s"
# A job is free if nobody has the lease of its key, and its worker is not alive. A worker that was
# paused may still run what another one has taken and released meanwhile.
_TAKE = """
WITH free AS (
    SELECT work.job, job.name FROM vorel_fleet.work JOIN vorel_fleet.job ON job.id = work.job
    WHERE work.state = 'wanted' AND work.not_before <= vorel_fleet.clock()
        AND job.name = ANY(%(names)s::text[]) AND job.name <> ALL(%(running)s::text[])
        AND coalesce(work.taken_by, '') <> ALL(ARRAY(
            SELECT name FROM vorel_fleet.worker
            WHERE seen_at > vorel_fleet.clock() - %(dead)s * interval '1 second'
        ))
        AND NOT EXISTS (
            SELECT FROM vorel_fleet.lease
            WHERE lease.key = work.key AND lease.expires_at > vorel_fleet.clock()
        )
    ORDER BY work.not_before LIMIT %(room)s FOR UPDATE OF work SKIP LOCKED
)
UPDATE vorel_fleet.work SET taken_by = %(worker)s FROM free WHERE work.job = free.job
RETURNING free.name
"""
# What a worker has and does not run has ended, or the answer that gave it the job was lost.
_RELEASE = """
UPDATE vorel_fleet.work SET taken_by = NULL,
    not_before = greatest(not_before, vorel_fleet.clock() + %(again)s * interval '1 second')
WHERE taken_by = %(worker)s AND job NOT IN (
    SELECT id FROM vorel_fleet.job WHERE name = ANY(%(running)s::text[])
)
"""


class SliceQueue:
    """
    Takes slices from the queue until it is told to stop, and runs up to `at_once` at a time.

    `run_slice` is called for each with the name of its job and its deadline, `seconds` later.
    `worker` is the name of this process as an owner of leases. `names` returns the jobs that can be
    run here; `tell` is called with what a person should know. Each day at `retry_at`, a time such
    as 02:00 in UTC, all jobs that have ended are wanted once more, whichever worker is alive then.
    """

    def __init__(
        self,
        database: str,
        run_slice: RunSlice,
        *,
        worker: str,
        names: Callable[[], Collection[str]],
        at_once: int,
        tell: Callable[[Message], None],
        seconds: float,
        retry_at: str | None = None,
    ) -> None:
        self._database = database
        self._run_slice = run_slice
        self._worker = worker
        self._names = names
        self._at_once = at_once
        self._seconds = seconds
        self._retry_at = retry_at
        self._unusable = Trouble(
            tell,
            Message("the queue cannot be used"),
            Message("the queue is used again"),
            seconds=_LASTS_SECONDS,
        )
        self._running: set[str] = set()
        self._woken = anyio.Event()
        self._connection: Connection | None = None
        self._asked_at = float("-inf")
        # A worker that waits for a thread would seem to be dead.
        self._thread = anyio.CapacityLimiter(1)

    def is_ready(self) -> bool:
        """Return whether the queue could be used within the last half a minute."""
        return time.monotonic() - self._asked_at < _READY_SECONDS

    def give_up(self) -> None:
        """Wait no longer for a database that says nothing."""
        if (connection := self._connection) is not None:
            shut_down(connection)

    async def serve(self, stopped: anyio.Event) -> None:
        """
        Run slices until `stopped` is set, and then until those that are running have ended.

        They end soon only if they are stopped, too. So do they if it is cancelled.
        """
        try:
            async with anyio.create_task_group() as slices:
                slices.start_soon(self._wake_at, stopped)
                while self._running or not stopped.is_set():
                    self._woken = anyio.Event()
                    room = 0 if stopped.is_set() else self._at_once - len(self._running)
                    for job in await anyio.to_thread.run_sync(
                        self._ask, room, [*self._running], limiter=self._thread
                    ):
                        self._running.add(job)
                        slices.start_soon(self._run, job)
                    with anyio.move_on_after(_ASKS_EVERY_SECONDS * random.uniform(0.7, 1.3)):  # noqa: S311
                        await self._woken.wait()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(self._leave, limiter=self._thread)

    async def _wake_at(self, stopped: anyio.Event) -> None:
        await stopped.wait()
        self._woken.set()

    async def _run(self, job: str) -> None:
        try:
            await self._run_slice(job, anyio.current_time() + self._seconds)
        except Exception as error:  # noqa: BLE001 - other jobs go on
            self._unusable.found(reason_of(error))
        finally:
            self._running.discard(job)
            self._woken.set()

    def _ask(self, room: int, running: list[str]) -> list[str]:
        """Say that this worker is alive and which jobs are `running`. Returns jobs to run."""
        try:
            if self._connection is None:
                self._connection = connect(self._database)
                self._connection.execute(_FORGET)
            taken = self._asked(self._connection, room, running)
        except AWAY:
            self._disconnect()  # whoever adds lines reports it
            return []
        except Exception as error:  # noqa: BLE001 - it is tried again
            self._disconnect()
            self._unusable.found(reason_of(error))
            return []
        self._asked_at = time.monotonic()
        self._unusable.over()
        return taken

    def _asked(self, connection: Connection, room: int, running: list[str]) -> list[str]:
        names = [*self._names()]  # a folder may hang: whoever takes a job was just seen alive
        connection.execute(_ALIVE, (self._worker,))
        here = {"worker": self._worker, "running": running}
        connection.execute(_RELEASE, here | {"again": _AGAIN_SECONDS})
        if self._retry_at is not None:
            orders.retry_each_day(connection, self._retry_at)
        if not room:
            return []
        rows = connection.execute(
            _TAKE, here | {"names": names, "dead": orders.ALIVE_SECONDS, "room": room}
        )
        return [str(name) for (name,) in rows]

    def _leave(self) -> None:
        """Let others take at once what this worker had."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.execute(_LEAVE, (self._worker,))
        self._disconnect()

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(psycopg.Error):
                connection.close()
