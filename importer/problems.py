"""Groups rows' errors, so that a thousand rows with one cause are one line to read."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from importer.records import RowError

__all__ = ["Problem", "group_problems"]

_LINES_KEPT = 5


@dataclasses.dataclass(slots=True, kw_only=True)
class Problem:
    """
    One kind of trouble: how many rows have it and the first lines it stands on.

    `message` and `hint` are those of the first such row.
    """

    code: str
    origin: str
    field: str | None
    message: str
    hint: str | None
    count: int = 0
    lines: list[int] = dataclasses.field(default_factory=list)


def group_problems(errors: Iterable[tuple[int, RowError]]) -> list[Problem]:
    """Group (line, error) pairs by code and field, the most frequent first."""
    found: dict[tuple[str, str | None], Problem] = {}
    for line, error in errors:
        problem = found.setdefault(
            (error.code, error.field),
            Problem(
                code=error.code,
                origin=error.origin,
                field=error.field,
                message=error.message,
                hint=error.hint,
            ),
        )
        problem.count += 1
        if len(problem.lines) < _LINES_KEPT:
            problem.lines.append(line)
    return sorted(found.values(), key=lambda problem: -problem.count)
