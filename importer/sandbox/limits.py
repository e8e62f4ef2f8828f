"""Counts requests in fixed windows, per API key and per tenant."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class LimitDecision:
    """Whether a request may pass, and what its answer says about the window."""

    allowed: bool
    scope: Literal["key", "tenant"]
    limit: int
    remaining: int
    reset: int
    """Epoch seconds at which the window ends."""
    retry_after: int
    """Seconds until then, at least 1."""

    def headers(self) -> dict[str, str]:
        """Return the three X-RateLimit headers."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.reset),
        }


@dataclass(frozen=True, slots=True)
class Usage:
    """How much of a window is used right now."""

    used: int
    limit: int
    seconds_left: float


class FixedWindows:
    """
    Lets `key_limit` requests of a key and `tenant_limit` of a tenant pass in each window.

    The number of the current window is `floor(now / window)`, so a caller can send twice the limit
    around the border of two windows. Every request counts, including refused ones.
    `clock` returns epoch seconds.
    """

    def __init__(
        self,
        *,
        key_limit: int,
        tenant_limit: int,
        clock: Callable[[], float],
        window: float = 60.0,
    ) -> None:
        self.key_limit = key_limit
        self.tenant_limit = tenant_limit
        self._clock = clock
        self._length = window
        self._used: dict[int | str, tuple[int, int]] = {}
        """Of each key and tenant the number of its last window, and how much of it is used."""

    def count(self, key: int, tenant: str) -> LimitDecision:
        """Count one request and say whether it may pass. The key's own limit is looked at first."""
        now = self._clock()
        by_key = self._usage(key, self.key_limit, now, more=1)
        by_tenant = self._usage(tenant, self.tenant_limit, now, more=1)
        key_full, tenant_full = by_key.used > by_key.limit, by_tenant.used > by_tenant.limit
        is_tenant = tenant_full and not key_full
        shown = by_tenant if is_tenant else by_key
        return LimitDecision(
            allowed=not (key_full or tenant_full),
            scope="tenant" if is_tenant else "key",
            limit=shown.limit,
            remaining=max(0, shown.limit - shown.used),
            reset=math.ceil((math.floor(now / self._length) + 1) * self._length),
            retry_after=max(1, math.ceil(shown.seconds_left)),
        )

    def key_usage(self, key: int) -> Usage:
        """Return how much of its window the key has used."""
        return self._usage(key, self.key_limit, self._clock())

    def tenant_usage(self, tenant: str) -> Usage:
        """Return how much of its window the tenant has used."""
        return self._usage(tenant, self.tenant_limit, self._clock())

    def _usage(self, one: int | str, limit: int, now: float, *, more: int = 0) -> Usage:
        """Count so many requests `more` of a key or tenant, and return what it has used."""
        index = math.floor(now / self._length)
        last, used = self._used.get(one, (index, 0))
        self._used[one] = index, (used if last == index else 0) + more
        return Usage(self._used[one][1], limit, (index + 1) * self._length - now)
