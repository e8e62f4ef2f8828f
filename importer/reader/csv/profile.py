"""Describes what the values of each column look like, to find cells that are in the wrong one."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_DIGITS, _LETTERS, _SPACES = re.compile(r"\d"), re.compile(r"[^\W\d_]+"), re.compile(r"\s+")
_NINES = re.compile("9+")
_MOST_SHAPES = 12
_APART = frozenset(',;|\t:"@#/^~')
_FEW_VALUES = 5
_FEWEST_STRICT = 2
_ENOUGH_VALUES = 10
_REPEATS = 3
_TYPED = re.compile(
    r"""[+-]?[\d.,\s]*\d\s?%?                                  # a number
    | \d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T\s]+\d{1,2}:\d\d.*)?  # a date
    | \d{1,2}:\d\d(?::\d\d)?(?:\s?[AaPp][Mm])?                 # a time
    | [^@\s]+@[^@\s]+\.\w+                                     # an address
    | https?://\S+
    | \+?[\d\s()./-]{5,}                                       # a phone number
    """,
    re.VERBOSE,
)
_LONGEST_NAME = 60
_NEARLY = 0.8
WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
"""Words by which cells and lines are recognized."""
_NO_VALUE = frozenset(WORDS["no_value"])
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_NUMBER = re.compile(r"[(+]?(?:[ ()./-]{0,2}\d){7,15}")


def is_typed(cell: str) -> bool:
    """Return whether a cell is a number, a date, a time, a phone number or an address."""
    return _TYPED.fullmatch(cell.strip()) is not None


def has_digits(cell: str) -> bool:
    """Return whether a cell has a digit of any script."""
    return _DIGITS.search(cell) is not None


def looks_like_name(cell: str) -> bool:
    """Return whether a cell may be a column's name: short words, and not a typed value."""
    text = cell.strip()
    return (
        len(text) <= _LONGEST_NAME
        and text.lower() not in _NO_VALUE
        and not is_typed(text)
        and any(letter.isalpha() for letter in text)
        and "@" not in text
    )


def is_value(cell: str) -> bool:
    """Return whether a cell has a value: it is neither empty, nor a word for no value."""
    text = cell.strip()
    return bool(text) and text.lower() not in _NO_VALUE


def nearly_all(lines: Iterable[bool]) -> bool:
    """Return whether at least four in five are true: one in five lines may be damaged."""
    found = list(lines)
    return bool(found) and sum(found) >= _NEARLY * len(found)


def shape_of(cell: str) -> str:
    """Return a cell with each run of digits, letters or spaces as one character."""
    return _NINES.sub("9", _exact_shape(cell))


