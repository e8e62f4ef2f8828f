"""Recognizes JSON and JSON Lines, and opens them."""

from __future__ import annotations

import json
import re
import shlex
from functools import partial
from io import StringIO

from importer.core.errors import SeveralLists, SourceError
from importer.core.locale.message import Message
from importer.core.shared import FORMAT_SUFFIXES, OWN_PREFIX, JsonValue
from importer.reader.json.array import JsonReader
from importer.reader.json.jsonl_reader import JsonlReader
from importer.reader.json.record_path import lists_in, path_of
from importer.reader.protocol import FormatLayout, SourceFormat, SourceSample
from importer.reader.text.chunks import line_end

_LINES_SUFFIXES = FORMAT_SUFFIXES["jsonl"]
_SUFFIXES = {"", *_LINES_SUFFIXES, *FORMAT_SUFFIXES["json"]}
_FIRST_LINES = 10
_DEEPEST = 2
_LOOKED_AT = 256 * 1024
_ARRAY = re.compile(r"\s*\[\s*[\[{\]]")
_COMMENT = re.compile(r"\s*(?:[\[{]\s*)?(?://|/\*)")
# An address beside the list: then the object may be a person with a list of something.
_ADDRESS = re.compile(r'"[^"@\s]+@[^"@\s]+\.[^"@\s]+"')
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]]', re.DOTALL)
_ARRAY_OF_OBJECTS = re.compile(r'\s*\[\s*\{\s*["}]')


def _json_layout(sample: SourceSample) -> FormatLayout:
    if _has_path(sample):
        return FormatLayout(open=partial(JsonReader, record_path=sample.options.record_path))
    if sample.options.format is None and (names := _wrapped_list(sample)):
        path = path_of(names)
        return FormatLayout(
            open=partial(JsonReader, record_path=path, is_found=True),
            evidence=(Message("the list %(column)s", column=path),),
        )
    return FormatLayout(open=JsonReader)


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
    Return whether a sample is an array of objects, holds one, or has objects of several lines each.

    Raises `SourceError` for comments, and for one object that may be a row or hold a list: read as
    it is, it would be a single row.
    """
    text = sample.text
    if sample.suffix == ".json" and _COMMENT.match(text):
        raise SourceError(
            "%(name)s has comments, and JSON has none", name=sample.file.name, hint="Take them out."
        )
    if _ARRAY_OF_OBJECTS.match(text) or (_ARRAY.match(text) and sample.suffix in _SUFFIXES):
        return True
    if text.lstrip()[:1] != "{":
        return False
    if _wrapped_list(sample) is not None:
        return True
    first = _first_value(text)
    return isinstance(first, dict) and _first_value(_first_lines(text)[0]) != first


def _is_json_lines(sample: SourceSample) -> bool:
    """
    Return whether a sample that is not JSON has one object a line, among broken ones perhaps.

    Raises `SourceError` for a file that is JSON only by its name.
    """
    if sample.text.lstrip()[:1] == "{":
        lines = _first_lines(sample.text)[:_FIRST_LINES]
        if any(isinstance(_first_value(text), dict) for text in (sample.text, *lines)):
            return True
    if sample.suffix in FORMAT_SUFFIXES["json"]:
        raise SourceError(
            "%(name)s is named JSON, but has neither objects nor an array of objects",
            name=sample.file.name,
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


def _wrapped_list(sample: SourceSample) -> tuple[str, ...] | None:
    """
    Return the names that lead to the only list of objects in one JSON object, or None for rows.

    Raises `SeveralLists` if there are several lists, if the only one is more than one object
    deep, or if the object may itself be a person.
    """
    text = sample.text.lstrip()
    if sample.suffix in _LINES_SUFFIXES or not _is_one_object(text):
        return None
    lists = lists_in(text)
    if not lists or not _may_hold_list(text):
        return None
    if len(lists) == 1 and len(lists[0]) <= _DEEPEST and not _ADDRESS.search(_beside(text)):
        return lists[0]
    paths = [path_of(names) for names in lists]
    more = " or ".join(f"--record-path {shlex.quote(path)}" for path in paths)
    raise SeveralLists(
        "%(name)s is one JSON object, which seems to hold the list as %(either)s",
        name=sample.file.name,
        either=paths,
        hint=Message(
            "Say so with %(flag)s, or use --format jsonl (json where it has several lines) if it "
            "is one row.",
            flag=more,
        ),
        paths=paths,
    )


def _is_one_object(text: str) -> bool:
    """Return whether a text that begins with `{` is one object, whose rest may be cut off."""
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        lines = _first_lines(text)[:_FIRST_LINES]
        return not any(isinstance(_first_value(line), dict) for line in lines)
    return end == len(text.rstrip())


def _beside(text: str) -> str:
    """Return the text of an object without its lists."""
    found: list[str] = []
    start, arrays = 0, 0
    for token in _BRACKETS.finditer(text):
        if token[0] == "[":
            if not arrays:
                found.append(text[start : token.start()])
            arrays += 1
        elif token[0] == "]":
            arrays, start = max(0, arrays - 1), token.end()
    return "".join([*found, text[start:] if not arrays else ""])


JSON_LINES = SourceFormat(
    name="jsonl",
    recognizes=_is_json_lines,
    find_layout=lambda _: FormatLayout(open=JsonlReader, chunk_end=line_end),
)
JSON = SourceFormat(name="json", recognizes=_is_json, find_layout=_json_layout, claims=_has_path)
