"""The errors of records: limits of the schema, missing fields, rules between fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime

from pydantic import ValidationError

from importer.core.keys import canonical_json
from importer.core.records import Origin, RowError
from importer.core.shared import EMPTY_ROW, JsonValue
from importer.mapper.fields.extract import find
from importer.mapper.mapping.model import FieldMapping
from importer.mapper.mapping.toml_text import toml_value
from importer.mapper.schema.objects import FieldSpec, ObjectSchema
from importer.mapper.values.text import BadValue

_SHOWN = 60
_KINDS = {
    "object": "an object with keys of its own",
    "array": "a list of texts",
    "integer": "a whole number",
    "boolean": "true or false",
    "string": "a text",
}
_FORMATS = {
    "date": "a date that exists, as YYYY-MM-DD",
    "date-time": "a time that exists, with its offset, as 2024-05-31T09:30:00+04:00",
    "uuid": "a UUID, as 123e4567-e89b-12d3-a456-426614174000",
}

NO_FIELDS = RowError(
    code=EMPTY_ROW,
    origin=Origin.MAPPER,
    message="The row is empty: no mapped column has a value.",
    hint="Delete the row, or map the columns that hold its values.",
)
ONLY_REST = RowError(
    code=EMPTY_ROW,
    origin=Origin.MAPPER,
    message="No column with a line of its own has a value in this row, only those that rest sends.",
    hint="Add a line for the column that says what the row is about, or delete the row.",
)


def shown(value: JsonValue) -> str:
    """Return a value as messages show it, cut to 60 characters."""
    text = value if isinstance(value, str) else canonical_json(value).decode()
    return repr(text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…")


def bad_value(
    mapping: FieldMapping | None, field: str, value: JsonValue, bad: BadValue
) -> RowError:
    """Return the `invalid_value` of a field, naming the column and showing the value."""
    try:
        text = shown(value)
    except ValueError:  # a number or a text that JSON cannot hold is shown as in Python
        text = shown(ascii(value))
    return RowError(
        code="invalid_value",
        origin=Origin.MAPPER,
        message=f"{field}: {text}{_from(mapping)} {bad.reason}.",
        field=field,
        hint=bad.hint or "Correct it in the source.",
    )


def missing(mapping: FieldMapping | None, field: str, why: str) -> RowError:
    """Return the `missing_required` of a field."""
    return RowError(
        code="missing_required",
        origin=Origin.MAPPER,
        message=f"{field}: {why}, and there is no value{_from(mapping)}.",
        field=field,
        hint="Fill it in the source.",
    )


def _from(mapping: FieldMapping | None) -> str:
    columns = ", ".join(map(repr, mapping.holds)) if mapping is not None else ""
    word = "column" if mapping is None or len(mapping.holds) == 1 else "columns"
    return f" ({word} {columns})" if columns else ""


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
                yield missing(sources.get(field), field, f"every {schema.name} needs it")
            else:
                value = inner[field] if field in inner else fields[field]
                source = sources.get(field)
                yield bad_value(source, field, value, _limit(schema.fields[field], value, source))


def _limit(spec: FieldSpec, value: JsonValue, source: FieldMapping | None) -> BadValue:
    if isinstance(value, str) and spec.max_length is not None and len(value) > spec.max_length:
        is_text = spec.kind == "text" and source is not None and source.type in {None, "text"}
        return BadValue(
            f"has {len(value)} characters, and at most {spec.max_length} are taken",
            "Shorten it in the source; or have it cut: truncate = true."
            if is_text
            else "Shorten it in the source.",
        )
    if spec.enum:
        hint = f"Map it to one of these words: values = {toml_value({str(value): '…'})}."
        return BadValue(f"is not {spec.limits}", hint)
    wanted = spec.form or _FORMATS.get(spec.format or "") or _KINDS[spec.json_type]
    if spec.limits and not spec.form:
        joined = " of " if spec.json_type == "string" else ", "
        wanted = f"{wanted}{joined}{spec.limits}"
    return BadValue(f"is not {wanted}")


def _none_of(schema: ObjectSchema) -> RowError:
    names = ", ".join(schema.any_of)
    return RowError(
        code="missing_required",
        origin=Origin.MAPPER,
        message=f"Every {schema.name} needs at least one of {names}, and the row has none.",
        hint="Fill one of them in the source.",
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
            reason = f"is not after {earlier}, which is {start}"
            bad = BadValue(reason, "Correct one of the two in the source.")
            yield bad_value(sources.get(later), later, end, bad)


def in_order(earlier: str, later: str) -> bool:
    """Return whether `later` is after `earlier`; both are RFC 3339 times."""
    return datetime.fromisoformat(earlier) < datetime.fromisoformat(later)
