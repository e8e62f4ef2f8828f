"""Reads a file in chunks: as text line by line, or as bytes as a whole."""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import IO

CHUNK_BYTES = 2 * 1024 * 1024
"""The size of a chunk: half as much costs a tenth more time, twice as much 50 MB (measured)."""

_FIRST_BYTES = 64 * 1024
SMALL_BYTES = 192 * 1024
"""A file up to this size is one chunk: reading it by line is faster than loading polars."""
_LINES_TRIED = 64
_CR = 0x0D
_BYTEWISE = ("utf-8", "ascii", "iso8859", "latin", "cp125", "cp437", "cp85", "cp86", "mac-", "koi8")


def is_bytewise(encoding: str) -> bool:
    """Return whether an ASCII byte is always the ASCII character in an encoding."""
    return codecs.lookup(encoding).name.startswith(_BYTEWISE)


def line_end(content: bytes) -> int:
    """Return the end of the last whole line, or 0 if there is none."""
    return content.rfind(b"\n") + 1


def regular_end(content: bytes) -> int:
    """Return the end of the last line that ends outside quotes, or 0 if there is none."""
    end = line_end(content)
    odd = content.count(b'"', 0, end) % 2
    for _ in range(_LINES_TRIED):
        if not odd or not end:
            return end
        before = content.rfind(b"\n", 0, end - 1) + 1
        odd = (odd + content.count(b'"', before, end)) % 2
        end = before
    return 0


def _in_character(byte: int) -> bool:
    """Return whether a byte of UTF-8 continues a character."""
    return 0x80 <= byte < 0xC0


class ChunkStream:
    """
    A text stream with `readline` and `read`, made of chunks that end with a whole row.

    When the text of a chunk is used up, `ahead` returns the bytes of the next ones, and `skip`
    skips the first of them after another reader has read it. `passed` counts the chunks that were
    read or skipped. `cut` returns the end of the last whole row in some bytes, or 0. With
    `is_small` the stream is a single chunk. The encoding must be one that `is_bytewise`.
    """

    def __init__(
        self,
        stream: IO[bytes],
        encoding: str,
        *,
        size: int = CHUNK_BYTES,
        cut: Callable[[bytes], int] = regular_end,
        is_small: bool = False,
    ) -> None:
        self._stream = stream
        self.encoding = encoding
        self.passed = 0
        self._size = size
        self._cut = cut
        # The header is read by line, and with it its whole chunk.
        self._wanted = size if is_small else min(size, _FIRST_BYTES)
        self._is_small = is_small
        self._held = b""
        self._ended = False
        self._ahead: deque[bytes] = deque()
        self._text = io.StringIO(newline="")
        self._used_up = True

    def used_up(self) -> bool:
        """Return whether all text of the current chunk has been read."""
        if not self._used_up:
            place = self._text.tell()
            self._used_up = not self._text.read(1)
            self._text.seek(place)
        return self._used_up

    def ahead(self, count: int) -> Sequence[bytes]:
        """Return the bytes of the next `count` chunks, or of fewer at the end of the file."""
        while len(self._ahead) < count and (chunk := self._read_chunk()):
            self._ahead.append(chunk)
        return list(islice(self._ahead, count))

    def skip(self) -> None:
        """Leave out the next chunk."""
        self._ahead.popleft()
        self.passed += 1

    def _read_chunk(self) -> bytes:
        """Read the next chunk from the file, b"" at its end."""
        while not self._ended and len(self._held) < self._wanted:
            block = self._stream.read(self._wanted - len(self._held))
            self._ended = not block
            self._held += block
        self._wanted = self._size
        is_whole, self._is_small = self._is_small and self._ended, False
        end = len(self._held) if is_whole else self._cut(self._held)
        if not end:
            end = len(self._held) if self._ended else line_end(self._held) or self._cut_line()
        chunk, self._held = self._held[:end], self._held[end:]
        return chunk

    def _cut_line(self) -> int:
        """Return where to cut a chunk without LF: not inside a character or a CRLF."""
        end = len(self._held) - 2
        # A character has at most three bytes after its first; more are not a character at all.
        starts = (end - back for back in range(4) if not _in_character(self._held[end - back]))
        end = next(starts, end)
        if self._held[end - 1] == _CR:
            end -= 1
        return end

    def readline(self, limit: int) -> str:
        """Return the next line with its end, or `limit` characters of it."""
        line = self._text.readline(limit)
        while len(line) < limit and not line.endswith(("\n", "\r")) and self._next_text():
            line += self._text.readline(limit - len(line))
        return line

    def read(self, count: int) -> str:
        """Return the next `count` characters, or fewer at the end of a chunk."""
        text = self._text.read(count)
        return self._text.read(count) if not text and self._next_text() else text

    def _next_text(self) -> bool:
        """Continue with the next chunk. Returns False at the end of the file."""
        chunk = b"".join(self.ahead(1))
        if chunk:
            self.skip()
        self._text = io.StringIO(chunk.decode(self.encoding, "vorel-keep"), newline="")
        self._used_up = not chunk
        return bool(chunk)
