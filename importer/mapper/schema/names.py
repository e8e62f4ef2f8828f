"""The names a schema may give the kind of a field as its `x-kind`."""

from __future__ import annotations

__all__ = ["KIND_NAMES"]

KIND_NAMES = (
    "text",
    "name",
    "phone",
    "email",
    "url",
    "integer",
    "decimal",
    "money",
    "currency",
    "boolean",
    "date",
    "datetime",
    "enum",
    "country",
    "tags",
    "uuid",
    "object",
)
"""In the order in which messages list them. All but `object` are also types of a mapping."""
