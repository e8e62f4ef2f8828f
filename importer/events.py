"""What the library tells whoever listens: hooks with frozen details. The library never prints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from importer.records import Outcome

__all__ = [
    "Event",
    "Hook",
    "Notice",
    "Notifier",
    "RowDone",
    "RowsBefore",
    "RunStarted",
    "Waiting",
    "emit",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """
    Sent once, before the first row: `total` is the number of rows.

    `is_about` tells that it is estimated, as it is for large CSV files.
    """

    run: str
    total: int | None
    is_about: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDone:
    """Sent for each row whose outcome is on disk."""

    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsBefore:
    """Sent now and then: `count` more rows were passed that an earlier run created."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Sent when nothing can be sent for `seconds`; `reason` is a sentence for a person."""

    seconds: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Sent for what a person should know but need not act on at once."""

    message: str


Event = RunStarted | RowDone | RowsBefore | Waiting | Notice
Hook = Callable[[Event], None]


def emit(hooks: Iterable[Hook], event: Event) -> None:
    """Tell every hook, in order. A hook that raises ends the run: it is the caller's code."""
    for hook in hooks:
        hook(event)


class Notifier:
    """Tells the hooks of one run what happens, and keeps the notices for its summary."""

    def __init__(self, hooks: Sequence[Hook]) -> None:
        self._hooks = hooks
        self._before = 0
        self.notices: list[str] = []

    def started(self, run: str, total: int | None, *, is_about: bool) -> None:
        """Tell that the run begins."""
        emit(self._hooks, RunStarted(run=run, total=total, is_about=is_about))

    def done(self, outcome: Outcome) -> None:
        """Tell of an outcome that is on disk."""
        emit(self._hooks, RowDone(outcome=outcome))

    def before(self, count: int) -> None:
        """Tell how many rows so far an earlier run had created, where there are more now."""
        if count > self._before:
            emit(self._hooks, RowsBefore(count=count - self._before))
            self._before = count

    def waiting(self, seconds: float, reason: str) -> None:
        """Tell that nothing can be sent for a while."""
        emit(self._hooks, Waiting(seconds=seconds, reason=reason))

    def notice(self, message: str) -> None:
        """Tell what a person should know, now and at the end."""
        self.notices.append(message)
        emit(self._hooks, Notice(message=message))
