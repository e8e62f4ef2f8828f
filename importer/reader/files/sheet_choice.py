"""Finds the sheet of a workbook that holds the list: a cover sheet before it does not hide it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

__all__ = ["Peek", "sheet_with_list"]

Peek = Callable[[str], Sequence[Sequence[str | None]] | None]
"""Takes the name of a sheet, and returns its first rows, or None if the sheet is hidden."""

_WIDE, _PAIR = 3, 2
_FEWEST = 2
_LONG = 20
_CONTACT = re.compile(r"\s*(?:[^\s@]+@[^\s@]+\.[^\s@]+|\+?[0-9][0-9 ().-]{6,18})\s*")


def sheet_with_list(names: Sequence[str], peek: Peek) -> str:
    """
    Return the first sheet that people see and that looks like a list, or else the first sheet.

    A list has rows of three cells and more. A narrow sheet is a list as well if it is long, or if
    most of its rows have an email address or a phone number: otherwise a page with a title and a
    few lines such as `Prepared by | Anna Muster` would be one.
    """
    for name in names:
        rows = peek(name)
        if rows is not None and _is_list(rows):
            return name
    return names[0]


def _is_list(rows: Iterable[Sequence[str | None]]) -> bool:
    filled = [[cell for cell in row if cell and not cell.isspace()] for row in rows]
    filled = [row for row in filled if row]
    widths = [len(row) for row in filled]
    if sum(width >= _WIDE for width in widths) >= _FEWEST:
        return True
    if sum(width >= _PAIR for width in widths) >= _LONG:
        return True
    contacts = sum(any(map(_CONTACT.fullmatch, row)) for row in filled)
    return contacts * 2 > max(1, len(filled) - 1)  # the first row may be the header
