"""Counts the rows of a run, and proves that none is missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from importer.core.errors import ImporterError, TooManyErrors
from importer.core.problems import ProblemGroups
from importer.core.records import (
    TO_COMPARE,
    TO_CORRECT,
    AlreadyCreated,
    Decision,
    Outcome,
    PendingDuplicate,
    Send,
    Status,
)
from importer.core.row_marks import Where
from importer.core.settings import ErrorLimit
from importer.core.shared import EMPTY_ROW, OVERLAP_EXIT
from importer.core.verdict import ONLY_A_NAME, PartCounts, has_one_value, parts_of

Changes = Sequence[tuple[str, str]]
"""The (field, change) of each value that is sent in another form."""

_WORST_FIRST = (3, 5, 4, 2, 7, 1, 6, OVERLAP_EXIT, 0)


class SentChanges:
    """
    Counts the parts of created records, and values sent in another form than in the source.

    `counts` has these values by field and change, `parts` the parts of the records
    (`importer.core.verdict`). Neither holds a value, so both can be recorded.
    """

    def __init__(self, object_: str = "") -> None:
        self.counts: Counter[tuple[str, str]] = Counter()
        self.parts = PartCounts(object_)
        self._in_flight: dict[Where, tuple[Sequence[str], Sequence[int], Changes]] = {}

    def sent(self, send: Send) -> None:
        """Note the parts of the record of a queued row, and the changes of its values."""
        record = send.record
        parts = parts_of(record.object, record.fields)
        alone = (
            [record.row.line] if parts == ONLY_A_NAME and has_one_value(record.row.values) else ()
        )
        self._in_flight[send.source_hash, send.occurrence] = parts, alone, record.changes

    def settle(self, outcome: Outcome) -> None:
        """Count a row if it is created."""
        noted = self._in_flight.pop(outcome.where, None)
        if noted is not None and outcome.status is Status.CREATED:
            parts, alone, changes = noted
            self.parts.add(parts)
            self.parts.add_alone(len(alone), alone)
            self.counts.update(changes)


class Tally:
    """
    The counts of one run.

    `read` rows were read so far; `rows` is set when all were read. `before` counts the rows that an
    earlier run created, `counts` the outcomes by status, `undecided` the rows that were queued when
    the run stopped, and `pending` those that wait for an equal row. `problems` are the errors of
    the outcomes. `first_news` is the lowest number of a row about which a line was written.
    `changes` counts the values of created rows that were sent in another form than in the source.
    `undecided_before` counts possible duplicates of earlier runs that nobody has decided about and
    whose rows are not in the list. `changed_fields` counts the fields in which rows have changed.
    """

    def __init__(self, object_: str = "") -> None:
        self.read = self.before = self.undecided = self.pending = 0
        self._empty = 0
        self.rows: int | None = None
        self.counts = dict.fromkeys((status.value for status in Status), 0)
        self.problems = ProblemGroups()
        self.first_news: int | None = None
        self.changes = SentChanges(object_)
        self.undecided_before = 0
        self.changed_fields: Counter[str] = Counter()

    @property
    def has_news(self) -> bool:
        """Whether a line about a row was written."""
        return self.first_news is not None

    def note_news(self, number: int) -> None:
        """Note that a line about the row with this number is written."""
        self.first_news = min(number, self.first_news or number)

    def unchanged(self, new_from: int) -> range:
        """
        Return the lengths that an earlier list may have had if this one only continues it.

        That is so if nothing new was said about the rows before, and all rows from `new_from` on
        are new.
        """
        return range(new_from, self.read + 1 if self.first_news is None else self.first_news)

    @property
    def unsent(self) -> int:
        """How many of the rows read have no outcome."""
        return self.undecided + self.pending

    def count(self, decision: Decision) -> None:
        """Count the rows that a decision is about, all of which were just read."""
        if isinstance(decision, AlreadyCreated):
            self.read += decision.rows
            self.before += decision.rows
        else:
            self.read += 1
            self.pending += isinstance(decision, PendingDuplicate)

    def add(self, outcome: Outcome) -> None:
        """Count an outcome that is on disk."""
        self.counts[outcome.status] += 1
        if outcome.status is Status.INVALID and outcome.error is not None:
            self._empty += outcome.error.code == EMPTY_ROW
        self.changes.settle(outcome)
        if outcome.status is Status.CHANGED:
            self.changed_fields.update(outcome.changed)
        self.problems.add_outcome(outcome)

    def give_up(self) -> None:
        """Count all rows that were read and have no outcome yet as undecided."""
        self.undecided += self.read - self._accounted()

    def _accounted(self) -> int:
        return self.before + sum(self.counts.values()) + self.unsent

    def prove(self) -> None:
        """Raise `AssertionError` if rows were lost or counted twice."""
        accounted = self._accounted()
        if accounted != self.read:
            raise AssertionError(f"{self.read} rows were read and {accounted} accounted for")

    def too_many(self, limit: ErrorLimit) -> TooManyErrors | None:
        """
        Return the reason to stop if more rows were refused than allowed, here or by the service.

        A share is of all rows, also of those that an earlier run created: a rerun has mostly bad
        rows left, and would stop every time. Empty rows do not count: spreadsheets write hundreds
        of them.
        """
        refused = self.counts[Status.FAILED] + self.counts[Status.INVALID] - self._empty
        outcomes = self.before + sum(self.counts.values())
        if not limit.exceeded(refused=refused, outcomes=outcomes):
            return None
        return TooManyErrors(
            "%(count)s of %(rows)s rows were refused",
            count=f"{refused:,}",
            rows=f"{outcomes:,}",
            hint="Correct the mapping or the rows, and run the same command again; --max-errors "
            "allows more.",
        )


def exit_code_of(
    counts: Mapping[str, int], undecided: int, stop: ImporterError | None = None
) -> int:
    """
    Return the exit code of a run or a check by its outcomes, or by what has stopped it.

    It is 6 if only changes and undecided possible duplicates are left for a person.
    """
    if stop is not None:
        return stop.exit_code
    if any(counts[status] for status in TO_CORRECT):
        return 1
    return 6 if any(counts[status] for status in TO_COMPARE) or undecided else 0


def worst_of(codes: Iterable[int]) -> int:
    """Return the exit code of several jobs together: the most serious one."""
    found = {0, *codes}
    interrupted = found.difference(_WORST_FIRST)
    return max(interrupted) if interrupted else next(one for one in _WORST_FIRST if one in found)
