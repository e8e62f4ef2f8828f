"""Recognizes lines that are no rows: repeated headers, other tables, footers, blank lines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from importer.core.locale.message import Message
from importer.core.records import Rejected, Row
from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.profile import WORDS, Profile, has_digits

MOST_FOOTERS = 5
"""More lines than this at the end of a list are not footers."""
_MOST_OF_SUBTOTAL = _MOST_OF_FOOTER = 2
_FEWEST_SHARED = 2
_FEWEST_COLUMNS = 2
_FEWEST_WITH_NOTES = 3
_FEWEST_NUMBERED = 5
"""Fewer numbers in a row are an example that somebody has made up, and no office's form."""
_FOOTER = re.compile(
    rf"\W*(?:grand\s+|sub)?(?:{'|'.join(WORDS['footer'])})\b[^\r\n]{{0,200}}", re.IGNORECASE
)
# A number that is no phone number: without a zero before it, and blanks only before three digits.
_NUMBER = r"(?!0\d)(?:\d{1,3}(?:[.,'\s]\d{3}){1,2}|\d{1,8})(?:[.,]\d{1,2})?"
TOTAL_WORD = rf"\W*(?:{'|'.join(WORDS['total'])})"
"""A regular expression, in any case, of the words with which a total begins."""
_TOTAL = re.compile(
    rf"{TOTAL_WORD}(?:\s+(?:{'|'.join(WORDS['counted'])}))?"
    # and what was counted: 2 Kunden
    rf"(?:(?P<name>\s+[^\W\d_]+)?\W*{_NUMBER}(?:\s*[^\W\d_]+)?)?\W*",
    re.IGNORECASE,
)
_MAY_BE_PHONE = re.compile(r"\W*\d[\d\s()-]{5,}\d\W*")
_COUNTED = re.compile(rf"(?:[^\d+]{{0,3}}|[A-Z]{{3}} ){_NUMBER}(?:[^\d+]{{0,3}}|\s*[^\W\d_]+)")
_NOTICE = re.compile("|".join(WORDS["notice"]))
_LABEL = re.compile(r"[^\W\d_][^\d:@/]*:(?:\s|$)")  # Prepared by: Huda
_MARK = "\ufeff\x0c"  # before a header where files or pages were joined

_SHOWN = 80


def is_blank(line: str, delimiter: str, width: int) -> bool:
    """Return whether a line is blank: without delimiters, which a row of `width` cells has."""
    text = line.rstrip("\r\n").strip("\x1a")  # DOS ends files with it
    return not text or (width > 1 and delimiter not in text and not text.strip())


def is_footer(cells: Sequence[str], width: int) -> bool:
    """
    Return whether a line of fewer cells than the `width` columns may be a footer.

    >>> is_footer(["Total", "42"], 9), is_footer(["", "Printed on 1.2.2024", "Huda"], 9)
    (True, True)
    >>> is_footer(["Ende", "Michael"], 9)  # a person whose row has too few cells
    False
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    text = " ".join(filled)
    return (
        0 < len(filled) <= len(cells) < width
        and len(filled) <= min(_MOST_OF_FOOTER, width - 1)
        and (len(filled) == 1 or has_digits(text))
        and _FOOTER.fullmatch(text) is not None
    )


def is_total(cells: Sequence[str]) -> bool:
    """
    Return whether a row of the right length is a total: a word for it, and only numbers.

    A phone number is none of these: `Total,0501234567,` is a person.
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    return (
        len(cells) >= _FEWEST_COLUMNS
        and bool(filled)
        and 2 * len(filled) <= len(cells) + 1
        and _TOTAL.fullmatch(filled[0]) is not None
        and all(_COUNTED.fullmatch(cell) for cell in filled[1:])
    )


