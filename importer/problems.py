"""Groups rows' errors, so that a thousand rows with one cause are one line to read."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable

from importer.records import RowError

__all__ = ["Problem", "group_problems"]

_LINES_KEPT = 5
# More causes than this are told apart by code and field alone, so that memory stays flat.
_CAUSES_KEPT = 500
_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_NUMBER = re.compile(r"\d[\d.,:+-]*")


@dataclasses.dataclass(slots=True, kw_only=True)
class Problem:
    """
    One kind of trouble: how often it was found and the first lines it stands on.

    `message` and `hint` are those of the first such row, `example` the value its message shows.
    """

    code: str
    origin: str
    field: str | None
    message: str
    hint: str | None
    example: str | None = None
    count: int = 0
    lines: list[int] = dataclasses.field(default_factory=list)


def group_problems(
    errors: Iterable[tuple[int, RowError]], *, by_cause: bool = False
) -> list[Problem]:
    """
    Group (line, error) pairs by code and field, the most frequent first.

    With `by_cause` messages that differ in more than values and numbers are kept apart too.
    """
    found: dict[tuple[str, str | None, str], Problem] = {}
    for line, error in errors:
        key = error.code, error.field, _cause(error.message) if by_cause else ""
        if key not in found and len(found) >= _CAUSES_KEPT:
            key = error.code, error.field, ""
        problem = found.get(key)
        if problem is None:
            problem = found[key] = _problem(error)
        problem.count += 1
        if len(problem.lines) < _LINES_KEPT and line not in problem.lines:
            problem.lines.append(line)
    return sorted(found.values(), key=lambda problem: -problem.count)


def _cause(message: str) -> str:
    """Return a message without what differs from row to row."""
    return _NUMBER.sub("0", _QUOTED.sub("''", message))


def _problem(error: RowError) -> Problem:
    return Problem(
        code=error.code,
        origin=error.origin,
        field=error.field,
        message=error.message,
        hint=error.hint,
        example=_example(error),
    )


def _example(error: RowError) -> str | None:
    """Return the value a message about a field begins with."""
    start = f"{error.field}: "
    if error.field is None or not error.message.startswith(start):
        return None
    shown = _QUOTED.match(error.message, len(start))
    return shown[0][1:-1] if shown else None
