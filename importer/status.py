"""Tells where an import stands, from its results file alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from importer import keys
from importer.problems import ProblemGroups
from importer.records import Outcome, Problem, Status
from importer.writer import EndLine, RequestLine, RowLine, RunLine, line_from_json, read_lines

__all__ = ["ImportStatus", "import_status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatus:
    """
    Where an import stands. `counts` is by the outcome that holds for each row ever seen.

    `unclear` counts requests that left and have no outcome: the row is sent again with the same
    key. `ended` is False where the last run was killed. `last_run` and `last_end` are the lines
    of these kinds, or empty.
    """

    results: str
    runs: int
    counts: dict[str, int]
    unclear: int
    ended: bool
    last_run: dict[str, Any]
    last_end: dict[str, Any]
    problems: tuple[Problem, ...]

    @property
    def open_rows(self) -> int:
        """How many rows of the last run's source have no outcome yet, as far as is known."""
        counted = self.last_end.get("rows") if self.ended else None
        rows = self.last_run.get("source", {}).get("rows", 0) if counted is None else counted
        return max(0, int(rows) - sum(self.counts.values()))


def import_status(results: Path) -> ImportStatus:
    """Read a results file, without locking it. Raises `ResultsError` where there is none."""
    outcomes: dict[tuple[str, int], Outcome] = {}
    sent: set[str] = set()
    runs = 0
    last_run: dict[str, Any] = {}
    last_end: dict[str, Any] = {}
    for found in read_lines(results):
        match line_from_json(found):
            case RunLine():
                runs, last_run = runs + 1, found
            case EndLine():
                last_end = found
            case RequestLine(kind="sent", idempotency_key=key):
                sent.add(key)
            case RequestLine(kind="unsent", idempotency_key=key):
                sent.discard(key)
            case RowLine(outcome=outcome):
                outcomes[outcome.source_hash, outcome.occurrence] = outcome
                sent.discard(outcome.idempotency_key or "")
    counts = dict.fromkeys((status.value for status in Status), 0)
    problems = ProblemGroups()
    for outcome in outcomes.values():
        counts[outcome.status] += 1
        problems.add_outcome(outcome)
    return ImportStatus(
        results=str(results),
        runs=runs,
        counts=counts,
        unclear=len({keys.key_base(key) for key in sent}),
        ended=last_end.get("run") == last_run.get("run"),
        last_run=last_run,
        last_end=last_end,
        problems=problems.result(),
    )
