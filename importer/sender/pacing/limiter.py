"""Decides when the next request of an API key may be sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import anyio

from importer.core.clock import NANOSECONDS, Clock
from importer.core.locale.message import Message
from importer.sender.answer import Quota
from importer.sender.pacing.host_limiter import HostLimiter
from importer.sender.pacing.server_quota import ServerQuota
from importer.sender.pacing.sliding_window import SlidingWindow

_ANNOUNCED_NS = NANOSECONDS


class RateLimiter:
    """
    Lets the requests of one API key through, each as early as three limits allow.

    `SlidingWindow` keeps the rate, `ServerQuota` keeps to the requests that the service still
    allows, and `HostLimiter`, if there is one, counts other runs on this computer. Whenever nothing
    may leave for a while, `on_wait` is called with the seconds and the reason. `sent_before` are
    the latest times at which the service counted earlier requests of all clients of the key.
    """

    def __init__(
        self,
        rate: int,
        pace: Literal["spread", "burst"],
        *,
        clock: Clock,
        on_wait: Callable[[float, Message], None] = lambda _seconds, _reason: None,
        shared: HostLimiter | None = None,
        sent_before: Sequence[int] = (),
    ) -> None:
        self._window = SlidingWindow(rate, pace, sent_before)
        self._quota = ServerQuota(rate, spread=pace == "spread")
        self._host = shared
        # An even pace never pauses for long; after a burst the reason of a pause is announced.
        is_told = pace == "burst"
        used_up = Message("this minute's requests (%(count)s) are used", count=rate)
        self._used_up = used_up if is_told else None
        self._clock = clock
        self._on_wait = on_wait
        self._entering = anyio.Lock()
        self._announced = 0
        self._has_quota = False
        self.requests = 0

    async def enter(self) -> int:
        """
        Wait until a request may leave, and charge it. Returns its ticket.

        Each is followed by `answered`, `lost` or `withdraw`.
        """
        async with self._entering:
            while (earliest := self._earliest(now := self._clock.monotonic_ns())) > now:
                self._explain(now, earliest)
                await self._clock.sleep((earliest - now) / NANOSECONDS)
            return self._charge(now)

    def try_enter(self) -> int:
        """Charge a request that may leave at once, or return 0; then `enter` waits."""
        now = self._clock.monotonic_ns()
        if self._entering.locked() or self._earliest(now) > now:
            return 0
        return self._charge(now)

    def is_fresh(self, ticket: int) -> bool:
        """Return whether a charged request may still leave, and is not too late."""
        return self._window.is_fresh(ticket, self._clock.monotonic_ns())

    def is_open(self) -> bool:
        """Return whether a request may leave at once, apart from other runs on this host."""
        now = self._clock.monotonic_ns()
        return not self._entering.locked() and self._own_earliest(now) <= now

    def _charge(self, now: int) -> int:
        self.requests += 1
        ticket = self._window.leave(now)
        self._quota.leave(ticket, now)
        return ticket

    def close(self) -> None:
        """Leave the other runs on this host, if there are any."""
        if self._host is not None:
            self._host.close()

    def _earliest(self, now: int) -> int:
        """Return `now`, with the request charged to the host, or when to ask again."""
        earliest = self._own_earliest(now)
        if earliest <= now and self._host is not None:
            return self._host.claim(self._window.next_ticket(), now)
        return earliest

    def _own_earliest(self, now: int) -> int:
        return max(self._window.earliest(now), self._quota.earliest(now))

    def _explain(self, now: int, earliest: int) -> None:
        if earliest - now <= _ANNOUNCED_NS:
            return
        if self._quota.is_used_up(now):
            self._announce(
                now,
                earliest,
                Message(
                    "%(what)s are used%(others)s", what=self._all_used(), others=self.who_else()
                ),
            )
        elif self._used_up and self._window.is_full(now):
            self._announce(now, earliest, self._used_up)
        elif self._host is not None and self._host.is_full(now):
            self._announce(
                now,
                earliest,
                Message("%(what)s are used, another run here uses it too", what=self._all_used()),
            )

    def _all_used(self) -> Message:
        limit = self._quota.limit()
        if limit:
            return Message("the key's %(count)s a minute", count=limit)
        return Message("the key's requests of this minute")

    def who_else(self) -> str:
        """Return a clause about another client on this key, or an empty text."""
        return Message(", another client is on this key") if self._quota.others() else ""

    def answered(self, ticket: int, quota: Quota | None = None, *, is_clear: bool = True) -> None:
        """
        Note that a request's answer came, with what it says about the key, or that none will.

        `is_clear` is False for a time-out and the like, which say nothing about the latency.
        """
        now = self._clock.monotonic_ns()
        self._has_quota = quota is not None
        self._window.answered(ticket, now, is_clear=is_clear)
        self._quota.answered(ticket, now, quota)
        if self._host is not None:
            self._host.answered(ticket, now)

    def lost(self, ticket: int) -> None:
        """Note a request that reached no server, and so used up nothing there."""
        self._window.withdraw(ticket)
        self._quota.withdraw(ticket)
        if self._host is not None:
            self._host.withdraw(ticket, self._clock.monotonic_ns())

    def withdraw(self, ticket: int) -> None:
        """Take back a request that did not leave after all."""
        self.lost(ticket)
        self.requests -= 1

    def close_for(self, seconds: float, reason: Message) -> None:
        """Let nothing leave for `seconds`, and say why."""
        now = self._clock.monotonic_ns()
        self._window.close(now + int(seconds * NANOSECONDS))
        self._announce(now, self._window.closed_until(), reason)

    def _announce(self, now: int, until: int, reason: Message) -> None:
        """Announce a wait that is long enough to be noticed and has not been announced yet."""
        if until - max(now, self._announced) > _ANNOUNCED_NS:
            self._announced = until
            self._on_wait((until - now) / NANOSECONDS, reason)

    def give_way(self) -> None:
        """Lower an even pace a little after a 429, where answers do not say what others use."""
        if not self._has_quota:
            self._window.give_way(self._clock.monotonic_ns())

    def slow_down(self, ticket: int) -> bool:
        """Halve the pace after the CRM said it is too busy; once for all requests in flight."""
        return self._window.slow_down(ticket)

    def speed_up(self) -> None:
        """Raise a lowered pace a little after a request that went well."""
        self._window.speed_up()
