"""Maps rows to records in canonical fields."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from importer.mapper.fields.extract import find
    from importer.mapper.headers.names import no_such_key
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
    "extended_document",
    "extended_schema",
    "find",
    "load_mapping",
    "load_own_fields",
    "load_schema",
    "no_such_key",
    "parse_mapping",
    "region_notices",
]

# Each is loaded when it is first used: few commands need all of them.
_HOMES = {
    "FieldMap": "mapping.model",
    "FieldMapping": "mapping.model",
    "FieldSpec": "schema.objects",
    "Mapper": "mapper",
    "ObjectSchema": "schema.objects",
    "OwnFields": "schema.own_fields",
    "automatic_mapping": "mapping.automatic",
    "no_such_key": "headers.names",
    "extended_document": "schema.extend",
    "extended_schema": "schema.extend",
    "find": "fields.extract",
    "load_mapping": "mapping.file",
    "load_own_fields": "schema.own_fields",
    "load_schema": "schema.objects",
    "parse_mapping": "mapping.file",
    "region_notices": "regions",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
