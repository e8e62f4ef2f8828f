"""Reads how the last runs ended, from the end of a results file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from importer.writer.line_reader import parse_line
from importer.writer.lines.end import EndLine

__all__ = ["last_ends"]

_BLOCK_BYTES = 256 * 1024
_BEGIN = b'{"kind":"end",'


def last_ends(path: Path) -> Iterator[EndLine]:
    """
    Yield the `end` lines of a results file, the last one first.

    The file is read backwards, so its size does not matter. A line that is damaged or torn is left
    out. Raises `OSError` if the file cannot be read.
    """
    with path.open("rb") as stream:
        for text in _lines_backwards(stream):
            line = parse_line(text) if text.startswith(_BEGIN) else None
            if line is not None:
                yield EndLine.from_json(line)


def _lines_backwards(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the complete lines of a file, the last one first."""
    start = stream.seek(0, os.SEEK_END)
    rest: list[bytes] = []
    is_torn = True
    while start:
        size = min(_BLOCK_BYTES, start)
        start -= size
        stream.seek(start)
        first, *others = stream.read(size).split(b"\n")
        for end_of_line in reversed(others):
            text = b"".join([end_of_line, *reversed(rest)])
            rest = []
            if not is_torn:
                yield text
            is_torn = False
        rest.append(first)
    if not is_torn:
        yield b"".join(reversed(rest))
