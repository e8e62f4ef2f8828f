"""Finds the files a source names and tells what is in them: encoding, format, delimiter."""

from __future__ import annotations

import codecs
import csv
import glob
import hashlib
import json
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Literal

from importer.config import ReadOptions
from importer.errors import SourceError

__all__ = ["Layout", "SourceFile", "detect_layout", "find_sources", "fingerprint", "open_text"]

_SAMPLE_BYTES = 1024 * 1024
_DELIMITERS = (",", ";", "\t", "|")
_JSONL_SUFFIXES = {".jsonl", ".ndjson"}
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
    """Turn each undecodable byte into U+DC80+byte, so that only its own row is refused."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    bad = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in bad), error.end


codecs.register_error("vorel-keep", _keep_as_surrogates)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceFile:
    """A file to read. `name` is what the user calls it, `path` where its bytes lie."""

    name: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is in a file: `delimiter` is "" for JSONL."""

    format: Literal["csv", "jsonl"]
    encoding: str
    delimiter: str


def find_sources(names: tuple[str, ...], *, spool: Path | None = None) -> list[SourceFile]:
    """
    Return the files that `names` (paths, globs, or `-` for standard input) stand for.

    Standard input is copied into the folder `spool`, since a source is read more than once.
    Raises `SourceError` for what does not exist or is no file.
    """
    found: list[SourceFile] = []
    for name in names:
        if name == "-":
            found.append(SourceFile(name="-", path=_spool_stdin(spool)))
            continue
        path = Path(name)
        # glob.glob and not Path.glob: it takes the patterns a shell takes, absolute ones too.
        matches = [name] if path.exists() else sorted(glob.glob(name, recursive=True))  # noqa: PTH207
        if not matches:
            raise SourceError(f"{name}: no such file", hint="Check the path.")
        found += [SourceFile(name=match, path=_readable(match)) for match in matches]
    return found


def _readable(name: str) -> Path:
    path = Path(name)
    if path.is_dir():
        raise SourceError(f"{name} is a folder", hint="Name its files, for example with *.csv.")
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise SourceError(f"{name}: cannot be read ({error.strerror})") from error


def _spool_stdin(folder: Path | None) -> Path:
    with tempfile.NamedTemporaryFile(dir=folder, prefix="stdin-", delete=False) as file:
        shutil.copyfileobj(sys.stdin.buffer, file)
    return Path(file.name)


def fingerprint(files: list[SourceFile]) -> tuple[int, str]:
    """Return the bytes of all files together and the SHA-256 (hex) of their content."""
    digest = hashlib.sha256()
    size = 0
    for file in files:
        with file.path.open("rb") as stream:
            while block := stream.read(_SAMPLE_BYTES):
                digest.update(block)
                size += len(block)
    return size, digest.hexdigest()


def detect_layout(file: SourceFile, options: ReadOptions) -> Layout:
    """
    Tell what is in a file; what `options` state is taken as said.

    Raises `SourceError` for an empty file, one that is no text, and one in which most lines
    beyond ASCII are not UTF-8 while no encoding is stated.
    """
    with file.path.open("rb") as stream:
        sample = stream.read(_SAMPLE_BYTES)
    if not sample:
        raise SourceError(f"{file.name} is empty", hint="Export the list again.")
    for magic, what, remedy in _MAGIC:
        if sample.startswith(magic):
            raise SourceError(f"{file.name} is {what}, not CSV or JSONL", hint=f"Please {remedy}.")
    encoding = _encoding(file, sample, options)
    text = _decode_lines(sample, encoding)
    kind = options.format or _format(file, text)
    if kind == "jsonl":
        return Layout(format=kind, encoding=encoding, delimiter="")
    return Layout(format=kind, encoding=encoding, delimiter=options.delimiter or _delimiter(text))


def _encoding(file: SourceFile, sample: bytes, options: ReadOptions) -> str:
    marked = next((name for bom, name in _BOMS if sample.startswith(bom)), None)
    if options.encoding is not None:
        stated = codecs.lookup(options.encoding).name
        return "utf-8-sig" if stated == "utf-8" and marked == "utf-8-sig" else options.encoding
    if marked is None:
        _refuse_if_not_utf8(file, sample)
    return marked or "utf-8"


def _refuse_if_not_utf8(file: SourceFile, sample: bytes) -> None:
    """Refuse a file in another encoding; a few broken lines are only rows to name."""
    good, bad = 0, []
    for number, line in enumerate(sample.split(b"\n")[:-1] or [sample], 1):
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
            hint="State the encoding: --encoding windows-1256 (Arabic), windows-1252 (Western), "
            'or encoding = "…" under [read] in the mapping file.',
        )


def _decode_lines(sample: bytes, encoding: str) -> str:
    """Decode whole lines only: the sample may end inside a character or a quoted field."""
    text = sample.decode(encoding, "vorel-keep")
    whole = text.rfind("\n") + 1
    return text[:whole] if whole and len(sample) == _SAMPLE_BYTES else text


def _format(file: SourceFile, text: str) -> Literal["csv", "jsonl"]:
    first = text.lstrip()[:1]
    if first == "[" and file.path.suffix.lower() in {".json", ""}:
        raise SourceError(
            f"{file.name} is one JSON array",
            hint="Write one object a line (JSON Lines), for example with: jq -c '.[]'",
        )
    if first == "{":
        try:
            if isinstance(json.loads(text.lstrip().split("\n", 1)[0]), dict):
                return "jsonl"
        except ValueError:
            pass
    return "jsonl" if file.path.suffix.lower() in _JSONL_SUFFIXES else "csv"


def _delimiter(text: str) -> str:
    """Choose the delimiter under which most records have as many cells as the header."""
    best, best_score = ",", (0.0, 1)
    for delimiter in _DELIMITERS:
        rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
        try:
            widths = Counter(len(row) for row in rows if row)
        except csv.Error:
            continue
        width, times = widths.most_common(1)[0] if widths else (1, 0)
        score = (times / max(1, widths.total()), width)
        if width > 1 and score > best_score:
            best, best_score = delimiter, score
    return best


def open_text(file: SourceFile, layout: Layout) -> IO[str]:
    """Open a file as text with its line ends kept and undecodable bytes marked."""
    return TextIOWrapper(
        file.path.open("rb"), encoding=layout.encoding, errors="vorel-keep", newline=""
    )
