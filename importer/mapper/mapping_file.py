"""Reads a mapping file: TOML, every key checked, every fault named at once."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from importer.config import OBJECTS, ObjectName, ReadOptions
from importer.errors import MappingError
from importer.mapper.dates import check_format, load_zone
from importer.mapper.mapping import OWN_PREFIX, TYPES, FieldMapping, Mapping
from importer.mapper.names import did_you_mean
from importer.mapper.template import parse_template

__all__ = ["load_mapping", "parse_mapping"]

_Model = TypeVar("_Model", bound=BaseModel)
_Scalar = str | bool | int | Decimal
_Name = Annotated[str, Field(min_length=1)]
_Names = Annotated[list[_Name], Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)


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
    region: _Name | None = None
    decimal_mark: Literal[".", ","] | None = None


class _Document(_Strict):
    object: ObjectName | None = None
    identity: _Names | None = None
    fields: Annotated[dict[_Name, Any], Field(min_length=1)]
    read: dict[str, Any] = {}


_SOURCES = ("column", "columns", "template", "const")
_EXPECTED = {
    "object": f"one of {', '.join(OBJECTS)}",
    "identity": 'a list of mapped fields, as in ["external_ref"]',
    "fields": "a table [fields] with at least one field",
    "read": "a table [read]",
    "column": "a column's name in quotes",
    "columns": 'a list of columns, as in ["Phone 1", "Phone 2"]',
    "template": 'a text with columns in braces, as in "{First Name} {Last Name}"',
    "const": "a text, a number, true, false or a list of texts",
    "type": "a type's name in quotes",
    "values": 'a table of texts, as in { "Hot" = "qualified", "*" = "new" }',
    "split": 'the text between two values, as in ";"',
    "formats": 'a list of formats, as in ["%d/%m/%Y"]',
    "timezone": 'a time zone, as in "Asia/Dubai"',
    "region": 'a country code, as in "AE"',
    "decimal_mark": '"." or ","',
}


def load_mapping(path: Path) -> Mapping:
    """
    Read a mapping file; `docs/mapping.md` describes its keys.

    Raises `MappingError` naming the file and every key at fault, with what to do.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MappingError(
            f"{path}: the mapping file cannot be read: {error.strerror or error}",
            hint="Check the path given with --mapping.",
        ) from error
    return parse_mapping(content, path)


def parse_mapping(content: bytes, path: Path | None = None) -> Mapping:
    """Read a mapping from the bytes of a TOML file. Raises `MappingError` like `load_mapping`."""
    where = str(path) if path is not None else "mapping"
    document = _load_toml(content, where)
    faults: list[str] = []
    checked = _checked(_Document, document, "", faults)
    options = document.get("read", {})
    read = _checked(ReadOptions, options, "read.", faults) if isinstance(options, dict) else None
    tables = document.get("fields")
    fields = _read_fields(tables, faults) if isinstance(tables, dict) else ()
    if checked is not None:
        faults += _identity_faults(checked.identity or (), list(checked.fields), fields)
    if faults or checked is None or read is None:
        raise MappingError(
            "\n".join(f"{where}: {fault}" for fault in faults),
            hint="docs/mapping.md shows every key by example.",
        )
    return Mapping(
        fields=fields,
        sha256=hashlib.sha256(content).hexdigest(),
        object=checked.object,
        identity=tuple(checked.identity) if checked.identity else None,
        read=read,
        path=path,
    )


