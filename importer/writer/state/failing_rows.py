"""Finds since when rows have been failing."""

from __future__ import annotations

from dataclasses import replace

from importer.core.records import TO_CORRECT, Outcome
from importer.core.row_marks import Where


class FailingRows:
    """
    Finds since when each row has been failing, without a success in between.

    Call `note` with the outcomes in the order of the results file. A run writes no new line for a
    row that is refused for the same reason as before, so the first line has the time. `compact`
    keeps that line.
    """

    def __init__(self) -> None:
        self._since: dict[Where, str] = {}

    def note(self, outcome: Outcome, at: str | None) -> None:
        """Note an outcome of `at`, the time of its line."""
        where = outcome.where
        if outcome.status not in TO_CORRECT:
            self._since.pop(where, None)
        elif at is not None:
            self._since.setdefault(where, at)

    def dated(self, outcome: Outcome) -> Outcome:
        """Return the last outcome of a row, `failing_since` the time of the first."""
        if outcome.status not in TO_CORRECT:
            return outcome
        since = self._since.get(outcome.where)
        return replace(outcome, failing_since=since)
