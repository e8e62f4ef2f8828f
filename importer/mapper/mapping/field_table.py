"""Reads one line of a mapping file's `[fields]`: every key checked, every fault named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from importer.mapper.headers.names import did_you_mean
from importer.mapper.mapping.model import TYPES, FieldMapping, RegionColumn
from importer.mapper.mapping.template import parse_template
from importer.mapper.values import (
    Case,
    Order,
    Part,
    check_currency,
    check_format,
    check_region,
    load_zone,
)
from importer.shared import OWN_PREFIX

__all__ = ["read_field"]

_Scalar = str | bool | int | Decimal
_Name = Annotated[str, Field(min_length=1)]
_Names = Annotated[list[_Name], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


class _RegionTable(_Strict):
    column: _Name
    default: _Name | None = None


class _FieldTable(_Strict):
    column: _Name | None = None
    columns: _Names | None = None
    template: _Name | None = None
    const: _Scalar | list[str] | None = None
    type: _Name | None = None
    values: Annotated[dict[str, _Scalar], Field(min_length=1)] | None = None
    split: _Name | None = None
    formats: _Names | None = None
    timezone: _Name | None = None
    decimal_mark: Literal[".", ","] | None = None
    currency: _Name | None = None
    region: _Name | _RegionTable | None = None
    extension: Literal["refuse", "drop"] | None = None
    part: Part | None = None
    order: Order | None = None
    case: Case | None = None
    truncate: bool = False
    on_error: Literal["refuse", "omit"] = "refuse"


_SOURCES = ("column", "columns", "template", "const")
_EXPECTED = {
    "column": "a column's name in quotes",
    "columns": 'a list of columns, as in ["Phone 1", "Phone 2"]',
    "template": 'a text with columns in braces, as in "{First Name} {Last Name}"',
    "const": "a text, a number, true, false or a list of texts",
    "type": "a type's name in quotes",
    "values": 'a table of texts, as in { "Hot" = "qualified", "*" = "new" }',
    "split": 'the text between two values, as in ";"',
    "formats": 'a list of formats, as in ["%d/%m/%Y"]',
    "timezone": 'a time zone, as in "Asia/Dubai"',
    "decimal_mark": '"." or ","',
    "currency": 'a currency\'s code, as in "AED", or "*" for any',
    "region": 'a country code, as in "AE", or { column = "Country", default = "AE" }',
    "extension": '"refuse" or "drop"',
    "part": '"first" or "last"',
    "order": '"first last", "last first" or "last, first"',
    "case": '"title", or "title-tr" for Turkish names',
    "truncate": "true or false",
    "on_error": '"refuse" or "omit"',
}


def read_field(target: str, value: Any, faults: list[str]) -> FieldMapping | None:
    """
    Return the mapping of the field `target`, or None where `value` is none.

    `value` is what TOML has behind the field's name. Each fault adds a line to `faults`.
    """
    found: list[str] = []
    table = None
    if isinstance(value, str):
        table = _checked({"column": value}, found)
    elif isinstance(value, dict):
        table = _read_table(target, value, found)
    else:
        found.append("it must be a column's name in quotes, or a table.")
    if table is not None:
        found += _table_faults(table)
    faults += (f"{target}: {fault}" for fault in found)
    return _field_mapping(target, table) if table is not None else None


def _read_table(target: str, value: dict[str, Any], faults: list[str]) -> _FieldTable | None:
    nested = [key for key, inner in value.items() if isinstance(inner, str | dict)]
    if nested and not set(value) & set(_FieldTable.model_fields):
        # TOML reads a bare attributes.bedrooms = "Beds" as a table within a table.
        quoted = " and ".join(f'"{target}.{key}"' for key in nested)
        if not any(did_you_mean(key, _FieldTable.model_fields) for key in nested):
            faults.append(f"a name with a dot stands in quotes: {quoted}.")
            return None
    return _checked(value, faults)


def _checked(value: dict[str, Any], faults: list[str]) -> _FieldTable | None:
    try:
        return _FieldTable.model_validate(value)
    except ValidationError as error:
        # A union reports once for each of its types.
        faults += dict.fromkeys(_fault_line(fault) for fault in error.errors())
        return None


def _fault_line(fault: Any) -> str:
    key = str(fault["loc"][0])
    if fault["type"] == "extra_forbidden" and len(fault["loc"]) == 1:
        return f"{key}: there is no such key.{did_you_mean(key, _FieldTable.model_fields)}"
    return f"{key}: it must be {_EXPECTED[key]}."


def _table_faults(table: _FieldTable) -> Iterator[str]:
    sources = [key for key in _SOURCES if getattr(table, key) is not None]
    if len(sources) != 1:
        given = f"there are {' and '.join(sources)}" if sources else "there is none"
        yield f"it needs exactly one of {', '.join(_SOURCES)}; {given}."
    if table.type is not None and table.type not in TYPES:
        yield (
            f"type: there is no type {table.type!r}.{did_you_mean(table.type, TYPES)}"
            f" The types are {', '.join(TYPES)}."
        )
    if table.const is not None and (table.values or table.split):
        yield "values and split have no use beside const."
    if table.const is not None and isinstance(table.region, _RegionTable):
        yield 'region: a constant is of one region, as in "AE".'
    if table.const is not None and table.on_error == "omit":
        yield "on_error: a constant is right, or the mapping is wrong."
    own = [name for name in (table.column, *(table.columns or ())) if _is_own(name)]
    yield from (f"{name}: columns that begin {OWN_PREFIX} are the importer's own." for name in own)
    yield from _form_faults(table)


def _is_own(name: str | None) -> bool:
    return name is not None and name.startswith(OWN_PREFIX)


def _form_faults(table: _FieldTable) -> Iterator[str]:
    """Check what has a form of its own: a template, a time zone, formats, codes."""
    region = table.region
    checks: list[tuple[str, Callable[[str], object], str | None]] = [
        ("template", parse_template, table.template),
        ("timezone", load_zone, table.timezone),
        ("currency", check_currency, table.currency),
        ("region", check_region, region.default if isinstance(region, _RegionTable) else region),
    ]
    checks += [("formats", check_format, text) for text in table.formats or ()]
    for key, check, text in checks:
        if text is not None:
            try:
                check(text)
            except ValueError as error:
                yield f"{key}: {text!r}: {error}."


def _field_mapping(target: str, table: _FieldTable) -> FieldMapping:
    return FieldMapping(
        field=target,
        columns=(table.column,) if table.column is not None else tuple(table.columns or ()),
        template=table.template,
        const=table.const,
        type=table.type,
        values=table.values,
        split=table.split,
        formats=tuple(table.formats or ()),
        timezone=table.timezone,
        decimal_mark=table.decimal_mark,
        currency=table.currency,
        region=_region(table.region),
        extension=table.extension,
        part=table.part,
        order=table.order,
        case=table.case,
        truncate=table.truncate,
        on_error=table.on_error,
    )


def _region(given: str | _RegionTable | None) -> str | RegionColumn | None:
    if isinstance(given, _RegionTable):
        return RegionColumn(column=given.column, default=given.default)
    return given