def is_subtotal(cells: Sequence[str]) -> bool:
    """
    Return whether a row is certainly a total, wherever it is: the word for it and a number.

    It has no second cell, and at most one further cell, in which is no phone number.

    >>> [is_subtotal([cell, "", ""]) for cell in ("Total 12", "Total", "Total Fitness 24")]
    [True, False, False]
    >>> is_subtotal(["Total", "", "12"]), is_subtotal(["Sum", "", "91234599"])
    (True, False)
    """
    if len(cells) < _FEWEST_COLUMNS or cells[1] or sum(map(bool, cells)) > _MOST_OF_SUBTOTAL:
        return False
    found = _TOTAL.fullmatch(cells[0].strip())
    is_certain = found is not None and (found["name"] is None or ":" in found[0])
    is_certain = is_certain and not any(map(_MAY_BE_PHONE.fullmatch, cells[1:]))
    return is_certain and any(map(has_digits, cells)) and is_total(cells)


def is_notice(cells: Sequence[str]) -> bool:
    """Return whether a record is a known text that report generators write below the rows."""
    return has_only_first(cells) and _NOTICE.fullmatch(cells[0].strip()) is not None


def has_only_first(cells: Sequence[str]) -> bool:
    """Return whether only the first cell of a record has a text."""
    return any(map(str.strip, cells[:1])) and not any(map(str.strip, cells[1:]))


def is_numbering(cells: Sequence[str]) -> bool:
    """
    Return whether a record only numbers the columns, as forms of offices do below the header.

    >>> is_numbering(["1", "2", "3", "4", "5"]), is_numbering(["1", "Amira", "3", "4", "5"])
    (True, False)
    """
    return len(cells) >= _FEWEST_NUMBERED and all(
        cell.strip() == str(number) for number, cell in enumerate(cells, 1)
    )


class TableWatch:
    """
    Finds repeated headers, and the headers of other tables.

    `other_begins` is the line on which another table begins, 0 if there is none.
    """

    def __init__(self, names: Sequence[str], raw: str, profile: Profile | None) -> None:
        self._names = _without_empty_end(names)
        self._raw = raw
        self._width = len(names)
        self._profile = profile
        self._marker = profile.marker_column if profile else None
        self._names_row = 0
        self._after_blank = False
        self.other_begins = 0

    def saw_blank(self) -> None:
        """Note that a blank line is above the next record."""
        self._after_blank = True

    def saw_row(self) -> None:
        """Note that a row, good or bad, is above the next record."""
        self._after_blank = False

    def is_undecided(self) -> bool:
        """Return whether the next record has to be looked at, since another table may begin."""
        return bool(self._after_blank or self.other_begins or self._names_row)

    def is_header(self, raw: str, cells: Sequence[str]) -> bool:
        """Return whether a record repeats the header; its table continues after it."""
        if self._width == 1:
            return False
        raw, first = raw.lstrip(_MARK).rstrip("\r\n"), cells[0].lstrip(_MARK) if cells else ""
        again = raw == self._raw or _without_empty_end([first, *cells[1:]]) == self._names
        if again:
            self.other_begins = self._names_row = 0
        return again

    def look(self, line: int, cells: Sequence[str]) -> Message | None:
        """
        Look at a record that does not repeat the header. Returns a notice about it, or None.

        Another table begins with the header's first names alone or with further ones, with
        other names below a blank line, or with names above a row that fits none of the columns.
        """
        if self.other_begins:
            return None
        if len(cells) != self._width:
            self.other_begins = line if self._is_other_header(cells) else 0
        elif self._after_blank and self._is_header(cells):
            self.other_begins = line
        elif self._names_row and self._could_hold_few(cells):
            self.other_begins = self._names_row
        if self.other_begins:
            return Message("another table begins here: its rows are refused")
        if len(cells) == self._width:
            # Beyond doubt, one of the names is in a column that always has digits.
            is_certain = self._has_word_in_marker_column(cells) and self._is_header(cells)
            self._names_row = line if is_certain else 0
        if self.is_names(line):
            return Message("a row of column names is among the rows: refused")
        return None

    def is_names(self, line: int) -> bool:
        """Return whether a line has column names, while no other table is certain."""
        return self._names_row == line and not self.other_begins

    def _is_other_header(self, cells: Sequence[str]) -> bool:
        cells = _without_empty_end(cells)
        shared = min(len(cells), len(self._names))
        return shared >= _FEWEST_SHARED and cells[:shared] == self._names[:shared]

    def _could_hold_few(self, cells: Sequence[str]) -> bool:
        """
        Return whether fewer than half of the cells in strict columns might belong there.

        That is so for a row of another table, but not for a row with an odd value or two.
        """
        if self._profile is None:
            return False
        held = [
            column.could_hold(cell)
            for column, cell in zip(self._profile.columns, cells, strict=True)
            if column.is_strict and cell.strip()
        ]
        return 2 * sum(held) < len(held)

    def _is_header(self, cells: Sequence[str]) -> bool:
        return self._profile is not None and self._profile.is_header(cells)

    def _has_word_in_marker_column(self, cells: Sequence[str]) -> bool:
        cell = "" if self._marker is None else cells[self._marker]
        return bool(cell.strip()) and not has_digits(cell)


