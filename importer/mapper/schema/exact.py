"""Finds the field that a header names exactly, by the field's name or one of its aliases."""

from __future__ import annotations

from functools import lru_cache

from importer.mapper.headers.names import normalize_header
from importer.mapper.schema.objects import ObjectSchema

__all__ = ["match_header"]


def match_header(header: str, schema: ObjectSchema) -> str | None:
    """Return the field that a header names exactly, or None. `attributes.beds` is its own field."""
    root, dot, rest = header.partition(".")
    if dot and rest and root in schema.fields and schema.knows(header):
        return header
    known = _forms(tuple((spec.name, spec.aliases) for spec in schema.fields.values()))
    return known.get(normalize_header(header))


@lru_cache(maxsize=16)
def _forms(fields: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    """Return the field of each name and alias, by their normalized form."""
    forms: dict[str, str] = {}
    for name, aliases in fields:
        for one in (name, *aliases):
            forms.setdefault(normalize_header(one), name)
    return forms
