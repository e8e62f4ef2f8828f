"""The errors of records: limits of the schema, missing fields, rules between fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

from pydantic import ValidationError

from importer.core.locale.language import N_
from importer.core.locale.message import Message, joined
from importer.core.records import Origin, RowError
from importer.core.shared import EMPTY_ROW, JsonValue, shortened
from importer.mapper.fields.extract import find
from importer.mapper.mapping.model import FieldMapping
from importer.mapper.mapping.toml_text import toml_value
from importer.mapper.schema.object_schema import FieldSpec, ObjectSchema
from importer.mapper.values.json_values import shown_value
from importer.mapper.values.texts import BadValue

TOO_LONG = N_("has %(count)s characters, and at most %(most)s are taken")
"""The code of a text that is longer than its field takes."""
_SHOWN = 60
_KINDS = {
    "object": N_("is not an object with keys of its own"),
    "array": N_("is not a list of texts"),
    "integer": N_("is not a whole number"),
    "boolean": N_("is not true or false"),
    "string": N_("is not a text"),
}
_FORMATS = {
    "date": N_("is not a date that exists, as YYYY-MM-DD"),
    "date-time": N_("is not a time that exists, with its offset, as 2024-05-31T09:30:00+04:00"),
    "uuid": N_("is not a UUID, as 123e4567-e89b-12d3-a456-426614174000"),
}

NO_FIELDS = RowError(
    code=EMPTY_ROW,
    origin=Origin.MAPPER,
    message=Message("The row is empty: no mapped column has a value."),
    hint=Message("Delete the row, or map the columns that hold its values."),
)
ONLY_REST = RowError(
    code=EMPTY_ROW,
    origin=Origin.MAPPER,
    message=Message(
        "No column with a line of its own has a value in this row, only those that rest sends."
    ),
    hint=Message("Add a line for the column that says what the row is about, or delete the row."),
)


def bad_value(
    mapping: FieldMapping | None, field: str, value: JsonValue, bad: BadValue
) -> RowError:
    """
    Return the `invalid_value` of a field, naming the column and showing the value.

    It has a hint if the kind of the value knows one.
    """
    return RowError(
        code="invalid_value",
        origin=Origin.MAPPER,
        message=Message(
            "%(field)s: %(value)s%(of)s %(reason)s.",
            field=field,
            value=shortened(shown_value(value), _SHOWN),
            of=_of(mapping),
            reason=bad.reason,
        ),
        field=field,
        hint=bad.hint,
    )


def missing(mapping: FieldMapping | None, field: str, object_: str | None = None) -> RowError:
    """Return the `missing_required` of a field that an object needs, or else the identity."""
    why = (
        Message("every %(object)s needs it", object=object_)
        if object_ is not None
        else Message("the mapping's identity names it")
    )
    return RowError(
        code="missing_required",
        origin=Origin.MAPPER,
        message=Message(
            "%(field)s: %(why)s, and there is no value%(of)s.",
            field=field,
            why=why,
            of=_of(mapping),
        ),
        field=field,
        hint=Message("Fill it in the source."),
    )


def _of(mapping: FieldMapping | None) -> str:
    columns = mapping.holds if mapping is not None else ()
    if len(columns) == 1:
        return Message(" (column %(column)s)", column=columns[0])
    return Message(" (columns %(columns)s)", columns=columns) if columns else ""


def check_record(
    schema: ObjectSchema,
    fields: Mapping[str, JsonValue],
    sources: Mapping[str, FieldMapping],
    faulted: AbstractSet[str],
) -> list[RowError]:
    """
    Return all faults of a record. Fields in `faulted` are already reported, and count as present.

    `sources` holds the mapping of each field, for the columns that messages name.
    """
    faults = list(_model_faults(schema, fields, sources, faulted))
    given = faulted | fields.keys()
    if schema.any_of and given.isdisjoint(schema.any_of):
        faults.append(_none_of(schema))
    faulty = faulted | {fault.field for fault in faults}
    faults += _order_faults(schema, fields, sources, faulty)
    return faults


def _model_faults(
    schema: ObjectSchema,
    fields: Mapping[str, JsonValue],
    sources: Mapping[str, FieldMapping],
    faulted: AbstractSet[str],
) -> Iterator[RowError]:
    inner = {name: value for name in schema.inner if (value := find(fields, name)) is not None}
    try:
        schema.model.model_validate({**fields, **inner} if inner else fields)
    except ValidationError as error:
        seen = set(faulted)
        for fault in error.errors(include_url=False):
            field = str(fault["loc"][0])
            if field in seen:  # a list reports once for each item
                continue
            seen.add(field)
            if fault["type"] == "missing":
                yield missing(sources.get(field), field, schema.name)
            else:
                value = inner[field] if field in inner else fields[field]
                source = sources.get(field)
                yield bad_value(source, field, value, _limit(schema.fields[field], value, source))


def _limit(spec: FieldSpec, value: JsonValue, source: FieldMapping | None) -> BadValue:
    if isinstance(value, str) and spec.max_length is not None and len(value) > spec.max_length:
        is_text = spec.kind == "text" and source is not None and source.type in {None, "text"}
        return BadValue(
            Message(
                TOO_LONG,
                count=len(value),
                most=spec.max_length,
            ),
            "Shorten it in the source; or have it cut: truncate = true."
            if is_text
            else "Shorten it in the source.",
        )
    if spec.enum:
        values = toml_value({str(value): "…"})
        return BadValue(
            Message("is not one of %(words)s", words=spec.enum),
            Message("Map it to one of these words: values = %(change)s.", change=values),
        )
    if spec.form is not None:
        return BadValue(Message("is not %(what)s", what=Message(spec.form)))
    what = Message(_FORMATS.get(spec.format or "") or _KINDS[spec.json_type])
    if not (limits := spec.limits):
        return BadValue(what)
    if spec.json_type == "string" and not spec.pattern:
        return BadValue(Message("%(what)s of %(limits)s", what=what, limits=limits))
    return BadValue(joined([what, limits], "what"))


def _none_of(schema: ObjectSchema) -> RowError:
    return RowError(
        code="missing_required",
        origin=Origin.MAPPER,
        message=Message(
            "Every %(object)s needs at least one of %(fields)s, and the row has none.",
            object=schema.name,
            fields=schema.any_of,
        ),
        hint=Message("Fill one of them in the source."),
    )


def _order_faults(
    schema: ObjectSchema,
    fields: Mapping[str, JsonValue],
    sources: Mapping[str, FieldMapping],
    faulty: AbstractSet[str | None],
) -> Iterator[RowError]:
    for later, earlier in schema.after:
        end, start = fields.get(later), fields.get(earlier)
        if not (isinstance(end, str) and isinstance(start, str)) or {later, earlier} & faulty:
            continue
        if not in_order(start, end):
            reason = Message("is not after %(field)s, which is %(text)s", field=earlier, text=start)
            bad = BadValue(reason, "Correct one of the two in the source.")
            yield bad_value(sources.get(later), later, end, bad)


def in_order(earlier: str, later: str) -> bool:
    """Return whether `later` is after `earlier`; both are RFC 3339 times."""
    return datetime.fromisoformat(earlier) < datetime.fromisoformat(later)
