"""The rows of a list that a run has to send or to record, one after the other."""

from __future__ import annotations

from collections.abc import Iterator

import anyio.lowlevel

from importer.core.clock import Durations
from importer.core.control import StopControl
from importer.core.errors import SourceError, SourceLost
from importer.core.events import Notifier
from importer.core.records import AlreadyCreated, Decision, Outcome, Send
from importer.run.tally import Tally

__all__ = ["DecidedRows", "ToDo"]

ToDo = Send | Outcome | AlreadyCreated
"""A decision that makes the run send or record something."""

_PAUSE_ROWS = 256


class DecidedRows:
    """Gives out the decisions about the rows of a run, and counts them."""

    def __init__(
        self,
        decisions: Iterator[Decision],
        tally: Tally,
        control: StopControl,
        durations: Durations,
        notifier: Notifier,
    ) -> None:
        self._decisions = decisions
        self._tally = tally
        self._control = control
        self._durations = durations
        self._notifier = notifier
        self._paused_at = 0

    async def take(self) -> ToDo | None:
        """Return the next decision to carry out, or None at the end of the list."""
        while not self._control.stopped:
            try:
                with self._durations.during("deciding"):
                    decision = next(self._decisions, None)
            except (OSError, SourceError) as error:
                self._control.stop(SourceLost.of(error))
                break
            if decision is None:
                self._tally.rows = self._tally.read
                break
            self._tally.count(decision)
            if self._tally.read - self._paused_at >= _PAUSE_ROWS:
                self._paused_at = self._tally.read
                self._notifier.before(self._tally.before)
                await anyio.lowlevel.checkpoint()
            if isinstance(decision, Send | Outcome):
                return decision
            if isinstance(decision, AlreadyCreated) and (decision.known or decision.reported):
                return decision
        return None
