"""Turns the mapping of a field into functions that read and convert its value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NoReturn

from importer.core.locale.message import Message
from importer.core.shared import JsonValue
from importer.mapper.fields.converting import converter, finished
from importer.mapper.fields.extract import Read, Values, cell_reader, reader
from importer.mapper.kinds import KINDS
from importer.mapper.kinds.datetime import DATETIME
from importer.mapper.kinds.email import EMAIL
from importer.mapper.kinds.phone import PHONE
from importer.mapper.kinds.ref import NUMBER_AS_WRITTEN
from importer.mapper.kinds.text import TEXT
from importer.mapper.mapping.model import FieldMapping
from importer.mapper.schema.object_schema import FieldSpec, ObjectSchema
from importer.mapper.values.durations import read_minutes
from importer.mapper.values.json_values import text_or_json
from importer.mapper.values.kind import Convert, Kind, Options
from importer.mapper.values.replacing import replacer
from importer.mapper.values.texts import BadValue

RowConvert = Callable[[JsonValue, Values], JsonValue]
"""Converts a raw value of a row to the value to send. Raises `BadValue`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldPlan:
    """
    The functions of one field. `read` returns the raw value of a row, or None if it is empty.

    `value` turns it into the value to send, and raises `BadValue`. It takes the row, too, since
    another column may decide how. If `read` returns None, `when_empty` is sent: a constant, the
    entry for the empty text in `values`, or `default`. The latter is also sent if a value is empty
    after the conversion. `nulls` are the texts that mean "empty". `reads` are the columns on which
    the value depends.
    """

    target: str
    path: tuple[str, ...]
    kind: Kind
    options: Options
    read: Read
    value: RowConvert
    when_empty: JsonValue
    default: JsonValue
    source: FieldMapping
    reads: tuple[str, ...]
    spec: FieldSpec | None
    nulls: AbstractSet[str]

    def kept(self, raw: JsonValue) -> JsonValue:
        """Return a value that cannot be read as it is sent: as written, but for `replace`."""
        if isinstance(raw, str) and self.source.replace:
            raw = replacer(self.source.replace)(raw)
        return (self.kind.kept or text_or_json)(raw)


def plan_field(
    mapping: FieldMapping,
    schema: ObjectSchema,
    nulls: AbstractSet[str],
    others: Mapping[str, FieldMapping] = MappingProxyType({}),
) -> FieldPlan:
    """
    Plan one field. `nulls` are the texts that mean "empty", `others` the other fields' lines.

    Raises `ValueError` for a key that does not go with the field's kind, and for a constant that
    cannot be sent.
    """
    spec = schema.spec(mapping.field)
    root = mapping.field.split(".")[0]
    if spec is None and not schema.knows(mapping.field) and schema.spec(root):
        raise ValueError(Message("%(key)s is not an object, so it has no fields inside", key=root))
    kind = _kind_of(mapping, spec)
    options = _options_of(mapping, kind)
    convert = converter(mapping, spec, kind, options)
    if mapping.on_error == "keep" and not _can_keep(kind):
        raise ValueError(
            Message("on_error: a bad %(kind)s is never sent; use omit or refuse", kind=kind.name)
        )
    plan = FieldPlan(
        target=mapping.field,
        path=tuple(mapping.field.split(".")),
        kind=kind,
        options=options,
        read=reader(mapping, nulls),
        value=_by_row(mapping, kind, options, nulls) or (lambda raw, _: convert(raw)),
        when_empty=_when_empty(mapping, convert),
        default=_default(mapping, spec, kind, options),
        source=mapping,
        reads=mapping.reads,
        spec=spec,
        nulls=nulls,
    )
    if mapping.after is not None:
        return _with_minutes(plan, mapping.after, schema, others)
    if mapping.take == "first valid":
        plan = replace(plan, read=_first_valid(plan))
    if mapping.unless:
        plan = replace(plan, read=_unless(plan.read, mapping.unless, nulls))
    default = plan.default if plan.when_empty is None else plan.when_empty
    return replace(plan, when_empty=default)


def _can_keep(kind: Kind) -> bool:
    """Return whether a value that cannot be read may be sent as text."""
    is_formal = kind.strict and kind.json_format is not None
    return kind.json_type == "string" and kind is not EMAIL and not is_formal


def _with_minutes(
    plan: FieldPlan, target: str, schema: ObjectSchema, others: Mapping[str, FieldMapping]
) -> FieldPlan:
    """Return the plan of a time that is a number of minutes after another one."""
    other = others.get(target)
    if other is None or other.after is not None or other.const is not None:
        raise ValueError(
            Message("after: %(key)s must be a line that reads a time from a column", key=target)
        )
    if plan.kind is not DATETIME:
        raise ValueError(
            Message(
                "after: it goes with a field of the kind datetime, not %(kind)s",
                kind=plan.kind.name,
            )
        )
    start = plan_field(other, schema, plan.nulls)
    if start.kind is not DATETIME:
        raise ValueError(Message("after: %(key)s is not read as a datetime", key=target))
    return replace(
        plan,
        read=_minutes_reader(start, plan),
        value=_end_of(start),
        reads=tuple(dict.fromkeys((*start.reads, *plan.reads))),
        default=None,
    )


