"""Paces the requests of one API key: never more than the rate in any 60 seconds."""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Literal

from importer.core.clock import NANOSECONDS

WINDOW_NS = 60 * NANOSECONDS
_ON_TIME_NS = 2 * NANOSECONDS
"""How much later than it was charged a request may leave: a slow disk may delay it."""
COUNTED_WITHIN_NS = _ON_TIME_NS + 5 * NANOSECONDS
"""
The latest time, after it was charged, at which a server is assumed to count a request: 5 s after it
has left.
"""
_CATCH_UP_NS = NANOSECONDS
_SAMPLES = 50
_SLOWEST = 16.0
_RECOVERY = 0.9
_GIVES_WAY = 1.15
_MOST_GIVEN = 4.0
_TAKES_BACK = 0.99985  # for each answer: 3 % a minute at 200 requests a minute


class SlidingWindow:
    """
    Decides when the next request may be sent. There is no I/O; all times are in nanoseconds.

    The server counts a request at some time between charging and answer, at the latest 5 s after it
    has left, which it does within 2 s. So its place is free again 60 s after the end of that
    interval, minus the least time that a request and an answer spend on the network: half of the
    quickest exchange so far. Then no 60 s on the server's clock have more than `rate` requests, for
    fixed and sliding windows, unless the network becomes more than twice as fast as ever before in
    this run.

    `spread` also keeps an even gap between requests. Times are whole nanoseconds, since adding 0.3
    s to a float again and again drifts far enough to cause refusals. Requests that others have sent
    with the key were `counted_by` these instants at the latest.
    """

    def __init__(
        self, rate: int, pace: Literal["spread", "burst"], counted_by: Sequence[int] = ()
    ) -> None:
        self._rate = rate
        self._even = WINDOW_NS // rate
        self._gap = self._even if pace == "spread" else 0
        self._tickets = 0
        self._in_flight: dict[int, int] = {}  # ticket -> when it left, in the order they left
        self._counted_by = sorted(counted_by)  # a heap of the latest times they may be counted at
        self._exchanges = 0
        self._quickest = WINDOW_NS
        self._next = 0
        self._closed_until = 0
        self._slowed_at = 0
        self.slowness = 1.0
        self._given = 1.0
        self._gave_at = -WINDOW_NS

    def earliest(self, now: int) -> int:
        """
        Return when the next request may leave: `now`, or when to ask again.

        Answers that are still to come can only make it later, so asking then is never too late.
        """
        instant = max(now, self._closed_until, self._next)
        place = self._free_place(now)
        return instant if place is None else max(instant, place)

    def is_full(self, now: int) -> bool:
        """Return whether all requests of this minute are used."""
        return self._free_place(now) is not None

    def _free_place(self, now: int) -> int | None:
        """Return when a place may become free, or None if one is free now."""
        held = WINDOW_NS - self._least_time_on_network()
        while self._counted_by and self._counted_by[0] + held <= now:
            heapq.heappop(self._counted_by)
        ends = []
        for ticket, left in list(self._in_flight.items()):
            if left + COUNTED_WITHIN_NS + held > now:
                ends.append(min(now, left + COUNTED_WITHIN_NS) + held)
                break  # requests sent later are not counted earlier
            del self._in_flight[ticket]
        if len(self._in_flight) + len(self._counted_by) < self._rate:
            return None
        return min(ends + [at + held for at in self._counted_by[:1]])

    def _least_time_on_network(self) -> int:
        """
        Return the least time that a request and an answer spend on the network, 0 if unknown.

        It is half of the quickest exchange, since the fastest request and the fastest answer may
        be those of different exchanges. With three quarters, a simulated minute had 201 requests
        now and then.
        """
        if self._exchanges < _SAMPLES:
            return 0
        return min(self._quickest, COUNTED_WITHIN_NS) // 2

    def next_ticket(self) -> int:
        """Return the ticket of the request that leaves next."""
        return self._tickets + 1

    def leave(self, now: int) -> int:
        """Charge a request that leaves now. Returns its ticket."""
        self._tickets += 1
        self._in_flight[self._tickets] = now
        gap = int(self._even * self.slowness) if self.slowness > 1 else self._gap
        gap = int(gap * self._given)
        self._next = max(self._next, now - _CATCH_UP_NS) + gap if self._tickets > 1 else now + gap
        return self._tickets

    def is_fresh(self, ticket: int, now: int) -> bool:
        """Return whether a request that was charged and leaves now is on time."""
        return now - self._in_flight.get(ticket, now - WINDOW_NS) <= _ON_TIME_NS

    def answered(self, ticket: int, now: int, *, is_clear: bool = True) -> None:
        """
        Note that a request's answer came, or that none will.

        Only a clear answer shows how fast the network is: a time-out ends when this side gives up,
        and the error of a gateway when the gateway gives up.
        """
        left = self._in_flight.pop(ticket, None)
        if left is None:
            return
        heapq.heappush(self._counted_by, min(now, left + COUNTED_WITHIN_NS))
        if is_clear:
            self._exchanges += 1
            self._quickest = min(self._quickest, now - left)

    def withdraw(self, ticket: int) -> None:
        """Give back the place of a request that never came to the server."""
        self._in_flight.pop(ticket, None)

    def close(self, until: int) -> None:
        """Let nothing leave before `until`; an earlier instant does not undo a later one."""
        self._closed_until = max(self._closed_until, until)

    def closed_until(self) -> int:
        """Return the instant before which nothing leaves."""
        return self._closed_until

    def slow_down(self, ticket: int) -> bool:
        """
        Halve the pace, down to a sixteenth. Returns False for a request that was sent before that.

        A CRM that is too busy gives this answer to all requests in flight: it counts once.
        """
        if ticket <= self._slowed_at:
            return False
        self._slowed_at = self._tickets
        self.slowness = min(self.slowness * 2, _SLOWEST)
        return True

    def give_way(self, now: int) -> None:
        """
        Lower an even pace by an eighth, once a window, for others on the key.

        Otherwise this run and another client would together use up each window before its end, and
        the other client would be refused for the rest of it.
        """
        if self._gap and now - self._gave_at >= WINDOW_NS // 2:
            self._gave_at = now
            self._given = min(self._given * _GIVES_WAY, _MOST_GIVEN)

    def speed_up(self) -> None:
        """Raise a lowered pace a little."""
        self.slowness = max(self.slowness * _RECOVERY, 1.0)
        self._given = max(self._given * _TAKES_BACK, 1.0)
