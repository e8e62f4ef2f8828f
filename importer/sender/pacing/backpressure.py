"""Pauses sending when the service, or the CRM behind it, asks for it."""

from __future__ import annotations

import math

from importer.core.clock import NANOSECONDS, Clock
from importer.core.control import StopControl
from importer.core.errors import OutageError
from importer.core.locale.message import Message
from importer.sender.pacing.limiter import RateLimiter

_MARGIN = 0.25
_JITTER = 0.5
_WINDOW = 60.0
_WAIT_INITIAL = 1.0
_WAIT_MAX = 30.0


class Backpressure:
    """
    Closes the rate limiter after answers that ask for a pause.

    Each method except `accepted` raises `OutageError` if the pause is longer than `max_outage`
    seconds, or if there were no other answers for longer than that.
    """

    def __init__(
        self, limiter: RateLimiter, *, control: StopControl, clock: Clock, max_outage: float
    ) -> None:
        self._limiter = limiter
        self._control = control
        self._clock = clock
        self._max_outage = max_outage
        self._refused_since: int | None = None
        self._slow_answers = 0

    def accepted(self) -> None:
        """Note an answer that gave a row its outcome."""
        self._refused_since = None
        self._slow_answers = 0
        self._limiter.speed_up()

    def pause(self, seconds: float) -> None:
        """Pause for as long as a service in trouble asks."""
        self._hold(seconds, Message("the service asks for a pause"))

    def throttled(self, asked: float | None) -> None:
        """Pause until the key has requests again: `asked` seconds, or else a minute."""
        self._limiter.give_way()
        wait = _WINDOW if asked is None else asked
        if self._refused_for() > _WINDOW:
            # A service that counts refused requests too makes the wait longer with each try.
            wait = max(wait, _WINDOW)
        self._hold(
            wait,
            Message(
                "the key's requests for this minute are used up%(others)s",
                others=self._limiter.who_else(),
            ),
        )

    def slow_down(self, ticket: int, asked: float | None) -> None:
        """Halve the pace, once for all requests in flight, and give the CRM a pause."""
        self._refused_for()
        if self._limiter.slow_down(ticket):
            self._slow_answers += 1
        wait = backoff(self._slow_answers + 1, self._clock.random())
        self._hold(max(wait, asked or 0), Message("the CRM asks for a slower pace"))

    def _refused_for(self) -> float:
        """Return for how many seconds the service has refused everything; 0 if it begins now."""
        now = self._clock.monotonic_ns()
        self._refused_since = now if self._refused_since is None else self._refused_since
        return (now - self._refused_since) / NANOSECONDS

    def _hold(self, seconds: float, reason: Message) -> None:
        refused = self._refused_for() if self._refused_since is not None else 0.0
        if max(seconds, refused) > self._max_outage:
            raise self._too_long(seconds, refused, reason)
        if not self._control.stopped:
            self._limiter.close_for(seconds + _MARGIN + _JITTER * self._clock.random(), reason)

    def _too_long(self, seconds: float, refused: float, reason: Message) -> OutageError:
        if seconds > self._max_outage:
            what = Message("the next request may leave in %(seconds)s s", seconds=f"{seconds:.0f}")
        else:
            what = Message("nothing else was answered for %(seconds)s s", seconds=f"{refused:.0f}")
        return OutageError(
            "%(why)s: %(then)s, and --max-outage allows %(seconds)s s",
            why=reason,
            then=what,
            seconds=f"{self._max_outage:.0f}",
            hint=Message(
                "Nothing is lost. Run the same command again in %(minutes)s min.",
                minutes=max(1, math.ceil(seconds / 60)),
            ),
        )


def backoff(attempt: int, chance: float) -> float:
    """
    Return the seconds to wait after failed attempt `attempt` (from 1).

    Equal jitter: half of min(30, 2^(attempt-1)) s is fixed, half drawn by `chance` in [0, 1).
    With full jitter a third of the rows were lost against a per-minute window, in simulation.
    """
    whole = min(_WAIT_MAX, _WAIT_INITIAL * 2.0 ** min(attempt - 1, 16))
    return whole / 2 + whole / 2 * chance
