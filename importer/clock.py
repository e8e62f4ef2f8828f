"""Time and randomness as values, so that tests can run hours of pacing and outages at once."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

__all__ = ["NANOSECONDS", "Clock"]

NANOSECONDS = 1_000_000_000


async def _sleep(seconds: float) -> None:
    import anyio

    await anyio.sleep(seconds)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """
    The clock of a run: `monotonic_ns` is for pacing, `now` (UTC) for what is written to files.

    `sleep` takes seconds, `random` returns a float in [0, 1).
    """

    monotonic_ns: Callable[[], int] = time.monotonic_ns
    now: Callable[[], datetime] = _utc_now
    sleep: Callable[[float], Awaitable[None]] = _sleep
    random: Callable[[], float] = field(default=random.random)

    def timestamp(self) -> str:
        """Return the current time as RFC 3339 in UTC with milliseconds, as in the results file."""
        instant = self.now().astimezone(UTC)
        return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
