"""Paces the requests of one API key: never more than the rate in any 60 seconds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Literal

import anyio

from importer.clock import NANOSECONDS, Clock

__all__ = ["Gate", "Pace"]

WINDOW_NS = 60 * NANOSECONDS
_CATCH_UP_NS = NANOSECONDS
_SLOWEST = 16.0
_RECOVERY = 0.9


class Pace:
    """
    Decides when the next request may leave: a pure account of instants in nanoseconds.

    A request is charged when it leaves and its place is free again 60 s after its answer came.
    The server counts it somewhere between the two, so no 60 s of the server's, wherever they
    begin, see more than `rate`; this holds for fixed and for sliding windows. `spread` also
    keeps an even gap between requests. Whole nanoseconds are counted, since adding 0.3 s to a
    float drifts far enough to be refused.
    """

    def __init__(self, rate: int, pace: Literal["spread", "burst"]) -> None:
        self._rate = rate
        self._gap = WINDOW_NS // rate if pace == "spread" else 0
        self._answered: deque[int] = deque()
        self._in_flight = 0
        self._next: int | None = None
        self._closed_until = 0
        self.slowness = 1.0

    def earliest(self, now: int) -> int | None:
        """Return the earliest instant for the next request, or None until one is answered."""
        while self._answered and self._answered[0] + WINDOW_NS <= now:
            self._answered.popleft()
        instant = max(now, self._closed_until, self._next or 0)
        if self._in_flight + len(self._answered) >= self._rate:
            if not self._answered:
                return None
            instant = max(instant, self._answered[0] + WINDOW_NS)
        return instant

    def leave(self, now: int) -> None:
        """Charge a request that leaves now."""
        self._in_flight += 1
        even = WINDOW_NS // self._rate
        gap = int(even * self.slowness) if self.slowness > 1 else self._gap
        planned = now if self._next is None else max(self._next, now - _CATCH_UP_NS)
        self._next = planned + gap

    def answered(self, now: int) -> None:
        """Note that a request's answer came, or that none will."""
        self._in_flight -= 1
        self._answered.append(now)

    def close(self, until: int) -> None:
        """Let nothing leave before `until`. An earlier instant never opens the gate again."""
        self._closed_until = max(self._closed_until, until)

    def slow_down(self) -> None:
        """Halve the pace, down to a sixteenth."""
        self.slowness = min(self.slowness * 2, _SLOWEST)

    def speed_up(self) -> None:
        """Regrow a halved pace a little."""
        self.slowness = max(self.slowness * _RECOVERY, 1.0)


class Gate:
    """Lets requests of one API key through, one after the other, when `Pace` says so."""

    def __init__(
        self,
        rate: int,
        pace: Literal["spread", "burst"],
        *,
        clock: Clock,
        on_wait: Callable[[float, str], None] = lambda _seconds, _reason: None,
    ) -> None:
        self._pace = Pace(rate, pace)
        self._clock = clock
        self._on_wait = on_wait
        self._turn = anyio.Lock()
        self._answer = anyio.Event()
        self.requests = 0

    async def enter(self) -> None:
        """Wait until a request may leave, and charge it. Each is followed by `answered`."""
        async with self._turn:
            while True:
                now = self._clock.monotonic_ns()
                earliest = self._pace.earliest(now)
                if earliest is None:
                    self._answer = anyio.Event()
                    await self._answer.wait()
                elif earliest > now:
                    await self._clock.sleep((earliest - now) / NANOSECONDS)
                else:
                    break
            self._pace.leave(now)
            self.requests += 1

    def answered(self) -> None:
        """Note that a request's answer came, or that none will."""
        self._pace.answered(self._clock.monotonic_ns())
        self._answer.set()

    def close_for(self, seconds: float, reason: str) -> None:
        """Let nothing leave for `seconds`, and say why."""
        self._pace.close(self._clock.monotonic_ns() + int(seconds * NANOSECONDS))
        self._on_wait(seconds, reason)

    def slow_down(self) -> None:
        """Halve the pace after the CRM said it has too much to do."""
        self._pace.slow_down()

    def speed_up(self) -> None:
        """Regrow a halved pace a little after a request that went well."""
        self._pace.speed_up()
