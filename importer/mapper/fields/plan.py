"""Turns a field's mapping into functions, once: read the raw value, convert it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, NoReturn

from importer.mapper.fields.converting import converter, finished
from importer.mapper.fields.extract import Read, Values, cell, reader
from importer.mapper.kinds import KINDS
from importer.mapper.kinds.text import TEXT
from importer.mapper.mapping.model import FieldMapping
from importer.mapper.schema.objects import FieldSpec, ObjectSchema
from importer.mapper.values.kind import Convert, Kind, Options
from importer.mapper.values.text import BadValue

__all__ = ["FieldPlan", "plan_field"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlan:
    """
    How one field is made. `read` returns the raw value, or None where the row has none.

    `convert` turns it into what is sent and raises `BadValue`; where another column of the row
    decides how, `by_row` returns the function to use instead. `when_empty` is sent where `read`
    returned None: a constant, or what the mapping's `values` has for the empty text. `nulls` are
    the texts that mean "empty".
    """

    target: str
    path: tuple[str, ...]
    kind: Kind
    options: Options
    read: Read
    convert: Convert
    by_row: Callable[[Values], Convert] | None
    when_empty: Any
    source: FieldMapping
    spec: FieldSpec | None
    nulls: AbstractSet[str]


def plan_field(mapping: FieldMapping, schema: ObjectSchema, nulls: AbstractSet[str]) -> FieldPlan:
    """
    Plan one field. `nulls` are the texts that mean "empty".

    Raises `ValueError` for a key that does not go with the field's kind, and for a constant that
    cannot be sent.
    """
    spec = schema.spec(mapping.field)
    root = mapping.field.split(".")[0]
    if spec is None and not schema.knows(mapping.field) and schema.spec(root):
        raise ValueError(f"{root} is not an object, so it has no fields inside")
    kind = _kind_of(mapping, spec)
    options = _options_of(mapping, kind)
    convert = converter(mapping, spec, kind, options)
    try:
        when_empty = _when_empty(mapping, convert)
    except BadValue as bad:
        key = "const" if mapping.const is not None else "values"
        raise ValueError(f"{key}: it {bad.reason}") from bad
    return FieldPlan(
        target=mapping.field,
        path=tuple(mapping.field.split(".")),
        kind=kind,
        options=options,
        read=reader(mapping, nulls),
        convert=convert,
        by_row=_by_row(mapping, kind, options, nulls),
        when_empty=when_empty,
        source=mapping,
        spec=spec,
        nulls=nulls,
    )


def _kind_of(mapping: FieldMapping, spec: FieldSpec | None) -> Kind:
    """Return the kind the mapping states, else the schema's where that is strict, else text."""
    if mapping.type is not None:
        return KINDS[mapping.type]
    kind = KINDS[spec.kind] if spec is not None else TEXT
    return kind if kind.strict else TEXT


def _options_of(mapping: FieldMapping, kind: Kind) -> Options:
    """Return the line's options as the kind's own. Raises `ValueError` for one it does not have."""
    for key in mapping.options:
        if key not in kind.options.model_fields:
            _refuse(key, kind, [one for one in KINDS.values() if key in one.options.model_fields])
    if mapping.split is not None and kind.split is None:
        _refuse("split", kind, [one for one in KINDS.values() if one.split is not None])
    return kind.options(**mapping.options)


def _refuse(key: str, kind: Kind, others: Sequence[Kind]) -> NoReturn:
    needed = " or ".join(f'type = "{other.name}"' for other in others)
    raise ValueError(f"{key}: it does not go with the type {kind.name}, only with {needed}")


def _when_empty(mapping: FieldMapping, convert: Convert) -> Any:
    if mapping.const is not None:
        return convert(mapping.const)
    return convert("") if mapping.values is not None and "" in mapping.values else None


def _by_row(
    mapping: FieldMapping, kind: Kind, options: Options, nulls: AbstractSet[str]
) -> Callable[[Values], Convert] | None:
    """Return the function that chooses by a row how its value is read, where the kind has one."""
    by_column = kind.by_row(options) if kind.by_row is not None else None
    if by_column is None:
        return None
    read = cell(by_column.column, nulls)
    known: dict[Convert, Convert] = {}

    def choose(values: Values) -> Convert:
        convert = by_column.choose(read(values))
        if convert not in known:
            known[convert] = finished(mapping, kind, convert)
        return known[convert]

    return choose
