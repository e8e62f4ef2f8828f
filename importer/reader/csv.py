"""Reads CSV: each record exactly as written, or a typed error with its line. Never a guess."""

from __future__ import annotations

import csv
import re
import sys
from collections import deque
from collections.abc import Iterator
from typing import IO

from importer.records import Origin, Rejected, Row, RowError

__all__ = ["CsvReader", "distinct_columns"]

# The module's default of 128 KiB would refuse a long note; `max_row_bytes` is the limit here.
csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

_SURROGATE = re.compile("[\ud800-\udfff]")
_RAW_KEPT = 64 * 1024
RAW_COLUMN = "vorel_raw"


def distinct_columns(header: list[str]) -> tuple[list[str], list[str]]:
    """Return column names that are all different and not empty, and a notice per change."""
    names: list[str] = []
    notices: list[str] = []
    for position, cell in enumerate(header, 1):
        wanted = name = cell.strip() or f"column {position}"
        copy = 1
        while name in names:
            copy += 1
            name = f"{wanted} ({copy})"
        if name != cell.strip():
            notices.append(f"column {position} ({cell.strip()!r}) is called {name!r} here")
        names.append(name)
    return names, notices


class _TooLargeError(Exception):
    """The record being read grew past the limit."""


class _Lines:
    """
    Hands physical lines to csv.reader and remembers those of the record being read.

    A line given back with `give_back` is read again: that is how the reader finds its footing
    after a quote that never closes.
    """

    def __init__(self, stream: IO[str], limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0
        self.cut = False
        self._size = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self._size += len(line)
        if self._size > self._limit:
            raise _TooLargeError
        return line

    def _read(self) -> str:
        line = self._stream.readline(self._limit + 1)
        if len(line) > self._limit and line[-1] not in "\r\n":
            self.cut = True
            while (rest := self._stream.readline(self._limit)) and rest[-1] not in "\r\n":
                pass
        return line

    def begin(self) -> int:
        """Start a record. Returns the number of its first line."""
        self.taken = []
        self._size = 0
        self.cut = False
        return self.number + 1

    def give_back(self, keep: int) -> str:
        """Give back all but the first `keep` lines of the record. Returns the kept text."""
        kept, back = self.taken[:keep], self.taken[keep:]
        self._waiting.extendleft(reversed(back))
        self.number -= len(back)
        return "".join(kept)


class CsvReader:
    """
    Iterates over the records of one CSV stream as `Row` or `Rejected`, in order.

    `columns` are the header's names, made distinct; columns whose names begin `vorel_` are not
    among them. `notices` tells what was changed to get there, `blank_lines` counts what was
    passed over. Memory is bounded by `max_row_bytes` (characters of one record).
    """

    def __init__(self, stream: IO[str], *, source: str, delimiter: str, max_row_bytes: int) -> None:
        self._lines = _Lines(stream, max_row_bytes)
        self._source = source
        self._delimiter = delimiter
        self._limit = max_row_bytes
        self._number = 0
        self.blank_lines = 0
        self._reader = self._new_reader()
        self._header, self.notices = distinct_columns(self._read_header())
        self.columns = [name for name in self._header if not name.startswith("vorel_")]

    def _new_reader(self) -> Iterator[list[str]]:
        return csv.reader(self._lines, delimiter=self._delimiter, strict=True)

    def _read_header(self) -> list[str]:
        while True:
            self._lines.begin()
            try:
                cells = next(self._reader, None)
            except (csv.Error, _TooLargeError) as error:
                self.header_error = f"the header cannot be read ({error})"
                return []
            if cells is None:
                return []
            if len(self._lines.taken) == 1 and re.fullmatch(r"sep=.\s*", self._lines.taken[0]):
                continue
            if any(cell.strip() for cell in cells):
                self.header_error = (
                    "the header has characters that are not in this encoding"
                    if _SURROGATE.search("".join(cells))
                    else None
                )
                return cells
            self.blank_lines += 1

    header_error: str | None = "there is no header"

    def __iter__(self) -> Iterator[Row | Rejected]:
        while True:
            line = self._lines.begin()
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._refuse_first_line(line, "malformed_row", _explain(str(error)))
                continue
            except _TooLargeError:
                yield self._refuse_first_line(
                    line,
                    "row_too_large",
                    f"the record that begins here is larger than {self._limit:,} characters, "
                    "or a quote in it is never closed",
                )
                continue
            raw = "".join(self._lines.taken)
            if not raw.strip():
                self.blank_lines += 1
                continue
            self._number += 1
            yield self._row(line, cells, raw)

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

    def _refuse_first_line(self, line: int, code: str, message: str) -> Rejected:
        """Refuse one physical line and read on behind it: a quote's damage ends there."""
        raw = self._lines.give_back(1)
        self._reader = self._new_reader()
        self._number += 1
        return self._rejected(line, raw, code, message, "Close or double the quotes in this row.")

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
