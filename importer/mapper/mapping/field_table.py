"""Reads one line of a mapping file's `[fields]`: every key checked, every fault named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from importer.mapper.headers.names import did_you_mean
from importer.mapper.kinds import OPTIONS, TYPES
from importer.mapper.mapping.model import FieldMapping
from importer.mapper.mapping.template import parse_template
from importer.mapper.values.kind import FromColumn, Name, checked_by
from importer.shared import OWN_PREFIX

__all__ = ["read_field"]

_Scalar = str | bool | int | Decimal
_Names = Annotated[list[Name], Field(min_length=1)]


class _FieldTable(BaseModel):
    """The keys of a line that do not depend on the kind."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    column: Name | None = None
    columns: _Names | None = None
    template: Annotated[Name, checked_by(parse_template)] | None = None
    const: _Scalar | list[str] | None = None
    type: Name | None = None
    values: Annotated[dict[str, _Scalar], Field(min_length=1)] | None = None
    split: Name | None = None
    on_error: Literal["refuse", "omit"] = "refuse"


_KEYS = (*_FieldTable.model_fields, *OPTIONS)
_SOURCES = ("column", "columns", "template", "const")
_EXPECTED = {
    "column": "a column's name in quotes",
    "columns": 'a list of columns, as in ["Phone 1", "Phone 2"]',
    "template": 'a text with columns in braces, as in "{First Name} {Last Name}"',
    "const": "a text, a number, true, false or a list of texts",
    "type": "a type's name in quotes",
    "values": 'a table of texts, as in { "Hot" = "qualified", "*" = "new" }',
    "split": 'the text between two values, as in ";"',
    "on_error": '"refuse" or "omit"',
}


def read_field(target: str, value: Any, faults: list[str]) -> FieldMapping | None:
    """
    Return the mapping of the field `target`; None where `value` cannot be read as one.

    `value` is what TOML has behind the field's name. Each fault adds a line to `faults`.
    """
    found: list[str] = []
    field = None
    if isinstance(value, str):
        field = _read_table(target, {"column": value}, found)
    elif not isinstance(value, dict):
        found.append("it must be a column's name in quotes, or a table.")
    elif quoted := _unquoted_dots(target, value):
        found.append(f"a name with a dot stands in quotes: {quoted}.")
    else:
        field = _read_table(target, value, found)
    faults += (f"{target}: {fault}" for fault in found)
    return field


def _unquoted_dots(target: str, value: Mapping[str, Any]) -> str | None:
    """
    Return how names with a dot should have been written, if that explains the table `value`.

    TOML reads a bare attributes.bedrooms = "Beds" as a table within a table.
    """
    nested = [key for key, inner in value.items() if isinstance(inner, str | dict)]
    if not nested or set(value) & set(_KEYS) or any(did_you_mean(key, _KEYS) for key in nested):
        return None
    return " and ".join(f'"{target}.{key}"' for key in nested)


def _read_table(target: str, value: Mapping[str, Any], faults: list[str]) -> FieldMapping | None:
    options = _read_options(value, faults)
    table = _read_common({key: value[key] for key in value if key not in OPTIONS}, faults)
    if table is None:
        return None
    faults += _table_faults(table, options)
    return FieldMapping(
        field=target,
        columns=(table.column,) if table.column is not None else tuple(table.columns or ()),
        template=table.template,
        const=table.const,
        type=table.type,
        values=table.values,
        split=table.split,
        options=options,
        on_error=table.on_error,
    )


def _read_common(given: Mapping[str, Any], faults: list[str]) -> _FieldTable | None:
    try:
        return _FieldTable.model_validate(given)
    except ValidationError as error:
        # A union reports once for each of its types.
        faults += dict.fromkeys(_common_fault(fault) for fault in error.errors())
        return None


def _common_fault(fault: Any) -> str:
    key = str(fault["loc"][0])
    if fault["type"] == "extra_forbidden":
        return f"{key}: there is no such key.{did_you_mean(key, _KEYS)}"
    return f"{key}: {_worded(fault) or f'it must be {_EXPECTED[key]}'}."


def _read_options(value: Mapping[str, Any], faults: list[str]) -> dict[str, Any]:
    """Return the keys that kinds add, checked, without those that have their default."""
    options: dict[str, Any] = {}
    for key in (key for key in value if key in OPTIONS):
        try:
            checked = OPTIONS[key].model_validate({key: value[key]})
        except ValidationError as error:
            faults += _option_faults(key, error)
        else:
            options |= checked.changed()
    return options


def _option_faults(key: str, error: ValidationError) -> list[str]:
    worded = [text for fault in error.errors() if (text := _worded(fault))]
    expected = OPTIONS[key].model_fields[key].description
    return [f"{key}: {text}." for text in worded or [f"it must be {expected}"]]


def _worded(fault: Any) -> str | None:
    """Return the words of the validator that found a fault, if it was one of ours."""
    return str(fault["ctx"]["error"]) if fault["type"] == "value_error" else None


def _table_faults(table: _FieldTable, options: Mapping[str, Any]) -> Iterator[str]:
    sources = [key for key in _SOURCES if getattr(table, key) is not None]
    if len(sources) != 1:
        given = f"there are {' and '.join(sources)}" if sources else "there is none"
        yield f"it needs exactly one of {', '.join(_SOURCES)}; {given}."
    if table.type is not None and table.type not in TYPES:
        yield (
            f"type: there is no type {table.type!r}.{did_you_mean(table.type, TYPES)}"
            f" The types are {', '.join(TYPES)}."
        )
    if table.const is not None:
        yield from _const_faults(table, options)
    own = [
        name
        for name in (table.column, *(table.columns or ()))
        if name is not None and name.startswith(OWN_PREFIX)
    ]
    yield from (f"{name}: columns that begin {OWN_PREFIX} are the importer's own." for name in own)


def _const_faults(table: _FieldTable, options: Mapping[str, Any]) -> Iterator[str]:
    if table.values or table.split:
        yield "a constant takes neither values nor split; write it as it is sent."
    for key, option in options.items():
        if isinstance(option, FromColumn):
            yield f"{key}: a constant is the same in every row; state one {key}, not a column."
    if table.on_error == "omit":
        yield "on_error: a constant is never left out; correct it, or remove on_error."
