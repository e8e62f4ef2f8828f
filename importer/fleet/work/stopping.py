"""Stops the runs of a fleet, and tells which of them leave rows to others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from importer.core.control import StopControl, StopGroup
from importer.core.errors import Interrupted, JournalError, ListGrows, SourceLost, StopRun
from importer.core.records import Summary

_LAST_LINES_SECONDS = 60.0
LIST_LOST = (ListGrows, SourceLost)
"""What happens to a list on one host: it is written to, or gone, while it is read."""


def is_left(summary: Summary, control: StopControl) -> bool:
    """Return whether a run was only cut off: by whoever asked, or with its journal or its list."""
    if summary.stopped is None:
        return False
    # Without a reason, it was its last line that could not be added.
    return isinstance(control.reason, (Interrupted, JournalError, *LIST_LOST, type(None)))


class FleetStop(StopGroup):
    """
    Stops the runs of a fleet together.

    Requests in flight are waited for, and then their lines, but not for ever: after `stop`, a
    database that is away holds nobody up for longer than a minute.
    """

    def __init__(self, give_up: Callable[[], None]) -> None:
        super().__init__()
        self._give_up = give_up
        self._timer = threading.Timer(_LAST_LINES_SECONDS, give_up)
        self._timer.daemon = True

    def stop(self, reason: StopRun) -> None:
        """Stop all runs as `StopControl.stop` does."""
        super().stop(reason)
        if not self._timer.is_alive():
            with suppress(RuntimeError):  # it has been started before
                self._timer.start()

    def stop_at_once(self, reason: StopRun) -> None:
        """Stop all runs as `StopControl.stop_at_once` does."""
        super().stop_at_once(reason)
        self._give_up()
