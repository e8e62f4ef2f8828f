"""Stops a run from outside or within: what waits is woken, what is in flight is finished."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import anyio

from importer.errors import OutageError, StopRun

__all__ = ["StopControl", "stop_after"]


class StopControl:
    """
    One run's brake. The first reason to stop holds; later ones are consequences of it.

    Call `stop` from the run's event loop.
    """

    def __init__(self) -> None:
        self.reason: StopRun | None = None
        self._scopes: set[anyio.CancelScope] = set()

    @property
    def stopped(self) -> bool:
        """Tell whether the run is to end."""
        return self.reason is not None

    def stop(self, reason: StopRun) -> None:
        """Send nothing more. Requests in flight are waited for."""
        if self.reason is None:
            self.reason = reason
        for scope in self._scopes:
            scope.cancel()

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Wrap a wait that a stop ends at once. Never wrap a request in it."""
        with anyio.CancelScope() as scope:
            self._scopes.add(scope)
            if self.stopped:
                scope.cancel()
            try:
                yield
            finally:
                self._scopes.discard(scope)


async def stop_after(
    control: StopControl, seconds: float, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Stop a run once its time is over."""
    await sleep(seconds)
    control.stop(
        OutageError(
            f"the time limit of {seconds:g} s is over",
            hint="Run the same command again to go on.",
        )
    )
