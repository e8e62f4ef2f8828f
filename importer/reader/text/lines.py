"""Cuts text into physical lines within bounded memory, and lets lines be read again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Protocol

_FIRST_CREDIT = 8 * 1024 * 1024
_ALWAYS_ALLOWED = 4 * 1024
_CREDIT_A_CHARACTER = 4


class TextSource(Protocol):
    """A source of text: an open text file, or a `ChunkStream`."""

    def readline(self, limit: int, /) -> str:
        """Return the next line with its end, or `limit` characters of it."""

    def read(self, count: int, /) -> str:
        """Return up to `count` characters, "" only at the end."""


class LineReader:
    """
    Reads lines that end in LF, CRLF or CR. The stream must keep its line ends (`newline=""`).

    A line longer than `limit` characters is cut: it returns the first `limit` and two more, without
    a line end, and skips the rest.
    """

    def __init__(self, stream: TextSource, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._held = ""

    def read(self) -> str:
        """Return the next line with its end, or "" at the end of the stream."""
        line, self._held = self._held, ""
        if line == "\r":
            return line + self._rest_of_end()
        if line != "\n":
            line += self._stream.readline(self._limit + 2 - len(line))
        if len(line) == self._limit + 2:
            if line[-1] == "\r":
                line += self._rest_of_end()
            elif line[-1] != "\n":
                self._skip()
        return line

    def is_empty(self) -> bool:
        """Return whether all text that was taken from the stream has been returned."""
        return not self._held

    def _skip(self) -> None:
        while rest := self._stream.readline(self._limit):
            if rest[-1] == "\n":
                return
            if rest[-1] == "\r":
                self._rest_of_end()
                return

    def _rest_of_end(self) -> str:
        """Return the LF of a CRLF that the size limit has cut in two."""
        following = self._stream.read(1)
        if following == "\n":
            return following
        self._held = following
        return ""


class TooLargeError(Exception):
    """
    The record being read is longer than allowed.

    `lost` is True if the length would be allowed, but the reader does not look that far ahead for
    a closing quote any more.
    """

    def __init__(self, *, lost: bool) -> None:
        super().__init__("it is too large, or a quote in it is never closed")
        self.lost = lost


class RecordLines:
    """
    Feeds physical lines to csv.reader, and remembers those of the record being read.

    After `keep_first` the other lines are read again: after a quote that never closes, the reader
    continues with the line below it. Looking ahead is limited, so that the time stays proportional
    to the file, however many quotes are open: reading earns credit, reading again spends it, and
    without credit a record of several lines may have 4 KiB.

    Between records, lines that begin with `comment` are skipped; `comments` counts them.
    """

    def __init__(self, stream: TextSource, limit: int, *, comment: str = "") -> None:
        self._lines = LineReader(stream, limit)
        self._comment = comment
        self.comments = 0
        self._limit = limit
        self._waiting: deque[str] = deque()
        self._credit = _FIRST_CREDIT
        self._size = 0
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> RecordLines:
        return self

    def __next__(self) -> str:
        line = self._next_line()
        while not self.taken and self._is_comment(line):
            self.number += 1
            self.comments += 1
            line = self._next_line()
        if not line:
            raise StopIteration
        self.number += 1
        self.taken.append(line)
        self._size += len(line)
        if self._size > self._limit and self._size - _end(line) > self._limit:
            raise TooLargeError(lost=False)
        if len(self.taken) > 1 and self._size > max(_ALWAYS_ALLOWED, self._credit):
            raise TooLargeError(lost=True)
        return line

    def _next_line(self) -> str:
        return self._waiting.popleft() if self._waiting else self._lines.read()

    def _is_comment(self, line: str) -> bool:
        return bool(self._comment) and line.startswith(self._comment)

    @property
    def first_number(self) -> int:
        """The number of the line on which the record being read begins."""
        return self.number - len(self.taken) + 1

    def peek(self) -> str:
        """Return the next line without taking it, or "" at the end."""
        if not self._waiting and (line := self._lines.read()):
            self._waiting.append(line)
        return self._waiting[0] if self._waiting else ""

    def skip_up_to(self, number: int) -> Iterator[str]:
        """Skip lines up to the one with this number. Yields those that are not comments."""
        while self.number < number and (line := self._next_line()):
            self.number += 1
            if self._is_comment(line):
                self.comments += 1
            else:
                yield line

    def advance(self, count: int) -> None:
        """Count lines that were read elsewhere, between two records of this reader."""
        self.number += count

    def begin(self) -> int:
        """Start a record. Returns the number of its first line."""
        self._credit += _CREDIT_A_CHARACTER * self._size
        self._size = 0
        self.taken = []
        return self.number + 1

    def is_empty(self) -> bool:
        """Return whether all text that was taken from the stream has been handed out."""
        return not self._waiting and self._lines.is_empty()

    def keep_first(self) -> str:
        """Give back all lines of the record but the first, to be read again. Returns the first."""
        first, *back = self.taken
        del self.taken[1:]
        self._waiting.extendleft(reversed(back))
        self.number -= len(back)
        self._credit -= self._size - len(first)
        self._size = len(first)
        return first


def _end(line: str) -> int:
    return len(line) - len(line.rstrip("\r\n"))
