"""Notices an outage and probes until it ends, so that it costs no row its attempts."""

from __future__ import annotations

from collections.abc import Callable

import anyio

from importer.clock import NANOSECONDS, Clock
from importer.errors import OutageError

__all__ = ["Breaker"]

THRESHOLD = 10
_TOO_SHORT_NS = NANOSECONDS // 1000  # a wait that only rounding left over
_PROBE_WAITS = (5.0, 10.0, 20.0, 40.0, 60.0)


class Breaker:
    """
    Opens after ten failures in a row, over whichever rows, until something answers.

    While it is open one probe is let through at a time, 5 to 60 s apart, for at most
    `max_outage` seconds. Consecutive failures are counted, since a share of failures would hide
    an outage behind the successes before it.
    """

    def __init__(
        self,
        max_outage: float,
        *,
        clock: Clock,
        on_wait: Callable[[float, str], None] = lambda _seconds, _reason: None,
    ) -> None:
        self._max_outage_ns = int(max_outage * NANOSECONDS)
        self._clock = clock
        self._on_wait = on_wait
        self._turn = anyio.Lock()
        self._failures = 0
        self._since = 0
        self._probes = 0
        self._nap: anyio.CancelScope | None = None

    def is_open(self) -> bool:
        """Tell whether an outage is going on."""
        return self._failures >= THRESHOLD

    async def admit(self) -> bool:
        """
        Wait until a request may be tried. Returns True where it is the probe.

        A probe is followed by `release` in the same task. Raises `OutageError` once the outage
        is too long.
        """
        while self.is_open():
            await self._turn.acquire()
            try:
                if self.is_open():
                    await self._wait()
                if self.is_open():
                    return True
            except BaseException:
                self._turn.release()
                raise
            self._turn.release()
        return False

    def release(self) -> None:
        """Let the next probe through."""
        self._turn.release()

    async def _wait(self) -> None:
        left = self._max_outage_ns - (self._clock.monotonic_ns() - self._since)
        if left < _TOO_SHORT_NS:
            raise self._too_long()
        wait = min(_PROBE_WAITS[min(self._probes, len(_PROBE_WAITS) - 1)], left / NANOSECONDS)
        self._probes += 1
        self._on_wait(wait, "the service does not answer; trying again")
        with anyio.CancelScope() as self._nap:
            await self._clock.sleep(wait)
        self._nap = None

    def _too_long(self) -> OutageError:
        seconds = (self._clock.monotonic_ns() - self._since) / NANOSECONDS
        return OutageError(
            f"the service has not answered for {seconds / 60:.1f} minutes, "
            f"and {self._failures} requests in a row had no clear answer",
            hint="Nothing is lost and no row is marked as failed. Run the same command again "
            "when the service is back.",
        )

    def succeeded(self) -> None:
        """Note an answer: the outage, if there was one, is over for everyone who waits."""
        self._failures = self._probes = 0
        if self._nap is not None:
            self._nap.cancel()

    def failed(self) -> None:
        """Note a request without a clear answer."""
        if not self._failures:
            self._since = self._clock.monotonic_ns()
        self._failures += 1
