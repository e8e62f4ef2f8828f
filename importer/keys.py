"""Canonical JSON and the hashes made of it: `row_hash`, `source_hash`, `idempotency_key`."""

from __future__ import annotations

import hashlib
import json.encoder
import math
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TypeGuard

from importer.records import Rejected, Row
from importer.shared import JsonValue

__all__ = [
    "KEY_PREFIX",
    "canonical_json",
    "canonical_text",
    "is_key",
    "json_string",
    "key_attempt",
    "key_base",
    "next_key",
    "row_hash",
    "row_hash_of_text",
    "row_key",
    "source_hash",
    "source_hash_of",
    "utf16_order",
]

json_string = json.encoder.encode_basestring
"""Writes a text as canonical JSON does."""

KEY_PREFIX = "vi1-"
"""Names this format of keys. Another format is another prefix, never a silent change."""

_encode_plain = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode
_PLAIN: set[type] = {str, int, bool, type(None)}
_PLAIN_OR_OBJECT = _PLAIN | {dict}
_KEY = re.compile(r"(vi1-[0-9a-f]{64})(?:-([1-9][0-9]*))?")


def canonical_json(value: object) -> bytes:
    """
    Serialize JSON values as RFC 8785 (JCS) says: one text for one value, in UTF-8.

    RFC 8785 leaves out what no double holds. Here integers are always written digit by digit,
    and a `Decimal` that is no double is laid out as a double is, with all its digits: two long
    ids never share a hash.

    Raises `ValueError` for NaN, infinities and lone surrogates, `TypeError` for other types.
    """
    return canonical_text(value).encode("utf-8")


def canonical_text(value: object) -> str:
    """Return what `canonical_json` does before it is encoded. Raises alike."""
    if isinstance(value, str):
        return json_string(value)
    if _is_plain(value):
        return _encode_plain(value)
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def _is_plain(value: object) -> bool:
    """
    Tell whether Python's own encoder writes an object canonically, which is five times as fast.

    It does for texts, integers, truth values and null, under names of ASCII, which sort alike by
    code points and by UTF-16 units.
    """
    if type(value) is not dict or set(map(type, value)) - {str} or not "".join(value).isascii():
        return False
    kinds = set(map(type, value.values()))
    return kinds <= _PLAIN or (
        kinds <= _PLAIN_OR_OBJECT
        and all(_is_plain(inner) for inner in value.values() if type(inner) is dict)
    )


def _write(value: object, parts: list[str]) -> None:
    if isinstance(value, str):
        parts.append(json_string(value))
    elif value is None:
        parts.append("null")
    elif value is True:
        parts.append("true")
    elif value is False:
        parts.append("false")
    elif isinstance(value, int):
        parts.append(str(value))
    elif isinstance(value, float):
        parts.append(_number(value))
    elif isinstance(value, Decimal):
        parts.append(_decimal(value))
    elif isinstance(value, Mapping):
        separator = "{"
        for name in sorted(value, key=utf16_order):
            parts.append(separator + json_string(name) + ":")
            _write(value[name], parts)
            separator = ","
        parts.append("}" if value else "{}")
    elif isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        separator = "["
        for item in value:
            parts.append(separator)
            _write(item, parts)
            separator = ","
        parts.append("]" if value else "[]")
    else:
        raise TypeError(f"{type(value).__name__} is no JSON value")


def utf16_order(name: str) -> bytes:
    """RFC 8785, 3.2.3: members are sorted by their UTF-16 code units, not by code points."""
    try:
        return name.encode("utf-16-be", "surrogatepass")
    except AttributeError:
        raise TypeError(f"{name!r} is no name in a JSON object") from None


def _number(value: float) -> str:
    """Write a double as ECMAScript does (RFC 8785, 3.2.2.3)."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is no JSON number")
    return _digits(Decimal(repr(value)))


def _digits(value: Decimal) -> str:
    if not value:
        return "0"
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):  # only NaN and infinities have a letter here
        raise TypeError(exponent)
    text = "".join(map(str, digits)).rstrip("0")
    return ("-" if sign else "") + _place_point(text, len(digits) + exponent)


def _place_point(digits: str, point: int) -> str:
    """Place the decimal point `point` digits from the left; the limits are ECMA-262's."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    mantissa = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
    return f"{mantissa}e{'+' if point > 0 else '-'}{abs(point - 1)}"


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        raise ValueError(f"{value} is no JSON number")
    return _digits(value)


def _sha256(value: object) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()


def row_hash(object_: str, fields: Mapping[str, JsonValue]) -> str:
    """Answer "is this the same record?": a hash of exactly what is sent."""
    return row_hash_of_text(object_, canonical_text(fields))


def row_hash_of_text(object_: str, fields: str) -> str:
    """Return the `row_hash` of fields that are canonical JSON already."""
    record = f'{{"fields":{fields},"object":{json_string(object_)}}}'
    return hashlib.sha256(record.encode("utf-8")).hexdigest()


def source_hash(values: Mapping[str, JsonValue] | str) -> str:
    """
    Answer "was this very row imported?": a hash of the row as read, before any mapping.

    A row that could not be split into columns is hashed by its raw text.
    """
    return _sha256(values)


def source_hash_of(row: Row | Rejected) -> str:
    """Return the source hash of a row: of its columns, or of its text where it has none."""
    if isinstance(row, Row):
        return source_hash(row.values)
    # Undecodable bytes are kept as surrogates, which JSON cannot hold.
    return source_hash(row.raw.encode("utf-8", "backslashreplace").decode("utf-8"))


def row_key(
    object_: str,
    row_hash_: str,
    *,
    identity: Sequence[JsonValue] | None = None,
    namespace: str = "",
    occurrence: int = 1,
) -> str:
    """
    Return the idempotency key of a row's first attempt: `vi1-` and 64 hex digits.

    With `identity` the key stands for the record whatever else the row says; without, for the
    row's content. No personal data can be read from it.
    """
    if identity is None:
        parts: list[JsonValue] = [namespace, object_, "row", row_hash_, occurrence]
    else:
        parts = [namespace, object_, "identity", list(identity), occurrence]
    return KEY_PREFIX + _sha256(parts)


def is_key(key: object) -> TypeGuard[str]:
    """Tell whether this is a key of ours, of whichever attempt."""
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def key_base(key: str) -> str:
    """Return the key of the first attempt. Raises `ValueError` for what is not a key of ours."""
    return _split(key)[0]


def key_attempt(key: str) -> int:
    """Return which attempt a key is for, from 1. Raises `ValueError` like `key_base`."""
    return int(_split(key)[1] or 1)


def next_key(key: str) -> str:
    """
    Return the key of another attempt at a row that was definitely not created.

    The service may replay a stored refusal for as long as it remembers the old key.
    """
    base, attempt = _split(key)
    return f"{base}-{int(attempt or 1) + 1}"


def _split(key: str) -> tuple[str, str | None]:
    match = _KEY.fullmatch(key)
    if match is None:
        raise ValueError(f"{key!r} is no key of the form {KEY_PREFIX}<64 hex>[-n]")
    return match[1], match[2]
