"""Feeds a file region by region: as text for the exact reader, as bytes for the fast one."""

from __future__ import annotations

import codecs
import io
from typing import IO

__all__ = ["REGION_BYTES", "Regions", "is_bytewise"]

REGION_BYTES = 4 * 1024 * 1024
"""A region holds about this much: larger ones gain nothing and cost memory."""

_FIRST_BYTES = 64 * 1024
_CR = 0x0D
_BYTEWISE = ("utf-8", "ascii", "iso8859", "latin", "cp125", "cp437", "cp85", "cp86", "mac-", "koi8")


def is_bytewise(encoding: str) -> bool:
    """Tell whether each ASCII byte of this encoding is the ASCII character, wherever it stands."""
    return codecs.lookup(encoding).name.startswith(_BYTEWISE)


def _in_character(byte: int) -> bool:
    """Tell whether a byte is one of UTF-8's that no character begins with."""
    return 0x80 <= byte < 0xC0  # noqa: PLR2004


class Regions:
    """
    A text stream with `readline` and `read`, made of regions that end at a line end.

    Where the text of one region is used up, `peek` shows the bytes of the next one, and `skip`
    passes over as much of it as another reader has taken. Only for encodings that are
    `is_bytewise`.
    """

    def __init__(self, stream: IO[bytes], encoding: str, *, size: int = REGION_BYTES) -> None:
        self._stream = stream
        self.encoding = encoding
        self._size = size
        # The header is read the exact way, and with it the region it stands in.
        self._wanted = min(size, _FIRST_BYTES)
        self._held = b""
        self._ended = False
        self._text = io.StringIO(newline="")
        self._used_up = True

    def used_up(self) -> bool:
        """Tell whether the text of the current region has all been read."""
        if not self._used_up:
            place = self._text.tell()
            self._used_up = not self._text.read(1)
            self._text.seek(place)
        return self._used_up

    def peek(self) -> bytes:
        """Return the bytes of the next region, b"" at the end of the file."""
        while not self._ended and len(self._held) < self._wanted:
            block = self._stream.read(self._size)
            self._ended = not block
            self._held += block
        if self._ended:
            return self._held
        end = self._held.rfind(b"\n", 0, self._wanted) + 1 or self._cut()
        return self._held[:end]

    def _cut(self) -> int:
        """Return where to cut a region without LF: not inside a character, not inside a CRLF."""
        end = len(self._held) - 2
        # A character has at most three bytes behind its first: more of them are none at all.
        starts = (end - back for back in range(4) if not _in_character(self._held[end - back]))
        end = next(starts, end)
        if self._held[end - 1] == _CR:
            end -= 1
        return end

    def skip(self, count: int) -> None:
        """Pass over the first `count` bytes of what `peek` showed."""
        self._held = self._held[count:]
        self._wanted = self._size

    def readline(self, limit: int) -> str:
        """Return the next line with its end, or `limit` characters of it."""
        line = self._text.readline(limit)
        while len(line) < limit and not line.endswith(("\n", "\r")) and self._next_text():
            line += self._text.readline(limit - len(line))
        return line

    def read(self, count: int) -> str:
        """Return the next `count` characters, fewer at the end of a region."""
        text = self._text.read(count)
        return self._text.read(count) if not text and self._next_text() else text

    def _next_text(self) -> bool:
        """Make the next region the current one. Returns False at the end of the file."""
        region = self.peek()
        self.skip(len(region))
        self._text = io.StringIO(region.decode(self.encoding, "vorel-keep"), newline="")
        self._used_up = not region
        return bool(region)
