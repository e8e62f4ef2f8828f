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


@dataclass(slots=True)
class _RequestWindow:
    index: int = -1
    used: int = 0


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
        self._keys: dict[int, _RequestWindow] = {}
        self._tenants: dict[str, _RequestWindow] = {}

    def count(self, key: int, tenant: str) -> LimitDecision:
        """Count one request and say whether it may pass. The key's own limit is looked at first."""
        now = self._clock()
        index = math.floor(now / self._length)
        by_key = _add(self._keys.setdefault(key, _RequestWindow()), index)
        by_tenant = _add(self._tenants.setdefault(tenant, _RequestWindow()), index)
        end = (index + 1) * self._length
        key_full, tenant_full = by_key > self.key_limit, by_tenant > self.tenant_limit
        shown: Literal["key", "tenant"] = "tenant" if tenant_full and not key_full else "key"
        limit, used = {
            "key": (self.key_limit, by_key),
            "tenant": (self.tenant_limit, by_tenant),
        }[shown]
        return LimitDecision(
            allowed=not (key_full or tenant_full),
            scope=shown,
            limit=limit,
            remaining=max(0, limit - used),
            reset=math.ceil(end),
            retry_after=max(1, math.ceil(end - now)),
        )

    def key_usage(self, key: int) -> Usage:
        """Return how much of its window the key has used."""
        return self._usage(self._keys.get(key), self.key_limit)

    def tenant_usage(self, tenant: str) -> Usage:
        """Return how much of its window the tenant has used."""
        return self._usage(self._tenants.get(tenant), self.tenant_limit)

    def _usage(self, window: _RequestWindow | None, limit: int) -> Usage:
        now = self._clock()
        index = math.floor(now / self._length)
        used = window.used if window is not None and window.index == index else 0
        return Usage(used, limit, (index + 1) * self._length - now)


def _add(window: _RequestWindow, index: int) -> int:
    if window.index != index:
        window.index, window.used = index, 0
    window.used += 1
    return window.used
