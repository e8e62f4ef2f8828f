"""The state of a list: how many rows have which outcome, and what is wrong with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Self

from importer.problems import ProblemGroups
from importer.records import Outcome, Problem, Rejected, Row, Status
from importer.shared import DEALT_WITH, JsonValue
from importer.writer.lines.acknowledged import AcknowledgedLine

__all__ = ["PROBLEMS_KEPT", "Standing", "StandingCounter"]

PROBLEMS_KEPT = 20
"""How many problems of a list are put on record."""
_NAMES = (*(status.value for status in Status), DEALT_WITH, "left")
_LATER = {Status.POSSIBLE_DUPLICATE.value, DEALT_WITH}
"""Counts that earlier versions did not put on record: then there were no such rows."""
_PROBLEM_NAMES = {field.name for field in fields(Problem)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """
    The state of the list at the end of a run.

    `counts` has the number of rows by status, and under `dealt_with` those whose change a person
    has dealt with, or of which a person has said that they are the same as their record. `left` is
    the number without an outcome; together they are all rows of the list. `corrected` of the
    created rows were corrected in a derived file first. `problems` are the most frequent errors of
    its rows.
    """

    counts: Mapping[str, int]
    left: int
    problems: tuple[Problem, ...] = ()
    corrected: int = 0

    def to_json(self) -> dict[str, JsonValue]:
        """Return the values of `list` and `problems` in an `end` line."""
        kept = [
            {name: value for name, value in asdict(problem).items() if value not in (None, [])}
            for problem in self.problems[:PROBLEMS_KEPT]
        ]
        return {"list": self.by_name(), "problems": kept}

    def acknowledged(self) -> Standing:
        """Return the state once all changes are dealt with."""
        return self._moved(Status.CHANGED, self.counts[Status.CHANGED], DEALT_WITH)

    def decided(self, status: Status, *, same: int, new: int) -> Standing:
        """
        Return the state once a person has decided about rows with this status.

        So many of them are the `same` as their record, and so many are `new`: they have no outcome
        until the next run.
        """
        return self._moved(status, same, DEALT_WITH)._moved(status, new, "left")

    def after(
        self,
        lines: Iterable[AcknowledgedLine],
        status_of: Callable[[tuple[str, int]], Status | None],
    ) -> Standing:
        """
        Return the state after decisions that it has not been counted with.

        `status_of` returns the status of a row by source hash and occurrence. Rows that are not in
        the list cannot be told from others here: until the next run has counted again, the state
        may be about them.
        """
        standing = self
        for line in lines:
            if line.is_about_changes:
                standing = standing.acknowledged()
            same, new = (Counter(map(status_of, rows)) for rows in (line.same, line.new))
            for status in (Status.CHANGED, Status.POSSIBLE_DUPLICATE):
                standing = standing.decided(status, same=same[status], new=new[status])
        return standing

    def _moved(self, status: Status, rows: int, to: str) -> Standing:
        """Return the state once so many rows with a status, or all that there are, have another."""
        moved = min(rows, self.counts[status])
        counts = {**self.counts, status.value: self.counts[status] - moved}
        problems = self.problems
        if not counts[status]:
            problems = tuple(one for one in problems if one.status != status)
        if to == "left":
            return replace(self, counts=counts, left=self.left + moved, problems=problems)
        counts[to] += moved
        return replace(self, counts=counts, problems=problems)

    def by_name(self) -> dict[str, int]:
        """Return the counts, with `left` and `corrected`."""
        return {**self.counts, "left": self.left, "corrected": self.corrected}

    @classmethod
    def from_json(cls, line: Mapping[str, object]) -> Self | None:
        """Return the state in an `end` line; None for lines of old versions, which have none."""
        found, problems = line.get("list"), line.get("problems")
        if not isinstance(found, Mapping):
            return None
        counts = {name: found[name] for name in _NAMES if isinstance(found.get(name), int)}
        counts |= {name: 0 for name in _LATER if name not in counts}
        corrected = found.get("corrected")
        if len(counts) < len(_NAMES):
            return None
        return cls(
            left=counts.pop("left"),
            counts=counts,
            corrected=corrected if isinstance(corrected, int) else 0,
            problems=tuple(map(_problem, problems)) if isinstance(problems, list) else (),
        )


def _problem(value: object) -> Problem:
    known = value if isinstance(value, Mapping) else {}
    empty = {"code": "", "origin": "", "field": None, "message": "", "hint": None}
    return Problem(**{**empty, **{n: v for n, v in known.items() if n in _PROBLEM_NAMES}})


class StandingCounter:
    """Counts the rows of a list as its derived files are written."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(_NAMES, 0)
        self._problems = ProblemGroups()
        self._corrected = 0

    def add(self, outcome: Outcome | None, row: Row | Rejected | None = None) -> None:
        """Count one row. `row` says where it is in the list now, if that is known."""
        if outcome is None:
            self._counts["left"] += 1
        elif outcome.is_acknowledged:
            self._counts[DEALT_WITH] += 1
        else:
            self._counts[outcome.status] += 1
            self._corrected += outcome.status is Status.CREATED and outcome.corrected is not None
            self._problems.add_outcome(outcome, row)

    def add_created(self, rows: int) -> None:
        """Count rows that were created."""
        self._counts[Status.CREATED] += rows

    def result(self) -> Standing:
        """Return the state of the list."""
        counts = dict(self._counts)
        return Standing(
            left=counts.pop("left"),
            counts=counts,
            problems=self._problems.result(),
            corrected=self._corrected,
        )
