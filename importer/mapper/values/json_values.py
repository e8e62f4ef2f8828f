"""Converts raw values, which are texts in CSV and any JSON value in JSONL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TypeGuard

from importer.core.keys import canonical_json
from importer.core.shared import JsonValue
from importer.mapper.values.kind import Convert
from importer.mapper.values.texts import BadValue, one_line, read_text


def json_text(raw: JsonValue) -> str:
    """Return a JSON value as text. Raises `BadValue` for what JSON cannot hold."""
    try:
        return canonical_json(raw).decode()
    except ValueError as error:
        raise BadValue("is not a value JSON can hold") from error


def shown_value(raw: JsonValue) -> str:
    """Return a value as people see it: a text, JSON, or as in Python what JSON cannot hold."""
    if isinstance(raw, str):
        return raw
    try:
        return canonical_json(raw).decode()
    except ValueError:  # such as NaN, or half a character in a list
        return ascii(raw)


def json_value(raw: JsonValue) -> JsonValue:
    """Return a JSON value unchanged. Raises `BadValue` for what JSON cannot hold."""
    json_text(raw)
    return as_number(raw) if isinstance(raw, Decimal) else raw


def as_number(number: Decimal) -> JsonValue:
    """Return a double if it holds every digit, like a reader of JSON."""
    return float(number) if Decimal(repr(float(number))) == number else number


def text_or_json(raw: JsonValue) -> JsonValue:
    """Return a scalar as text; lists and objects are unchanged. Raises `BadValue`."""
    if isinstance(raw, str):
        return read_text(raw)
    return json_value(raw) if isinstance(raw, Mapping | list) else json_text(raw)


def is_number(raw: JsonValue) -> TypeGuard[int | float | Decimal]:
    """Return whether a JSON value is a number; true and false are not."""
    return isinstance(raw, int | float | Decimal) and not isinstance(raw, bool)


def from_text(read: Callable[[str], JsonValue]) -> Convert:
    """Return a function that reads texts, and numbers as JSON writes them."""

    def convert(raw: JsonValue) -> JsonValue:
        text = raw if isinstance(raw, str) else _number_text(raw)
        try:
            return read(text)
        except BadValue:
            if not one_line(text):  # nothing but characters that cannot be seen
                return ""
            raise

    return convert


def _number_text(raw: JsonValue) -> str:
    if is_number(raw) and not isinstance(raw, float):
        return str(raw)  # with the exponent, if there is one: it shows that digits are lost
    raise BadValue(
        "is not a text", 'Write it in quotes, or map the part that is one: "person.name".'
    )


def from_text_or(
    read: Callable[[str], JsonValue], read_json: Callable[[JsonValue], JsonValue]
) -> Convert:
    """Return a function that reads texts by `read` and other JSON values by `read_json`."""
    of_text = from_text(read)

    def convert(raw: JsonValue) -> JsonValue:
        return of_text(raw) if isinstance(raw, str) else read_json(raw)

    return convert
