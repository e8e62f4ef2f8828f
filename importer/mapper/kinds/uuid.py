"""Reads UUIDs: RFC 9562."""

from __future__ import annotations

import re

from importer.mapper.values.json_values import from_text
from importer.mapper.values.kind import Kind
from importer.mapper.values.texts import BadValue, one_line

_UUID = re.compile(
    r"(?:urn:uuid:)?\{?([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})\}?"
)


def read_uuid(text: str) -> str:
    """Return a UUID as RFC 9562 writes it: lower case, with hyphens. Raises `BadValue`."""
    match = _UUID.fullmatch(one_line(text).lower())
    if match is None:
        raise BadValue("is not a UUID, as 123e4567-e89b-12d3-a456-426614174000")
    return "-".join(match.groups())


UUID = Kind(
    name="uuid",
    plural="UUIDs",
    build=lambda *_: from_text(read_uuid),
    json_format="uuid",
    looks=frozenset({"uuid"}),
)
