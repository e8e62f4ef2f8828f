"""What takes the place of threads, exports and a caller's hand in a simulated run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import trio

from importer.core.control import StopControl
from importer.core.errors import Interrupted
from importer.run.derived_files import Exported

__all__ = ["Steps", "export_nothing", "run_here", "stop"]


class Steps(trio.abc.Instrument):
    """Counts the steps of all tasks: between two of them is an await."""

    def __init__(self, step: Callable[[], None]) -> None:
        self._step = step

    def before_task_step(self, _task: trio.lowlevel.Task) -> None:
        self._step()


async def stop(control: StopControl, after: float) -> None:
    await trio.sleep(after)
    control.stop(Interrupted("stopped by the caller"))


async def export_nothing(*_: object, **__: object) -> Exported:
    return Exported(files={}, record=None)


async def run_here(function: Callable[[], Any], *arguments: Any, **_: Any) -> Any:
    """Stand in for `anyio.to_thread.run_sync`: virtual time does not see threads."""
    await trio.lowlevel.checkpoint()
    return partial(function, *arguments)()