def _minutes_reader(start: FieldPlan, minutes: FieldPlan) -> Read:
    """Return the function that finds the minutes of a row, or None if it has no start."""

    def read(values: Values) -> JsonValue:
        if start.read(values) is None:
            return None
        raw = minutes.read(values)
        return minutes.source.default if raw is None else raw

    return read


def _end_of(start: FieldPlan) -> RowConvert:
    """Return the function that adds minutes to the start of a row."""

    def end(raw: JsonValue, values: Values) -> str:
        minutes = timedelta(minutes=read_minutes(raw))
        try:
            begun = datetime.fromisoformat(str(start.value(start.read(values), values)))
        except BadValue as bad:
            raise BadValue("cannot be added to a start that cannot be read", bad.hint) from None
        return (begun + minutes).isoformat()

    return end


def _first_valid(plan: FieldPlan) -> Read:
    """Return the function that finds the first value that can be sent, or else the first."""
    cells = [cell_reader(column, plan.nulls) for column in plan.source.columns]

    def is_valid(raw: JsonValue, values: Values) -> bool:
        try:
            value = plan.value(raw, values)
        except BadValue:
            return False
        return value not in ("", []) and (plan.spec is None or _fits(plan.spec, value))

    def read(values: Values) -> JsonValue:
        given = [raw for read_cell in cells if (raw := read_cell(values)) is not None]
        return next((raw for raw in given if is_valid(raw, values)), given[0] if given else None)

    return read


def _unless(read: Read, columns: Sequence[str], nulls: AbstractSet[str]) -> Read:
    """Return the function that reads a value only if none of `columns` has one."""
    cells = [cell_reader(column, nulls) for column in columns]

    def read_alone(values: Values) -> JsonValue:
        is_taken = any(read_cell(values) is not None for read_cell in cells)
        return None if is_taken else read(values)

    return read_alone


def _fits(spec: FieldSpec, value: JsonValue) -> bool:
    """Return whether a value is within the length limits and the allowed words of its field."""
    if not isinstance(value, str):
        return True
    return (
        (not spec.enum or value in spec.enum)
        and len(value) >= (spec.min_length or 0)
        and (spec.max_length is None or len(value) <= spec.max_length)
    )


def _kind_of(mapping: FieldMapping, spec: FieldSpec | None) -> Kind:
    """Return the kind in the mapping, else that of the schema if it is strict, else text."""
    if mapping.type is not None:
        return KINDS[mapping.type]
    kind = KINDS[spec.kind] if spec is not None else TEXT
    if kind.strict:
        return kind
    return NUMBER_AS_WRITTEN if kind is PHONE else TEXT


def _options_of(mapping: FieldMapping, kind: Kind) -> Options:
    """Return the options of a line for its kind. Raises `ValueError` for an unknown option."""
    for key in mapping.options:
        if key not in kind.options.model_fields:
            _refuse(key, kind, [one for one in KINDS.values() if key in one.options.model_fields])
    if mapping.split and kind.split is None:
        _refuse("split", kind, [one for one in KINDS.values() if one.split is not None])
    return kind.options(**mapping.options)


def _refuse(key: str, kind: Kind, others: Sequence[Kind]) -> NoReturn:
    needed = " or ".join(f'type = "{other.name}"' for other in others)
    raise ValueError(
        Message(
            "%(key)s: it does not go with the type %(kind)s, only with %(expected)s",
            key=key,
            kind=kind.name,
            expected=needed,
        )
    )


def _when_empty(mapping: FieldMapping, convert: Convert) -> JsonValue:
    try:
        if mapping.const is not None:
            return convert(mapping.const)
        return convert("") if mapping.values is not None and "" in mapping.values else None
    except BadValue as bad:
        key = "const" if mapping.const is not None else "values"
        raise ValueError(Message("%(key)s: it %(fault)s", key=key, fault=bad)) from bad


def _default(
    mapping: FieldMapping, spec: FieldSpec | None, kind: Kind, options: Options
) -> JsonValue:
    if mapping.default is None or mapping.after is not None:
        return None
    plainly = replace(mapping, values=None, split=(), replace=())
    try:
        return converter(plainly, spec, kind, options)(mapping.default)
    except BadValue as bad:
        raise ValueError(Message("default: it %(fault)s", fault=bad)) from bad


def _by_row(
    mapping: FieldMapping, kind: Kind, options: Options, nulls: AbstractSet[str]
) -> RowConvert | None:
    """Return the function that converts as another column of the row says, if one does."""
    if kind.by_row is None or not mapping.deciding:
        return None
    by_row, read = kind.by_row, cell_reader(mapping.deciding[0], nulls)
    known: dict[Convert, Convert] = {}

    def value(raw: JsonValue, values: Values) -> JsonValue:
        convert = by_row(options, read(values))
        if convert not in known:
            known[convert] = finished(mapping, kind, convert)
        return known[convert](raw)

    return value