def _load_toml(content: bytes, where: str) -> dict[str, Any]:
    try:
        # Numbers keep their digits: a constant amount must not pass through a float.
        return tomllib.loads(content.decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise MappingError(
            f"{where}: line {line} is not UTF-8.", hint="Save the mapping file as UTF-8."
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise MappingError(
            f"{where}: not a TOML file: {error}",
            hint='Texts stand in quotes: first_name = "First Name". See docs/mapping.md.',
        ) from error


def _checked(
    model: type[_Model], data: dict[str, Any], prefix: str, faults: list[str]
) -> _Model | None:
    """Return `data` as `model`; where it is none, add a line for each key at fault."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        lines = (_fault_line(fault, prefix, model) for fault in error.errors())
        faults += dict.fromkeys(lines)  # a union reports once for each of its types
        return None


def _fault_line(fault: Any, prefix: str, model: type[BaseModel]) -> str:
    key = str(fault["loc"][0])
    if fault["type"] == "extra_forbidden":
        advice = did_you_mean(key, model.model_fields)
        if model is _Document and not advice:
            advice = " Fields stand below a line [fields]."
        return f"{prefix}{key}: there is no such key.{advice}"
    if model is ReadOptions:
        return f"{prefix}{key}: {fault['msg'].removeprefix('Value error, ')}."
    return f"{prefix}{key}: it must be {_EXPECTED[key]}."


def _read_fields(tables: dict[str, Any], faults: list[str]) -> tuple[FieldMapping, ...]:
    """Return what could be read; each key that could not adds a fault."""
    fields = []
    for target, value in tables.items():
        found = list(_target_faults(target, tables))
        if isinstance(value, str):
            table = _checked(_FieldTable, {"column": value}, f"{target}: ", found)
        elif isinstance(value, dict):
            table = _read_table(target, value, found)
        else:
            table = None
            found.append(f"{target}: it must be a column's name in quotes, or a table.")
        if table is not None:
            found += (f"{target}: {fault}" for fault in _table_faults(table))
        if table is not None and not found:
            fields.append(_field_mapping(target, table))
        faults += found
    return tuple(fields)


def _read_table(target: str, value: dict[str, Any], faults: list[str]) -> _FieldTable | None:
    nested = [key for key, inner in value.items() if isinstance(inner, str | dict)]
    if nested and not set(value) & set(_FieldTable.model_fields):
        # TOML reads a bare attributes.bedrooms = "Beds" as a table within a table.
        quoted = " and ".join(f'"{target}.{key}"' for key in nested)
        if not any(did_you_mean(key, _FieldTable.model_fields) for key in nested):
            faults.append(f"{target}: a name with a dot stands in quotes: {quoted}.")
            return None
    return _checked(_FieldTable, value, f"{target}: ", faults)


def _target_faults(target: str, targets: dict[str, Any]) -> Iterator[str]:
    if not all(target.split(".")):
        yield f"{target!r}: a field's name has no empty part."
    parents = [other for other in targets if target.startswith(f"{other}.")]
    yield from (f"{target}: {other} is mapped as a whole already." for other in parents)


def _table_faults(table: _FieldTable) -> Iterator[str]:
    sources = [key for key in _SOURCES if getattr(table, key) is not None]
    if len(sources) != 1:
        given = f"there are {' and '.join(sources)}" if sources else "there is none"
        yield f"it needs exactly one of {', '.join(_SOURCES)}; {given}."
    if table.type is not None and table.type not in TYPES:
        yield (
            f"type: there is no type {table.type!r} in this version."
            f"{did_you_mean(table.type, TYPES)} The types are {', '.join(TYPES)}."
        )
    elif table.region is not None:
        yield "region: it goes with phone numbers, which this version has no type for yet."
    if table.const is not None and (table.values or table.split):
        yield "values and split have no use beside const."
    own = [name for name in (table.column, *(table.columns or ())) if _is_own(name)]
    yield from (f"{name}: columns that begin {OWN_PREFIX} are the importer's own." for name in own)
    yield from _form_faults(table)


def _is_own(name: str | None) -> bool:
    return name is not None and name.startswith(OWN_PREFIX)


def _form_faults(table: _FieldTable) -> Iterator[str]:
    """Check what has a form of its own: a template, a time zone, formats."""
    checks = [("template", parse_template, table.template), ("timezone", load_zone, table.timezone)]
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
    )


def _identity_faults(
    identity: Sequence[str], targets: Sequence[str], fields: Sequence[FieldMapping]
) -> Iterator[str]:
    constant = {mapping.field for mapping in fields if mapping.const is not None}
    for name in identity:
        if name not in targets:
            yield f"identity: {name!r} is not among the mapped fields.{did_you_mean(name, targets)}"
    if identity and constant.issuperset(identity):
        yield "identity: it has constants only, so every row would be the same record."
