"""Cuts text into physical lines within bounded memory, and takes lines back to be read again."""

from __future__ import annotations

from collections import deque
from typing import Protocol

__all__ = ["LineReader", "RecordLines", "TooLargeError"]

_SPARE = 8 * 1024 * 1024
_SHORT = 4 * 1024
_EARNED = 4


class TextSource(Protocol):
    """What lines are read from: an open text file, or one that is fed chunk by chunk."""

    def readline(self, limit: int, /) -> str:
        """Return the next line with its end, or `limit` characters of it."""
        ...

    def read(self, count: int, /) -> str:
        """Return up to `count` characters, none at the end alone."""
        ...


class LineReader:
    """
    Reads lines that end in LF, CRLF or CR. The stream must keep its line ends (`newline=""`).

    Of a line longer than `limit` characters the first `limit` and two more are returned, without
    a line end, and the rest is passed over.
    """

    def __init__(self, stream: TextSource, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self._held = ""

    def read(self) -> str:
        """Return the next line with its end, or "" where there is none."""
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
        """Tell whether no text is held back that the stream has given already."""
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
    The record being read is longer than it may be.

    `lost` is True where it is only longer than the reader still looks ahead for a closing quote.
    """

    def __init__(self, *, lost: bool) -> None:
        super().__init__("it is too large, or a quote in it is never closed")
        self.lost = lost


class RecordLines:
    """
    Hands physical lines to csv.reader and remembers those of the record being read.

    A line given back with `give_back` is read again: that is how the reader finds its footing
    after a quote that never closes. What is read again is paid for by what was read before, so
    the whole takes time in proportion to the file, however many quotes stay open: where all is
    spent, a record of several lines may have 4 KiB.

    Lines that begin with `comment` are passed over between records, and counted.
    """

    def __init__(self, stream: TextSource, limit: int, *, comment: str = "") -> None:
        self._lines = LineReader(stream, limit)
        self._comment = comment
        self.comments = 0
        self._limit = limit
        self._waiting: deque[str] = deque()
        self._spare = _SPARE
        self._size = 0
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> RecordLines:
        return self

    def __next__(self) -> str:
        line = self._next_line()
        while self._comment and not self.taken and line.startswith(self._comment):
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
        if len(self.taken) > 1 and self._size > max(_SHORT, self._spare):
            raise TooLargeError(lost=True)
        return line

    def _next_line(self) -> str:
        return self._waiting.popleft() if self._waiting else self._lines.read()

    def peek(self) -> str:
        """Return the line that comes next without taking it, "" at the end."""
        if not self._waiting and (line := self._lines.read()):
            self._waiting.append(line)
        return self._waiting[0] if self._waiting else ""

    def skip(self) -> str:
        """Pass over one physical line, whatever it begins with. Returns it, "" at the end."""
        line = self._next_line()
        self.number += bool(line)
        return line

    def begin(self) -> int:
        """Start a record. Returns the number of its first line."""
        self._spare += _EARNED * self._size
        self._size = 0
        self.taken = []
        return self.number + 1

    def is_empty(self) -> bool:
        """Tell whether no text is held back that the stream has given already."""
        return not self._waiting and self._lines.is_empty()

    def keep_first(self) -> str:
        """Give back all but the first line of the record and forget them. Returns the first."""
        if len(self.taken) > 1:
            self.give_back()
            del self.taken[1:]
        return self.taken[0]

    def give_back(self) -> str:
        """Give back all but the first line of the record. Returns the first."""
        first, *back = self.taken
        self._waiting.extendleft(reversed(back))
        self.number -= len(back)
        self._spare -= self._size - len(first)
        self._size = len(first)
        return first


def _end(line: str) -> int:
    return len(line) - len(line.rstrip("\r\n"))
