"""Turns a field's mapping into two functions, once: read the raw value, convert it."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from importer.mapper.converting import Convert, converter
from importer.mapper.mapping import TYPES, FieldMapping
from importer.mapper.reading import Read, reader
from importer.mapper.schema import FieldSpec, ObjectSchema
from importer.mapper.values import BadValue

__all__ = ["FieldPlan", "plan_field"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlan:
    """
    How one field is made. `read` returns the raw value, or None where the source has none.

    `convert` turns it into what is sent and raises `BadValue`. `when_empty` is sent where `read`
    returned None: a constant, or what the mapping's `values` has for the empty text.
    """

    target: str
    path: tuple[str, ...]
    read: Read
    convert: Convert
    when_empty: Any
    source: FieldMapping
    spec: FieldSpec | None


def plan_field(mapping: FieldMapping, schema: ObjectSchema, nulls: AbstractSet[str]) -> FieldPlan:
    """
    Plan one field. Raises `ValueError` for keys its type has no use for, and for a bad constant.

    `nulls` are the texts that mean "empty".
    """
    spec = schema.spec(mapping.field)
    if (
        spec is None
        and not schema.knows(mapping.field)
        and schema.spec(mapping.field.split(".")[0])
    ):
        raise ValueError(f"{mapping.field.split('.')[0]} is no object and has no fields inside")
    type_ = _type_of(mapping, spec)
    _check_keys(mapping, type_)
    convert = converter(mapping, spec, type_)
    try:
        when_empty = _when_empty(mapping, convert)
    except BadValue as bad:
        key = "const" if mapping.const is not None else "values"
        raise ValueError(f"{key}: it {bad.reason}") from bad
    return FieldPlan(
        target=mapping.field,
        path=tuple(mapping.field.split(".")),
        read=reader(mapping, nulls),
        convert=convert,
        when_empty=when_empty,
        source=mapping,
        spec=spec,
    )


def _when_empty(mapping: FieldMapping, convert: Convert) -> Any:
    if mapping.const is not None:
        return convert(mapping.const)
    return convert("") if mapping.values is not None and "" in mapping.values else None


def _type_of(mapping: FieldMapping, spec: FieldSpec | None) -> str:
    """Return the stated type, else the schema's kind, which may also be tags or object."""
    if mapping.type is not None:
        return mapping.type
    known = spec is not None and spec.kind in {*TYPES, "tags", "object"}
    return spec.kind if known and spec is not None else "text"


def _check_keys(mapping: FieldMapping, type_: str) -> None:
    uses = {
        "formats": (bool(mapping.formats), {"date", "datetime"}),
        "timezone": (mapping.timezone is not None, {"datetime"}),
        "decimal_mark": (mapping.decimal_mark is not None, {"integer", "decimal"}),
        "split": (mapping.split is not None, {"text", "tags"}),
    }
    for key, (given, types) in uses.items():
        if given and type_ not in types:
            needed = " or ".join(f'type = "{name}"' for name in sorted(types & set(TYPES)))
            raise ValueError(f"{key}: it has no use for the type {type_}; it goes with {needed}")
