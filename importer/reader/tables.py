"""Tells what stands below the rows of a list: its header again, other tables, and footers."""

from __future__ import annotations

import re
from collections.abc import Sequence

from importer.reader.mending import Mender

__all__ = ["MOST_FOOTERS", "TableWatch", "is_blank", "is_footer", "is_total"]

MOST_FOOTERS = 5
"""More lines than this at the end of a list are no footer."""

_FEWEST_SHARED = 2
_FEWEST_COLUMNS = 3
_FOOTER = re.compile(
    r"\W*(?:grand\s+|sub)?(?:totals?|count|records?|rows?|end|eof|page|summe|gesamt|anzahl|ende|"
    r"fin|generated|exported|printed|\d+\s+(?:rows?|records?|entries|contacts?)|"
    r"المجموع|الإجمالي|العدد)\b[^\r\n]{0,200}",
    re.IGNORECASE,
)
_TOTAL = re.compile(
    r"\W*(?:(?:grand\s+|sub\s?)?totals?|sum|summen?|gesamt(?:summe)?|somme|المجموع|الإجمالي)\W*",
    re.IGNORECASE,
)
_MARK = "\ufeff\x0c"  # what stands before a header where files or pages were put together
_NUMBER = re.compile(r"\D{0,3}\d[\d\s.,']*\D{0,3}")


def is_blank(line: str, delimiter: str, width: int) -> bool:
    """Tell a line without content from a row of `width` cells that are empty or blank."""
    text = line.rstrip("\r\n").strip("\x1a")  # which ends a file of DOS
    return not text or (width > 1 and delimiter not in text and not text.strip())


def is_footer(line: str, delimiter: str, width: int) -> bool:
    """
    Tell whether a line that is no row may end a list of `width` columns.

    `Total;42` may, and `Ende;Michael` is a person with a cell too few.
    """
    counted = line.partition(delimiter)[2].strip()
    return (
        width > 1
        and (not counted or any(map(str.isdigit, counted)))
        and line.count(delimiter) <= min(1, width - 2)
        and _FOOTER.fullmatch(line.strip()) is not None
    )


def is_total(cells: Sequence[str]) -> bool:
    """Tell whether a row of the right length is the sum of the rows: a word and numbers alone."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return (
        len(cells) >= _FEWEST_COLUMNS
        and bool(filled)
        and 2 * len(filled) <= len(cells) + 1
        and _TOTAL.fullmatch(filled[0]) is not None
        and all(_NUMBER.fullmatch(cell) for cell in filled[1:])
    )


class TableWatch:
    """
    Tells by their headers where the header stands again and where another table begins.

    `begins` is the line the other table begins in, 0 where there is none; `after_blank` says that
    a blank line is above what is looked at next.
    """

    def __init__(self, names: Sequence[str], raw: str, mender: Mender) -> None:
        self._names = _without_empty_end(names)
        self._raw = raw
        self._width = len(names)
        self._mender = mender
        self._names_row = 0
        self.begins = 0
        self.after_blank = False

    def is_undecided(self) -> bool:
        """Tell whether what comes next is looked at in another way than any row."""
        return bool(self.after_blank or self.begins or self._names_row)

    def is_header(self, raw: str, cells: Sequence[str]) -> bool:
        """Tell whether a record is the header once more: its table goes on behind it."""
        if self._width == 1:
            return False
        raw, first = raw.lstrip(_MARK).rstrip("\r\n"), cells[0].lstrip(_MARK) if cells else ""
        again = raw == self._raw or _without_empty_end([first, *cells[1:]]) == self._names
        if again:
            self.begins = self._names_row = 0
        return again

    def look(self, line: int, cells: Sequence[str]) -> str | None:
        """
        Look at a record that is no header. Returns what is to be told of it.

        Another table begins with the header cut short or gone on, with different names below a
        blank line, or with names above a row that fits none of the columns.
        """
        if self.begins:
            return None
        if len(cells) != self._width:
            self.begins = line if self._is_other_header(cells) else 0
        elif self.after_blank and self._mender.are_names(cells):
            self.begins = line
        elif self._names_row and self._mender.could_hold_few(cells):
            self.begins = self._names_row
        if self.begins:
            return "another table begins here: its rows are refused"
        if len(cells) == self._width:
            doubtless = self._mender.are_names(cells, beyond_doubt=True)
            self._names_row = line if doubtless else 0
        return "a row of names stands among the rows: refused" if self.is_names(line) else None

    def is_names(self, line: int) -> bool:
        """Tell whether the record of this line is a header where no other table is proven yet."""
        return self._names_row == line and not self.begins

    def _is_other_header(self, cells: Sequence[str]) -> bool:
        cells = _without_empty_end(cells)
        shared = min(len(cells), len(self._names))
        return shared >= _FEWEST_SHARED and cells[:shared] == self._names[:shared]


def _without_empty_end(cells: Sequence[str]) -> list[str]:
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return list(cells[:width])
