"""Tells where an import stands, from its results file alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from importer import keys
from importer.records import Outcome, Problem
from importer.writer import (
    EndLine,
    RequestLine,
    RowLine,
    RunLine,
    Standing,
    StandingCounter,
    line_from_json,
    read_lines,
)

__all__ = ["ImportStatus", "import_status"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportStatus:
    """
    Where an import stands.

    `counts`, `left` and `problems` are those of the list as the last run left it: its rows by what
    holds for each, those without an outcome, and the errors grouped by cause. With `is_exact`
    False that is not on record, since the run was killed or stopped at once: then `counts` are of
    all rows that any run ever saw, and `left` is what the list's rows leave over.

    `before` counts the rows that the last run found created. `unclear` counts requests that left
    and have no outcome: the row is sent again with the same key. `ended` is False where the last
    run was killed. `files` are the derived files that it left, by kind. `last_run` and `last_end`
    are the lines of these kinds, or empty.
    """

    results: str
    runs: int
    counts: Mapping[str, int]
    before: int
    left: int
    is_exact: bool
    unclear: int
    ended: bool
    files: Mapping[str, str]
    last_run: dict[str, Any]
    last_end: dict[str, Any]
    problems: tuple[Problem, ...]

    @property
    def rows(self) -> int:
        """How many rows the list has: counted, or estimated where `is_about`."""
        if self.is_exact:
            return sum(self.counts.values()) + self.left
        return _rows(self.last_run, self.last_end)

    @property
    def is_about(self) -> bool:
        """Whether the number of rows is estimated."""
        is_counted = self.is_exact or self.last_end.get("rows") is not None
        return not is_counted and bool((self.last_run.get("source") or {}).get("is_about"))


@dataclass(slots=True)
class _Lines:
    """What the lines of a results file come to."""

    runs: int = 0
    outcomes: dict[tuple[str, int], Outcome] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)
    last_run: dict[str, Any] = field(default_factory=dict)
    last_end: dict[str, Any] = field(default_factory=dict)

    def add(self, found: dict[str, Any]) -> None:
        match line_from_json(found):
            case RunLine():
                self.runs, self.last_run, self.last_end = self.runs + 1, found, {}
            case EndLine():
                self.last_end = found
            case RequestLine(kind="sent", idempotency_key=key):
                self.sent.add(keys.key_base(key))
            case RequestLine(idempotency_key=key):
                self.sent.discard(keys.key_base(key))
            case RowLine(outcome=outcome):
                self.outcomes[outcome.source_hash, outcome.occurrence] = outcome
                if outcome.idempotency_key is not None:
                    self.sent.discard(keys.key_base(outcome.idempotency_key))


def import_status(results: Path) -> ImportStatus:
    """Read a results file, without locking it. Raises `ResultsError` where there is none."""
    lines = _Lines()
    for found in read_lines(results):
        lines.add(found)
    end = EndLine.from_json(lines.last_end) if lines.last_end else None
    exports = end.exports if end else None
    on_record = exports.standing if exports else None
    standing = on_record or _seen(lines)
    return ImportStatus(
        results=str(results),
        runs=lines.runs,
        counts=standing.counts,
        before=(end.before if end else None) or 0,
        left=standing.left,
        is_exact=on_record is not None,
        unclear=len(lines.sent),
        ended=bool(lines.last_end),
        files={
            kind: str(results.parent / name)
            for kind, (name, _, _) in (exports.files if exports else {}).items()
        },
        last_run=lines.last_run,
        last_end=lines.last_end,
        problems=standing.problems,
    )


def _seen(lines: _Lines) -> Standing:
    """Return where the list stands as far as the rows tell that any run has seen."""
    counter = StandingCounter()
    for outcome in lines.outcomes.values():
        counter.add(outcome)
    seen = counter.result()
    left = _rows(lines.last_run, lines.last_end) - sum(seen.counts.values())
    return replace(seen, left=max(0, left))


def _rows(run: Mapping[str, Any], end: Mapping[str, Any]) -> int:
    """Return how many rows the list of a run has, as far as is known."""
    counted = end.get("rows")
    return int((run.get("source") or {}).get("rows") or 0) if counted is None else int(counted)
