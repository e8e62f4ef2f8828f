"""Canonical JSON and the hashes made of it: `row_hash`, `source_hash`, `idempotency_key`."""

from __future__ import annotations

import hashlib
import json.encoder
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import TypeGuard, overload

import msgspec

from importer.core.records import Rejected, Row
from importer.core.shared import JsonValue

json_string = json.encoder.encode_basestring
"""Writes a text as canonical JSON."""

KEY_PREFIX = "vi1-"
"""The prefix of this format of keys. Another format gets another prefix."""
DIGEST_BYTES = 16
"""The compared part of a source hash: half of it, which two rows do not share by chance."""

_encode_plain = msgspec.json.Encoder(order="deterministic").encode
_PLAIN: set[type] = {str, int, bool, type(None)}
_PLAIN_OR_OBJECT = _PLAIN | {dict}
_KEY = re.compile(r"(vi1-[0-9a-f]{64})(?:-([1-9][0-9]*))?")


def canonical_json(value: object) -> bytes:
    """
    Serialize JSON values by RFC 8785 (JCS): equal values get equal bytes, in UTF-8.

    RFC 8785 covers only numbers that a double can hold. Here integers are always written with all
    their digits, and so is a `Decimal` that a double cannot hold, in the notation of doubles: two
    different long ids never share a hash.

    Raises `ValueError` for NaN, infinities and lone surrogates, `TypeError` for other types.
    """
    if _is_plain(value):
        return _encode_plain(value)
    return canonical_text(value).encode("utf-8")


def canonical_text(value: object) -> str:
    """Return `canonical_json` as text. Raises the same exceptions."""
    if isinstance(value, str):
        return json_string(value)
    if _is_plain(value) or (type(value) is list and _PLAIN.issuperset(map(type, value))):
        return _encode_plain(value).decode("utf-8")
    parts: list[str] = []
    _write(value, parts)
    return "".join(parts)


def _is_plain(value: object) -> bool:
    """
    Return whether msgspec, which is twenty times as fast, writes the canonical form.

    It does for texts, integers, booleans and null under ASCII names: these are in the same order
    by code points and by UTF-16 code units.
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
        raise TypeError(f"{type(value).__name__} is not a JSON value")


def utf16_order(name: str) -> bytes:
    """Return the sort key of a name: its UTF-16 code units, not code points (RFC 8785, 3.2.3)."""
    try:
        return name.encode("utf-16-be", "surrogatepass")
    except AttributeError:
        raise TypeError(f"{name!r} is not a name in a JSON object") from None


def _number(value: float) -> str:
    """Write a double as ECMAScript does (RFC 8785, 3.2.2.3)."""
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a JSON number")
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
        raise ValueError(f"{value} is not a JSON number")
    return _digits(value)


def _sha256(value: object) -> str:
    return hashlib.sha256(canonical_json(value)).hexdigest()


def row_hash(object_: str, fields: Mapping[str, JsonValue]) -> str:
    """Return the hash of the values that are sent: equal hashes are the same record."""
    return row_hashes(object_, [canonical_text(fields)])[0]


def row_hashes(object_: str, fields: Iterable[str]) -> list[str]:
    """Return the `row_hash` of many rows, whose fields are canonical JSON already."""
    end, sha256 = f',"object":{json_string(object_)}}}', hashlib.sha256
    return [sha256(f'{{"fields":{one}{end}'.encode()).hexdigest() for one in fields]


def source_hash(values: Mapping[str, JsonValue] | str) -> str:
    """
    Return the hash of a row as read, before any mapping: by it a rerun recognises the row.

    A row that could not be split into columns is hashed by its raw text.
    """
    return _sha256(values)


def source_hash_of(row: Row | Rejected) -> str:
    """Return the source hash of a row: of its columns, or of its raw text if it has none."""
    if isinstance(row, Row):
        return source_hash(row.values)
    # Undecodable bytes are kept as surrogates, which JSON cannot hold.
    return source_hash(row.raw.encode("utf-8", "backslashreplace").decode("utf-8"))


class SourceHashes(Sequence[str]):
    """
    The source hashes of many rows, which were made together.

    A list that is imported again mostly needs only their `digests`: the first `DIGEST_BYTES` of
    each, joined. Their texts are made when the first one is asked for.
    """

    def __init__(self, digests: bytes, texts: Callable[[], list[str]]) -> None:
        self.digests = digests
        self._make_texts = texts

    def __len__(self) -> int:
        return len(self.digests) // DIGEST_BYTES

    @cached_property
    def _texts(self) -> list[str]:
        return self._make_texts()

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice) and index.step is None:
            begin, end, _ = index.indices(len(self))
            part = self.digests[begin * DIGEST_BYTES : end * DIGEST_BYTES]
            return SourceHashes(part, lambda: self._texts[begin:end])
        return self._texts[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)


def digests_of(hashes: Sequence[str]) -> bytes:
    """Return the first `DIGEST_BYTES` of each source hash, joined."""
    if isinstance(hashes, SourceHashes):
        return hashes.digests
    return bytes.fromhex("".join([one[: 2 * DIGEST_BYTES] for one in hashes]))


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

    The key is made from the values of `identity` alone, or from the row's content if that is
    None. No personal data can be read from it.
    """
    if identity is None:
        parts: list[JsonValue] = [namespace, object_, "row", row_hash_, occurrence]
    else:
        parts = [namespace, object_, "identity", list(identity), occurrence]
    return KEY_PREFIX + _sha256(parts)


def row_keys(
    object_: str, row_hashes: Iterable[str], *, namespace: str = "", occurrence: int = 1
) -> list[str]:
    """Return `row_key` of the content of many rows."""
    begin = canonical_json([namespace, object_, "row"])[:-1] + b',"'
    end = f'",{occurrence}]'.encode()
    sha256 = hashlib.sha256
    return [KEY_PREFIX + sha256(begin + one.encode() + end).hexdigest() for one in row_hashes]


def is_key(key: object) -> TypeGuard[str]:
    """Return whether this is a key of the importer, for any attempt."""
    return isinstance(key, str) and _KEY.fullmatch(key) is not None


def key_base(key: str) -> str:
    """Return the key of the first attempt. Raises `ValueError` for a key of another form."""
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
        raise ValueError(f"{key!r} is not a key of the form {KEY_PREFIX}<64 hex>[-n]")
    return match[1], match[2]
