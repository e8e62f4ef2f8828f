"""Reads a mapping file (TOML), checks every key, and reports all faults at once."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

from importer.core.errors import MappingError
from importer.core.locale.message import Message, faults_in, joined
from importer.core.objects import object_facts
from importer.core.settings import ReadOptions
from importer.core.shared import OBJECTS, ObjectName
from importer.mapper.headers.names import did_you_mean
from importer.mapper.mapping.field_table import read_field
from importer.mapper.mapping.model import FieldMap, FieldMapping, Rest
from importer.mapper.schema.own_fields import OwnFields, read_own_fields
from importer.mapper.schema.text_file import WRITES_ONE, read_content, utf8_text
from importer.mapper.values.written import Name, Names, Strict, checked, stated

__all__ = ["load_mapping", "parse_mapping"]


class _Document(Strict):
    object: ObjectName | None = stated(f"one of {', '.join(OBJECTS)}")
    identity: Names | None = stated('a list of mapped fields, as in ["external_ref"]')
    rest: Rest | None = stated('"attributes" or "notes"')
    leave_out: Names | None = stated('a list of columns, as in ["Row No"]')
    without: Names | None = stated('a list of what nobody on the list has, as in ["name"]')
    fields: dict[Name, Any] = stated("a table [fields] with at least one field", ..., min_length=1)
    read: dict[str, Any] = stated("a table [read]", {})


_KEYS = (*_Document.model_fields, "schema")
_ABOVE = Message(" Fields must be below a line [fields].")


def load_mapping(path: Path | str) -> FieldMap:
    """
    Read a mapping file; `docs/mapping.md` describes its keys.

        >>> load_mapping(Path("contacts.toml")).object
        'contact'

    Raises `MappingError` that names the file and every invalid key, with what to do.
    """
    path = Path(path)
    return parse_mapping(read_content(path, "mapping", "--mapping"), path)


def parse_mapping(content: bytes | str, path: Path | None = None) -> FieldMap:
    r"""
    Read a mapping from the content of a TOML file. Raises `MappingError` like `load_mapping`.

    >>> parse_mapping(b'[fields]\nname = "Full Name"\n').fields[0].columns
    ('Full Name',)
    """
    content = content.encode() if isinstance(content, str) else content
    where = str(path) if path is not None else "mapping"
    document = _load_toml(content, where)
    if document.pop("job", None) is not None:  # importer.jobs reads it
        content = json.dumps(document, sort_keys=True, default=str).encode()
    faults: list[Message] = []
    own = _read_schema(document.pop("schema", None), where, faults)
    top = checked(_Document, document, faults, keys=_KEYS, otherwise=_ABOVE)
    options = document.get("read", {})
    read = None
    if isinstance(options, dict):
        read = checked(ReadOptions, options, faults, where="read.")
    tables = document.get("fields")
    folder = path.parent if path is not None else Path()
    fields = _read_fields(tables, folder, faults) if isinstance(tables, dict) else ()
    codes = {one.codes for one in fields if one.codes is not None}
    if top is not None:
        faults += _identity_faults(top.identity or (), list(top.fields), fields)
        if top.leave_out and top.rest is None:
            faults.append(
                Message("leave_out: it goes with rest only; columns no line names are not sent.")
            )
        faults += _without_faults(top.object, top.without or ())
    if faults or top is None or read is None:
        raise MappingError(
            faults_in(where, faults),
            hint=WRITES_ONE,
        )
    return FieldMap(
        fields=fields,
        sha256=_digest(content, [folder / name for name in sorted(codes)]),
        object=top.object,
        identity=tuple(top.identity) if top.identity else None,
        rest=top.rest,
        leave_out=tuple(top.leave_out or ()),
        without=tuple(top.without or ()),
        read=read,
        own=(own,) if own is not None else (),
        path=path,
    )


def _digest(content: bytes, codes: Sequence[Path]) -> str:
    """Return the hash of a mapping: another table of codes makes another mapping."""
    files = (content, *map(Path.read_bytes, codes))
    own, *others = (sha256(one).hexdigest() for one in files)
    return sha256(" ".join((own, *others)).encode()).hexdigest() if others else own


def _read_schema(table: Any, where: str, faults: list[Message]) -> OwnFields | None:
    if table is None:
        return None
    found: list[Message] = []
    own = read_own_fields(table, f"{where}: schema.", found)
    faults += (Message("schema.%(fault)s", fault=fault) for fault in found)
    return own


def _load_toml(content: bytes, where: str) -> dict[str, Any]:
    text = utf8_text(content, where, "mapping")
    try:
        # Numbers keep all digits: a constant amount must not become a float.
        return tomllib.loads(text, parse_float=Decimal)
    except RecursionError:
        raise MappingError(
            "%(name)s: is nested too deeply",
            name=where,
            hint="No key of a mapping needs more than three levels.",
        ) from None
    except ValueError as error:  # a number of thousands of digits is not a TOMLDecodeError
        raise MappingError(
            "%(name)s: not a TOML file: %(text)s",
            name=where,
            text=error,
            hint=joined(
                [Message('Texts must be in quotes: first_name = "First Name".'), WRITES_ONE],
                "sentences",
            ),
        ) from error


def _read_fields(
    tables: dict[str, Any], folder: Path, faults: list[Message]
) -> tuple[FieldMapping, ...]:
    """Return the fields that could be read, and add a fault for each other one."""
    fields = []
    for target, value in tables.items():
        found = list(_target_faults(target, tables))
        field = read_field(target, value, found, folder)
        if field is not None and not found:
            fields.append(field)
        faults += found
    return tuple(fields)


def _target_faults(target: str, targets: Collection[str]) -> Iterator[Message]:
    if not all(target.split(".")):
        yield Message("%(value)s: a field's name has no empty part.", value=target)
    dots = (at for at, sign in enumerate(target) if sign == ".")
    yield from (
        Message("%(key)s: %(field)s is mapped as a whole already.", key=target, field=whole)
        for at in dots
        if (whole := target[:at]) in targets
    )


def _without_faults(object_: str | None, without: Sequence[str]) -> Iterator[Message]:
    objects = [object_] if object_ is not None else OBJECTS
    known = dict.fromkeys(part for one in objects for part in object_facts(one).parts)
    for name in without:
        if name not in known:
            yield Message(
                "without: %(value)s is not one of %(names)s.%(meant)s",
                value=name,
                names=[*known],
                meant=did_you_mean(name, known),
            )


def _identity_faults(
    identity: Sequence[str], targets: Sequence[str], fields: Sequence[FieldMapping]
) -> Iterator[Message]:
    constant = {mapping.field for mapping in fields if mapping.const is not None}
    for name in identity:
        if name not in targets:
            yield Message(
                "identity: %(value)s is not among the mapped fields.%(meant)s",
                value=name,
                meant=did_you_mean(name, targets),
            )
    if identity and constant.issuperset(identity):
        yield Message("identity: it has constants only, so every row would be the same record.")
