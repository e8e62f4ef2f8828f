"""Hands out slices of jobs with procrastinate, from the database of the fleet."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from functools import partial
from typing import Any

import anyio
import anyio.to_thread
import psycopg
from procrastinate import App, PsycopgConnector, RetryStrategy
from procrastinate.connector import Notify
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import DeleteJobCondition, Job, Status
from psycopg_pool import PoolClosed

from importer.core.locale.message import Message
from importer.fleet.database.connecting import AWAY, address, reason_of
from importer.fleet.telling import Trouble
from importer.fleet.work import orders

RunSlice = Callable[[str, float], Awaitable[bool]]
"""Runs a slice of a job until an instant of the loop's clock; returns whether rows are left."""

_QUEUE = "slices"
_TASK = "slice"
_RETRY = "retry"
_RETRIES_AGAIN_SECONDS = 30
_BEFORE_SLICES = 1
_HEARTBEAT_SECONDS = 2.0
_STALLED_SECONDS = 10.0
"""A worker without a heartbeat for so long has died: who follows waits 10 s more for its leases."""
_TENDS_EVERY_SECONDS = 2.0
_READY_SECONDS = 30.0
_FORGOTTEN_SECONDS = 300.0
_PRUNED_SECONDS = 3600.0
_AGAIN_SECONDS = 2.0
_LASTS_SECONDS = 10.0
# What is to be run is known from `work` alone. So whatever happens to the queue, its lines are made
# again. The lock of a line is the job's name, which keeps a second line waiting.
_MISSING = """
SELECT job.name FROM vorel_fleet.work JOIN vorel_fleet.job ON job.id = work.job
WHERE work.state = 'wanted' AND work.not_before <= vorel_fleet.clock()
    AND job.name = ANY(%(names)s::text[]) AND NOT EXISTS (
        SELECT FROM vorel_queue.procrastinate_jobs AS line
        WHERE line.lock = job.name AND line.status IN ('todo', 'doing')
    )
ORDER BY work.not_before LIMIT 1000
"""
# The answer to whoever took such a line was lost, and nobody works at it.
_FORGOTTEN = """
SELECT line.id FROM vorel_queue.procrastinate_jobs AS line
WHERE line.status = 'doing' AND NOT EXISTS (
    SELECT FROM vorel_queue.procrastinate_events AS event
    WHERE event.job_id = line.id AND event.type = 'started'
        AND event.at > now() - %(seconds)s * interval '1 second'
)
"""


class _PatientConnector(PsycopgConnector):
    """Asks again while the database is away: a worker of procrastinate ends otherwise."""

    def __init__(self, url: str) -> None:
        super().__init__(
            conninfo=address(url),
            min_size=1,
            max_size=4,
            timeout=10.0,
            # Else it reconnects later and later: so whoever asks next begins a new attempt.
            reconnect_timeout=1.0,
            configure=_find_queue,
        )
        self.is_patient = True

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        await self._patiently(super().execute_query_async, query, **arguments)

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        found: dict[str, Any] = await self._patiently(
            super().execute_query_one_async, query, **arguments
        )
        return found

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._patiently(
            super().execute_query_all_async, query, **arguments
        )
        return found

    async def listen_notify(self, on_notification: Notify, channels: Iterable[str]) -> None:
        await self._patiently(super().listen_notify, on_notification, channels)

    async def _patiently(
        self, ask: Callable[..., Awaitable[Any]], *arguments: Any, **named: Any
    ) -> Any:
        while True:
            try:
                return await ask(*arguments, **named)
            except ConnectorException as error:
                if not self.is_patient or not _is_away(error):
                    raise
                await asyncio.sleep(random.uniform(0.5, 1.5))  # noqa: S311


def _is_away(error: BaseException) -> bool:
    """Return whether the database is away, for which procrastinate has an error of its own."""
    found = error.__cause__ if isinstance(error, ConnectorException) else error
    return isinstance(found, AWAY) and not isinstance(found, PoolClosed)


