"""How often a row is tried, and how many retries a run may send."""

from __future__ import annotations

from importer.core.clock import NANOSECONDS

MAX_ATTEMPTS = 6
_BUDGET = 100.0
_REFUND = 0.5
_SHARE_OF_PACE = 0.25


class RetryBudget:
    """
    Limits the retries of a run, so that a service in trouble does not get twice the requests.

    The budget begins with 100 retries, which is also its maximum. Each retry takes one, each clear
    answer gives back half a retry, and a quarter of `rate` (requests a minute) is added over time,
    so that no row waits for ever. If the budget is overdrawn, retries wait; none is dropped.
    """

    def __init__(self, rate: int) -> None:
        self._per_ns = rate * _SHARE_OF_PACE / (60 * NANOSECONDS)
        self._left = _BUDGET
        self._at = 0

    def spend(self, now: int) -> float:
        """Take one retry. Returns how many seconds it has to wait."""
        if self._at:
            self._left = min(_BUDGET, self._left + (now - self._at) * self._per_ns)
        self._at = now
        self._left -= 1
        return max(0.0, -self._left / self._per_ns) / NANOSECONDS

    def refund(self) -> None:
        """Note a clear answer."""
        self._left = min(_BUDGET, self._left + _REFUND)
