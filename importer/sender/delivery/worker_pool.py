"""Starts workers as they are needed: one for each request in flight, and a free one."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial

from anyio.abc import TaskGroup

from importer.core.records import Record
from importer.sender.answer import Answer, Destination
from importer.sender.delivery.delivery import Delivery, Settle
from importer.sender.delivery.send_queue import SendQueue


class WorkerPool:
    """
    The workers of a run, each with a connection of its own.

    The pool begins with one worker. When all are waiting for an answer, it starts another one, up
    to the number of the queue. So a run at 200 requests a minute has two connections if answers
    take a tenth of a second, and eight if they take seconds. With more connections at a low rate,
    each would be idle for too long to be kept alive. Nothing is opened before there is a row to
    send.
    """

    def __init__(
        self,
        delivery: Delivery,
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
            await self._delivery.work(partial(self._create, destination), self._queue, self._settle)

    async def _create(self, destination: Destination, record: Record, key: str) -> Answer:
        """Send one record over a connection, and start a worker if none is free meanwhile."""
        self._free -= 1
        if not self._free:
            self._start_another()
        try:
            return await destination.create(record, key)
        finally:
            self._free += 1
