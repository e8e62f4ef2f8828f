"""Refuses spreadsheets that would fill the memory, before they are read."""

from __future__ import annotations

import re
import zipfile
import zlib
from array import array
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import IO

from importer.core.errors import SourceError
from importer.core.locale.message import Message

_MOST_BYTES = 512 * 1024 * 1024
"""The largest unpacked size of a spreadsheet: reading it takes up to three times as much memory."""
_MOST_CELLS = 20_000_000
"""How many cells the area of a sheet may have: each takes memory, whether it is filled or not."""
_BLOCK = 1024 * 1024
_LOCAL_HEADER = 30
_NAMES_AT = 26
_SHEET = re.compile(r"xl/worksheets/[^/]*\.xml")
_TEXTS = "xl/sharedStrings.xml"
# A cell without a value has no memory: `<c r="XFD1" s="4"/>` is only how an empty one looks.
_CELL = re.compile(
    rb'<(?:\w{1,20}:)?c\s[^<>]{0,200}?r="([A-Z]{1,3})([0-9]{1,7})"[^<>]{0,200}(?<!/)>'
)
_SHARED = re.compile(rb't="s"[^<>]{0,200}>\s{0,20}<(?:\w{1,20}:)?v>([0-9]{1,9})<')
_TEXT_END = re.compile(rb"</(?:\w{1,20}:)?si>")


def refuse_too_large(name: str, path: Path) -> None:
    """
    Raise `SourceError` for a spreadsheet that would take too much memory.

    It refuses a spreadsheet that unpacks to more than 512 MiB, has a sheet of more than 20,000,000
    cells, or repeats texts in its cells to more than 512 MiB. A file that is no zip archive is left
    to the library that reads it.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as book:
            if _unpacked(book, file) > _MOST_BYTES:
                raise _refusal(
                    name,
                    Message(
                        "it unpacks to more than %(size)s MiB",
                        size=_MOST_BYTES // 2**20,
                    ),
                )
            _look_at_sheets(name, book)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OSError):
        return


def _refusal(name: str, why: Message) -> SourceError:
    return SourceError(
        "%(name)s is too large to be read as a spreadsheet: %(why)s",
        name=name,
        why=why,
        hint="Save it as CSV (UTF-8): a CSV file may be of any size.",
    )


def _unpacked(book: zipfile.ZipFile, file: IO[bytes]) -> int:
    """Return the unpacked size of a file, up to the limit; its index may be wrong."""
    total = 0
    for part in book.infolist():
        total += part.compress_size if part.compress_type == zipfile.ZIP_STORED else 0
        if part.compress_type == zipfile.ZIP_DEFLATED:
            for size in _inflated(file, part):
                total += size
                if total > _MOST_BYTES:
                    return total
    return total


def _inflated(file: IO[bytes], part: zipfile.ZipInfo) -> Iterator[int]:
    file.seek(part.header_offset)
    header = file.read(_LOCAL_HEADER)
    names = sum(int.from_bytes(header[at : at + 2], "little") for at in (_NAMES_AT, _NAMES_AT + 2))
    file.seek(names, 1)
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    left = part.compress_size
    while left > 0 and not unpacker.eof and (block := file.read(min(left, _BLOCK))):
        left -= len(block)
        while block and not unpacker.eof:
            yield len(unpacker.decompress(block, _BLOCK))
            block = unpacker.unconsumed_tail


def _look_at_sheets(name: str, book: zipfile.ZipFile) -> None:
    lengths = _lengths(book)
    for part in filter(_SHEET.fullmatch, book.namelist()):
        columns, lines = _Span(), _Span()
        size = 0
        for block in tag_blocks(book, part):
            cells = _CELL.findall(block)
            columns.take({column_number(one.decode()) for one in {one for one, _ in cells}})
            lines.take([int(line) for _, line in cells])
            if columns.count * lines.count > _MOST_CELLS:
                raise _refusal(
                    name,
                    Message(
                        "a sheet has an area of more than %(count)s cells",
                        count=f"{_MOST_CELLS:,}",
                    ),
                )
            shared = map(int, _SHARED.findall(block))
            size += sum(lengths[at] for at in shared if at < len(lengths))
            if size > _MOST_BYTES:
                raise _refusal(
                    name,
                    Message(
                        "its cells have more than %(size)s MiB of text",
                        size=_MOST_BYTES // 2**20,
                    ),
                )


class _Span:
    """The number of integers from the smallest one seen to the largest."""

    def __init__(self) -> None:
        self._first, self._last = 2**63, 0

    def take(self, numbers: Collection[int]) -> None:
        if numbers:
            self._first = min(self._first, *numbers)
            self._last = max(self._last, *numbers)

    @property
    def count(self) -> int:
        return max(0, self._last - self._first + 1)


def column_number(letters: str) -> int:
    """
    Return the number of a column in a sheet.

    >>> column_number("A"), column_number("AA")
    (1, 27)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _lengths(book: zipfile.ZipFile) -> array[int]:
    """Return the length of each shared text, with its markup."""
    found, open_ = array("L"), 0
    if _TEXTS not in book.namelist():
        return found
    for block in tag_blocks(book, _TEXTS, b"</"):
        *whole, rest = _TEXT_END.split(block)
        for text in whole:
            found.append(open_ + len(text))
            open_ = 0
        open_ += len(rest)
    return found


def tag_blocks(book: zipfile.ZipFile, part: str, cut: bytes = b"<") -> Iterator[bytes]:
    """Yield a part in blocks that are cut before the last `cut`, which begins a tag."""
    rest = b""
    with book.open(part) as stream:
        while block := stream.read(_BLOCK):
            block = rest + block
            at = block.rfind(cut)
            if at > 0:
                yield block[:at]
                rest = block[at:]
            else:
                yield block
                rest = b""
    yield rest
