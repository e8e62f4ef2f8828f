"""Time and randomness as values, so that tests can run hours of pacing and outages at once."""

from __future__ import annotations

import random
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

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


def instant(text: str | None) -> datetime | None:
    """
    Return a time of a results file, or None if it is not one. Without a zone it is in UTC.

        >>> instant("2026-05-03T01:00:04.512Z")
        datetime.datetime(2026, 5, 3, 1, 0, 4, 512000, tzinfo=datetime.timezone.utc)
    """
    try:
        found = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


Phase = Literal["reading", "loading", "deciding", "sending", "writing"]
_PHASES: tuple[Phase, ...] = ("reading", "loading", "deciding", "sending", "writing")


class Durations:
    """
    The seconds that each phase of a run took.

    `reading` is the first pass over the sources, `loading` reads the results of earlier runs,
    `deciding` is the second pass with the decision about each row, `sending` everything else until
    the last answer, and `writing` the derived files.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._took: dict[Phase, int] = dict.fromkeys(_PHASES, 0)
        self._within: list[int] = []

    @contextmanager
    def during(self, phase: Phase) -> Iterator[None]:
        """Add the time of a block to a phase, without the time of phases within."""
        began = self.clock.monotonic_ns()
        self._within.append(0)
        try:
            yield
        finally:
            took = self.clock.monotonic_ns() - began
            self._took[phase] += took - self._within.pop()
            if self._within:
                self._within[-1] += took

    def seconds(self, *phases: Phase) -> float:
        """Return the seconds of these phases together."""
        return round(sum(self._took[phase] for phase in phases) / NANOSECONDS, 3)

    def by_phase(self) -> dict[str, float]:
        """Return the seconds of each phase."""
        return {phase: self.seconds(phase) for phase in _PHASES}
