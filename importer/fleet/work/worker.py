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
    """Stops the slices of a worker together, and then the worker: it is `asked` to take no more."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(fleet.give_up)
        self.asked = anyio.Event()

    def stop(self, reason: StopRun) -> None:
        """Stop all slices as `StopControl.stop` does, and take no more."""
        self.asked.set()
        super().stop(SliceOver(reason.message))

    def stop_at_once(self, reason: StopRun) -> None:
        """Stop all slices as `StopControl.stop_at_once` does, and take no more."""
        self.asked.set()
        super().stop_at_once(SliceOver(reason.message))


async def work(slices: Slices, queue: SliceQueue, stop: WorkerStop) -> None:
    """
    Run slices of jobs until `stop` is asked for, and hand back those that are running then.

    If the tables become those of a newer importer, it ends with `ConfigError`: what its lines would
    mean there, nobody knows here.
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
        await queue.serve(stop.asked)
        tasks.cancel_scope.cancel()
