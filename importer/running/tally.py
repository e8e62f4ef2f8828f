"""Counts what became of a run's rows, and proves that none is missing."""

from __future__ import annotations

from importer.errors import StopRun, TooManyErrors
from importer.problems import ProblemGroups
from importer.records import Outcome, Status
from importer.settings import ErrorLimit

__all__ = ["Tally"]

_TO_CORRECT = (Status.INVALID, Status.FAILED, Status.UNKNOWN)


class Tally:
    """
    One run's rows: those read, and what is known of them.

    `rows` is how many the sources have, once all were read. `before` counts those an earlier run
    created, `counts` the outcomes by status, `undecided` those that were queued when the run
    stopped, `pending` those that wait for an equal row. `problems` are the errors of the outcomes.
    `is_whole` is False where a source changed while it was read: rows may be missing. `has_known`
    tells that rows were recognised by something else than their content.
    """

    def __init__(self) -> None:
        self.read = self.before = self.undecided = self.pending = 0
        self.rows: int | None = None
        self.counts = dict.fromkeys((status.value for status in Status), 0)
        self.problems = ProblemGroups()
        self.is_whole = True
        self.has_known = False

    @property
    def unsent(self) -> int:
        """How many of the rows that were read have no outcome."""
        return self.undecided + self.pending

    def add(self, outcome: Outcome) -> None:
        """Count an outcome that is on disk."""
        self.counts[outcome.status] += 1
        self.problems.add_outcome(outcome)

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

    def too_many(self, limit: ErrorLimit) -> TooManyErrors | None:
        """
        Return the reason to stop where more rows were refused than allowed, here or by the service.

        Rows that an earlier run created are among those a share is of: else a rerun, which has
        little but bad rows left, would stop each time.
        """
        refused = self.counts[Status.FAILED] + self.counts[Status.INVALID]
        outcomes = self.before + sum(self.counts.values())
        if not limit.exceeded(refused=refused, outcomes=outcomes):
            return None
        return TooManyErrors(
            f"{refused:,} of {outcomes:,} rows were refused",
            hint="Correct the mapping or the rows, and run the same command again; --max-errors "
            "allows more.",
        )

    def exit_code(self, stop: StopRun | None) -> int:
        """
        Return what the command line ends with.

        Changes that this run has found end it with 6 where nothing else is left to a person.
        """
        if stop is not None:
            return stop.exit_code
        if not self.is_whole or any(self.counts[status] for status in _TO_CORRECT):
            return 1
        return 6 if self.counts[Status.CHANGED] else 0
