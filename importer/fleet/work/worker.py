"""Carries many keys in one process: takes slices of jobs until it is told to stop."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress

import anyio

from importer.core.control import StopGroup
from importer.core.errors import ConfigError, Interrupted, StopRun
from importer.fleet.work.queue import SliceQueue
from importer.fleet.work.slices import SliceOver, Slices

_LAST_LINES_SECONDS = 60.0


class FleetStop(StopGroup):
    """
    Stops the runs of a fleet together.

    Requests in flight are waited for, and then their lines, but not for ever: after `stop`, a
    database that is away holds nobody up for longer than a minute.
    """

    def __init__(self, give_up: Callable[[], None]) -> None:
        super().__init__()
        self._give_up = give_up
        self._timer = threading.Timer(_LAST_LINES_SECONDS, give_up)
        self._timer.daemon = True

    def stop(self, reason: StopRun) -> None:
        """Stop all runs as `StopControl.stop` does."""
        super().stop(reason)
        if not self._timer.is_alive():
            with suppress(RuntimeError):  # it has been started before
                self._timer.start()

    def stop_at_once(self, reason: StopRun) -> None:
        """Stop all runs as `StopControl.stop_at_once` does."""
        super().stop_at_once(reason)
        self._give_up()


class WorkerStop(FleetStop):
    """Stops the slices of a worker together, and then the worker: it is `asked` to take no more."""

    def __init__(self, give_up: Callable[[], None]) -> None:
        super().__init__(give_up)
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