def _exact_shape(cell: str) -> str:
    """Return a cell's shape in which each digit still counts."""
    return _SPACES.sub(" ", _DIGITS.sub("9", _LETTERS.sub("a", cell)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    What the values of one column look like.

    `shapes` and `exact` are None if there are too many to recognize a foreign value by them, and
    `values` where they do not repeat.
    """

    count: int
    empties: bool
    values: frozenset[str] | None
    shapes: frozenset[str] | None
    exact: frozenset[str] | None
    edges: tuple[frozenset[str], frozenset[str]]
    longest: int

    @property
    def is_strict(self) -> bool:
        """Return whether a value of another column would rarely fit this one."""
        if self.values is not None:
            return True
        return bool(self.exact) and all("9" in shape for shape in self.exact or ())

    def fits(self, cell: str) -> bool:
        """Return whether a cell looks like the column's values in every respect."""
        if not cell.strip():
            return self.empties
        if self.values is not None:
            return cell in self.values
        if self.is_strict:
            return _exact_shape(cell) in (self.exact or ())
        return self.could_hold(cell) and len(cell) <= 2 * self.longest

    def could_hold(self, cell: str) -> bool:
        """Return whether a cell might be a value of the column; in doubt it might."""
        if not cell.strip() or self.count == 0:
            return True
        if self.shapes is not None:
            return shape_of(cell) in self.shapes or (self._has_words and self._is_like_words(cell))
        return _exact_shape(cell[:1]) in self.edges[0] and _exact_shape(cell[-1:]) in self.edges[1]

    @property
    def _has_words(self) -> bool:
        return not any("9" in shape for shape in self.shapes or ())

    def _is_like_words(self, cell: str) -> bool:
        """Return whether a cell is words, with no separators that the column's values lack."""
        shape = shape_of(cell)
        signs = {sign for known in self.shapes or () for sign in known}
        return "a" in shape and "9" not in shape and set(shape) & _APART <= signs


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The columns of a file. `short[n]` counts rows that lack their last n cells."""

    columns: tuple[Column, ...]
    short: tuple[int, ...] = ()

    @property
    def marker_column(self) -> int | None:
        """The first column with digits in every row, by which a header is recognized; or None."""
        found = (
            place
            for place, column in enumerate(self.columns)
            if column.is_strict and column.values is None and not column.empties
        )
        return next(found, None)

    def fits(self, cells: Sequence[str]) -> bool:
        """Return whether each cell might be in its column, and one of them fits a strict one."""
        return self.could_hold(cells) and any(
            column.is_strict and cell.strip() and column.fits(cell)
            for column, cell in zip(self.columns, cells, strict=True)
        )

    def could_hold(self, cells: Sequence[str]) -> bool:
        """Return whether each cell might be a value of its column."""
        return len(cells) == len(self.columns) and all(
            column.could_hold(cell) for column, cell in zip(self.columns, cells, strict=True)
        )

    def is_foreign(self, cells: Sequence[str], fewest: int = _FEWEST_STRICT) -> bool:
        """Return whether a row has names in all columns of typed values where it has cells."""
        strict = [
            (column, cell)
            for column, cell in zip(self.columns, cells, strict=True)
            if column.is_strict and column.values is None and cell.strip()
        ]
        return len(strict) >= fewest and all(
            looks_like_name(cell) and not column.could_hold(cell) for column, cell in strict
        )

    def is_header(self, cells: Sequence[str], fewest: int = _FEWEST_STRICT) -> bool:
        """Return whether a row is only distinct names, `fewest` of them over typed values."""
        names = [cell for cell in cells if cell.strip()]
        return (
            all(map(looks_like_name, names))
            and len(set(names)) == len(names)
            and self.is_foreign(cells, fewest)
        )


def profile_of(rows: Sequence[Sequence[str]], short: Sequence[int] = ()) -> Profile:
    """Return what the columns of `rows` look like; all rows have the same length."""
    return Profile(
        columns=tuple(_column(list(cells)) for cells in zip(*rows, strict=True)),
        short=tuple(short),
    )


def _column(cells: list[str]) -> Column:
    seen = [cell for cell in cells if cell.strip()]
    values = Counter(seen)
    distinct = values.keys()
    counts: Counter[str] = Counter()
    for value, count in values.items():
        counts[_exact_shape(value)] += count
    shapes = frozenset(_NINES.sub("9", shape) for shape in counts)
    # A shape that only one of many cells has may be the very damage to be found.
    once = len(seen) >= _ENOUGH_VALUES
    exact = frozenset(shape for shape, count in counts.items() if count > once)
    has_letters = any(letter.isalpha() for cell in distinct for letter in cell)
    few_words = len(seen) < _FEW_VALUES and has_letters
    repeats = len(seen) >= _FEW_VALUES * _REPEATS and len(distinct) * _REPEATS <= len(seen)
    most = min(_MOST_SHAPES, max(3, len(seen) // _REPEATS))
    return Column(
        count=len(seen),
        empties=len(seen) < len(cells),
        values=frozenset(value for value, count in values.items() if count > once)
        if repeats and len(distinct) <= 2 * _MOST_SHAPES
        else None,
        shapes=shapes if len(shapes) <= most and not few_words else None,
        exact=exact if len(exact) <= most and not few_words else None,
        edges=(
            frozenset(map(_exact_shape, {cell[:1] for cell in distinct})),
            frozenset(map(_exact_shape, {cell[-1:] for cell in distinct})),
        ),
        longest=max(map(len, seen), default=0),
    )


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
    if EMAIL.fullmatch(text):
        return "email"
    if _NUMBER.fullmatch(text):
        return "number"
    return "any" if is_typed(text) or _DIGITS.search(text) else "words"


def _count_digits(cell: str) -> int:
    return len(_DIGITS.findall(cell))
