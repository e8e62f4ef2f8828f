"""Measures how long ago something was recorded, even if the clock was changed since."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["RecordClock"]


class RecordClock:
    """
    A clock that follows the recorded times forward, and never goes back.

    If the system clock was set back, only the steps forward before and after that are counted. So
    an age may be too high if the clock was wrong, but never too low for the recorded times.
    """

    def __init__(self) -> None:
        self._last: float | None = None
        self._set_back = 0.0

    def note(self, at: str | None) -> float | None:
        """
        Note the `at` of a line, in file order.

        Returns it in seconds on this clock, or None if it is not a time.
        """
        try:
            instant = datetime.fromisoformat(at or "")
        except ValueError:
            return None
        return self.to(instant if instant.tzinfo else instant.replace(tzinfo=UTC))

    def to(self, instant: datetime) -> float:
        """Move on to an instant. Returns the seconds on this clock."""
        seconds = instant.timestamp()
        if self._last is not None and seconds < self._last:
            self._set_back += self._last - seconds
        self._last = seconds
        return seconds + self._set_back
