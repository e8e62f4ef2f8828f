"""The values that flow through the sandbox, from the bytes of a request to the answer."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

MAX_BODY_BYTES = 1024 * 1024
OBJECTS = ("contact", "lead", "deal", "appointment", "case")
_MAX_KEY_CHARACTERS = 200
_EXACT_INTEGERS = 2**53


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as the database knows it: its hash is the only trace of the key itself."""

    id: int
    tenant: str
    name: str
    scopes: frozenset[str]
    revoked: bool


@dataclass(frozen=True, slots=True)
class CreateRequest:
    """A body that passed every check. `digest` is equal for bodies that mean the same."""

    object: str
    fields: dict[str, Any]
    idempotency_key: str
    digest: str


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A new record in the CRM: its canonical fields and those of the vendor."""

    vendor_object: str
    vendor_fields: dict[str, Any]
    external_id: str
    record_url: str


@dataclass(frozen=True, slots=True)
class Decision:
    """
    The decision of the CRM about one request.

    `stored` is True if the answer is kept under the request's idempotency key and given again.
    """

    payload: dict[str, Any]
    record: NewRecord | None = None
    stored: bool = True


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, before it is put on the wire."""

    status: int
    payload: dict[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    def body(self) -> bytes:
        """Return the payload as UTF-8 JSON."""
        return json.dumps(self.payload, ensure_ascii=False, separators=(",", ":")).encode()

    @classmethod
    def error(
        cls, status: int, code: str, message: str, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Build the envelope that every answer other than a 200 carries."""
        return cls(status, {"error": {"code": code, "message": message}}, headers or {})


class BadBody(Exception):  # noqa: N818 - it names the trouble, which is all a caller needs
    """Raised for a body that earns a 400. The text names the offending field."""


def parse(body: bytes) -> CreateRequest:
    """Return the request that `body` holds. Raises `BadBody`, naming the field at fault."""
    data = _load(body)
    if not isinstance(data, dict):
        raise BadBody(f"body: must be a JSON object, is {_kind(data)}")
    name = _required(data, "object")
    if not isinstance(name, str) or name not in OBJECTS:
        raise BadBody(f"object: must be one of {', '.join(OBJECTS)}")
    fields = _required(data, "fields")
    if not isinstance(fields, dict):
        raise BadBody(f"fields: must be an object, is {_kind(fields)}")
    key = _required(data, "idempotency_key")
    if not isinstance(key, str):
        raise BadBody(f"idempotency_key: must be a string, is {_kind(key)}")
    if not 1 <= len(key) <= _MAX_KEY_CHARACTERS:
        raise BadBody(
            f"idempotency_key: must have 1 to {_MAX_KEY_CHARACTERS} characters, has {len(key)}"
        )
    return CreateRequest(name, fields, key, digest(name, fields))


def digest(name: str, fields: dict[str, Any]) -> str:
    """Return a SHA-256 that is the same however object and fields are written."""
    text = json.dumps([name, fields], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def parse_media_type(content_type: str | None, content_encoding: str | None) -> None:
    """Raise `BadBody` unless the headers announce plain JSON in UTF-8."""
    media_type, _, parameters = (content_type or "").partition(";")
    if media_type.strip().lower() != "application/json":
        sent = f"is {media_type.strip()!r}" if media_type.strip() else "is missing"
        raise BadBody(f"content-type: must be application/json, {sent}")
    for parameter in parameters.lower().split(";"):
        name, _, value = parameter.strip().partition("=")
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8"}:
            raise BadBody(f"content-type: the charset must be utf-8, is {value!r}")
    if (content_encoding or "identity").strip().lower() != "identity":
        raise BadBody(f"content-encoding: must not be used, is {content_encoding!r}")


def _load(body: bytes) -> Any:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise BadBody(f"body: is not UTF-8 (byte {error.start})") from error
    try:
        data = _DECODER.decode(text)
        # JSON can spell a lone surrogate, which is not a character that could be stored.
        if "\\u" in text:
            json.dumps(data, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadBody(f"body: is not JSON ({error.msg}, {where})") from error
    except RecursionError as error:
        raise BadBody("body: is nested too deeply") from error
    except UnicodeEncodeError as error:
        raise BadBody("body: holds half of a surrogate pair") from error
    except ValueError as error:  # what Python says to an integer of thousands of digits
        raise BadBody("body: holds a number that is too long") from error
    return data


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise BadBody(f"{name}: is repeated in the same object")
            seen.add(name)
    return members


def _number(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise BadBody(f"body: the number {text[:20]} is out of range")
    # 1 and 1.0 are the same number in JSON, so a body may be replayed with either.
    return int(value) if value.is_integer() and abs(value) <= _EXACT_INTEGERS else value


def _constant(text: str) -> Any:
    raise BadBody(f"body: {text} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_pairs, parse_float=_number, parse_constant=_constant)


def _required(data: dict[str, Any], name: str) -> Any:
    if name not in data:
        raise BadBody(f"{name}: is missing")
    return data[name]


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    return "null" if value is None else names.get(type(value), "a number")
