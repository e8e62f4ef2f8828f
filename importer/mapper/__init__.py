"""The mapper: rows in, records in canonical fields out."""

from __future__ import annotations

from importer.mapper.automatic import automatic_mapping
from importer.mapper.mapper import Mapper
from importer.mapper.mapping import FieldMapping, Mapping
from importer.mapper.mapping_file import load_mapping, parse_mapping
from importer.mapper.own_fields import OwnFields, load_own_fields
from importer.mapper.own_schema import extended_document, extended_schema
from importer.mapper.schema import FieldSpec, ObjectSchema, load_schema

__all__ = [
    "FieldMapping",
    "FieldSpec",
    "Mapper",
    "Mapping",
    "ObjectSchema",
    "OwnFields",
    "automatic_mapping",
    "extended_document",
    "extended_schema",
    "load_mapping",
    "load_own_fields",
    "load_schema",
    "parse_mapping",
]
