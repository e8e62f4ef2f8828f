"""Reads countries: ISO 3166-1 codes, and names in the languages lists come in."""

from __future__ import annotations

from importer.mapper.values.countries import read_country
from importer.mapper.values.json_values import from_text
from importer.mapper.values.kind import Kind

__all__ = ["COUNTRY"]

COUNTRY = Kind(
    name="country",
    plural="countries",
    build=lambda *_: from_text(read_country),
    strict=False,
)
