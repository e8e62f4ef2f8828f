"""How many requests the service still allows in its window, learned from its answers."""

from __future__ import annotations

from importer.clock import NANOSECONDS
from importer.sender.answer import Quota

__all__ = ["ServerQuota"]

WINDOW_NS = 60 * NANOSECONDS
_HALF_NS = WINDOW_NS // 2
_GUARD_NS = NANOSECONDS // 20
_LONGEST_GAP_NS = 2 * NANOSECONDS
_STEADY_NS = 5 * NANOSECONDS
_SLACK_NS = NANOSECONDS
_DRIFT_NS = NANOSECONDS // 100  # two clocks may drift apart by this much in a minute
_LEAST_SHARED = 20
_ROUGH_NS = 2 * NANOSECONDS


class ServerQuota:
    """
    How many more requests the service will accept in its current window.

    The Reset of an answer identifies the window that counted it. An answer allows Remaining more
    requests; requests sent since then are subtracted, and those in flight are treated as sent
    before it. So `budget`, the number of own requests in this window, is the lowest value of
    Remaining + own requests so far over the answers of the window; the rest of the limit is used
    by others. It only shrinks within a window: an answer of an older window never raises it.

    A Reset that moves with each answer does not belong to a fixed window, and is ignored until it
    has been the same for 5 s. All times are nanoseconds of one monotonic clock.
    """

    def __init__(self, rate: int, *, spread: bool) -> None:
        self._rate = rate
        self._spread = spread
        self._flying: dict[int, int] = {}  # ticket -> when it left
        self._last_left = 0
        self._name: float | None = None
        self._ends: tuple[int, int] | None = None  # the window ends between these instants
        self._confirmed = False
        self._believed = True
        self._steady_since = 0
        self._counted = self._unsure = 0
        self._budget = self._limit = 0

    def leave(self, ticket: int, now: int) -> None:
        """Charge a request that leaves now."""
        self._flying[ticket] = self._last_left = now

    def withdraw(self, ticket: int) -> None:
        """Forget a request that never came to the server."""
        self._flying.pop(ticket, None)

    def answered(self, ticket: int, now: int, quota: Quota | None) -> None:
        """Learn from an answer; one without a quota, or none at all, may have been counted."""
        left = self._flying.pop(ticket, None)
        if left is None:
            return
        self._roll(now)
        if quota is None or now - left > _HALF_NS:
            self._unsure += 1
            return
        ends = (left + int(quota.soonest * NANOSECONDS), now + int(quota.latest * NANOSECONDS))
        if not self._believed:
            self._watch(quota, ends, left)
        elif self._ends is None:
            self._begin(quota, ends)
        elif (age := self._compare(quota, ends, left, self._ends)) is None:
            self._disbelieve(quota, ends, left)
        elif age < 0:
            self._budget -= self._confirmed  # it was counted in this window by mistake
        elif age > 0:
            self._begin(quota, ends)
        else:
            self._narrow(ends)
            self._count(quota)

    def _compare(
        self, quota: Quota, ends: tuple[int, int], left: int, now_ends: tuple[int, int]
    ) -> int | None:
        """Return whether the window of an answer is older, the same or newer; None is invalid."""
        if quota.name is not None and self._name is not None:
            if quota.name == self._name:
                if self._confirmed:
                    return 0
                began = now_ends[1] - WINDOW_NS
                return -1 if left < began + _SLACK_NS else None
            moved = int((quota.name - self._name) * NANOSECONDS)
        elif ends[1] < now_ends[0]:
            return -1
        elif ends[0] <= now_ends[1]:
            return 0 if self._confirmed else 1
        else:
            moved = ends[0] - now_ends[1] + 4 * NANOSECONDS
        if moved < 0:
            return -1
        return 1 if moved >= _HALF_NS else None

    def _begin(self, quota: Quota, ends: tuple[int, int]) -> None:
        """Begin a new window; its end is aligned to that of the old one if the two agree."""
        if self._ends is not None:
            ends = _overlap(self._moved_on(quota, ends, self._ends), ends) or ends
        self._name, self._ends = quota.name, ends
        self._confirmed = self._believed = True
        self._counted = self._unsure = 0
        self._budget = quota.limit
        self._count(quota)

    def _moved_on(
        self, quota: Quota, ends: tuple[int, int], old: tuple[int, int]
    ) -> tuple[int, int]:
        """Return the end of the new window, calculated from the last one."""
        on = 0
        if not self._confirmed:
            pass  # it has been moved on already
        elif quota.name is not None and self._name is not None:
            on = int((quota.name - self._name) * NANOSECONDS)
        else:
            while old[1] + on < ends[0]:
                on += WINDOW_NS
        return old[0] + on - _DRIFT_NS, old[1] + on + _DRIFT_NS

    def _count(self, quota: Quota) -> None:
        self._counted += 1
        if quota.limit < self._limit:
            self._budget = min(self._budget, quota.limit)
        self._limit = quota.limit
        self._budget = min(self._budget, quota.remaining + self._own())

    def _narrow(self, ends: tuple[int, int]) -> None:
        if self._ends is not None:
            self._ends = _overlap(self._ends, ends) or ends

    def _disbelieve(self, quota: Quota, ends: tuple[int, int], left: int) -> None:
        self._believed = False
        self._name, self._ends, self._steady_since = quota.name, ends, left

    def _watch(self, quota: Quota, ends: tuple[int, int], left: int) -> None:
        """Trust a Reset again after it has been the same for a while."""
        same = self._ends is not None and quota.name == self._name
        if same and quota.name is None and self._ends is not None:
            same = _overlap(self._ends, ends) is not None
        if not same:
            self._disbelieve(quota, ends, left)
        elif left - self._steady_since >= _STEADY_NS:
            self._ends = None
            self._begin(quota, ends)

    def _roll(self, now: int) -> None:
        """Begin the next window when this one has certainly ended."""
        if self._believed and self._ends is not None and now >= self._ends[1] + _GUARD_NS:
            on = ((now - self._ends[1]) // WINDOW_NS + 1) * WINDOW_NS
            self._ends = (self._ends[0] + on, self._ends[1] + on)
            self._confirmed = False
            self._counted = self._unsure = 0
            self._budget = self._limit

    def _own(self) -> int:
        return self._counted + self._unsure + len(self._flying)

    def _left(self) -> int:
        """
        Return how many requests may still be sent in this window.

        The very last request is left to the other clients, if there are any, since both would take
        it. In simulation this lowers the refusals of two importers from 1 in 200 to 1 in 2,000.
        """
        shared = self._spread and self._limit >= _LEAST_SHARED and self.others() > 0
        return self._budget - self._own() - shared

    def earliest(self, now: int) -> int:
        """
        Return when the count of the service allows the next request: `now`, or when to ask again.

        Without other clients on the key, the pace keeps the limit, and nothing is held back here.
        """
        self._roll(now)
        if not self._believed or self._ends is None or self._budget >= self._rate:
            return now
        left = self._left()
        if left <= 0:
            return self._next_window(now, self._ends)
        if not self._spread:
            return now
        gap = min((self._ends[1] - now) // left, _LONGEST_GAP_NS)
        return max(now, self._last_left + gap)

    def _next_window(self, now: int, ends: tuple[int, int]) -> int:
        """
        Return when the window has certainly ended.

        If that is only roughly known (no `Date`, no answer close to the end), the request that is
        held back for others is sent half-way; otherwise the end would never be learned.
        """
        half_way = (ends[0] + ends[1]) // 2
        if ends[1] - ends[0] > _ROUGH_NS and self._budget > self._own():
            return max(now, half_way)
        return max(now, ends[1] + _GUARD_NS)

    def is_used_up(self, now: int) -> bool:
        """Return whether the service would refuse the next request of this window."""
        self._roll(now)
        bound = self._believed and self._ends is not None and self._budget < self._rate
        return bound and self._left() <= 0

    def limit(self) -> int | None:
        """Return the limit that the service last reported."""
        return self._limit or None

    def others(self) -> int:
        """Return how many requests of this window, at least, came from other clients."""
        return max(0, self._limit - self._budget) if self._believed else 0


def _overlap(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int] | None:
    both = max(one[0], other[0]), min(one[1], other[1])
    return both if both[0] <= both[1] else None
