"""Maps rows to records in canonical fields."""

from __future__ import annotations

from importer.mapper.fields.extract import find
from importer.mapper.headers.names import did_you_mean
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.automatic import automatic_mapping
from importer.mapper.mapping.file import load_mapping, parse_mapping
from importer.mapper.mapping.model import FieldMap, FieldMapping
from importer.mapper.regions import region_notices
from importer.mapper.schema.extend import extended_document, extended_schema
from importer.mapper.schema.objects import FieldSpec, ObjectSchema, load_schema
from importer.mapper.schema.own_fields import OwnFields, load_own_fields

__all__ = [
    "FieldMap",
    "FieldMapping",
    "FieldSpec",
    "Mapper",
    "ObjectSchema",
    "OwnFields",
    "automatic_mapping",
    "did_you_mean",
    "extended_document",
    "extended_schema",
    "find",
    "load_mapping",
    "load_own_fields",
    "load_schema",
    "parse_mapping",
    "region_notices",
]
