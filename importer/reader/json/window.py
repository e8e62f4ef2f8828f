"""Holds the part of a JSON stream that is being read, within bounded memory."""

from __future__ import annotations

import re

from importer.reader.text.lines import TextSource

_BLOCK = 64 * 1024
_SEPARATORS = re.compile(r"[\s,\x1e]*")  # RFC 7464 puts \x1e before each object
_LINE_END = re.compile(r"\r(?!\n)|\n")


class TextWindow:
    """
    A sliding window over a stream.

    `text` is the part held in memory, `position` the index in it up to which the stream is read,
    and `line` the physical line there, from 1. Some text before `position` stays, so that the
    indent of an element can still be seen. `ended` is True once the stream has no more text.
    `limit` is how many characters one element may have.
    """

    def __init__(self, stream: TextSource, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self.text = ""
        self.position = 0
        self.line = 1
        self.ended = False

    def advance(self, position: int) -> None:
        """Move on to `position`, counting lines."""
        self.line += len(_LINE_END.findall(self.text, self.position, position))
        self.position = position

    def fill(self, wanted: int) -> bool:
        """
        Read until there are `wanted` characters after `position`, if the stream has as many.

        Returns whether there is more text than before.
        """
        if self.ended or len(self.text) - self.position >= wanted:
            return False
        kept = max(0, self.position - _BLOCK)
        parts = [self.text[kept:]]
        size = len(self.text) - self.position
        while size < 2 * wanted and not self.ended:
            block = self._stream.read(_BLOCK)
            if block.endswith("\r"):
                block += self._stream.read(1)  # so that a CRLF is counted as one line end
            self.ended = not block
            parts.append(block)
            size += len(block)
        self.text = "".join(parts)
        self.position -= kept
        return any(parts[1:])

    def grow(self) -> bool:
        """
        Hold twice as much of the element at `position`, up to the limit.

        Returns whether there is more text than before.
        """
        held = len(self.text) - self.position
        return held <= self._limit and self.fill(min(2 * held, self._limit + 1))

    def skip_separators(self) -> bool:
        """Skip white space and commas. Returns False at the end of the stream."""
        while True:
            end = _SEPARATORS.match(self.text, self.position).end()  # type: ignore[union-attr]
            if end < len(self.text):
                self.advance(end)
                return True
            # The last characters stay, so that an indent is still known.
            self.advance(max(self.position, end - _BLOCK) if not self.ended else end)
            if not self.fill(_BLOCK + 1):
                self.advance(len(self.text))
                return False

    def next_is(self, sign: str) -> bool:
        """Skip white space and commas, and return whether `sign` follows."""
        return self.skip_separators() and self.text[self.position] == sign

    def skip_to(self, pattern: re.Pattern[str], kept: int) -> tuple[bool, int]:
        """
        Skip to the next match of `pattern`, which has at most `kept` characters, or to the end.

        Returns whether there is a match, and how many characters were skipped.
        """
        skipped = 0
        while True:
            found = pattern.search(self.text, self.position)
            if found is not None:
                skipped += found.start() - self.position
                self.advance(found.start())
                return True, skipped
            end = len(self.text) if self.ended else max(self.position, len(self.text) - kept)
            skipped += end - self.position
            self.advance(end)
            if not self.fill(2 * kept):
                self.advance(len(self.text))
                return False, skipped

    def skip_rest(self) -> None:
        """Skip everything up to the end of the stream."""
        self.advance(len(self.text))
        while self.fill(1):
            self.advance(len(self.text))
