"""Turns a field's mapping into functions, once: read the raw value, convert it."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from importer.mapper.fields.converting import Convert, converter
from importer.mapper.fields.extract import Read, Values, cell, reader
from importer.mapper.fields.kinds import KINDS
from importer.mapper.mapping.model import TYPES, FieldMapping, RegionColumn
from importer.mapper.schema.objects import FieldSpec, ObjectSchema
from importer.mapper.values import BadValue, read_country

__all__ = ["FieldPlan", "plan_field"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlan:
    """
    How one field is made. `read` returns the raw value, or None where the source has none.

    `convert` turns it into what is sent and raises `BadValue`; where another column of the row
    decides how, `by_row` returns the function to use instead. `when_empty` is sent where `read`
    returned None: a constant, or what the mapping's `values` has for the empty text. `nulls` are
    the texts that mean "empty".
    """

    target: str
    path: tuple[str, ...]
    kind: str
    read: Read
    convert: Convert
    by_row: Callable[[Values], Convert] | None
    when_empty: Any
    source: FieldMapping
    spec: FieldSpec | None
    nulls: AbstractSet[str]


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
    region = mapping.region if isinstance(mapping.region, str) else None
    convert = converter(mapping, spec, type_, region)
    try:
        when_empty = _when_empty(mapping, convert)
    except BadValue as bad:
        key = "const" if mapping.const is not None else "values"
        raise ValueError(f"{key}: it {bad.reason}") from bad
    return FieldPlan(
        target=mapping.field,
        path=tuple(mapping.field.split(".")),
        kind=type_,
        read=reader(mapping, nulls),
        convert=convert,
        by_row=_by_region(mapping, spec, type_, nulls),
        when_empty=when_empty,
        source=mapping,
        spec=spec,
        nulls=nulls,
    )


def _when_empty(mapping: FieldMapping, convert: Convert) -> Any:
    if mapping.const is not None:
        return convert(mapping.const)
    return convert("") if mapping.values is not None and "" in mapping.values else None


def _type_of(mapping: FieldMapping, spec: FieldSpec | None) -> str:
    """Return the stated type, else the schema's kind where that is strict, else text."""
    if mapping.type is not None:
        return mapping.type
    kind = KINDS.get(spec.kind) if spec is not None else None
    return spec.kind if spec is not None and kind is not None and kind.strict else "text"


def _by_region(
    mapping: FieldMapping, spec: FieldSpec | None, type_: str, nulls: AbstractSet[str]
) -> Callable[[Values], Convert] | None:
    """Return the function that chooses how to read a row's number by the row's country."""
    source = mapping.region
    if not isinstance(source, RegionColumn):
        return None
    read = cell(source.column, nulls)
    converters: dict[str | None, Convert] = {}

    def choose(values: Values) -> Convert:
        country = read(values)
        region = source.default
        if isinstance(country, str):
            try:
                region = read_country(country)
            except BadValue:
                region = None  # a number with its country code can be read all the same
        if region not in converters:
            converters[region] = converter(mapping, spec, type_, region)
        return converters[region]

    return choose


def _check_keys(mapping: FieldMapping, type_: str) -> None:
    given = {
        "formats": bool(mapping.formats),
        "timezone": mapping.timezone is not None,
        "decimal_mark": mapping.decimal_mark is not None,
        "currency": mapping.currency is not None,
        "region": mapping.region is not None,
        "extension": mapping.extension is not None,
        "part": mapping.part is not None,
        "order": mapping.order is not None,
        "case": mapping.case is not None,
        "truncate": mapping.truncate,
        "split": mapping.split is not None,
    }
    for key, is_given in given.items():
        types = [name for name in TYPES if _knows(name, key)]
        if is_given and type_ not in types:
            needed = " or ".join(f'type = "{name}"' for name in types)
            raise ValueError(f"{key}: it has no use for the type {type_}; it goes with {needed}")


def _knows(type_: str, key: str) -> bool:
    kind = KINDS[type_]
    return key in kind.keys or (key == "split" and kind.split is not None)
