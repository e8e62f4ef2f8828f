"""Decides about the rows of a run, one by one or all before the first is sent."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import anyio.lowlevel

from importer.clock import Durations
from importer.control import StopControl
from importer.errors import SourceError, SourceLost
from importer.events import Notifier
from importer.records import AlreadyCreated, Decision, Outcome, Reconsidered, Send
from importer.running.tally import Tally

__all__ = ["COUNTED_BEYOND", "DecidedRows", "ToDo"]

ToDo = Send | Outcome | AlreadyCreated
"""A decision after which something has to be sent or recorded."""

_PAUSE_ROWS = 256
COUNTED_BEYOND = 1_000
"""How many rows more than are allowed are counted before `hold` gives up."""


class DecidedRows:
    """
    The decisions about the rows of a run, which are counted as they are made.

    `take` makes them when they are asked for, so that the first row is sent at once. After `hold`
    all of them have been made, and `take` hands them out.
    """

    def __init__(
        self,
        decisions: Iterator[Decision | Reconsidered],
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
        self._held: deque[ToDo] | None = None
        self._waiting = 0
        self._paused_at = 0

    async def take(self) -> ToDo | None:
        """Return the next row with something to be done, or None at the end of the list."""
        if self._held is None:
            return await self._decide()
        if not self._held:
            return None
        decision = self._held.popleft()
        self._waiting -= isinstance(decision, Send | Outcome)
        return decision

    async def hold(self, most: int) -> int:
        """
        Decide about all rows. Returns how many would be sent.

        If there are more than `most`, none is kept: the run is not going to send them. Then the
        rest of a long list is not looked at either.
        """
        held: deque[ToDo] = deque()
        self._held = held
        sends = 0
        while (decision := await self._decide()) is not None:
            self._waiting += isinstance(decision, Send | Outcome)
            sends += isinstance(decision, Send)
            if sends <= most:
                held.append(decision)
            else:
                held.clear()
            if sends > most + COUNTED_BEYOND:
                break
        return sends

    def give_up(self) -> None:
        """Count the rows that are held and have not been taken as undecided."""
        self._tally.undecided += self._waiting
        self._waiting = 0

    async def _decide(self) -> ToDo | None:
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
