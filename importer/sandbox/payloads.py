"""The values that flow through the sandbox, from a parsed request to the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


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
class Refusal:
    """Something that was not created, for the log. `status` is None if no answer left."""

    status: int | None
    code: str
    message: str
    api_key_id: int | None = None


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
