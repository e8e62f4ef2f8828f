"""Tells CSV, JSON Lines and JSON apart, and names what is none of them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from io import StringIO
from typing import Any, Literal

from importer.errors import SourceError
from importer.reader.files.source import SourceFile
from importer.reader.json.record_path import first_list, path_of
from importer.shared import OWN_PREFIX

__all__ = ["Format", "may_hold_list", "refuse_foreign", "tell_format"]

Format = Literal["csv", "jsonl", "json"]

_JSONL_SUFFIXES = {".jsonl", ".ndjson"}
_JSON_SUFFIXES = {".json", *_JSONL_SUFFIXES}
_FIRST_LINES = 10
_DEEPEST = 9
_LOOKED_AT = 256 * 1024
_ARRAY = re.compile(r"\s*\[\s*[\[{\]]")
_COMMENT = re.compile(r"\s*(?:[\[{]\s*)?(?://|/\*)")
_ARRAY_OF_OBJECTS = re.compile(r'\s*\[\s*\{\s*["}]')
_MAGIC = (
    (b"Rar!\x1a\x07", "a rar archive", "Unpack it first."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it first."),
    (b"\x04\x22\x4d\x18", "lz4-compressed", "Unpack it first."),
    (b"\x1f\x9d", "compressed", "Unpack it first."),
    (b"%PDF-", "a PDF", "Export the list as CSV from where it came from."),
    (b"SQLite format 3\0", "a SQLite database", "Export its table as CSV."),
    (b"\0\1\0\0Standard ", "an Access database", "Export its table as CSV."),
    (b"PAR1", "a Parquet file", "Export it as CSV or JSON Lines."),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype html|html|head|body|table|\?xml|meta)\b", re.IGNORECASE)
_VCARD = re.compile(rb"\s*BEGIN:VCARD\b", re.IGNORECASE)
_SQL = re.compile(
    rb"""^\s*(?:
        INSERT\s+(?:IGNORE\s+)?INTO\s+[^\s()]{1,200}\s*(?:\([^()]{1,2000}\))?\s*(?:VALUES|SELECT)\b
        | COPY\s[^\r\n]{1,2000}\sFROM\s+stdin;
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_SQL_BEGINS = re.compile(
    rb"\s*(?:--|/\*|#|(?:INSERT|CREATE|DROP|SET|USE|BEGIN|START|LOCK|COPY|PRAGMA|DELETE|TRUNCATE)\b)",
    re.IGNORECASE,
)
_SQL_LOOKED_AT = 64 * 1024
_SAVE_AS_CSV = "Open it in a spreadsheet program and save it as CSV (UTF-8)."


def refuse_foreign(file: SourceFile, sample: bytes) -> None:
    """Raise `SourceError` for a file that is empty, or known to be something else than a list."""
    if not sample:
        raise SourceError(f"{file.name} is empty", hint="Export the list again.")
    found = next(((what, hint) for magic, what, hint in _MAGIC if sample.startswith(magic)), None)
    if sample[257:262] == b"ustar":
        found = "a tar archive", "Unpack it first."
    text = sample[:1024].removeprefix(b"\xef\xbb\xbf")
    if _MARKUP.match(text):
        found = "a web page or XML, whatever its name says", _SAVE_AS_CSV
    elif _VCARD.match(text):
        found = "a list of vCards", "Export it as CSV, or convert it first."
    elif _SQL_BEGINS.match(text) and _SQL.search(sample[:_SQL_LOOKED_AT]):
        found = "SQL statements", "Export the table itself as CSV."
    if found is not None:
        raise SourceError(f"{file.name} is {found[0]}, not CSV or JSON", hint=found[1])


def tell_format(file: SourceFile, text: str) -> Format:
    """
    Tell the format from how the text begins, else from the file's name.

    Raises `SourceError` for JSON that is no list of objects.
    """
    suffix = file.path.suffix.lower()
    if suffix == ".json" and _COMMENT.match(text):
        raise SourceError(f"{file.name} has comments, and JSON has none", hint="Take them out.")
    if _ARRAY_OF_OBJECTS.match(text) or (_ARRAY.match(text) and suffix in {"", *_JSON_SUFFIXES}):
        return "json"
    if text.lstrip()[:1] == "{":
        lines = [line for line in StringIO(text[:_LOOKED_AT], newline="") if line.strip()]
        first = _first_value(text)
        if isinstance(first, dict):
            if suffix not in _JSONL_SUFFIXES:
                _refuse_wrapped(file, text, first)
            return "jsonl" if _first_value(lines[0]) == first else "json"
        if any(isinstance(_first_value(line), dict) for line in lines[:_FIRST_LINES]):
            return "jsonl"
        if suffix not in _JSONL_SUFFIXES and (path := first_list(text)):
            raise _wrapped(file, [path])
    if suffix == ".json":
        raise SourceError(
            f"{file.name} is named JSON, but has neither objects nor an array of objects",
            hint="Write one object a line (JSON Lines), for example with: jq -c .",
        )
    return "jsonl" if suffix in _JSONL_SUFFIXES else "csv"


def may_hold_list(text: str) -> bool:
    """Tell whether text is JSON to look for a list in, and not a file the importer wrote itself."""
    first = _first_value(text.lstrip().partition("\n")[0])
    is_own = isinstance(first, dict) and any(name.startswith(OWN_PREFIX) for name in first)
    return text.lstrip()[:1] in {"{", "["} and not is_own


def _first_value(text: str) -> Any:
    try:
        return json.JSONDecoder().raw_decode(text.lstrip())[0]
    except (ValueError, RecursionError):
        return None


def _refuse_wrapped(file: SourceFile, text: str, first: dict[str, Any]) -> None:
    """Refuse one object that holds the list: read as it is, it would be a single row."""
    lists = [path_of(names) for _, names in sorted(_lists(first), reverse=True)]
    if lists and json.JSONDecoder().raw_decode(text.lstrip())[1] == len(text.strip()):
        raise _wrapped(file, lists)


def _wrapped(file: SourceFile, paths: list[str]) -> SourceError:
    return SourceError(
        f"{file.name} is one JSON object, which seems to hold the list as "
        + " or ".join(f"'{path}'" for path in paths),
        hint=f"Say so with --record-path {shlex.quote(paths[0])}, or use --format jsonl (json "
        "where it has several lines) if it is one row.",
    )


def _lists(value: dict[str, Any], *above: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the lengths and names of all lists of objects that are in objects alone."""
    for name, inner in value.items():
        if isinstance(inner, dict) and len(above) < _DEEPEST:
            yield from _lists(inner, *above, name)
        elif isinstance(inner, list) and inner and all(isinstance(v, dict) for v in inner):
            yield len(inner), (*above, name)