def _without_empty_end(cells: Sequence[str]) -> list[str]:
    width = len(cells)
    while width and not cells[width - 1].strip():
        width -= 1
    return list(cells[:width])


class Footers:
    """
    Holds back the rows of a list of `width` columns that may be footers.

    That is a total, a line of one text that begins with a label (`Prepared by: Huda`), and behind a
    gap, which is a blank line or a known notice of a report, any short line of one text, such as
    the name of the report. Below a total as well, so is any row with only its first cell. Only at
    the end of the list they are footers.
    """

    def __init__(self, dialect: CsvDialect, width: int) -> None:
        self._dialect = dialect
        self._width = width
        self._held: list[Row | Rejected] = []
        self._is_behind_gap = self._is_below_total = False

    def saw_total(self) -> None:
        """Note that a total, which is no row, follows the rows."""
        self._is_below_total = True

    def saw_gap(self) -> None:
        """Note that a blank line or a notice follows the rows."""
        self._is_behind_gap = True

    def saw_row(self) -> None:
        """Note that a row follows, so that gaps and totals before it do not count."""
        self._is_behind_gap = self._is_below_total = False

    def hold(self, row: Row | Rejected) -> bool:
        """Hold a row back if it may be a footer. Returns whether it is held."""
        may_be = len(self._held) < MOST_FOOTERS and self._is_footer(row)
        if may_be:
            self._held.append(row)
        return may_be

    def is_holding(self) -> bool:
        """Return whether rows are held back, or still being released."""
        return bool(self._held)

    def release(self) -> Iterator[Row | Rejected]:
        """Yield the rows that were held back, since a row follows them."""
        self.saw_row()
        yield from self._held
        self._held = []

    def drop(self) -> list[Row | Rejected]:
        """Return the rows that were held back at the end of the list: they are footers."""
        dropped, self._held = self._held, []
        return dropped

    def _is_footer(self, row: Row | Rejected) -> bool:
        if isinstance(row, Row):
            cells = _cells(row)
            self._is_below_total |= (found := is_total(cells))
            is_alone, may_be_note = has_only_first(cells), self._is_below_total
        else:
            cells = self._dialect.split(row.raw) or []
            is_short = row.error.code == "malformed_row" and len(cells) < self._width
            found, may_be_note = is_short and is_footer(cells, self._width), True
            is_alone = is_short and sum(map(bool, map(str.strip, cells))) == 1
        is_note = is_alone and self._width >= _FEWEST_WITH_NOTES
        is_label = is_note and _LABEL.match("".join(cells).strip()) is not None
        return found or is_label or (is_note and may_be_note and self._is_behind_gap)


def footer_text(row: Row | Rejected) -> str:
    """Return the text of a footer."""
    return row.raw if isinstance(row, Rejected) else " ".join(_cells(row)).strip()


def footer_notice(line: int, text: str) -> Message:
    """Return the notice about a footer."""
    return Message(
        "line %(line)s is skipped as a footer: %(value)s", line=line, value=text[:_SHOWN]
    )


def _cells(row: Row) -> list[str]:
    return [cell for cell in row.values.values() if isinstance(cell, str)]
