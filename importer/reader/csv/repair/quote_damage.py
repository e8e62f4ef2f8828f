"""Finds damage by quotes in records that are regular by their quotes."""

from __future__ import annotations

from collections.abc import Sequence

from importer.core.locale.message import Message
from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.profile import Profile, is_typed, nearly_all

_WORD_ENDS = (".", "!", "?", ")", "%")

_OTHER_QUOTE = {'"': "'", "'": '"', "": '"'}
"""The quote a file does not use, by the one it uses."""

_FEWEST_LINES, _FEWEST_DELIMITERS = 3, 4
_FEWEST_OF_WORDS = 3


def _stand_in(cells: Sequence[str], quote: str, profile: Profile | None) -> bool:
    """Return whether all cells are in these quotes, or one cell that fits only without them."""
    quoted = [len(cell) > 1 and cell[0] == cell[-1] == quote for cell in cells]
    if sum(quoted) < 2:
        return False
    return all(quoted) or (
        profile is not None
        and any(
            column.is_strict and is_quoted and not column.fits(cell) and column.fits(cell[1:-1])
            for column, cell, is_quoted in zip(profile.columns, cells, quoted, strict=True)
        )
    )


def _is_spaced(cell: str, quote: str) -> bool:
    """Return whether a cell has a space before its quotes: the quotes may be meant or not."""
    return len(cell) > 2 and cell.startswith(f" {quote}") and cell.endswith(quote)


def _is_opened_inside(pieces: Sequence[str], quote: str) -> bool:
    """Return whether a quote opens after a word, where a delimiter was lost, and closes later."""
    opened = False
    for piece in pieces:
        if piece.count(quote) % 2 == 0:
            continue
        before, _, behind = piece.replace(quote * 2, "").partition(quote)
        if opened and not behind:
            return True
        opened = _ends_word(before.rstrip(" ")) and behind[:1].isalnum()
    return False


def _ends_word(text: str) -> bool:
    return text[-1:].isalnum() or text.endswith(_WORD_ENDS)


def _is_strayed(
    cells: Sequence[str], line: str, pieces: Sequence[str], quote: str, profile: Profile
) -> bool:
    """
    Return whether a cell has a stray quote, without which it would fit its column.

    A stray quote is single in the file: one that was meant is doubled.
    """
    return any(
        quote in cell
        and column.is_strict
        and (cell in pieces or f"{quote}{cell}{quote}" in line)
        and f"{quote}{cell.replace(quote, quote * 2)}{quote}" not in line
        and not column.fits(cell)
        and column.fits(cell.replace(quote, ""))
        for column, cell in zip(profile.columns, cells, strict=True)
    )


class QuoteDamage:
    """
    Finds damage by quotes in the records of a file with `width` columns.

    A cell may have line ends and delimiters. But if each of several lines has as many delimiters as
    the header, that is no chance: they are rows that an open quote has joined.
    """

    def __init__(self, dialect: CsvDialect, width: int, profile: Profile | None) -> None:
        self._dialect = dialect
        self._delimiters = width - 1
        self._profile = profile

    def find(self, cells: Sequence[str], raw: str) -> Message | None:
        """Return how quotes have damaged a record with the right number of cells, or None."""
        line, quote, profile = raw.rstrip("\r\n"), self._dialect.quote, self._profile
        other = _OTHER_QUOTE.get(quote, "")
        if other and line.startswith(other) and _stand_in(cells, other, profile):
            return Message(
                "its cells are in %(sign)s quotes, unlike those of other rows", sign=other
            )
        if not quote or quote not in line:
            return None
        pieces = line.split(self._dialect.delimiter)
        if any(_is_spaced(cell, quote) and cell in pieces for cell in cells):
            return Message("there is a space before a cell in quotes")
        if _is_opened_inside(pieces, quote):
            return Message("a quote opens inside a cell and closes behind another one")
        if profile is not None and _is_strayed(cells, line, pieces, quote, profile):
            return Message("a quote is in a cell whose column has values of another form")
        return None

    def are_all(self, lines: Sequence[str]) -> bool:
        """Return whether the lines of a record with regular quotes are rows by themselves."""
        if self._dialect.is_trusted:
            return False
        if len(lines) < _FEWEST_LINES:
            return len(lines) > 1 and self._are_two(lines)
        return self.are_many(lines)

    def are_many(self, lines: Sequence[str]) -> bool:
        """Return whether nearly all of two or more lines have as many delimiters as the header."""
        lines = [text for text in lines if text.strip()]
        return (
            len(lines) >= _FEWEST_LINES - 1  # the line in which the quote opens is one more
            and self._delimiters * len(lines) >= _FEWEST_DELIMITERS
            and nearly_all(self._count(text) == self._delimiters for text in lines)
        )

    def _count(self, line: str) -> int:
        return line.count(self._dialect.delimiter)

    def _are_two(self, lines: Sequence[str]) -> bool:
        """
        Return whether two lines would both be rows without their quotes.

        Where all columns are words, a comma in a text people wrote is recognized by the space
        behind it.
        """
        profile = self._profile
        if profile is None or any(self._count(line) != self._delimiters for line in lines):
            return False
        rows = [self._unquoted(line) for line in lines]
        if not all(map(profile.could_hold, rows)):
            return False
        if all(profile.fits(row) or any(map(is_typed, row)) for row in rows):
            return True
        return self._delimiters >= _FEWEST_OF_WORDS and not any(
            cell[:1].isspace() or not cell for row in rows for cell in row[1:]
        )

    def _unquoted(self, line: str) -> list[str]:
        text = line.rstrip("\r\n").replace(self._dialect.quote, "") if self._dialect.quote else line
        return text.split(self._dialect.delimiter)
