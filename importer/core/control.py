"""Stops a run, from inside or outside: waits end at once, requests in flight are finished."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import anyio

from importer.core.errors import ConfigError, OutageError, StopRun
from importer.core.locale.message import Message


class StopControl:
    """
    Stops one run. The first reason to stop is kept; later ones are consequences of it.

    `stop` waits for requests in flight, `stop_at_once` does not. Call both from the event loop of
    the run.
    """

    def __init__(self) -> None:
        self.reason: StopRun | None = None
        self.is_at_once = False
        self._scopes: set[anyio.CancelScope] = set()
        self._work: set[anyio.CancelScope] = set()

    @property
    def stopped(self) -> bool:
        """Whether the run has been asked to stop."""
        return self.reason is not None

    def stop(self, reason: StopRun) -> None:
        """Send nothing more, but wait for the requests in flight."""
        if self.reason is None:
            self.reason = reason
        for scope in self._scopes:
            scope.cancel()

    def stop_at_once(self, reason: StopRun) -> None:
        """
        Send nothing more, and abandon the requests in flight.

        The results file keeps their rows as sent without an answer.
        """
        self.reason, self.is_at_once = reason, True
        for scope in (*self._scopes, *self._work):
            scope.cancel()

    @contextmanager
    def work(self) -> Iterator[None]:
        """Wrap work that `stop` waits for and `stop_at_once` cancels."""
        with self._registered(self._work, is_over=self.is_at_once):
            yield

    @contextmanager
    def stop_on_error(self) -> Iterator[None]:
        """Stop the run with the `StopRun` that the wrapped code raises, instead of raising it."""
        try:
            yield
        except StopRun as reason:
            self.stop(reason)

    @contextmanager
    def interruptible(self) -> Iterator[None]:
        """Wrap a wait that `stop` ends at once. Never wrap a request."""
        with self._registered(self._scopes, is_over=self.stopped):
            yield

    @staticmethod
    @contextmanager
    def _registered(scopes: set[anyio.CancelScope], *, is_over: bool) -> Iterator[None]:
        with anyio.CancelScope() as scope:
            scopes.add(scope)
            if is_over:
                scope.cancel()
            try:
                yield
            finally:
                scopes.discard(scope)


async def stop_after(
    control: StopControl, seconds: float, sleep: Callable[[float], Awaitable[None]]
) -> None:
    """Stop a run when its time limit is reached."""
    await sleep(seconds)
    control.stop(
        OutageError(
            "reached the time limit of %(seconds)s s",
            seconds=f"{seconds:g}",
            hint="Run the same command again to continue.",
        )
    )


def refuse_loop(waiting: str, call: str) -> None:
    """
    Raise `ConfigError` if an event loop is running here already, as in a notebook.

    `waiting` is what can be written in it in place of `call`.
    """
    try:
        anyio.get_cancelled_exc_class()
    except RuntimeError:
        return
    raise ConfigError(
        "an event loop is running here already, as in a notebook",
        hint=Message("Write `%(command)s` in place of %(call)s.", command=waiting, call=call),
    )


class StopGroup:
    """Stops several runs together, and those that begin later."""

    def __init__(self) -> None:
        self._controls: list[StopControl] = []
        self._reason: StopRun | None = None

    @contextmanager
    def control(self) -> Iterator[StopControl]:
        """Hand out the control of one run."""
        control = StopControl()
        self._controls.append(control)
        if self._reason is not None:
            control.stop(self._reason)
        try:
            yield control
        finally:
            self._controls.remove(control)

    def stop(self, reason: StopRun) -> None:
        """Stop all runs as `StopControl.stop` does."""
        self._reason = reason
        for control in self._controls:
            control.stop(reason)

    def stop_at_once(self, reason: StopRun) -> None:
        """Stop all runs as `StopControl.stop_at_once` does."""
        self._reason = reason
        for control in self._controls:
            control.stop_at_once(reason)
