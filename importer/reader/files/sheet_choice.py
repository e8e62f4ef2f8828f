"""Finds the sheets of a workbook that have lists, also behind a cover sheet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

Peek = Callable[[str], Sequence[Sequence[str | None]] | None]
"""Takes the name of a sheet, and returns its first rows, or None if the sheet is hidden."""

_WIDE, _PAIR = 3, 2
_FEWEST = 2
_LONG = 20
_CONTACT = re.compile(r"\s*(?:[^\s@]+@[^\s@]+\.[^\s@]+|\+?[0-9][0-9 ().-]{6,18})\s*")


def sheets_with_lists(names: Sequence[str], peek: Peek) -> Iterator[str]:
    """
    Yield the sheets that people see and that look like lists, in order.

    A list has rows of three cells and more. A narrow sheet is a list as well if it is long, or if
    most of its rows have an email address or a phone number: otherwise a page with a title and a
    few lines such as `Prepared by | Anna Muster` would be one.
    """
    for name in names:
        rows = peek(name)
        if rows is not None and _is_list(rows):
            yield name


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
