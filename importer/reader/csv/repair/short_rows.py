"""Reads rows of a small list that lack their last cells, by the kinds of the values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from importer.reader.csv.profile import is_typed, is_value

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_NUMBER = re.compile(r"[(+]?(?:[ ()./-]{0,2}\d){7,15}")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class ColumnKind:
    """
    The kind of all values of a column: `email`, `number` (of a phone), `words`, or `any`.

    `digits` are the lengths of the numbers.
    """

    name: str = "any"
    digits: frozenset[int] = frozenset()

    def may_hold(self, cell: str) -> bool:
        """Return whether a cell may be a value of the column; in doubt it may."""
        if not is_value(cell) or self.name == "any":
            return True
        return _kind_of(cell) == self.name and (
            self.name != "number" or _count_digits(cell) in self.digits
        )


def kinds_of(rows: Sequence[Sequence[str]]) -> tuple[ColumnKind, ...]:
    """Return the kind of each column of a few rows with the same number of cells."""
    return tuple(map(_column_kind, zip(*rows, strict=True)))


def are_first_cells(cells: Sequence[str], kinds: Sequence[ColumnKind]) -> bool:
    """
    Return whether the cells of a short row belong to the first columns, and can to no others.

    One of them must be an email address or the number of a phone: a line of words may be no row.
    """
    sure = any(
        kind.name in {"email", "number"} and is_value(cell) and kind.may_hold(cell)
        for cell, kind in zip(cells, kinds, strict=False)
    )
    if not sure or not all(map(str.strip, cells)) or len(cells) >= len(kinds):
        return False
    fits = all(kind.may_hold(cell) for cell, kind in zip(cells, kinds, strict=False))
    return fits and _count_ways(cells, kinds) == 1


def _count_ways(cells: Sequence[str], kinds: Sequence[ColumnKind]) -> int:
    """Count the ways to place the cells in the columns, in order."""
    ways = [1] + [0] * len(cells)  # by how many of the cells are placed
    for kind in kinds:
        for placed in range(len(cells), 0, -1):
            if kind.may_hold(cells[placed - 1]):
                ways[placed] += ways[placed - 1]
    return ways[-1]


def _column_kind(cells: Sequence[str]) -> ColumnKind:
    values = [cell for cell in cells if is_value(cell)]
    kinds = {_kind_of(value) for value in values}
    if len(kinds) != 1:
        return ColumnKind()
    return ColumnKind(kinds.pop(), frozenset(map(_count_digits, values)))


def _kind_of(cell: str) -> str:
    text = cell.strip()
    if _EMAIL.fullmatch(text):
        return "email"
    if _NUMBER.fullmatch(text):
        return "number"
    return "any" if is_typed(text) or _DIGIT.search(text) else "words"


def _count_digits(cell: str) -> int:
    return len(_DIGIT.findall(cell))
