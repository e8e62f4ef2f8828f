"""Hooks and the events they receive. The library never prints; it calls hooks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from importer.core.locale.message import Message
from importer.core.records import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """Sent once, before the first row: `total` is the number of rows, if it is known."""

    run: str
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RowDone:
    """Sent for each row whose outcome is on disk."""

    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class RowsBefore:
    """Sent now and then: `count` more rows were skipped, since an earlier run created them."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Sent when nothing can be sent for `seconds`; `reason` is a sentence for a person."""

    seconds: float
    reason: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Sent with a message for a person that needs no action at once."""

    message: Message


Event = RunStarted | RowDone | RowsBefore | Waiting | Notice
Hook = Callable[[Event], None]


class Notifier:
    """
    Notifies the hooks of one run, and keeps its notices for the summary.

    Every hook is called, in order. An exception of a hook ends the run.
    """

    def __init__(self, hooks: Sequence[Hook]) -> None:
        self._hooks = hooks
        self._before = 0
        self.notices: list[Message] = []

    def started(self, run: str, total: int | None) -> None:
        """Notify that the run begins."""
        self._emit(RunStarted(run=run, total=total))

    def done(self, outcome: Outcome) -> None:
        """Notify of an outcome that is on disk."""
        self._emit(RowDone(outcome=outcome))

    def before(self, count: int) -> None:
        """Notify of more rows that were skipped as already created; `count` are all so far."""
        if count > self._before:
            self._emit(RowsBefore(count=count - self._before))
            self._before = count

    def waiting(self, seconds: float, reason: Message) -> None:
        """Notify that nothing can be sent for a while."""
        self._emit(Waiting(seconds=seconds, reason=reason))

    def notice(self, message: Message) -> None:
        """Notify of a message for a person, now and in the summary."""
        self.notices.append(message)
        self._emit(Notice(message=message))

    def _emit(self, event: Event) -> None:
        for hook in self._hooks:
            hook(event)
