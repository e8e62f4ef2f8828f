"""Distinguishes the lines of a quoted cell from rows that an open quote has swallowed."""

from __future__ import annotations

from collections.abc import Sequence

from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.profile import Profile, is_typed
from importer.reader.csv.repair.repairer import nearly_all

_FEWEST_LINES, _FEWEST_DELIMITERS = 3, 4
_FEWEST_OF_WORDS = 3


class SwallowedRows:
    """
    Looks for rows of `width` cells among the lines of one record.

    A cell may have line ends and delimiters. But if each of several lines has as many delimiters as
    the header, or fits the columns as a row, that is no chance.
    """

    def __init__(self, dialect: CsvDialect, width: int, profile: Profile | None) -> None:
        self._dialect = dialect
        self._delimiters = width - 1
        usable = profile is not None and len(profile.columns) == width
        self._profile = profile if usable else None

    def follow(self, lines: Sequence[str]) -> bool:
        """Return whether the lines below one in which a quote opens are certainly rows."""
        return bool(lines) and (self.are_many(lines) or self._hold(lines))

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

    def _hold(self, lines: Sequence[str]) -> bool:
        """Return whether nearly all lines are rows by themselves."""
        profile = self._profile
        return profile is not None and nearly_all(
            cells is not None and profile.fits(cells) for cells in map(self._dialect.split, lines)
        )

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
