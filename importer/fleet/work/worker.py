"""Carries many keys in one process: takes slices of jobs until it is told to stop."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import anyio

from importer.core.errors import ConfigError, Interrupted, StopRun
from importer.fleet.work.queue import SliceQueue
from importer.fleet.work.running import Fleet
from importer.fleet.work.slices import SliceOver, Slices
from importer.fleet.work.stopping import FleetStop


class WorkerStop(FleetStop):
    """Stops the slices of a worker together, and then the worker."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(self._wait_no_longer)
        self._fleet = fleet
        self._queue: SliceQueue | None = None
        self._asked: anyio.Event | None = None

    def waited_for(self, queue: SliceQueue) -> anyio.Event:
        """Return what is set when the worker is to stop; `queue` waits for the database as well."""
        self._queue, self._asked = queue, anyio.Event()
        if self._reason is not None:
            self._asked.set()
        return self._asked

    def stop(self, reason: StopRun) -> None:
        """Stop all slices as `StopControl.stop` does, and take no more."""
        super().stop(self._take_no_more(reason))

    def stop_at_once(self, reason: StopRun) -> None:
        """Stop all slices as `StopControl.stop_at_once` does, and take no more."""
        super().stop_at_once(self._take_no_more(reason))

    def _take_no_more(self, reason: StopRun) -> SliceOver:
        if self._asked is not None:
            self._asked.set()
        return SliceOver(reason.message)

    def _wait_no_longer(self) -> None:
        self._fleet.give_up()
        if self._queue is not None:
            self._queue.give_up()


async def work(slices: Slices, queue: SliceQueue, stop: WorkerStop) -> None:
    """
    Run slices of jobs until `stop` is asked for, and hand back those that are running then.

    If the tables become those of a newer importer, it ends with `ConfigError`: what its lines would
    mean there, nobody knows here. It runs on asyncio alone, as procrastinate does.
    """

    async def watch(what: Callable[[], Awaitable[None]]) -> None:
        try:
            await what()
        except Exception as error:  # the queue is left when the slices have ended
            why = error.message if isinstance(error, ConfigError) else "the worker has failed"
            stop.stop(Interrupted(why))
            raise

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch, slices.watch_orders)
        tasks.start_soon(watch, slices.watch_tables)
        await queue.serve(stop.waited_for(queue))
        tasks.cancel_scope.cancel()
