"""Holds back what may end a list until it is known whether a row follows."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.tables import MOST_FOOTERS, is_footer, is_total
from importer.records import Rejected, Row

__all__ = ["Footers", "told"]

_SHOWN = 80


class Footers:
    """
    The footers of a list of `width` columns, as far as it has been read.

    `held` are the rows that are held back. They stay there while they are handed out: until the
    row behind them is too, no other reader may go on.
    """

    def __init__(self, dialect: CsvDialect, width: int) -> None:
        self._dialect = dialect
        self._width = width
        self.held: list[Row | Rejected] = []

    def hold(self, row: Row | Rejected) -> bool:
        """Hold a row back, if it may be a footer. Returns whether it is held."""
        may_be = len(self.held) < MOST_FOOTERS and self._is_footer(row)
        if may_be:
            self.held.append(row)
        return may_be

    def _is_footer(self, row: Row | Rejected) -> bool:
        if isinstance(row, Row):
            return is_total([*row.values.values()])
        return (
            row.error.code == "malformed_row"
            and self._dialect.quote not in row.raw
            and is_footer(row.raw, self._dialect.delimiter, self._width)
        )


def told(row: Row | Rejected, starts: Sequence[int]) -> str:
    """Say what ends the list; `starts` are the lines that a spreadsheet's rows begin on."""
    text = row.raw if isinstance(row, Rejected) else " ".join(row.values.values()).strip()
    line = bisect_right(starts, row.line) or row.line
    return f"line {line} ends the list and is no row: {text[:_SHOWN]!r}"
