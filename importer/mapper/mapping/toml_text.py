"""Writes keys and values as TOML, and whole mappings that were loaded or read from results."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from importer.core.errors import MappingError
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.mapping.model import FieldMap, FieldMapping

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")


def toml_key(name: str) -> str:
    """Return a name as a TOML key, in quotes where TOML needs them: `"attributes.bedrooms"`."""
    return name if _BARE_KEY.fullmatch(name) else toml_value(name)


def toml_value(value: Any) -> str:
    """
    Return a value as TOML: a text, a number, true, false, a list, or a table on one line.

    JSON's escapes are also TOML's, except that TOML escapes DEL too.
    """
    if isinstance(value, Mapping):
        return _table(value, toml_key)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _table(table: Mapping[str, Any], write_key: Callable[[str], str]) -> str:
    given = {key: one for key, one in table.items() if one is not None}
    inner = ", ".join(f"{write_key(key)} = {toml_value(one)}" for key, one in given.items())
    return f"{{ {inner} }}"


def toml_line(target: str, table: Mapping[str, Any]) -> str:
    """
    Return a line of `[fields]`, without comments.

    >>> toml_line("status", {"column": "State", "values": {"Hot": "qualified"}})
    'status = { column = "State", values = { "Hot" = "qualified" } }'
    """
    if table.keys() == {"column"}:
        return f"{toml_key(target)} = {toml_value(table['column'])}"
    # Each word of the list is written in quotes, as in the list.
    written = {
        key: _table(one, toml_value) if key == "values" else toml_value(one)
        for key, one in table.items()
    }
    body = ", ".join(f"{key} = {text}" for key, text in written.items())
    return f"{toml_key(target)} = {{ {body} }}"


def field_line(field: FieldMapping) -> str:
    """Return the line of a field, as a mapping file has it."""
    return toml_line(field.field, _keys(_own(field)))


def as_toml(mapping: FieldMap) -> str | None:
    """
    Return the text of a mapping file with which rows are mapped in the same way.

    Tables of codes are written as `values`. It is None for a mapping with fields of the user's own,
    which stand in a file beside it.
    """
    if mapping.own:
        return None
    lines = [_own(field) for field in mapping.fields if not field.is_extra]
    written = map(field_line, lines)
    text = "\n".join([*_head(mapping), "", "[fields]", *written, *_read(mapping), ""])
    try:
        again = parse_mapping(text.encode())
    except MappingError:
        return None
    return text if list(again.fields) == lines else None


def _own(field: FieldMapping) -> FieldMapping:
    """Return a line without the columns that the key `rest` has added to it."""
    own = tuple(name for name in field.columns if name not in field.labelled)
    return replace(field, columns=own, labelled=())


def _head(mapping: FieldMap) -> Iterator[str]:
    keys = {
        "object": mapping.object,
        "identity": mapping.identity,
        "rest": mapping.rest,
        "leave_out": mapping.leave_out or None,
        "without": mapping.without or None,
    }
    yield from (f"{key} = {toml_value(one)}" for key, one in keys.items() if one is not None)


def _read(mapping: FieldMap) -> Iterator[str]:
    stated = mapping.read.model_dump(mode="json", exclude_unset=True)
    if stated:
        yield from ("", "[read]", *(f"{key} = {toml_value(one)}" for key, one in stated.items()))


def _keys(field: FieldMapping) -> dict[str, Any]:
    """Return the keys of a line, as a mapping file has them."""
    keys = dict(_source(field))
    keys |= {"type": field.type} if field.type is not None else {}
    keys |= {"replace": field.replace} if field.replace else {}
    keys |= {"values": field.values} if field.values is not None else {}
    if field.split:
        keys["split"] = field.split[0] if len(field.split) == 1 else field.split
    keys |= field.to_json().get("options", {})
    keys |= {"unless": field.unless} if field.unless else {}
    if field.default is not None and field.after is None:
        keys["default"] = field.default
    return keys | ({"on_error": field.on_error} if field.on_error != "refuse" else {})


def _source(field: FieldMapping) -> Iterator[tuple[str, Any]]:
    if field.after is not None:
        yield "after", field.after
        column = {"column": field.columns[0]} if field.columns else None
        default = {"default": field.default} if field.default is not None else {}
        yield "minutes", {**column, **default} if column else field.default
    elif field.template is not None:
        yield "template", field.template
    elif field.const is not None:
        yield "const", field.const
    elif field.take == "joined":
        yield from (("join", field.columns), ("separator", field.separator))
    elif field.take == "first valid":
        yield from (("columns", field.columns), ("valid_first", True))
    elif len(field.columns) == 1:
        yield "column", field.columns[0]
    else:
        yield "columns", field.columns
