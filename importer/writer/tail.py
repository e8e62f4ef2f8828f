"""Reads a results file backwards, to find its last lines of a kind."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from importer.writer.line_reader import parse_line
from importer.writer.lines.end_line import EndLine

_BLOCK_BYTES = 256 * 1024


def last_ends(path: Path) -> Iterator[EndLine]:
    """Yield the `end` lines of a results file, the last one first; see `last_lines`."""
    return map(EndLine.from_json, last_lines(path, EndLine.kind))


def last_lines(path: Path, kind: str) -> Iterator[dict[str, Any]]:
    """
    Yield the lines of a kind in a results file, the last one first, as objects.

    It reads backwards, so the size of the file does not matter. Damaged and torn lines are left
    out. Raises `OSError` if the file cannot be read.
    """
    begin = f'{{"kind":"{kind}",'.encode()
    with path.open("rb") as stream:
        for text in _lines_backwards(stream):
            line = parse_line(text) if text.startswith(begin) else None
            if line is not None:
                yield line


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
