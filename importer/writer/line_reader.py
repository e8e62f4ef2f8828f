"""Reads a results file line by line, forwards or backwards."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, get_args

import msgspec
from msgspec import structs

from importer.core.errors import ResultsError
from importer.writer.lines.line import OtherLine, ResultLine
from importer.writer.lines.row_line import (
    KnownLine,
    ReadingLine,
    RefusedLine,
    RequestLine,
    RowLine,
    SentLine,
    UnsentLine,
    versions_in,
)
from importer.writer.lines.run_line import (
    AcknowledgedLine,
    EndLine,
    ExportsLine,
    ListLine,
    MappingLine,
    RunLine,
    VanishedLine,
)

_Usual = (
    RunLine
    | MappingLine
    | SentLine
    | RefusedLine
    | UnsentLine
    | RowLine
    | KnownLine
    | ReadingLine
    | ExportsLine
    | AcknowledgedLine
    | VanishedLine
)
"""What is decoded at once. The others have values in forms of their own."""
Line = _Usual | RequestLine | EndLine | ListLine | OtherLine
KINDS: Mapping[str, type[Line]] = {
    str(one.__struct_config__.tag): one for one in (*get_args(_Usual), EndLine, ListLine)
}
"""The class of each kind of line; `docs/results-file.md` describes them."""
_decoder = msgspec.json.Decoder(_Usual)
_OfKind = TypeVar("_OfKind", bound=ResultLine)

_BEGINS = b'{"kind":"'
_LONGEST_HEAD = 64
_FIRST_LINES = 10
_LOOKED_AT = 64 * 1024
_BLOCK_BYTES = 256 * 1024


def parse_line(text: bytes) -> dict[str, Any] | None:
    """Return the object in a line, or None if the line is damaged."""
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) and isinstance(line.get("kind"), str) else None


def is_results_text(begin: bytes) -> bool:
    """
    Return whether a file with this beginning is a results file: it is empty, or has such a line.

    A torn or damaged first line has to begin like a line of a results file, or be followed by a
    line of this importer, or consist of the zeros that a power cut leaves.
    """
    lines = [parse_line(line) for line in begin.splitlines()[:_FIRST_LINES]]
    if any(line["kind"] in KINDS for line in lines if line is not None):
        return True
    head = begin[:_LONGEST_HEAD].replace(b" ", b"").rstrip(b"\0")
    is_damaged = not lines or lines[0] is None
    return is_damaged and (head.startswith(_BEGINS) or _BEGINS.startswith(head))


def refuse_other_file(path: Path, begin: bytes | None = None) -> None:
    """
    Raise `ResultsError` for a file that is no results file.

    `begin` are its first bytes; if it is None, they are read. Raises `OSError` if that fails.
    """
    if begin is None:
        with path.open("rb") as stream:
            begin = stream.read(_LOOKED_AT)
    if not is_results_text(begin):
        raise ResultsError(
            "%(path)s is not a results file: its first line is not one of this importer's",
            path=path,
            hint="Name the results file of the import, such as people.results.jsonl, which is "
            "beside the list. A new import may be given a file that is new or empty.",
        )


@contextmanager
def reading(path: Path | str) -> Iterator[None]:
    """Raise `ResultsError` instead of `OSError` while a results file is read."""
    try:
        yield
    except OSError as error:
        raise ResultsError(
            "%(path)s: cannot be read (%(fault)s)",
            path=path,
            fault=error.strerror,
            hint="Check the results file's path.",
        ) from error


def read_line(text: bytes) -> Line | None:
    """Return a line, or None if it is damaged."""
    try:
        return _decoder.decode(text)
    except (ValueError, RecursionError):  # unusual, or damaged
        line = parse_line(text)
    return None if line is None else line_from_json(line)


def line_from_json(line: Mapping[str, Any]) -> Line:
    """Return the line for an object of the results file."""
    kind = KINDS.get(str(line.get("kind")))
    found = kind.from_json(line) if kind is not None else None
    if found is None:
        found = OtherLine.from_json(line)
        assert found is not None  # noqa: S101 - it needs no value
    return found


def each_version(line: Line) -> Iterator[Line]:
    """
    Yield a line for each version of a row that a line is about: mostly only the line itself.

    `compact` packs the lines of many versions into one.
    """
    if isinstance(line, RowLine | KnownLine) and line.packed:
        for source_hash in versions_in(line):
            yield structs.replace(line, source_hash=source_hash, packed="")
    else:
        yield line


def iter_lines(path: Path) -> Iterator[tuple[int, int, Line | None]]:
    """
    Yield (line number, byte offset, line) of each complete line of a results file.

    The line is None if it is damaged. A torn last line is left out.
    """
    offset = 0
    with path.open("rb") as stream:
        for number, text in enumerate(stream, 1):
            if not text.endswith(b"\n"):
                return
            if text.strip():
                yield number, offset, read_line(text)
            offset += len(text)


def read_lines(path: Path, kind: type[_OfKind]) -> Iterator[_OfKind]:
    """
    Yield the lines of a kind, without damaged ones.

    Raises `ResultsError` if the file cannot be read, or is no results file.
    """
    tag = f'"{kind.__struct_config__.tag}"'.encode()
    with reading(path):
        refuse_other_file(path)
        with path.open("rb") as stream:
            for text in stream:
                line = read_line(text) if tag in text and text.endswith(b"\n") else None
                if isinstance(line, kind):
                    yield line


def last_lines(path: Path, kind: type[_OfKind]) -> Iterator[_OfKind]:
    """
    Yield the lines of a kind in a results file, the last one first.

    It reads backwards, so the size of the file does not matter. Damaged and torn lines are left
    out. Raises `OSError` if the file cannot be read.
    """
    begin = f'{{"kind":"{kind.__struct_config__.tag}",'.encode()
    with path.open("rb") as stream:
        for text in _lines_backwards(stream):
            line = read_line(text) if text.startswith(begin) else None
            if isinstance(line, kind):
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
