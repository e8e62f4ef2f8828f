"""The kinds a field can be read as: what each makes of a raw value, and the keys it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from importer.keys import canonical_json
from importer.mapper.mapping.model import FieldMapping
from importer.mapper.schema.objects import FieldSpec
from importer.mapper.values import (
    BadValue,
    cut,
    date_reader,
    datetime_reader,
    decimal_text,
    load_zone,
    name_reader,
    one_line,
    phone_reader,
    read_boolean,
    read_country,
    read_currency,
    read_decimal,
    read_email,
    read_integer,
    read_money,
    read_text,
    read_url,
    read_uuid,
    word_key,
)
from importer.mapper.values.serials import SERIALS

__all__ = ["KINDS", "Convert", "Kind", "json_text"]

Convert = Callable[[Any], Any]
_Build = Callable[[FieldMapping, FieldSpec | None, str | None], Convert]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """
    How a kind's values are made.

    `build` takes the mapping, the field's spec and the region of phone numbers, and returns a
    function that raises `BadValue`. `keys` are those of the mapping it has a use for.
    `split` tells what that key does: make a `list`, take the `first` value, or nothing.
    `strict` kinds read a field's values even where the mapping states no type; the others, whose
    rules a CRM may not share, are then read as text.
    """

    build: _Build
    keys: frozenset[str] = frozenset()
    split: str | None = None
    strict: bool = True


def json_text(raw: Any) -> str:
    """Return a JSON value as text. Raises `BadValue` for what JSON cannot hold."""
    try:
        return canonical_json(raw).decode()
    except ValueError as error:
        raise BadValue("is no value JSON can hold") from error


def _json_value(raw: Any) -> Any:
    """Let a JSON value pass as it is, once it is certain that it can be sent."""
    json_text(raw)
    return _as_number(raw) if isinstance(raw, Decimal) else raw


def _as_number(number: Decimal) -> Any:
    """Return a double where it holds every digit, as a reader of JSON does."""
    return float(number) if Decimal(repr(float(number))) == number else number


def _text(raw: Any) -> Any:
    if isinstance(raw, str):
        return read_text(raw)
    return _json_value(raw) if isinstance(raw, Mapping | list) else json_text(raw)


def _text_or_json(raw: Any) -> Any:
    return read_text(raw) if isinstance(raw, str) else _json_value(raw)


def _build_text(mapping: FieldMapping, spec: FieldSpec | None, _: str | None) -> Convert:
    is_text = mapping.type == "text" or (spec is not None and spec.json_type == "string")
    convert = _text if is_text else _text_or_json
    if not mapping.truncate:
        return convert
    limit = spec.max_length if spec is not None else None
    if limit is None:
        raise ValueError("truncate: the field has no limit to cut a text at")

    def convert_and_cut(raw: Any) -> Any:
        value = convert(raw)
        return cut(value, limit) if isinstance(value, str) else value

    return convert_and_cut


def _from_text(read: Callable[[str], Any]) -> Convert:
    """Return a function for texts, and for numbers as JSON writes them."""

    def convert(raw: Any) -> Any:
        text = raw if isinstance(raw, str) else _scalar(raw)
        try:
            return read(text)
        except BadValue:
            if not one_line(text):  # nothing but characters that cannot be seen
                return ""
            raise

    return convert


def _scalar(raw: Any) -> str:
    if isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        return str(raw)  # with the exponent, where there is one: it shows that digits are lost
    raise BadValue("is no text", 'Write it in quotes, or map the part that is one: "person.name".')


def _number(read: Callable[[str], Any], from_json: Callable[[Any], Any]) -> Convert:
    """Return a function for numbers in a text, and for those of JSON."""
    of_text = _from_text(read)

    def convert(raw: Any) -> Any:
        return of_text(raw) if isinstance(raw, str) else from_json(raw)

    return convert


def _json_integer(raw: Any) -> int:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return raw
    if isinstance(raw, float | Decimal):
        return read_integer(decimal_text(raw), ".")
    raise BadValue("is no whole number")


def _json_decimal(raw: Any) -> str:
    if isinstance(raw, int) and not isinstance(raw, bool):
        return str(raw)
    if isinstance(raw, float | Decimal):
        return decimal_text(raw)
    raise BadValue("is no number")


def _json_boolean(raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw in (0, 1):
        return bool(raw)
    raise BadValue("is neither yes nor no")


def _of_dates(read: Callable[[str], str], formats: tuple[str, ...]) -> Convert:
    of_text = _from_text(read)
    takes_numbers = not SERIALS.keys().isdisjoint(formats)

    def convert(raw: Any) -> Any:
        if takes_numbers and isinstance(raw, int | float | Decimal) and not isinstance(raw, bool):
            return read(decimal_text(raw) if isinstance(raw, float) else str(raw))
        if not isinstance(raw, str):
            raise BadValue("is no date in a text", 'Write it as text: "2024-05-31".')
        return of_text(raw)

    return convert


def _build_datetime(mapping: FieldMapping, _: FieldSpec | None, __: str | None) -> Convert:
    zone = load_zone(mapping.timezone) if mapping.timezone is not None else None
    return _of_dates(datetime_reader(mapping.formats, zone), mapping.formats)


def _build_phone(mapping: FieldMapping, _: FieldSpec | None, region: str | None) -> Convert:
    drop = mapping.extension == "drop"
    if mapping.region is None or isinstance(mapping.region, str):
        return _from_text(phone_reader(region, drop_extension=drop))
    hint = f"Fill in the row's {mapping.region.column!r}, or state a default for region."
    return _from_text(phone_reader(region, drop_extension=drop, hint=hint))


def _build_enum(_: FieldMapping, spec: FieldSpec | None, __: str | None) -> Convert:
    if spec is None or not spec.enum:
        raise ValueError('type: the field has no list of words; use values, or type = "text"')
    words = {word_key(word): word for word in spec.enum}

    def convert(raw: Any) -> Any:
        text = _text(raw)
        # What is no word of the list goes on, and is reported with the field's other limits.
        return words.get(word_key(text), text) if isinstance(text, str) else text

    return convert


def _build_name(mapping: FieldMapping, _: FieldSpec | None, __: str | None) -> Convert:
    return _from_text(name_reader(part=mapping.part, order=mapping.order, case=mapping.case))


def _plain(read: Callable[[str], Any]) -> _Build:
    convert = _from_text(read)
    return lambda *_: convert


KINDS: dict[str, Kind] = {
    "text": Kind(build=_build_text, keys=frozenset({"truncate"}), split="list"),
    "name": Kind(build=_build_name, keys=frozenset({"part", "order", "case"})),
    "phone": Kind(
        build=_build_phone, keys=frozenset({"region", "extension"}), split="first", strict=False
    ),
    "email": Kind(build=_plain(read_email), split="first", strict=False),
    "url": Kind(build=_plain(read_url), split="first", strict=False),
    "integer": Kind(
        build=lambda mapping, *_: _number(
            lambda text: read_integer(text, mapping.decimal_mark), _json_integer
        ),
        keys=frozenset({"decimal_mark"}),
    ),
    "decimal": Kind(
        build=lambda mapping, *_: _number(
            lambda text: read_decimal(text, mapping.decimal_mark), _json_decimal
        ),
        keys=frozenset({"decimal_mark"}),
    ),
    "money": Kind(
        build=lambda mapping, *_: _number(
            lambda text: read_money(text, mapping.decimal_mark, mapping.currency), _json_decimal
        ),
        keys=frozenset({"decimal_mark", "currency"}),
    ),
    "currency": Kind(build=_plain(read_currency), strict=False),
    "boolean": Kind(build=lambda *_: _number(read_boolean, _json_boolean)),
    "date": Kind(
        build=lambda mapping, *_: _of_dates(date_reader(mapping.formats), mapping.formats),
        keys=frozenset({"formats"}),
    ),
    "datetime": Kind(build=_build_datetime, keys=frozenset({"formats", "timezone"})),
    "enum": Kind(build=_build_enum),
    "country": Kind(build=_plain(read_country), strict=False),
    "tags": Kind(build=lambda *_: _text, split="list"),
    "uuid": Kind(build=_plain(read_uuid)),
    "object": Kind(build=lambda *_: _json_value),
}
"""By the name that a mapping states as `type` and a schema as `x-kind`; `object` is no type."""
