"""Decides by its values whether the first row of a file is a row, and not its header."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from importer.reader.csv.profile import Profile, is_typed, is_value, looks_like_name, shape_of

_FEWEST_ROWS = 3
_REGULAR = 0.9
_YEAR, _CENTURIES = 4, ("19", "20")
_ID = 5
# An email address, or a number too long for anything but a phone number or an id.
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.\w+")
_REACHES = re.compile(_EMAIL.pattern + r"|\+?(?:[ ()./-]{0,2}\d){9,15}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}([./-])[0-9]{1,2}\1[0-9]{4}")


def is_row(cells: Sequence[str], rows: Sequence[Sequence[str]], below: Profile | None) -> bool:
    """
    Return whether the first row is certainly no header: it has values like the rows below.

    `below` describes those rows; it is None where they are too few to judge by.
    """
    if _names_a_person(cells, rows):
        return True
    if below is None:
        return False
    if _is_like_the_rows(cells, below) or _has_a_number_of_its_column(cells, rows):
        return True
    return list(cells) not in rows and _repeats_a_value(cells, below)


def has_an_address(cells: Sequence[str], rows: Iterable[Sequence[str]]) -> bool:
    """
    Return whether a row has one email address above other addresses, or above bad ones.

    Such a row is no header. `rows` may have different lengths. Several addresses in a row may be
    names of columns, for example those of participants.
    """
    found = [at for at, cell in enumerate(cells) if _EMAIL.fullmatch(cell.strip())]
    return len(found) == 1 and any("@" in one for row in rows for one in row[found[0] :][:1])


def _names_a_person(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """
    Return whether a row has an address, a phone number or a day where the rows below have them.

    None of them is the name of a column then. (Days are where a column of marks is below each.)
    """
    return any(
        form.fullmatch(cell.strip()) is not None and _all_are(form, values)
        for cell, values in zip(cells, zip(*rows, strict=True), strict=False)
        for form in (_REACHES, _DAY)
    )


def _all_are(form: re.Pattern[str], values: Sequence[str]) -> bool:
    given = [value.strip() for value in values if is_value(value)]
    fitting = sum(form.fullmatch(value) is not None for value in given)
    return bool(given) and fitting >= _REGULAR * len(given)


def _has_a_number_of_its_column(cells: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """
    Return whether a row has a whole number where all rows below have numbers of the same length.

    It is one of those, and no name, if it has five digits or more, or if all other cells are
    written like most of those below them and are more than one word: `Pék Roland;203`. Years and
    counted columns (1, 2, 3) may be names.
    """
    numbers = [cell.strip() for cell in cells if cell.strip().isdecimal()]
    if not numbers or len({*map(int, numbers)} & {*range(len(cells) + 1)}) > 1:
        return False
    columns = [
        (cell.strip(), [value.strip() for value in values if value.strip()])
        for cell, values in zip(cells, zip(*rows, strict=True), strict=False)
        if cell.strip()
    ]
    alike = all(_are_numbers(cell, values) for cell, values in columns if cell.isdecimal())
    if not alike or any(len(one) == _YEAR and one[:2] in _CENTURIES for one in numbers):
        return False
    words = [(cell, values) for cell, values in columns if not cell.isdecimal()]
    written = bool(words) and all(_is_written_like(cell, values) for cell, values in words)
    return written or max(map(len, numbers)) >= _ID


def _repeats_a_value(cells: Sequence[str], below: Profile) -> bool:
    """Return whether a cell is one of a few values that come again and again in its column."""
    return below.could_hold(cells) and any(
        column.values is not None and len(column.values) >= _FEWEST_ROWS and cell in column.values
        for column, cell in zip(below.columns, cells, strict=True)
        if cell.strip()
    )


def _are_numbers(cell: str, values: Sequence[str]) -> bool:
    lengths = Counter(len(value) for value in values if value.isdecimal())
    near = sum(lengths[len(cell) + more] for more in (-1, 0, 1))
    return len(values) >= _FEWEST_ROWS and near >= _REGULAR * len(values)


def _is_written_like(cell: str, values: Sequence[str]) -> bool:
    shape = shape_of(cell)
    same = sum(shape_of(value) == shape for value in values)
    return shape != "a" and 2 * same > len(values)


def _is_like_the_rows(cells: Sequence[str], below: Profile) -> bool:
    """Return whether the first row is certainly not a header: it has values like the rows below."""
    typed = [
        (column, cell)
        for column, cell in zip(below.columns, cells, strict=True)
        if is_typed(cell) and column.is_strict
    ]
    if len(set(cells)) < len(cells) - cells.count(""):
        return bool(typed) and below.could_hold(cells)
    no_name = not any(looks_like_name(cell) for cell in cells)
    # Years may be the names of columns, and whole numbers look like years.
    not_whole_numbers = [cell for _, cell in typed if not cell.strip().isdecimal()]
    several = len(typed) >= 2 and bool(not_whole_numbers)
    return below.could_hold(cells) and bool(typed) and (no_name or several)
