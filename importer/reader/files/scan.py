"""Reads a file once from end to end: its size, its fingerprint, and whether it is UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from importer.reader.files.mojibake import find_mojibake

__all__ = ["BOMS", "Content", "Digest", "marked_encoding", "scan"]

BOMS = (  # the longer ones first: UTF-32-LE begins like UTF-16-LE
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_BLOCK = 512 * 1024
_KEPT = 256 * 1024
_LONGEST_KEPT = 2000
_LOOKED_AT = 64 * 1024
_SAMPLED = 2 * 1024
_CERTAIN = 5000
_LINE = re.compile(rb"[^\r\n]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")


class Digest(Protocol):
    """What the bytes of the file are handed to on the way, such as a hash of hashlib."""

    def update(self, data: bytes, /) -> None:
        """Take the next bytes."""
        ...


@dataclass(slots=True, kw_only=True)
class Content:
    """
    What one pass over a file found.

    `good` and `bad` count lines with letters beyond ASCII that are UTF-8 and that are not
    (`good` is estimated in large files, `bad` stops where there is no doubt left); some of each
    are kept. `garbled` counts lines of UTF-8 that were garbled before they were saved.
    `first_bad` and `first_garbled` are line numbers, from 1; `header_bad` tells that the first
    line that is not blank is not UTF-8.
    """

    size: int = 0
    marked: str | None = None
    head: bytes = b""
    good: int = 0
    bad: int = 0
    first_bad: int = 0
    header_bad: bool = False
    good_lines: list[bytes] = field(default_factory=list)
    bad_lines: list[bytes] = field(default_factory=list)
    garbled: int = 0
    first_garbled: int = 0
    garbled_line: str = ""

    @property
    def about_lines(self) -> int:
        """How many lines the file has if all are as long as the first ones."""
        lines = len(_LINE_END.findall(self.head)) or 1
        return self.size * lines // max(1, len(self.head))


def marked_encoding(head: bytes) -> str | None:
    """Return the encoding that a byte order mark at the start of a file tells, or None."""
    return next((name for bom, name in BOMS if head.startswith(bom)), None)


def scan(path: Path, digest: Digest | None = None) -> Content:
    """
    Read a file from end to end, handing every byte to `digest`.

    The digest works in a thread of its own, since it takes longer than all the rest. Memory: 2 MiB.
    """
    found = Content()
    proof = _Proof(found)
    with path.open("rb", buffering=0) as stream, ThreadPoolExecutor(1) as thread:
        digested: Future[None] | None = None
        while block := stream.read(_BLOCK):
            if digested is not None:
                digested.result()
            if digest is not None:
                digested = thread.submit(digest.update, block)
            if not found.size:
                found.head = block[:_LOOKED_AT]
                found.marked = marked_encoding(block)
                proof.wanted = found.marked in {None, "utf-8-sig"}
            found.size += len(block)
            if proof.wanted:
                proof.add(block)
    proof.finish()
    if proof.bad_at is not None:
        found.first_bad = _line_at(path, proof.bad_at)
    if proof.garbled_at is not None:
        found.first_garbled = _line_at(path, proof.garbled_at)
    return found


def _line_at(path: Path, place: int) -> int:
    """Return the number of the line that the byte at `place` stands in."""
    line, last = 1, b""
    with path.open("rb") as stream:
        while place > 0 and (block := stream.read(min(_BLOCK, place))):
            place -= len(block)
            line += block.count(b"\n")
            if b"\r" in block:
                line += block.count(b"\r") - block.count(b"\r\n")
            if last == b"\r" and block.startswith(b"\n"):
                line -= 1
            last = block[-1:]
    return line


class _Proof:
    """Looks at blocks of whole lines, one after the other, and notes what is not UTF-8."""

    def __init__(self, found: Content) -> None:
        self._found = found
        self._rest = b""
        self._place = 0
        self._room = {True: _KEPT, False: _KEPT}
        self._seen_header = False
        self.wanted = True
        self.bad_at: int | None = None
        self.garbled_at: int | None = None

    def add(self, block: bytes) -> None:
        """Look at the next bytes; a line that is not whole yet waits for the next ones."""
        end = (block.rfind(b"\n") + 1) or (block.rfind(b"\r") + 1)
        if not end and len(self._rest) > _BLOCK:
            end = _last_character(block)
        if end:
            self._look_at(b"".join((self._rest, memoryview(block)[:end])))
            self._rest = b""
        self._rest += block[end:]

    def finish(self) -> None:
        """Look at what is left."""
        if self.wanted:
            self._look_at(self._rest)

    def _look_at(self, block: bytes) -> None:
        if not block.isascii():
            if _is_utf8(block):
                self._look_at_good(block)
            else:
                self._look_at_lines(block)
        self._seen_header = self._seen_header or bool(block.strip())
        self._place += len(block)

    def _look_at_good(self, block: bytes) -> None:
        some = block[:_SAMPLED]
        lines = [line for _, line in _beyond_ascii(some)]
        self._found.good += max(len(lines) * len(block) // len(some), 1)
        for line in lines[:100]:
            self._keep(line, good=True)
        last = -1
        for place in find_mojibake(block):
            if b"\n" in block[last:place] or last < 0:
                self._note_garbled(block, place)
            last = place

    def _note_garbled(self, block: bytes, place: int) -> None:
        self._found.garbled += 1
        if self.garbled_at is None:
            self.garbled_at = self._place + place
            start = max(block.rfind(b"\n", 0, place), block.rfind(b"\r", 0, place)) + 1
            line = _LINE_END.split(block[start : start + 4 * _LONGEST_KEPT], maxsplit=1)[0]
            self._found.garbled_line = line.decode("utf-8", "ignore")

    def _look_at_lines(self, block: bytes) -> None:
        """Tell good lines from bad ones, until there are so many bad ones that nothing is open."""
        found = self._found
        for start, line in _beyond_ascii(block):
            if _is_utf8(line):
                found.good += 1
                self._keep(line, good=True)
                continue
            if self.bad_at is None:
                self.bad_at = self._place + start
                before = block[:start]
                found.header_bad = not self._seen_header and not before.strip()
            found.bad += 1
            self._keep(line, good=False)
        if found.bad > _CERTAIN and found.good < found.bad // 100:
            self.wanted = False

    def _keep(self, line: bytes, *, good: bool) -> None:
        if self._room[good] > 0:
            kept = self._found.good_lines if good else self._found.bad_lines
            kept.append(line[:_LONGEST_KEPT])
            self._room[good] -= min(len(line), _LONGEST_KEPT)


def _beyond_ascii(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines with letters beyond ASCII, and where they begin."""
    return ((m.start(), m[0]) for m in _LINE.finditer(block) if not m[0].isascii())


def _last_character(block: bytes) -> int:
    """Return where the last character beyond ASCII at the end of a block begins."""
    end = len(block)
    while end and len(block) - end < 3 and 0x80 <= block[end - 1] < 0xC0:
        end -= 1
    return end - 1 if end and block[end - 1] >= 0xC0 else end


def _is_utf8(data: bytes) -> bool:
    """Tell whether bytes are UTF-8. Large ones are checked by polars, at several GB a second."""
    if len(data) < _LOOKED_AT:
        try:
            data.decode()
        except UnicodeDecodeError:
            return False
        return True
    import polars as pl

    try:
        pl.Series([data], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True
