"""Groups the errors of rows, so that a thousand rows with one cause are one line to read."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from typing import Self

from importer.core.locale.message import Message
from importer.core.records import Origin, Outcome, Problem, Rejected, Row, RowError
from importer.core.shared import counted

_LINES_KEPT = 5
_CAUSES_KEPT = 500
"""Further causes are grouped by code and field alone, so that memory does not grow."""
_OF_ONE_ROW = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S*[@\d]\S*""")
"""Quoted texts, numbers, addresses and ids in the words of a server, which have no code."""


class ErrorKind(str):
    """
    What a row's error is about: its code, and the field if it is about one.

    As a text, it has both: `validation_error (email)`.
    """

    __slots__ = ("code", "field")
    code: str
    field: str | None

    def __new__(cls, code: str, field: str | None = None) -> Self:
        """Return the kind of an error."""
        self = super().__new__(cls, code if field is None else f"{code} ({field})")
        self.code, self.field = code, field
        return self


NOTHING_ELSE = Message("Correct it in the source: the row has nothing else that a record needs.")
"""The hint for a value without which its row is not sent, though others are sent without one."""


class ProblemGroups:
    """Collects errors: those with the same code, field and cause become one `Problem`."""

    def __init__(self) -> None:
        self._found: dict[tuple[str | None, ...], Problem] = {}

    def begin_with(self, problems: Iterable[Problem]) -> None:
        """Begin with all the problems of other rows."""
        for one in problems:
            kind = (one.status, one.code, one.field)
            known = replace(one, lines=[*one.lines], sources=[*one.sources])
            self._found[(*kind, *_cause(one))] = known

    def add_outcome(self, outcome: Outcome, row: Row | Rejected | None = None) -> None:
        """Add the error of a row, if it has one. `row` is the row of the present list, if known."""
        if outcome.error is not None:
            place = row or outcome
            problem = self.add(place.line, outcome.error, place.source, outcome.status)
            dates = filter(None, (problem.failing_since, outcome.failing_since))
            problem.failing_since = min(dates, default=None)

    def add(
        self, line: int, error: RowError, source: str | None = None, status: str | None = None
    ) -> Problem:
        """Add an error of the row that begins on this line of a source. Returns its group."""
        kind = (status, error.code, error.field)
        key: tuple[str | None, ...] = (*kind, *_cause(error))
        if key not in self._found and len(self._found) >= _CAUSES_KEPT:
            key = kind
        problem = self._found.get(key)
        if problem is None:
            problem = self._found[key] = _problem(error, status)
        elif _choices(error.hint) < _choices(problem.hint):
            shown = _problem(error, status)  # its value shows what that of the first one did not
            problem.message, problem.hint, problem.example = (
                shown.message,
                shown.hint,
                shown.example,
            )
        problem.count += 1
        if len(problem.lines) < _LINES_KEPT and (source, line) not in zip(
            problem.sources, problem.lines, strict=True
        ):
            problem.lines.append(line)
            problem.sources.append(source)
        return problem

    def result(self) -> tuple[Problem, ...]:
        """Return the problems, the most frequent first, then those on earlier lines."""
        return tuple(sorted(self._found.values(), key=lambda one: (-one.count, min(one.lines))))


def failing_words(since: str | None, today: date) -> str:
    """
    Return since when rows have been failing, in words; empty if only since `today`.

        >>> failing_words("2026-05-03T01:00:04.512Z", date(2026, 5, 15))
        'failing since 2026-05-03, 12 nights'
    """
    if since is None:
        return ""
    first = datetime.fromisoformat(since).date()
    nights = (today - first).days
    if nights < 1:
        return ""
    return f"failing since {first}, {counted(nights, 'night')}"


def _cause(error: RowError | Problem) -> tuple[str, ...]:
    """Return what is the same in messages about one cause; a service has its own words for each."""
    message = error.message
    if not message.values or message.is_foreign:
        return (_OF_ONE_ROW.sub("0", message),)
    said = message.value_of("text") if error.origin is Origin.API else None
    about = "" if said is None else _OF_ONE_ROW.sub("0", str(said))
    return (*message.codes(), about, "only" if error.hint == NOTHING_ELSE else "")


def _choices(hint: Message | None) -> float:
    """Return how many ways a hint leaves open; one that shows none leaves all open."""
    choices = None if hint is None else hint.value_of("choices")
    return math.inf if choices is None else len(choices)


def _problem(error: RowError, status: str | None) -> Problem:
    return Problem(
        code=error.code,
        origin=error.origin,
        field=error.field,
        message=error.message,
        hint=error.hint,
        example=error.message.value_of("value") if error.field else None,
        status=status,
        retryable=error.retryable,
    )
