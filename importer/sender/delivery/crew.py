"""Starts as many workers as there are requests in flight, and one that is free."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from anyio.abc import TaskGroup

from importer.records import Record
from importer.sender.answer import Answer, Destination
from importer.sender.delivery.queue import SendQueue
from importer.sender.delivery.worker import DeliveryWorker, Settle

__all__ = ["Crew"]


class Crew:
    """
    The workers of a run, each with a connection of its own.

    It begins with one. When all are waiting for an answer, another one is started, up to as many as
    the queue is made for. So a run at 200 requests a minute has two connections if answers take a
    tenth of a second, and eight if they take seconds. They take turns: with eight of them at a low
    rate, each would be idle for too long to be kept alive, and every request would begin with a new
    one. Nothing is opened before there is a row to send.
    """

    def __init__(
        self,
        delivery: DeliveryWorker,
        connect: Callable[[], AbstractAsyncContextManager[Destination]],
        queue: SendQueue,
        settle: Settle,
    ) -> None:
        self._delivery = delivery
        self._connect = connect
        self._queue = queue
        self._settle = settle
        self._left = queue.workers
        self._free = 0
        self._tasks: TaskGroup | None = None

    def begin(self, tasks: TaskGroup) -> None:
        """Start the first worker; it and all others run in `tasks`."""
        self._tasks = tasks
        self._start_another()

    def _start_another(self) -> None:
        if self._tasks is not None and self._left:
            self._left -= 1
            self._free += 1
            self._tasks.start_soon(self._work)

    async def _work(self) -> None:
        if not await self._queue.wait_for_row():
            return
        async with self._connect() as destination:
            await self._delivery.work(_Counted(destination, self), self._queue, self._settle)

    async def create(self, destination: Destination, record: Record, key: str) -> Answer:
        """Send one record over a connection, and see to it that a worker is free meanwhile."""
        self._free -= 1
        if not self._free:
            self._start_another()
        try:
            return await destination.create(record, key)
        finally:
            self._free += 1


class _Counted:
    """The connection of one worker, of which the crew knows when it is in use."""

    def __init__(self, destination: Destination, crew: Crew) -> None:
        self._destination = destination
        self._crew = crew

    async def create(self, record: Record, key: str) -> Answer:
        """Send one record and return the answer."""
        return await self._crew.create(self._destination, record, key)
