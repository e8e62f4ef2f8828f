"""Reads whole numbers, exactly."""

from __future__ import annotations

from importer.core.shared import JsonValue
from importer.mapper.values.json_values import from_text_or, is_number
from importer.mapper.values.kind import Kind
from importer.mapper.values.numbers import (
    HINT_MARK,
    HINT_NUMBER,
    NumberOptions,
    decimal_text,
    is_read_with_a_mark,
    read_decimal,
)
from importer.mapper.values.texts import BadValue

_HINT = "Write the number with digits only: 1234."


def read_integer(text: str, mark: str | None = None) -> int:
    """
    Return a whole number, written as `read_decimal` allows, or as `3.0`. Raises `BadValue`.

    Many programs export whole numbers with `.0`; `1.000` may be a thousand, and is refused.
    """
    try:
        number = read_decimal(text, mark)
    except BadValue as bad:
        raise BadValue(bad.reason, _hint(bad.hint, text)) from None
    whole, _, fraction = number.partition(".")
    if fraction not in {"", "0"}:
        raise BadValue("is not a whole number", 'Use type = "decimal" to keep the fraction.')
    if len(whole) > 30:
        raise BadValue("has too many digits for a number", 'Use type = "text" for an id.')
    return int(whole)


def _hint(hint: str | None, text: str) -> str | None:
    """Return a hint of `read_decimal`, or another one if that leads to no whole number."""
    leads_nowhere = hint == HINT_MARK and not is_read_with_a_mark(read_integer, text)
    return _HINT if leads_nowhere or hint == HINT_NUMBER else hint


def _from_json(raw: JsonValue) -> int:
    if not is_number(raw):
        raise BadValue("is not a whole number")
    return raw if isinstance(raw, int) else read_integer(decimal_text(raw), ".")


INTEGER = Kind(
    name="integer",
    plural="integers",
    build=lambda options, _: from_text_or(
        lambda text: read_integer(text, options.decimal_mark), _from_json
    ),
    options=NumberOptions,
    json_type="integer",
    looks=frozenset({"number"}),
    has_words=True,
    needs_samples=True,
)
