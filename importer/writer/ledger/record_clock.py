"""Tells how long ago something was put on record, whatever was done to the clock since."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["RecordClock"]


class RecordClock:
    """
    A clock made of the times on record: it goes forward with them and never back.

    Where the clock was set back, only what it went forward before and after counts. So an age
    comes out too great where the clock was wrong, never too small for the time the record shows.
    """

    def __init__(self) -> None:
        self._last: float | None = None
        self._set_back = 0.0

    def note(self, at: str | None) -> float | None:
        """
        Take in a line's `at`, in file order.

        Returns it in seconds on this clock, None where it is not a time.
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
