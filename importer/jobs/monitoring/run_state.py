"""Whether the end of a run is news, compared with the end of the run before."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Self

from importer.core.logs.event_log import known_word
from importer.core.records import Problem, Status, Summary
from importer.core.shared import FINISHED, GUARD_EXIT
from importer.core.systems.folders import state_folder
from importer.writer.lines.run_line import EndLine
from importer.writer.list_status import PROBLEMS_KEPT

Cause = tuple[str, str, str]
"""The cause of failed rows: their status, the error code, and the field, or "" for none."""

News = Literal["failed", "guard", "problems", "list", "recovered", "changes", "undecided"]

_UNUSABLE = (OSError, RuntimeError, ValueError, TypeError)
"""The exceptions if there is no folder for the file, or if its content is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """
    The end of a run: its exit code, and the number of rows by cause.

    `changes` is the number of changed rows that the run found: each is found once. `undecided`
    counts possible duplicates without a decision, of this list and of earlier ones. `unusual` says
    that there are notices about the list or its mapping.
    """

    exit_code: int
    causes: Mapping[Cause, int] = field(default_factory=dict)
    changes: int = 0
    undecided: int = 0
    unusual: bool = False

    @classmethod
    def of_end(cls, end: EndLine) -> Self:
        """Return the state in an `end` line."""
        return cls(
            exit_code=0 if end.exit_code is None else end.exit_code,
            causes=_causes(end.list_status.problems if end.list_status is not None else ()),
        )

    @classmethod
    def of_summary(cls, summary: Summary) -> Self:
        """Return the state of a run that has just ended."""
        return cls(
            exit_code=summary.exit_code,
            causes=_causes(summary.problems[:PROBLEMS_KEPT]),
            changes=summary.counts.get(Status.CHANGED, 0),
            undecided=_undecided(summary),
            unusual=bool(summary.news),
        )


def _undecided(summary: Summary) -> int:
    counts = summary.counts if summary.list is None else summary.list
    return counts.get(Status.POSSIBLE_DUPLICATE, 0) + summary.undecided_before


def _causes(problems: Iterable[Problem]) -> Counter[Cause]:
    causes: Counter[Cause] = Counter()
    for one in problems:
        words = (known_word(word) or "" for word in (one.status, one.code, one.field))
        causes[tuple(words)] += one.count  # type: ignore[index]  # three words
    return causes


def news(now: RunState, before: RunState | None) -> News | None:
    """
    Return the kind of news that the end of a run is, or None if nobody needs a message.

    A run that did not reach its end is always news. Rows that need a person are news if a cause is
    new or has more rows than `before`, and so are notices about the list. The first run that
    reaches its end again is news too, and so is the first one without such rows. A message about
    found changes is short; possible duplicates are news each time until somebody has decided.

        >>> news(RunState(exit_code=0), RunState(exit_code=5))
        'recovered'
    """
    if now.exit_code == GUARD_EXIT:
        return "guard"
    if now.exit_code not in FINISHED:
        return "failed"
    if before is not None and before.exit_code not in FINISHED:
        return "recovered"
    if now.exit_code == 0 and not now.unusual:
        return "recovered" if before is not None and before.exit_code == 1 else None
    known = before.causes if before is not None else {}
    return _found(now, known)


def _found(now: RunState, known: Mapping[Cause, int]) -> News | None:
    """Return the news of a run that reached its end, although rows may need a person."""
    others = {cause: count for cause, count in now.causes.items() if cause[0] != Status.CHANGED}
    if any(count > known.get(cause, 0) for cause, count in others.items()):
        return "problems"
    if now.unusual:
        return "list"
    if now.changes:
        return "changes"
    return "undecided" if now.undecided else None


class ReportedFailure:
    """
    The last failure of a job that was reported to somebody, until a run of the job ends.

    It is in a file in the user's state folder, whose name is a hash of the job, the current folder
    and the recipients. If the file cannot be written, the next good run does not report that all is
    well again.
    """

    def __init__(self, job: str, *told: str | None) -> None:
        self._name = json.dumps([job, os.path.realpath("."), *told])

    @property
    def _path(self) -> Path:
        return state_folder() / f"{hashlib.sha256(self._name.encode()).hexdigest()[:32]}.failed"

    def note(self, exit_code: int, at: float) -> None:
        """Note a failure; `at` is in seconds since 1970."""
        with suppress(*_UNUSABLE):
            path = self._path
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_text(json.dumps([exit_code, at]), encoding="ascii")

    def read(self) -> tuple[int, float] | None:
        """Return the exit code and the time of the failure, or None if there is none."""
        with suppress(*_UNUSABLE):
            code, at = json.loads(self._path.read_text(encoding="ascii"))
            return int(code), float(at)
        return None

    def forget(self) -> None:
        """Forget the failure: a run has ended since."""
        with suppress(*_UNUSABLE):
            self._path.unlink()
