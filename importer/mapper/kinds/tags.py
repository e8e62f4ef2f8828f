"""Reads lists of texts, such as tags and categories."""

from __future__ import annotations

from importer.mapper.values.json_values import text_or_json
from importer.mapper.values.kind import Kind
from importer.mapper.values.text import HIDDEN_REMOVED

__all__ = ["TAGS"]

TAGS = Kind(
    name="tags",
    plural="lists of tags",
    build=lambda *_: text_or_json,
    change=lambda *_: HIDDEN_REMOVED,
    split="list",
    json_type="array",
    needs_samples=True,
)
