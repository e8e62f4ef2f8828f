"""Reads the raw value of a field from a row: a column, the first of several, or a template."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any

from importer.core.keys import canonical_json
from importer.core.shared import JsonValue
from importer.mapper.mapping.model import FieldMapping
from importer.mapper.mapping.template import fill, parse_template

Values = Mapping[str, JsonValue]
Read = Callable[[Values], JsonValue]


def find(values: Values, column: str) -> JsonValue:
    """
    Return the value of a column, which is a key or a dotted path, or None.

    >>> find({"phones": [{"number": "+971501234567"}]}, "phones.0.number")
    '+971501234567'
    """
    if column in values:
        return values[column]
    head, dot, rest = column.partition(".")
    inner = values.get(head) if dot else None
    if isinstance(inner, list):
        inner = {str(at): one for at, one in enumerate(inner)}
    return find(inner, rest) if isinstance(inner, Mapping) else None


def set_field(fields: dict[str, Any], path: Sequence[str], value: JsonValue) -> None:
    """Add a value to the fields of a record, with the objects around it that are not there yet."""
    for key in path[:-1]:
        fields = fields.setdefault(key, {})
    fields[path[-1]] = value


def reader(mapping: FieldMapping, nulls: AbstractSet[str]) -> Read:
    """Return the function that finds a field's raw value in a row, or None if it is empty."""
    if mapping.template is not None:
        parts = parse_template(mapping.template)
        cells = [cell_reader(part.text, nulls) for part in parts if part.is_column]
        return lambda values: fill(parts, [_as_text(read(values)) for read in cells])
    cells = [cell_reader(column, nulls) for column in mapping.columns]
    if mapping.take == "joined":
        return _joined(mapping, cells)
    if len(cells) == 1:
        return cells[0]
    return lambda values: next((raw for read in cells if (raw := read(values)) is not None), None)


def _joined(mapping: FieldMapping, cells: Sequence[Read]) -> Read:
    """Return the function that joins the columns that are not empty, without repeated texts."""
    labels = [f"{column}: " if column in mapping.labelled else "" for column in mapping.columns]

    def read(values: Values) -> str | None:
        texts = (_as_text(read_cell(values)) for read_cell in cells)
        parts = (
            f"{label}{text}" for label, text in zip(labels, texts, strict=True) if text is not None
        )
        return mapping.separator.join(dict.fromkeys(parts)) or None

    return read


def cell_reader(column: str, nulls: AbstractSet[str]) -> Read:
    """Return the function that finds a column's value, or None if it is one of `nulls`."""
    dotted = "." in column

    def read(values: Values) -> JsonValue:
        value = find(values, column) if dotted else values.get(column)
        if isinstance(value, str):
            value = value.strip()
            return None if value in nulls else value
        return None if value in (None, [], {}) else value

    return read


def _as_text(value: JsonValue) -> str | None:
    if value is None or isinstance(value, str):
        return value
    try:
        return canonical_json(value).decode()
    except ValueError:  # NaN is not a JSON number
        return None
