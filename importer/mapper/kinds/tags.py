"""Reads lists of texts, such as tags and categories."""

from __future__ import annotations

from importer.mapper.values.json_values import text_or_json
from importer.mapper.values.kind import Kind
from importer.mapper.values.texts import cleaned_change

TAGS = Kind(
    name="tags",
    plural="lists of tags",
    build=lambda *_: text_or_json,
    change=lambda _options, _limits, before, _value: cleaned_change(before),
    split="list",
    json_type="array",
    needs_samples=True,
)
