"""Counts what a run has done so far, for metrics and progress displays."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from importer.core.clock import NANOSECONDS
from importer.core.events import Event, RowDone, RowsBefore, RunStarted
from importer.core.problems import ErrorKind, ProblemGroups
from importer.core.records import Problem
from importer.core.shared import JsonValue

_WINDOW_SECONDS = 120
"""The pace is that of the last two minutes: long enough for a rate of a few requests a minute."""
_AT_LEAST_SECONDS = 5
_CAUSES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """
    The counts of a run so far.

    `rows` is the number of rows in the list, or None while it is not known. Earlier runs have
    created `before` of them; `counts` has the other rows by status. `requests` is the number of
    answered requests, and `pace` how many of them a minute in the last two minutes, or None if the
    run has just begun. `causes` counts the rows that were not created, by kind of error.
    """

    rows: int | None = None
    before: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    requests: int = 0
    pace: float | None = None
    causes: Mapping[ErrorKind, int] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many rows have an outcome."""
        return self.before + sum(self.counts.values())

    @property
    def left(self) -> int | None:
        """How many rows of the list have no outcome, or None if that is not known."""
        return None if self.rows is None else max(0, self.rows - self.done)

    def to_json(self) -> dict[str, JsonValue]:
        """Return the figures as plain JSON values."""
        causes = [[one.code, one.field, rows] for one, rows in self.causes.items()]
        return {**asdict(replace(self, causes={})), "causes": causes}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        """
        Return the figures from the result of `to_json`, of this or another version.

        Causes in the form of another version are left out.
        """
        names = cls.__dataclass_fields__
        known = {name: one for name, one in value.items() if name in names}
        given = known.get("causes")
        listed = given if isinstance(given, list) else []
        triples = (one for one in listed if isinstance(one, list) and len(one) == 3)
        causes = {ErrorKind(code, field): rows for code, field, rows in triples}
        return cls(**known | {"causes": causes})


class Meter:
    """
    A hook of one run that counts. Its figures may be read in any thread.

    `rate` is how many requests a minute may leave at most: answers come unevenly, so that more of
    them may fall into a short time than the service has seen in any minute.

        >>> meter = Meter()
        >>> meter(RunStarted(run="r1", total=3))
        >>> meter(RowsBefore(count=2))
        >>> meter.figures().left
        1
    """

    def __init__(
        self, clock: Callable[[], int] = time.monotonic_ns, *, rate: float | None = None
    ) -> None:
        self._clock = clock
        self._rate = rate
        self._lock = threading.Lock()
        self._rows: int | None = None
        self._before = self._requests = 0
        self._counts = Counter[str]()
        self._problems = ProblemGroups()
        self._began: int | None = None
        self._answered = deque[tuple[int, int]](maxlen=_WINDOW_SECONDS + 1)

    def __call__(self, event: Event) -> None:
        """Count an event."""
        with self._lock:
            if isinstance(event, RowDone):
                outcome = event.outcome
                self._counts[outcome.status.value] += 1
                self._problems.add_outcome(outcome)
                if outcome.attempts:
                    self._answer(outcome.attempts)
            elif isinstance(event, RowsBefore):
                self._before += event.count
            elif isinstance(event, RunStarted):
                self._rows = event.total

    def figures(self) -> Figures:
        """Return the counts so far."""
        with self._lock:
            return Figures(
                rows=self._rows,
                before=self._before,
                counts=dict(self._counts),
                requests=self._requests,
                pace=self._pace(),
                causes=causes_of(self._problems.result()[:_CAUSES]),
            )

    def _answer(self, requests: int) -> None:
        second = self._clock() // NANOSECONDS
        self._began = second if self._began is None else self._began
        self._requests += requests
        if self._answered and self._answered[-1][0] == second:
            requests += self._answered.pop()[1]
        self._answered.append((second, requests))

    def _pace(self) -> float | None:
        if self._began is None:
            return None
        second = self._clock() // NANOSECONDS
        since = max(self._began, second - _WINDOW_SECONDS)
        while self._answered and self._answered[0][0] < since:
            self._answered.popleft()
        if second - since < _AT_LEAST_SECONDS:
            return None
        # The seconds before this one: it is not over yet.
        answered = sum(count for at, count in self._answered if at < second)
        pace = round(60 * answered / (second - since), 1)
        return pace if self._rate is None else min(pace, float(self._rate))


def causes_of(problems: tuple[Problem, ...]) -> dict[ErrorKind, int]:
    """Return the number of rows by error, with the field of the error if there is one."""
    causes = Counter[ErrorKind]()
    for one in problems:
        causes[ErrorKind(one.code, one.field)] += one.count
    return dict(causes)
