"""Tells what is in a file: its encoding, its format and its delimiter."""

from __future__ import annotations

import codecs
import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO, TextIOWrapper
from typing import IO, Literal

from importer.config import ReadOptions
from importer.errors import ConfigError, SourceError
from importer.reader.csv import SEPARATOR_LINE
from importer.reader.regions import Regions, is_bytewise
from importer.reader.source import SourceFile

__all__ = ["Layout", "detect_layout", "open_text"]

_SAMPLE_BYTES = 1024 * 1024
_DELIMITERS = (",", ";", "\t", "|")
_JSONL_SUFFIXES = {".jsonl", ".ndjson"}
_FIRST_LINES = 10
_ARRAY = re.compile(r"\s*\[\s*[\[{\]]")
_STATE_ENCODING = (
    "State the encoding: --encoding windows-1256 (Arabic), windows-1252 (Western), "
    'or encoding = "…" under [read] in the mapping file.'
)
_BOMS = (  # the longer ones first: UTF-32-LE begins like UTF-16-LE
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MAGIC = (
    (b"\x1f\x8b", "gzip-compressed", "unpack it first"),
    (b"BZh", "bzip2-compressed", "unpack it first"),
    (b"\xfd7zXZ\x00", "xz-compressed", "unpack it first"),
    (b"\x28\xb5\x2f\xfd", "zstd-compressed", "unpack it first"),
    (b"PK\x03\x04", "a zip archive or a spreadsheet", "save it as CSV (UTF-8) first"),
    (b"\xd0\xcf\x11\xe0", "an old Office file", "save it as CSV (UTF-8) first"),
)


def _keep_as_surrogates(error: UnicodeError) -> tuple[str, int]:
    """Turn each undecodable byte into U+DC00+byte, so that only its own row is refused."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in bad), error.end


codecs.register_error("vorel-keep", _keep_as_surrogates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is in a file: `delimiter` is "" for JSONL."""

    format: Literal["csv", "jsonl"]
    encoding: str
    delimiter: str


def detect_layout(file: SourceFile, options: ReadOptions) -> Layout:
    """
    Tell what is in a file; what `options` state is taken as said.

    A byte order mark tells the encoding whatever is stated: it is written by the program that
    saved the file. Raises `SourceError` for an empty file, one that is no text, and one in which
    most lines beyond ASCII are not UTF-8 while no encoding is stated.
    """
    with file.path.open("rb") as stream:
        sample = stream.read(_SAMPLE_BYTES)
    if not sample:
        raise SourceError(f"{file.name} is empty", hint="Export the list again.")
    for magic, what, remedy in _MAGIC:
        if sample.startswith(magic):
            raise SourceError(f"{file.name} is {what}, not CSV or JSONL", hint=f"Please {remedy}.")
    encoding = _encoding(file, sample, options)
    text = _decode_lines(file, sample, encoding)
    kind = options.format or _format(file, text)
    if kind == "jsonl":
        return Layout(format=kind, encoding=encoding, delimiter="")
    return Layout(format=kind, encoding=encoding, delimiter=options.delimiter or _delimiter(text))


def _encoding(file: SourceFile, sample: bytes, options: ReadOptions) -> str:
    if options.delimiter is not None and options.delimiter in '"\r\n':
        raise ConfigError("delimiter: a quote or a line end separates no cells")
    marked = next((name for bom, name in _BOMS if sample.startswith(bom)), None)
    if marked is not None:
        return marked
    if options.encoding is not None:
        stated = codecs.lookup(options.encoding).name
        # Without a mark, Python's decoder of these two stops in the middle of the file.
        return f"{stated}-le" if stated in {"utf-16", "utf-32"} else options.encoding
    _refuse_if_not_utf8(file, sample)
    return "utf-8"


def _refuse_if_not_utf8(file: SourceFile, sample: bytes) -> None:
    """Refuse a file in another encoding; a few broken lines are only rows to name."""
    lines = sample.splitlines()
    if len(sample) == _SAMPLE_BYTES and len(lines) > 1:
        del lines[-1]  # the sample may end inside a character
    if lines and b"\0" in lines[0]:
        raise SourceError(
            f"{file.name}: the first line has NUL bytes, as in UTF-16 without a mark",
            hint="State the encoding: --encoding utf-16-le (or utf-16-be).",
        )
    good, bad = 0, []
    for number, line in enumerate(lines, 1):
        if not line.isascii():
            try:
                line.decode("utf-8")
            except UnicodeDecodeError:
                bad.append(number)
            else:
                good += 1
    if bad and (bad[0] == 1 or (len(bad) > 1 and len(bad) > good)):
        raise SourceError(
            f"{file.name}, line {bad[0]}: not UTF-8, like {len(bad)} of the first "
            f"{len(bad) + good} lines with letters beyond ASCII",
            hint=_STATE_ENCODING,
        )


def _decode_lines(file: SourceFile, sample: bytes, encoding: str) -> str:
    """Decode whole lines only: the sample may end inside a character or a quoted field."""
    try:
        text = sample.decode(encoding, "vorel-keep")
    except UnicodeError as error:
        raise SourceError(
            f"{file.name}: cannot be read as {encoding} ({error})", hint=_STATE_ENCODING
        ) from None
    whole = max(text.rfind("\n"), text.rfind("\r")) + 1
    return text[:whole] if whole and len(sample) == _SAMPLE_BYTES else text


def _format(file: SourceFile, text: str) -> Literal["csv", "jsonl"]:
    suffix = file.path.suffix.lower()
    if _ARRAY.match(text) and suffix in {".json", "", *_JSONL_SUFFIXES}:
        raise SourceError(
            f"{file.name} is one JSON array",
            hint="Write one object a line (JSON Lines), for example with: jq -c '.[]'",
        )
    if text.lstrip()[:1] == "{":
        lines = [line for line in StringIO(text[: _SAMPLE_BYTES // 4], newline="") if line.strip()]
        if any(_is_object(line) for line in lines[:_FIRST_LINES]):
            return "jsonl"
    if suffix == ".json":
        raise SourceError(
            f"{file.name} is JSON, but not one object a line",
            hint="Write one object a line (JSON Lines), for example with: jq -c .",
        )
    return "jsonl" if suffix in _JSONL_SUFFIXES else "csv"


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _delimiter(text: str) -> str:
    """Choose the delimiter under which most records have as many cells as the header."""
    if stated := SEPARATOR_LINE.fullmatch(StringIO(text, newline="").readline()):
        return stated[1]
    best, best_score = ",", (0.0, 1)
    for delimiter in _DELIMITERS:
        # Not str.splitlines, which also splits at characters that are no line ends in CSV.
        rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
        widths = [len(row) for row in rows if row]
        if not widths or widths[0] == 1:
            continue
        score = (Counter(widths)[widths[0]] / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


@contextmanager
def open_text(file: SourceFile, layout: Layout) -> Iterator[IO[str] | Regions]:
    """
    Open a file as text with its line ends kept and undecodable bytes marked.

    CSV is fed region by region where its encoding allows, so that regular parts are read fast.
    """
    with file.path.open("rb") as stream:
        if layout.format == "csv" and is_bytewise(layout.encoding):
            marked = layout.encoding == "utf-8-sig" and stream.peek(3).startswith(codecs.BOM_UTF8)
            stream.seek(len(codecs.BOM_UTF8) if marked else 0)
            yield Regions(stream, layout.encoding.removesuffix("-sig"))
        else:
            yield TextIOWrapper(stream, encoding=layout.encoding, errors="vorel-keep", newline="")
