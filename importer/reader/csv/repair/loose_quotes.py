"""Reads a line whose quotes are not doubled or closed as they should be, in all possible ways."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from importer.reader.csv.dialect import CsvDialect

_MOST_PIECES = 400
# Together these limit the time to about a tenth of a second, or a few passes over a long line.
_CHARACTERS, _READ_AGAIN, _A_TRY = 2_000_000, 8, 20


def readings(line: str, dialect: CsvDialect, width: int) -> list[list[str]]:
    """
    Return the ways, two at most, to read `line` as `width` cells with loose quotes.

    A cell is either one piece between delimiters that does not begin with a quote, or several
    pieces of which the first begins and the last ends with one. The list is empty where trying all
    ways would take too long: with so many, nobody could say which one is meant.
    """
    pieces = line.split(dialect.delimiter)
    if not width <= len(pieces) <= _MOST_PIECES:
        return []
    try:
        return [list(way) for way in _Ways(pieces, dialect, len(line)).of(0, width)]
    except _TooManyError:
        return []


class _TooManyError(Exception):
    """There are too many ways to try."""


class _Ways:
    """Finds the ways to join pieces of a line into cells, looking at each part once."""

    def __init__(self, pieces: Sequence[str], dialect: CsvDialect, size: int) -> None:
        self._pieces = pieces
        self._delimiter, self._quote = dialect.delimiter, dialect.quote
        closing = (n for n, piece in enumerate(reversed(pieces)) if piece.endswith(dialect.quote))
        self._singles = next(closing, len(pieces) - 1)  # the last pieces, which close no quote
        # There are at most as many cells as pieces with which a cell may end.
        ends = (
            not piece.startswith(dialect.quote) or piece.endswith(dialect.quote)
            for piece in reversed(pieces)
        )
        self._most = [*accumulate(ends, initial=0)][::-1]
        self._left = _CHARACTERS + _READ_AGAIN * size
        self._cells: dict[tuple[int, int], str | None] = {}
        self._found: dict[tuple[int, int], list[tuple[str, ...]]] = {}

    def of(self, start: int, width: int) -> list[tuple[str, ...]]:
        """Return the ways, two at most, to read the pieces from `start` on as `width` cells."""
        if width == 0:
            return [()] if start == len(self._pieces) else []
        fewest = min(len(self._pieces) - start, self._singles + 1)
        if not fewest <= width <= self._most[start]:
            return []
        if (start, width) not in self._found:
            self._found[start, width] = self._look(start, width)[:2]
        return self._found[start, width]

    def _look(self, start: int, width: int) -> list[tuple[str, ...]]:
        found: list[tuple[str, ...]] = []
        for end in range(start + 1, len(self._pieces) - width + 2):
            if end > start + 1 and not self._pieces[end - 1].endswith(self._quote):
                continue  # these pieces cannot end a cell
            cell = self._cell(start, end)
            if cell is not None:
                found += ((cell, *rest) for rest in self.of(end, width - 1))
            if len(found) > 1 or not self._pieces[start].startswith(self._quote):
                break
        return found

    def _cell(self, start: int, end: int) -> str | None:
        if (start, end) not in self._cells:
            text = self._delimiter.join(self._pieces[start:end])
            self._spend(len(text))
            self._cells[start, end] = _loose_cell(text, self._quote, single=end == start + 1)
        self._spend(_A_TRY)
        return self._cells[start, end]

    def _spend(self, characters: int) -> None:
        self._left -= characters
        if self._left < 0:
            raise _TooManyError


def _loose_cell(text: str, quote: str, *, single: bool) -> str | None:
    if not text.startswith(quote):
        return text if single else None
    if len(text) < 2 or not text.endswith(quote):
        return None
    inner = text[1:-1]
    if quote not in inner:
        return inner
    undoubled = inner.replace(quote * 2, "")
    if quote not in undoubled:
        return inner.replace(quote * 2, quote)
    # Doubled and single quotes together, or one at the edge: it is unclear how many were meant.
    at_edge = inner.startswith(quote) or inner.endswith(quote)
    if undoubled != inner or (at_edge and inner.count(quote) % 2):
        return None
    return inner
