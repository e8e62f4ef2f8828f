"""Converts a raw value to what is sent: by type, through the mapping's values, split."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from importer.keys import canonical_json
from importer.mapper.dates import date_reader, datetime_reader, load_zone
from importer.mapper.mapping import FieldMapping
from importer.mapper.names import did_you_mean
from importer.mapper.schema import FieldSpec
from importer.mapper.values import (
    BadValue,
    decimal_text,
    read_boolean,
    read_decimal,
    read_integer,
    read_text,
)

__all__ = ["Convert", "converter"]

Convert = Callable[[Any], Any]

_LISTED = 8
_SEPARATORS = (";", "|", ",", "،", "؛")


def converter(mapping: FieldMapping, spec: FieldSpec | None, type_: str) -> Convert:
    """Return the function that makes a field's value from a raw one; it raises `BadValue`."""
    convert = _typed(mapping, spec, type_)
    if mapping.values is not None:
        convert = _through(mapping.values, convert)
    if mapping.split is not None:
        return _splitting(mapping.split, convert)
    if type_ == "tags":
        return _one_tag(convert)
    return convert


def _typed(mapping: FieldMapping, spec: FieldSpec | None, type_: str) -> Convert:
    mark, formats = mapping.decimal_mark, mapping.formats
    zone = load_zone(mapping.timezone) if mapping.timezone is not None else None
    stated_text = mapping.type == "text" or (spec is not None and spec.json_type == "string")
    by_type: dict[str, Convert] = {
        "integer": lambda raw: _integer(raw, mark),
        "decimal": lambda raw: _decimal(raw, mark),
        "boolean": _boolean,
        "date": _from_text(date_reader(formats)),
        "datetime": _from_text(datetime_reader(formats, zone)),
        "object": _json_value,
        "tags": _text,
        "text": _text if stated_text else _text_or_json,
    }
    return by_type[type_]


def _text_or_json(raw: Any) -> Any:
    return read_text(raw) if isinstance(raw, str) else _json_value(raw)


def _text(raw: Any) -> Any:
    if isinstance(raw, str):
        return read_text(raw)
    return _json_value(raw) if isinstance(raw, Mapping | list) else _json_text(raw)


def _json_text(raw: Any) -> str:
    try:
        return canonical_json(raw).decode()
    except ValueError as error:
        raise BadValue("is no value JSON can hold") from error


def _json_value(raw: Any) -> Any:
    """Let a JSON value pass as it is, once it is certain that it can be sent."""
    _json_text(raw)
    return _as_number(raw) if isinstance(raw, Decimal) else raw


def _as_number(number: Decimal) -> Any:
    """Return a double where it holds every digit, as a reader of JSON does."""
    return float(number) if Decimal(repr(float(number))) == number else number


def _integer(raw: Any, mark: str | None) -> int:
    if isinstance(raw, str):
        return read_integer(raw, mark)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, float | Decimal):
        return read_integer(decimal_text(raw), ".")
    raise BadValue("is no whole number")


def _decimal(raw: Any, mark: str | None) -> str:
    if isinstance(raw, str):
        return read_decimal(raw, mark)
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    if isinstance(raw, float | Decimal):
        return decimal_text(raw)
    raise BadValue("is no number")


def _boolean(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) or raw in (0, 1):
        return read_boolean(str(raw))
    raise BadValue("is neither yes nor no")


def _from_text(read: Callable[[str], str]) -> Convert:
    def convert(raw: Any) -> str:
        if not isinstance(raw, str):
            raise BadValue("is no date in a text", 'Write it as text: "2024-05-31".')
        return read(raw)

    return convert


def _through(values: Mapping[str, Any], convert: Convert) -> Convert:
    """Replace a value by what the mapping has for it; one it does not have takes `*`, or fails."""
    known = {key.strip(): value for key, value in values.items()}

    def look_up(raw: Any) -> Any:
        text = raw if isinstance(raw, str) else _json_text(raw)
        if text in known and text != "*":
            return convert(known[text])
        if "*" in known:
            return convert(known["*"])
        listed = [key for key in known if key]
        names = ", ".join(listed[:_LISTED]) + (", …" if len(listed) > _LISTED else "")
        raise BadValue(
            f"is not among the mapping's values ({names})",
            f'{did_you_mean(text, listed)} Add it to values, or "*" for all others.'.lstrip(),
        )

    return look_up


def _splitting(separator: str, convert: Convert) -> Callable[[Any], list[Any]]:
    def split(raw: Any) -> list[Any]:
        parts: Sequence[Any] = raw.split(separator) if isinstance(raw, str) else _as_list(raw)
        stripped = (part.strip() if isinstance(part, str) else part for part in parts)
        # Empty texts between separators are nothing; an empty whole is asked for by `values`.
        kept = [part for part in stripped if part not in ("", None)] if raw else [""]
        return [value for value in map(convert, kept) if value != ""]

    return split


def _as_list(raw: Any) -> Sequence[Any]:
    return raw if isinstance(raw, list) else [raw]


def _one_tag(convert: Convert) -> Convert:
    """Take a cell of tags as one, unless it looks like several and no separator is stated."""
    as_list = _splitting("\n", convert)

    def read(raw: Any) -> list[Any]:
        found = next((mark for mark in _SEPARATORS if isinstance(raw, str) and mark in raw), None)
        if found is not None:
            raise BadValue(
                "may be several tags", f"Say what separates them in the mapping: split = {found!r}."
            )
        return as_list(raw)

    return read
