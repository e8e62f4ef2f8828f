"""Counts what became of a run's rows, and proves that none is missing."""

from __future__ import annotations

from importer.errors import StopRun, TooManyErrors
from importer.records import Outcome, Status
from importer.settings import ErrorLimit

__all__ = ["Tally"]

_REFUSED = (Status.INVALID, Status.FAILED, Status.UNKNOWN, Status.CHANGED)


class Tally:
    """
    One run's rows: those read, and what is known of them.

    `rows` is how many the sources have, once all were read. `before` counts those an earlier run
    created, `counts` the outcomes by status, `undecided` those that were queued when the run
    stopped, `twins` those that wait for an equal row.
    """

    def __init__(self) -> None:
        self.read = self.before = self.undecided = self.twins = 0
        self.rows: int | None = None
        self.counts = dict.fromkeys((status.value for status in Status), 0)

    @property
    def unsent(self) -> int:
        """How many of the rows that were read have no outcome."""
        return self.undecided + self.twins

    def give_up(self) -> None:
        """Count the rows that were read and of which nothing has been said as undecided."""
        self.undecided += self.read - self._accounted()

    def _accounted(self) -> int:
        return self.before + sum(self.counts.values()) + self.unsent

    def prove(self) -> None:
        """Raise `AssertionError` where rows were lost or counted twice."""
        accounted = self._accounted()
        if accounted != self.read:
            raise AssertionError(f"{self.read} rows were read and {accounted} accounted for")

    def too_many(self, limit: ErrorLimit, last: Outcome) -> TooManyErrors | None:
        """Return the reason to stop where more rows were refused than allowed."""
        refused, outcomes = self.counts[Status.FAILED], sum(self.counts.values())
        if not limit.exceeded(refused=refused, outcomes=outcomes):
            return None
        reason = f", the last one: {last.error.message}" if last.error else ""
        return TooManyErrors(
            f"{refused} of {outcomes} rows were refused{reason}",
            hint="Look at the failed file, correct the mapping or the rows, and run "
            "again; --max-errors allows more.",
        )

    def exit_code(self, stop: StopRun | None) -> int:
        """Return what the command line ends with."""
        if stop is not None:
            return stop.exit_code
        return 1 if any(self.counts[status] for status in _REFUSED) else 0
