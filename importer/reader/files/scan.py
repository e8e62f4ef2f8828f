"""Reads a file once from end to end for its size, its digest, and whether it is UTF-8."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from importer.reader.files.mojibake import find_mojibake

BOMS = (  # longer ones first: the mark of UTF-32-LE begins with that of UTF-16-LE
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_BLOCK = 512 * 1024
_KEPT_BYTES = 256 * 1024
_KEPT_BYTES_A_LINE = 2000
_HEAD_BYTES = 64 * 1024
_SAMPLE_BYTES = 2 * 1024
_CERTAIN_LINES = 5000
_LINE = re.compile(rb"[^\r\n]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")


@dataclass(slots=True, kw_only=True)
class FileScan:
    """
    The result of reading a file from end to end.

    `good` counts the lines with non-ASCII letters that are UTF-8, `bad` those that are not; some
    of each are kept. `good` is an estimate in large files, and counting stops when there are enough
    `bad` lines. `garbled` counts lines that were garbled before they were saved as UTF-8.
    `first_bad` and `first_garbled` are line numbers from 1, 0 for none. `header_bad` is True if
    the first line that is not blank is not UTF-8. `marked` is the encoding that a byte order mark
    names, `head` the first 64 KiB.
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
    def estimated_lines(self) -> int:
        """The number of lines if all are as long as the first ones."""
        lines = len(_LINE_END.findall(self.head)) or 1
        return self.size * lines // max(1, len(self.head))


def bom_encoding(head: bytes) -> str | None:
    """Return the encoding that a byte order mark at the start of a file names, or None."""
    return next((name for bom, name in BOMS if head.startswith(bom)), None)


def scan(path: Path, digest: Callable[[bytes], None] | None = None) -> FileScan:
    """
    Read a file from end to end, passing every byte to `digest`, such as the `update` of a hash.

    The digest runs in a thread of its own, since it takes longer than everything else together.
    Takes about 2 MiB of memory, whatever the size of the file.
    """
    found = FileScan()
    check = _Utf8Check(found)
    with path.open("rb", buffering=0) as stream, ThreadPoolExecutor(1) as thread:
        digested: Future[None] | None = None
        while block := stream.read(_BLOCK):
            if digested is not None:
                digested.result()
            if digest is not None:
                digested = thread.submit(digest, block)
            if not found.size:
                found.head = block[:_HEAD_BYTES]
                found.marked = bom_encoding(block)
                check.is_needed = found.marked in {None, "utf-8-sig"}
            found.size += len(block)
            if check.is_needed:
                check.add(block)
    check.finish()
    if check.bad_at is not None:
        found.first_bad = _line_at(path, check.bad_at)
    if check.garbled_at is not None:
        found.first_garbled = _line_at(path, check.garbled_at)
    return found


def _line_at(path: Path, offset: int) -> int:
    """Return the number of the line with the byte at `offset`."""
    line, last = 1, b""
    with path.open("rb") as stream:
        while offset > 0 and (block := stream.read(min(_BLOCK, offset))):
            offset -= len(block)
            line += block.count(b"\n")
            if b"\r" in block:
                line += block.count(b"\r") - block.count(b"\r\n")
            if last == b"\r" and block.startswith(b"\n"):
                line -= 1
            last = block[-1:]
    return line


class _Utf8Check:
    """Checks a file block by block for lines that are not UTF-8, and for garbled ones."""

    def __init__(self, found: FileScan) -> None:
        self._found = found
        self._rest = b""
        self._offset = 0
        self._bytes_left = {True: _KEPT_BYTES, False: _KEPT_BYTES}
        self._seen_header = False
        self.is_needed = True
        self.bad_at: int | None = None
        self.garbled_at: int | None = None

    def add(self, block: bytes) -> None:
        """Check the whole lines up to the end of the next block; the rest waits for more."""
        end = (block.rfind(b"\n") + 1) or (block.rfind(b"\r") + 1)
        if not end and len(self._rest) > _BLOCK:
            end = _last_character(block)
        if end:
            self._check(b"".join((self._rest, memoryview(block)[:end])))
            self._rest = b""
        self._rest += block[end:]

    def finish(self) -> None:
        """Check what is left."""
        if self.is_needed:
            self._check(self._rest)

    def _check(self, block: bytes) -> None:
        if not block.isascii():
            if _is_utf8(block):
                self._check_good(block)
            else:
                self._check_lines(block)
        self._seen_header = self._seen_header or bool(block.strip())
        self._offset += len(block)

    def _check_good(self, block: bytes) -> None:
        some = block[:_SAMPLE_BYTES]
        lines = [line for _, line in _non_ascii_lines(some)]
        self._found.good += max(len(lines) * len(block) // len(some), 1)
        if not (lines or self._found.good_lines):
            lines = [next(_non_ascii_lines(block))[1]]
        for line in lines[:100]:
            self._keep(line, good=True)
        last = -1
        for offset in find_mojibake(block):
            if b"\n" in block[last:offset] or last < 0:
                self._note_garbled(block, offset)
            last = offset

    def _note_garbled(self, block: bytes, offset: int) -> None:
        self._found.garbled += 1
        if self.garbled_at is None:
            self.garbled_at = self._offset + offset
            start = max(block.rfind(b"\n", 0, offset), block.rfind(b"\r", 0, offset)) + 1
            line = _LINE_END.split(block[start : start + 4 * _KEPT_BYTES_A_LINE], maxsplit=1)[0]
            self._found.garbled_line = line.decode("utf-8", "ignore")

    def _check_lines(self, block: bytes) -> None:
        """Count good and bad lines, until there are enough bad ones."""
        found = self._found
        for start, line in _non_ascii_lines(block):
            if _is_utf8(line):
                found.good += 1
                self._keep(line, good=True)
                continue
            if self.bad_at is None:
                self.bad_at = self._offset + start
                before = block[:start]
                found.header_bad = not self._seen_header and not before.strip()
            found.bad += 1
            self._keep(line, good=False)
        if found.bad > _CERTAIN_LINES and found.good < found.bad // 100:
            self.is_needed = False

    def _keep(self, line: bytes, *, good: bool) -> None:
        if self._bytes_left[good] > 0:
            kept = self._found.good_lines if good else self._found.bad_lines
            kept.append(line[:_KEPT_BYTES_A_LINE])
            self._bytes_left[good] -= min(len(line), _KEPT_BYTES_A_LINE)


def _non_ascii_lines(block: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the lines with non-ASCII letters, and where they begin."""
    return ((m.start(), m[0]) for m in _LINE.finditer(block) if not m[0].isascii())


def _last_character(block: bytes) -> int:
    """Return where the last non-ASCII character at the end of a block begins."""
    end = len(block)
    while end and len(block) - end < 3 and 0x80 <= block[end - 1] < 0xC0:
        end -= 1
    return end - 1 if end and block[end - 1] >= 0xC0 else end


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
