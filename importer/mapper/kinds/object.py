"""Passes on JSON objects, and any other value of a field that takes objects."""

from __future__ import annotations

from importer.mapper.values.json_values import json_value
from importer.mapper.values.kind import Kind

OBJECT = Kind(
    name="object",
    plural="objects",
    build=lambda *_: json_value,
    json_type="object",
    is_type=False,
)
