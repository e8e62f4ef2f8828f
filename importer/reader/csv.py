"""Reads CSV: each record exactly as written, or a typed error with its line. Never a guess."""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO

from importer.reader.lines import RecordLines, TooLargeError
from importer.reader.regions import Regions
from importer.records import Origin, Rejected, Row, RowError

__all__ = ["SEPARATOR_LINE", "CsvReader", "Place", "distinct_columns"]

# The module's default of 128 KiB would refuse a long note; `max_row_bytes` is the limit here.
# It holds for the whole process, and only ever allows others more than they had.
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

SEPARATOR_LINE = re.compile(r'"?sep=([^\w"\r\n])"?\s*', re.IGNORECASE)
"""The line Excel writes and reads above the header, to name the delimiter."""

RAW_COLUMN = "vorel_raw"
_OWN_PREFIX = "vorel_"
_SURROGATE = re.compile("[\ud800-\udfff]")
_RAW_KEPT = 64 * 1024
_LOOKED_AT = 10
_FEWEST_LINES = 3
_FEWEST_DELIMITERS = 4
_CLOSE_QUOTES = "Close or double the quotes in this row."


def distinct_columns(header: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return column names that are all different and not empty, and a notice per change."""
    copies: dict[str, int] = {}
    notices: list[str] = []
    for position, cell in enumerate(header, 1):
        wanted = name = cell.strip() or f"column {position}"
        copy = copies.get(wanted, 0)
        while name in copies:
            copy += 1
            name = f"{wanted} ({copy})"
        copies[wanted] = max(copy, 1)
        copies.setdefault(name, 1)
        if name != cell.strip():
            notices.append(f"column {position} ({cell.strip()!r}) is called {name!r} here")
    return list(copies), notices


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a reader stands: the number and line of its next record, and how it reads."""

    source: str
    number: int
    line: int
    delimiter: str
    max_row_bytes: int


class CsvReader:
    """
    Iterates over the records of one CSV stream as `Row` or `Rejected`, in order.

    `columns` are the header's names, made distinct; columns whose names begin `vorel_` are not
    among them. `header_error` says why there are none. `notices` tells what was changed to get
    there, `blank_lines` counts what was passed over. Memory is bounded by `max_row_bytes`
    (characters of one record).
    """

    header_error: str | None = "there is no header"

    def __init__(
        self, stream: IO[str] | Regions, *, source: str, delimiter: str, max_row_bytes: int
    ) -> None:
        self.regions = stream if isinstance(stream, Regions) else None
        self._lines = RecordLines(stream, max_row_bytes)
        self._source = source
        self._delimiter = delimiter
        self._limit = max_row_bytes
        self._number = 0
        self._owed = 0
        self.blank_lines = 0
        self._reader = self._new_reader()
        self._header, self.notices = distinct_columns(self._read_header())
        self.columns = [name for name in self._header if not name.startswith(_OWN_PREFIX)]

    def _new_reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines, delimiter=self._delimiter, strict=True)

    def _read_header(self) -> list[str]:
        while True:
            first = self._lines.begin() == 1
            try:
                cells = next(self._reader, None)
            except (csv.Error, TooLargeError) as error:
                self.header_error = f"the header cannot be read ({error})"
                return []
            if cells is None:
                return []
            if first and SEPARATOR_LINE.fullmatch(self._lines.taken[0]):
                continue
            if any(cell.strip() for cell in cells):
                self.header_error = (
                    "the header has characters that are not in this encoding"
                    if _SURROGATE.search("".join(cells))
                    else None
                )
                return cells
            self.blank_lines += len(self._lines.taken)

    @property
    def place(self) -> Place:
        """Where the next record begins, for another reader of the same source."""
        return Place(
            source=self._source,
            number=self._number + 1,
            line=self._lines.number + 1,
            delimiter=self._delimiter,
            max_row_bytes=self._limit,
        )

    def between_rows(self) -> bool:
        """Tell whether another reader may go on behind what was read so far."""
        return self._owed == 0 and self._lines.is_empty()

    def is_plain(self) -> bool:
        """Tell whether all columns are the source's own."""
        return len(self.columns) == len(self._header)

    def move_on(self, *, rows: int, lines: int) -> None:
        """Count what another reader has read."""
        self._number += rows
        self._lines.number += lines

    def __iter__(self) -> Iterator[Row | Rejected]:
        while True:
            line = self._lines.begin()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._refuse_first_line(line, "malformed_row", _explain(str(error)))
            except TooLargeError as error:
                yield self._refuse_too_large(line, lost=error.lost)
            else:
                yield from self._deliver(line, cells)

    def _deliver(self, line: int, cells: list[str]) -> Iterator[Row | Rejected]:
        taken = self._lines.taken
        if len(taken) == 1:
            if self._is_blank(taken[0]):
                self.blank_lines += 1
                return
        elif len(cells) != len(self._header) and self._are_rows(taken[1:]):
            what = "a quote opens in this row and is not closed in it; the next lines are rows"
            yield self._refuse_first_line(line, "malformed_row", what)
            return
        elif len(taken) >= _FEWEST_LINES and self._are_rows(taken):
            yield from self._refuse_each_line(line, taken)
            return
        self._number += 1
        yield self._row(line, cells, "".join(taken))

    def _is_blank(self, line: str) -> bool:
        """Tell a line without content from a row whose cells are empty or blank."""
        text = line.rstrip("\r\n")
        return not text or (
            len(self._header) > 1 and self._delimiter not in text and not text.strip()
        )

    def _are_rows(self, lines: Sequence[str]) -> bool:
        """
        Tell whether the lines of a quoted cell are beyond doubt rows of their own.

        A cell may well hold line ends and delimiters; that every line of it has as many as the
        header, time and again, is no accident: then a quote was left open before them.
        """
        delimiters = len(self._header) - 1
        return (
            len(lines) >= _FEWEST_LINES - 1  # the one the quote opens in is the other
            and delimiters * len(lines) >= _FEWEST_DELIMITERS
            and all(text.count(self._delimiter) == delimiters for text in lines)
        )

    def _row(self, line: int, cells: list[str], raw: str) -> Row | Rejected:
        if not raw.isascii() and (bad := _SURROGATE.search(raw)):
            return self._rejected(
                line,
                raw,
                "encoding_error",
                f"a byte (0x{ord(bad[0]) & 0xFF:02x}) that is not in this encoding, "
                f"character {bad.start() + 1} of the record",
                "Save the file as UTF-8, or state its encoding with --encoding.",
            )
        if len(cells) != len(self._header):
            return self._rejected(
                line,
                raw,
                "malformed_row",
                f"{len(self._header)} cells expected, as in the header, and {len(cells)} found",
                "Quote cells that hold the delimiter, or add what is missing.",
            )
        values = dict(zip(self._header, cells, strict=True))
        if len(self.columns) != len(self._header):
            still_raw = values.get(RAW_COLUMN, "")
            values = {name: values[name] for name in self.columns}
            if still_raw and not any(values.values()):
                return self._rejected(
                    line,
                    still_raw,
                    "malformed_row",
                    f"the text in {RAW_COLUMN} has not been put into the columns yet",
                    f"Fill the row's own columns from {RAW_COLUMN}, then run again.",
                )
        return Row(number=self._number, line=line, source=self._source, values=values)

    def _refuse_too_large(self, line: int, *, lost: bool) -> Rejected:
        following = self._lines.taken[1 : 1 + _LOOKED_AT]
        if lost or self._are_rows(following):
            return self._refuse_first_line(
                line, "malformed_row", "a quote that opens in this row is never closed"
            )
        return self._refuse_first_line(
            line,
            "row_too_large",
            f"the record that begins here is larger than {self._limit:,} characters, "
            "or a quote in it is never closed",
            "Raise --max-row-bytes if the row is right; else close or double its quotes.",
        )

    def _refuse_first_line(
        self, line: int, code: str, message: str, hint: str = _CLOSE_QUOTES
    ) -> Rejected:
        """Refuse one physical line and read on behind it: a quote's damage ends there."""
        raw = self._lines.give_back()
        self._reader = self._new_reader()
        self._number += 1
        return self._rejected(line, raw, code, message, hint)

    def _refuse_each_line(self, line: int, taken: Sequence[str]) -> Iterator[Rejected]:
        """Refuse a record that is one row by its quotes and several by its lines."""
        last = line + len(taken) - 1
        for number, raw in enumerate(taken, line):
            self._number += 1
            self._owed = last - number
            yield self._rejected(
                number,
                raw,
                "malformed_row",
                f"a quote opens in line {line} and closes in line {last}, and each of these lines "
                "is a row by itself",
                "Close or double the quotes in the first and the last of these lines.",
            )

    def _rejected(self, line: int, raw: str, code: str, message: str, hint: str) -> Rejected:
        error = RowError(code=code, origin=Origin.READER, message=message, hint=hint)
        return Rejected(
            number=self._number,
            line=line,
            source=self._source,
            error=error,
            raw=raw.rstrip("\r\n")[:_RAW_KEPT],
        )


def _explain(error: str) -> str:
    if "unexpected end of data" in error:
        return "a quote that opens in this row is never closed"
    if "expected after" in error:
        return "a quoted cell goes on behind its closing quote"
    return error
