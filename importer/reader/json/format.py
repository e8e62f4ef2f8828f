"""Recognizes JSON and JSON Lines, and opens them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import StringIO

from importer.errors import SourceError
from importer.reader.json.array import JsonReader
from importer.reader.json.lines import JsonlReader
from importer.reader.json.record_path import first_list, path_of
from importer.reader.protocol import SourceFormat, SourceInfo, SourceSample
from importer.reader.text.chunks import line_end
from importer.reader.text.lines import TextSource
from importer.shared import FORMAT_SUFFIXES, OWN_PREFIX, JsonValue

__all__ = ["JSON", "JSON_LINES", "JsonLayout", "JsonLinesLayout"]

_LINES_SUFFIXES = FORMAT_SUFFIXES["jsonl"]
_SUFFIXES = {"", *_LINES_SUFFIXES, *FORMAT_SUFFIXES["json"]}
_FIRST_LINES = 10
_DEEPEST = 9
_LOOKED_AT = 256 * 1024
_ARRAY = re.compile(r"\s*\[\s*[\[{\]]")
_COMMENT = re.compile(r"\s*(?:[\[{]\s*)?(?://|/\*)")
_ARRAY_OF_OBJECTS = re.compile(r'\s*\[\s*\{\s*["}]')


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLinesLayout:
    """Every line is an object."""

    delimiter: str = ""
    evidence: tuple[str, ...] = ()
    chunk_end: Callable[[bytes], int] | None = line_end

    def open(self, stream: TextSource, source: SourceInfo) -> JsonlReader:
        """Return the reader of an open source."""
        return JsonlReader(
            stream,
            source=source.name,
            max_row_bytes=source.max_row_bytes,
            notices=source.notices,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLayout:
    """An array of objects; with `record_path`, the one at that path in an object."""

    record_path: str | None = None
    delimiter: str = ""
    evidence: tuple[str, ...] = ()
    chunk_end: Callable[[bytes], int] | None = None

    def open(self, stream: TextSource, source: SourceInfo) -> JsonReader:
        """Return the reader of an open source."""
        return JsonReader(
            stream,
            source=source.name,
            max_row_bytes=source.max_row_bytes,
            notices=source.notices,
            record_path=self.record_path,
        )


def _json_layout(sample: SourceSample) -> JsonLayout:
    return JsonLayout(record_path=sample.options.record_path if _has_path(sample) else None)


def _has_path(sample: SourceSample) -> bool:
    """Return whether the options have a record path, and the text may be an object with a list."""
    return bool(sample.options.record_path) and _may_hold_list(sample.text)


def _may_hold_list(text: str) -> bool:
    """Return whether a text is JSON that may contain a list, and not a file of the importer."""
    first = _first_value(text.lstrip().partition("\n")[0])
    is_own = isinstance(first, dict) and any(name.startswith(OWN_PREFIX) for name in first)
    return text.lstrip()[:1] in {"{", "["} and not is_own


def _is_json(sample: SourceSample) -> bool:
    """
    Return whether a sample is an array of objects, or objects of several lines each.

    Raises `SourceError` for comments, and for one object that seems to wrap the list: read as it
    is, it would be a single row.
    """
    text = sample.text
    if sample.suffix == ".json" and _COMMENT.match(text):
        raise SourceError(f"{sample.name} has comments, and JSON has none", hint="Take them out.")
    if _ARRAY_OF_OBJECTS.match(text) or (_ARRAY.match(text) and sample.suffix in _SUFFIXES):
        return True
    first = _first_value(text) if text.lstrip()[:1] == "{" else None
    if not isinstance(first, dict):
        return False
    if sample.suffix not in _LINES_SUFFIXES:
        _refuse_wrapped(sample, first)
    return bool(_first_value(_first_lines(text)[0]) != first)


def _is_json_lines(sample: SourceSample) -> bool:
    """
    Return whether a sample that is not JSON has one object a line, among broken ones perhaps.

    Raises `SourceError` for a file that is JSON only by its name, and for an object that wraps the
    list.
    """
    if sample.text.lstrip()[:1] == "{":
        lines = _first_lines(sample.text)[:_FIRST_LINES]
        if any(isinstance(_first_value(text), dict) for text in (sample.text, *lines)):
            return True
        if sample.suffix not in _LINES_SUFFIXES and (path := first_list(sample.text)):
            raise _wrapped(sample, [path])
    if sample.suffix in FORMAT_SUFFIXES["json"]:
        raise SourceError(
            f"{sample.name} is named JSON, but has neither objects nor an array of objects",
            hint="Write one object a line (JSON Lines), for example with: jq -c .",
        )
    return sample.suffix in _LINES_SUFFIXES


def _first_lines(text: str) -> list[str]:
    return [line for line in StringIO(text[:_LOOKED_AT], newline="") if line.strip()]


def _first_value(text: str) -> JsonValue:
    """Return the JSON value that a text begins with, None if there is none."""
    try:
        value: JsonValue = json.JSONDecoder().raw_decode(text.lstrip())[0]
    except (ValueError, RecursionError):
        return None
    return value


def _refuse_wrapped(sample: SourceSample, first: dict[str, JsonValue]) -> None:
    text = sample.text
    lists = [path_of(names) for _, names in sorted(_lists(first), reverse=True)]
    if lists and json.JSONDecoder().raw_decode(text.lstrip())[1] == len(text.strip()):
        raise _wrapped(sample, lists)


def _wrapped(sample: SourceSample, paths: list[str]) -> SourceError:
    return SourceError(
        f"{sample.name} is one JSON object, which seems to hold the list as "
        + " or ".join(f"'{path}'" for path in paths),
        hint=f"Say so with --record-path {shlex.quote(paths[0])}, or use --format jsonl (json "
        "where it has several lines) if it is one row.",
    )


def _lists(value: dict[str, JsonValue], *above: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Yield the length and the names of each list of objects that is nested in objects only."""
    for name, inner in value.items():
        if isinstance(inner, dict) and len(above) < _DEEPEST:
            yield from _lists(inner, *above, name)
        elif isinstance(inner, list) and inner and all(isinstance(v, dict) for v in inner):
            yield len(inner), (*above, name)


JSON_LINES = SourceFormat(
    name="jsonl", recognizes=_is_json_lines, find_layout=lambda _: JsonLinesLayout()
)
JSON = SourceFormat(name="json", recognizes=_is_json, find_layout=_json_layout, claims=_has_path)
