"""Holds back possible footers until a row follows, or the list ends."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from importer.core.locale.message import Message
from importer.core.records import Rejected, Row
from importer.reader.csv.dialect import CsvDialect
from importer.reader.csv.tables import MOST_FOOTERS, is_footer, is_total

_SHOWN = 80


class Footers:
    """Holds back the rows of a list of `width` columns that may be footers."""

    def __init__(self, dialect: CsvDialect, width: int) -> None:
        self._dialect = dialect
        self._width = width
        self._held: list[Row | Rejected] = []

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
        yield from self._held
        self._held = []

    def drop(self) -> list[Row | Rejected]:
        """Return the rows that were held back at the end of the list: they are footers."""
        dropped, self._held = self._held, []
        return dropped

    def _is_footer(self, row: Row | Rejected) -> bool:
        if isinstance(row, Row):
            return is_total(_cells(row))
        return (
            row.error.code == "malformed_row"
            and self._dialect.quote not in row.raw
            and is_footer(row.raw, self._dialect.delimiter, self._width)
        )


def footer_notice(row: Row | Rejected, starts: Sequence[int]) -> Message:
    """Return the notice about a footer. `starts` are the lines of a spreadsheet's rows."""
    text = row.raw if isinstance(row, Rejected) else " ".join(_cells(row)).strip()
    line = bisect_right(starts, row.line) or row.line
    return Message(
        "line %(line)s is skipped as a footer: %(value)s", line=line, value=text[:_SHOWN]
    )


def _cells(row: Row) -> list[str]:
    return [cell for cell in row.values.values() if isinstance(cell, str)]