async def _find_queue(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.execute("SET search_path TO vorel_queue")
    await connection.commit()


class SliceQueue:
    """
    Takes slices from the queue until it is told to stop, and runs up to `at_once` at a time.

    `run_slice` is called for each with the name of its job and its deadline, `seconds` later.
    `names` returns the jobs that can be run here; `tell` is called with what a person should know.
    At the times of `retries`, those of a crontab in UTC, all jobs that have ended are wanted once
    more, whichever worker is alive then.
    """

    def __init__(
        self,
        database: str,
        run_slice: RunSlice,
        *,
        names: Callable[[], Collection[str]],
        at_once: int,
        tell: Callable[[Message], None],
        seconds: float,
        retries: str | None = None,
    ) -> None:
        self._names = names
        self._at_once = at_once
        self._seconds = seconds
        self._unusable = Trouble(
            tell, Message("the queue cannot be used"), Message("the queue is used again")
        )
        self._unfilled = Trouble(
            tell, Message("the queue cannot be filled"), Message("the queue is filled again")
        )
        self._tended_at = -math.inf
        self._connector = _PatientConnector(database)
        self._app = App(connector=self._connector)

        @self._app.task(name=_TASK, queue=_QUEUE)
        async def slice_of(job: str) -> None:
            await run_slice(job, anyio.current_time() + seconds)

        again = RetryStrategy(wait=_RETRIES_AGAIN_SECONDS)

        @self._app.task(name=_RETRY, queue=_QUEUE, retry=again)
        async def retry_all(timestamp: int) -> None:  # noqa: ARG001 - procrastinate gives it
            await anyio.to_thread.run_sync(partial(orders.change, database, "retry", None))

        if retries is not None:
            # By its times and its name, the database knows what another worker has queued.
            self._app.periodic(cron=retries, priority=_BEFORE_SLICES)(retry_all)

    def is_ready(self) -> bool:
        """Return whether the queue could be used within the last half a minute."""
        return time.monotonic() - self._tended_at < _READY_SECONDS

    def give_up(self) -> None:
        """Wait no longer for a database that is away."""
        self._connector.is_patient = False

    async def serve(self, stopped: anyio.Event) -> None:
        """
        Run slices until `stopped` is set, and then until those that are running have ended.

        They end soon only if they are stopped, too. So do they if it is cancelled. It runs on
        asyncio alone.
        """
        _silence()
        async with self._app.open_async():
            tending = asyncio.create_task(self._tend())
            try:
                while not stopped.is_set():
                    await self._work(stopped)
            finally:
                self.give_up()
                tending.cancel()
                with suppress(asyncio.CancelledError):
                    await tending

    async def _work(self, stopped: anyio.Event) -> None:
        """Run a worker of procrastinate until it is stopped, or ends because of an error."""
        worker = asyncio.create_task(
            self._app.run_worker_async(
                queues=[_QUEUE],
                concurrency=self._at_once,
                install_signal_handlers=False,
                delete_jobs=DeleteJobCondition.ALWAYS,
                update_heartbeat_interval=_HEARTBEAT_SECONDS,
                stalled_worker_timeout=_PRUNED_SECONDS,
            )
        )
        waiting = asyncio.create_task(stopped.wait())
        try:
            await self._first_of(worker, waiting)
        except asyncio.CancelledError:
            self.give_up()
            raise
        finally:
            waiting.cancel()
            worker.cancel()
            # It would go on by itself, with slices that nobody stops any more.
            with anyio.CancelScope(shield=True):
                (end,) = await asyncio.gather(worker, return_exceptions=True)
        if not stopped.is_set():
            self._unusable.found(Message("%(type)s", type=type(end).__name__))
            await asyncio.sleep(_AGAIN_SECONDS)

    async def _first_of(self, *tasks: asyncio.Task[Any]) -> None:
        """Wait for the first task to end. If none does for a while, the queue is used again."""
        patience = _LASTS_SECONDS if self._unusable.is_there else None
        done, _ = await asyncio.wait(tasks, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            self._unusable.over()
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    async def _tend(self) -> None:
        """Keep the queue as it should be; each worker does, so that it does not matter who dies."""
        while True:
            try:
                await self._put_in_order()
                self._tended_at = time.monotonic()
                self._unfilled.over()
            except Exception as error:  # noqa: BLE001 - it is tried again
                if not _is_away(error):
                    self._unfilled.found(reason_of(error.__cause__ or error))
            await asyncio.sleep(_TENDS_EVERY_SECONDS * random.uniform(0.7, 1.3))  # noqa: S311

    async def _put_in_order(self) -> None:
        lines = self._app.job_manager
        for line in await self._dead_lines():
            # It may have gone meanwhile. It is not to be tried by procrastinate: who was only
            # paused would end it while another works at it.
            with suppress(ConnectorException):
                await lines.finish_job_by_id_async(line, Status.FAILED, delete_job=True)
        for cut_off in await lines.get_stalled_jobs(
            task_name=_RETRY, seconds_since_heartbeat=_STALLED_SECONDS
        ):
            with suppress(ConnectorException):
                await lines.retry_job(cut_off)
        known = await anyio.to_thread.run_sync(self._names)
        if missing := await self._connector.execute_query_all_async(_MISSING, names=[*known]):
            # All at once: so another worker hardly ever adds the same ones meanwhile.
            await lines.batch_defer_jobs_async([_line(str(row["name"])) for row in missing])

    async def _dead_lines(self) -> set[int]:
        """Return the lines of workers that have died, and those that nobody works at."""
        stalled = await self._app.job_manager.get_stalled_jobs(
            task_name=_TASK, seconds_since_heartbeat=_STALLED_SECONDS
        )
        forgotten = await self._connector.execute_query_all_async(
            _FORGOTTEN, seconds=self._seconds + _FORGOTTEN_SECONDS
        )
        ids = {line.id for line in stalled} | {int(row["id"]) for row in forgotten}
        return {one for one in ids if one is not None}


def _line(name: str) -> Job:
    """Return the line of the queue for a job of the fleet."""
    return Job(
        queue=_QUEUE, lock=name, queueing_lock=None, task_name=_TASK, task_kwargs={"job": name}
    )


def _silence() -> None:
    """
    Let procrastinate and psycopg log nothing: jobs have a log of their own.

    A line that another worker has taken over cannot be finished any more, which is an exception
    that nobody waits for.
    """
    for name in ("procrastinate", "psycopg"):
        logger = logging.getLogger(name)
        logger.addHandler(logging.NullHandler())
        logger.propagate = False
    loop = asyncio.get_running_loop()

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), ConnectorException):
            loop.default_exception_handler(context)

    loop.set_exception_handler(handle)
