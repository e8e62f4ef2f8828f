"""The mapper: rows in, records in canonical fields out."""

from __future__ import annotations

from importer.mapper.automatic import automatic_mapping
from importer.mapper.mapper import Mapper
from importer.mapper.mapping import FieldMapping, Mapping
from importer.mapper.mapping_file import load_mapping, parse_mapping
from importer.mapper.schema import FieldSpec, ObjectSchema, load_schema

__all__ = [
    "FieldMapping",
    "FieldSpec",
    "Mapper",
    "Mapping",
    "ObjectSchema",
    "automatic_mapping",
    "load_mapping",
    "load_schema",
    "parse_mapping",
]
