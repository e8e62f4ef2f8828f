"""Notices an outage and probes until it ends, so that rows lose no attempts to it."""

from __future__ import annotations

from collections.abc import Callable

import anyio

from importer.core.clock import NANOSECONDS, Clock
from importer.core.errors import OutageError, RefusedError
from importer.core.locale.message import Message, with_answer
from importer.core.records import RowError

NEVER_REACHED = "the service was never reached"
"""The cause of a stop (`Summary.cause`) before any request has reached the service."""

THRESHOLD = 10
_TOO_SHORT_NS = NANOSECONDS // 1000  # a wait that is only a rounding error
_PROBE_WAITS = (5.0, 10.0, 20.0, 40.0, 60.0)


class CircuitBreaker:
    """
    Opens after ten failures in a row, of any rows, and closes with the next clear answer.

    Consecutive failures are counted, since a share of failures would hide an outage behind the
    successes before it. `open_now` opens it earlier. While it is open, one probe at a time is let
    through, 5 to 60 s apart, for at most `max_outage` seconds.

    A failure can be caused by its row (`of_row`): the service says that it failed over this row,
    an earlier run had no clear answer for it either, or another row was given up for the same
    reason while the service answered (`blame_rows_for`). If rows have caused every recent failure,
    and no untried row is left, the breaker stays closed: waiting would not show anything new.
    `answers` counts the clear answers of the run.
    """

    def __init__(
        self,
        max_outage: float,
        *,
        clock: Clock,
        on_wait: Callable[[float, Message], None] = lambda _seconds, _reason: None,
    ) -> None:
        self._max_outage_ns = int(max_outage * NANOSECONDS)
        self._clock = clock
        self._on_wait = on_wait
        self._probing = anyio.Lock()
        self._failures = 0
        self._opened_early = self._all_tried = False
        self._reasons_of_rows: set[tuple[str, ...]] = set()
        self._other_reasons: set[tuple[str, ...]] = set()  # of the recent failures
        self._since = 0
        self._probes = 0
        self._nap: anyio.CancelScope | None = None
        self.answers = 0

    def is_open(self) -> bool:
        """Return whether an outage is going on."""
        many = self._opened_early or self._failures >= THRESHOLD
        return many and not self.blames_rows()

    def blames_rows(self) -> bool:
        """Return whether rows have caused all recent failures, and no untried row is left."""
        return self._all_tried and not self._other_reasons

    async def admit(self) -> bool:
        """
        Wait until a request may be tried. Returns True if it is the probe.

        A probe is followed by `release` in the same task. Raises `OutageError` once the outage
        is too long.
        """
        while self.is_open():
            await self._probing.acquire()
            try:
                if self.is_open():
                    await self._wait()
                if self.is_open():
                    return True
            except BaseException:
                self._probing.release()
                raise
            self._probing.release()
        return False

    def release(self) -> None:
        """Let the next probe through."""
        self._probing.release()

    async def _wait(self) -> None:
        left = self._max_outage_ns - (self._clock.monotonic_ns() - self._since)
        if left < _TOO_SHORT_NS:
            raise self._too_long()
        wait = min(_PROBE_WAITS[min(self._probes, len(_PROBE_WAITS) - 1)], left / NANOSECONDS)
        self._probes += 1
        self._on_wait(wait, Message("the service does not answer; trying again"))
        with anyio.CancelScope() as self._nap:
            await self._clock.sleep(wait)
        self._nap = None

    def _too_long(self) -> OutageError:
        seconds = (self._clock.monotonic_ns() - self._since) / NANOSECONDS
        return OutageError(
            "the service has not answered for %(minutes)s minutes, and %(count)s requests in a"
            " row had no clear answer",
            minutes=f"{seconds / 60:.1f}",
            count=self._failures,
            hint="Nothing is lost and no row is marked as failed. Go on with the next "
            "step when the service is back.",
        )

    def succeeded(self) -> None:
        """Note a clear answer: it ends an outage for all waiting requests."""
        self.answers += 1
        self._failures = self._probes = 0
        self._opened_early = False
        self._other_reasons.clear()
        self._stop_waiting()

    def failed(self, reason: tuple[str, ...] = (), *, of_row: bool = False) -> None:
        """Note a request without a clear answer; failures of one kind have the same `reason`."""
        if not self._failures:
            self._since = self._clock.monotonic_ns()
        self._failures += 1
        if not of_row and reason not in self._reasons_of_rows:
            self._other_reasons.add(reason)

    def blame_rows_for(self, reason: tuple[str, ...]) -> None:
        """Note that a row was given up for this reason while others were answered."""
        self._reasons_of_rows.add(reason)
        self._other_reasons.discard(reason)

    def open_now(self) -> None:
        """Treat the failures so far as an outage, although they are few."""
        self._opened_early = True

    def no_new_rows(self) -> None:
        """Note that every row has been tried, so no fresh one can serve as a probe."""
        self._all_tried = True
        if not self.is_open():
            self._stop_waiting()

    def _stop_waiting(self) -> None:
        if self._nap is not None:
            self._nap.cancel()


def never_reached(error: RowError | None) -> RefusedError:
    """Return the reason to stop if no request of the run has reached the service."""
    return RefusedError(
        with_answer(Message(NEVER_REACHED), error.message if error else Message("no answer")),
        hint="Check --base-url (VOREL_BASE_URL), the network and the proxy settings (HTTPS_PROXY, "
        "and SSL_CERT_FILE for certificates of your own), then run the same command again.",
    )
