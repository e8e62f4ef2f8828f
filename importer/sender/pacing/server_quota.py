"""How many requests the service still allows in its window, learned from its answers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from importer.core.clock import NANOSECONDS
from importer.sender.answer import Quota
from importer.sender.pacing.sliding_window import WINDOW_NS

_HALF_NS = WINDOW_NS // 2
_GUARD_NS = NANOSECONDS // 20
_LONGEST_GAP_NS = 2 * NANOSECONDS
_STEADY_NS = 5 * NANOSECONDS
_SLACK_NS = NANOSECONDS
_DRIFT_NS = NANOSECONDS // 100  # two clocks may drift apart by this much in a minute
_LEAST_SHARED = 20


@dataclass(frozen=True, slots=True)
class _Window:
    """
    A window of the service. `name` is its Reset, in epoch seconds.

    By one answer it ends at `soonest` to `latest`. Of the current window, whose end is known from
    several, only `latest` is used.
    """

    name: float
    soonest: int
    latest: int

    def distance(self, later: _Window) -> int:
        """Return by how many ns the Reset of another window is later."""
        return int((later.name - self.name) * NANOSECONDS)

    def ending(self, by: int) -> _Window:
        """Return it with its end as it was known to be, `by` an instant, if that can be so."""
        return replace(self, latest=min(self.latest, by)) if by >= self.soonest else self


class ServerQuota:
    """
    How many more requests the service will accept in its current window.

    The Reset of an answer identifies the window that counted it. An answer allows Remaining more
    requests; requests sent since then are subtracted, and those in flight are treated as sent
    before it. So `budget`, the number of own requests in this window, is the lowest value of
    Remaining + own requests so far over the answers of the window; the rest of the limit is used
    by others. It only shrinks within a window: an answer of an older window never raises it.

    When a window has ended, the next one is expected where the clock says, until an answer confirms
    it. A Reset that moves with each answer does not belong to a fixed window, and is ignored until
    it has been the same for 5 s. All times are nanoseconds of one monotonic clock.
    """

    def __init__(self, rate: int, *, spread: bool) -> None:
        self._rate = rate
        self._spread = spread
        self._in_flight: dict[int, int] = {}  # ticket -> when it left
        self._last_left = 0
        # An expected window has the name of the one before it.
        self._window: _Window | None = None
        self._is_confirmed = False
        self._steady_since: int | None = None  # while the Reset is not trusted
        self._answered = 0  # requests that are of this window, or may be
        self._budget = self._limit = 0

    def leave(self, ticket: int, now: int) -> None:
        """Charge a request that leaves now."""
        self._in_flight[ticket] = self._last_left = now

    def withdraw(self, ticket: int) -> None:
        """Forget a request that never came to the server."""
        self._in_flight.pop(ticket, None)

    def answered(self, ticket: int, now: int, quota: Quota | None) -> None:
        """Learn from an answer; one without a quota, or none at all, may have been counted."""
        left = self._in_flight.pop(ticket, None)
        if left is None:
            return
        self._begin_next_window(now)
        if quota is None or now - left > _HALF_NS:
            self._answered += 1
            return
        latest = int(quota.latest * NANOSECONDS)
        reported = _Window(quota.name, left + latest - NANOSECONDS, now + latest)
        if self._window is None:
            self._begin(reported, quota)
        elif self._steady_since is None:
            self._compare(self._window, reported, quota, left)
        else:
            self._watch(self._window, self._steady_since, reported, quota, left)

    def _compare(self, window: _Window, reported: _Window, quota: Quota, left: int) -> None:
        """Learn from an answer while the current window is known."""
        later = window.distance(reported)
        if later == 0 and self._is_confirmed:
            self._window = reported.ending(by=window.latest)
            self._learn(quota)
        elif later >= _HALF_NS:
            self._begin(reported, quota)
        elif later < 0 or (later == 0 and left < window.latest - WINDOW_NS + _SLACK_NS):
            # It is of an older window. If this one is only expected, its name is that of the last
            # one, which can only have counted requests that left before it ended.
            if self._is_confirmed:
                self._budget -= 1  # in flight, it was taken for a request of this window
        else:  # fixed windows of a minute do not end there
            self._window, self._steady_since = reported, left

    def _watch(
        self, window: _Window, since: int, reported: _Window, quota: Quota, left: int
    ) -> None:
        """Trust a Reset again after it has been the same for a while."""
        if reported.name != window.name:
            self._window, self._steady_since = reported, left
        elif left - since >= _STEADY_NS:
            self._window = self._steady_since = None
            self._begin(reported, quota)

    def _begin(self, reported: _Window, quota: Quota) -> None:
        """Begin the window of an answer; its end is narrowed by that of the last one."""
        if (window := self._window) is not None:
            # An expected window is the newer one already.
            later = window.distance(reported) if self._is_confirmed else 0
            reported = reported.ending(by=window.latest + later + _DRIFT_NS)
        self._window, self._is_confirmed = reported, True
        self._answered = 0
        self._budget = quota.limit
        self._learn(quota)

    def _learn(self, quota: Quota) -> None:
        """Count an answer of this window, and keep what it allows."""
        self._answered += 1
        if quota.limit < self._limit:
            self._budget = min(self._budget, quota.limit)
        self._limit = quota.limit
        self._budget = min(self._budget, quota.remaining + self._own())

    def _begin_next_window(self, now: int) -> None:
        """Begin the next window if this one has certainly ended."""
        if (window := self._trusted()) and now >= window.latest + _GUARD_NS:
            windows = (now - window.latest) // WINDOW_NS + 1
            self._window = replace(window, latest=window.latest + windows * WINDOW_NS)
            self._is_confirmed = False
            self._answered = 0
            self._budget = self._limit

    def _trusted(self) -> _Window | None:
        return self._window if self._steady_since is None else None

    def _own(self) -> int:
        """Return how many requests of this client this window has, at most."""
        return self._answered + len(self._in_flight)

    def _left(self) -> int:
        """
        Return how many requests may still be sent in this window.

        The very last request is left to the other clients, if there are any, since both would take
        it. In simulation this lowers the refusals of two importers from 1 in 200 to 1 in 2,000.
        """
        shared = self._spread and self._limit >= _LEAST_SHARED and self.others() > 0
        return self._budget - self._own() - shared

    def _binding_end(self, now: int) -> int | None:
        """
        Return when the window ends, if the service's count holds requests back at all.

        Without other clients on the key, the budget is the whole rate, which `SlidingWindow` keeps.
        """
        self._begin_next_window(now)
        window = self._trusted()
        return window.latest if window is not None and self._budget < self._rate else None

    def earliest(self, now: int) -> int:
        """Return when the service's count allows the next request: `now`, or when to ask again."""
        end = self._binding_end(now)
        if end is None:
            return now
        left = self._left()
        if left <= 0:
            return max(now, end + _GUARD_NS)
        if not self._spread:
            return now
        gap = min((end - now) // left, _LONGEST_GAP_NS)
        return max(now, self._last_left + gap)

    def is_used_up(self, now: int) -> bool:
        """Return whether the service would refuse the next request of this window."""
        return self._binding_end(now) is not None and self._left() <= 0

    def limit(self) -> int | None:
        """Return the limit that the service last reported."""
        return self._limit or None

    def others(self) -> int:
        """Return how many requests of this window, at least, came from other clients."""
        return 0 if self._steady_since is not None else max(0, self._limit - self._budget)
