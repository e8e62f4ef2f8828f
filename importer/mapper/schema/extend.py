"""Adds the fields a user describes to those of an object, and refuses contradictions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from pydantic_core import SchemaError

from importer.core.errors import MappingError
from importer.core.locale.message import Message, joined
from importer.core.shared import OBJECTS
from importer.mapper.headers.names import did_you_mean, normalize_header
from importer.mapper.kinds import KINDS
from importer.mapper.schema.object_schema import (
    ObjectSchema,
    build_schema,
    load_document,
    load_schema,
)
from importer.mapper.schema.own_fields import HINT, OwnFields, load_own_fields

_BY_FORMAT = {kind.json_format: name for name, kind in KINDS.items() if kind.json_format}
_BY_TYPE = {kind.json_type: name for name, kind in KINDS.items() if kind.json_type != "string"}


def extended_schema(object_: str, own: Sequence[OwnFields]) -> ObjectSchema:
    """
    Return the schema of an object with the fields of a user. Later ones in `own` take precedence.

    Raises `MappingError` that names every field that contradicts itself or another one.
    """
    if not own:
        return load_schema(object_)
    known = load_schema(object_).fields
    headers = {
        header
        for one in own
        for name, said in one.properties.items()
        for header in (name, *said.get("x-aliases", ()))
        if name not in known or header not in (name, *known[name].aliases)
    }
    claimed = frozenset(map(normalize_header, headers))
    return replace(build_schema(object_, extended_document(object_, own)), claimed=claimed)


def schema_with(object_: str, path: Path | None) -> ObjectSchema:
    """Return the schema of an object with the fields of a user's file, if there is one."""
    return extended_schema(object_, [] if path is None else [load_own_fields(path)])


def extended_document(object_: str, own: Sequence[OwnFields]) -> dict[str, Any]:
    """Return the JSON Schema of `extended_schema`."""
    document = load_document(object_)
    for one in own:
        document = _extended(document, one)
    return document


def _extended(document: Mapping[str, Any], own: OwnFields) -> dict[str, Any]:
    if own.title.casefold() in OBJECTS and own.title != document["title"]:
        raise MappingError(
            "%(place)sit describes a %(title)s, but the rows are of %(title_2)s.",
            place=own.where,
            title=own.title,
            title_2=document["title"],
            hint="Use the schema of the same object, or remove its title.",
        )
    known = document["properties"]
    added = {name: _definition(said, known.get(name)) for name, said in own.properties.items()}
    whole = {**known, **added}
    faults = [
        Message("properties.%(key)s.%(fault)s", key=name, fault=fault)
        for name, definition in added.items()
        for fault in (*_faults(definition), *_pattern_faults(definition))
    ]
    faults += _name_faults(added, known)
    faults += (
        Message(
            "required: there is no field %(value)s.%(meant)s",
            value=name,
            meant=did_you_mean(name, whole),
        )
        for name in own.required
        if name not in whole
    )
    faults += (
        Message("%(key)s: rules between fields cannot be changed; remove this key.", key=key)
        for key, rule in own.rules.items()
        if rule != document.get(key)
    )
    if faults:
        raise MappingError(
            joined(
                [Message("%(place)s%(fault)s", place=own.where, fault=one) for one in faults],
                "lines",
            ),
            hint=HINT,
        )
    return {
        **document,
        "additionalProperties": document["additionalProperties"] and not own.closed,
        "required": list(dict.fromkeys((*document["required"], *own.required))),
        "properties": _without_aliases_of(added, whole),
    }


def _definition(said: Mapping[str, Any], known: Mapping[str, Any] | None) -> dict[str, Any]:
    """
    Return the whole definition of a field from what the user says and what is `known` of it.

    If the user says what the field is (`type`, `format`, `enum` or `kind`), that replaces the known
    definition; otherwise it adds to it. Aliases are always added.
    """
    anew = not {"type", "format", "enum", "x-kind"}.isdisjoint(said)
    whole = {**({} if anew else known or {}), **said}
    name = whole.get("x-kind") or _kind_of(whole)
    kind = KINDS[name]
    whole.setdefault("type", kind.json_type)
    if kind.json_format is not None and kind.strict:
        whole.setdefault("format", kind.json_format)
    if whole["type"] == "array":
        whole["items"] = {"type": "string"}
    before = known or {}
    return {
        **whole,
        "description": whole.get("description") or before.get("description", "Your own."),
        "x-kind": name,
        # The evidence says whether Vorel uses the name. A user's limits do not change that.
        "x-evidence": known["x-evidence"] if known is not None else "own",
        **{key: before[key] for key in ("x-roles",) if key in before},
        "x-aliases": list(
            dict.fromkeys((*said.get("x-aliases", ()), *before.get("x-aliases", ())))
        ),
    }


def _kind_of(definition: Mapping[str, Any]) -> str:
    if "enum" in definition:
        return "enum"
    by_format = _BY_FORMAT.get(definition.get("format", ""))
    return by_format or _BY_TYPE.get(definition.get("type", ""), "text")


def _faults(definition: Mapping[str, Any]) -> Iterator[Message]:
    """Yield each contradiction inside a whole definition."""
    kind, type_ = definition["x-kind"], definition["type"]
    if type_ != KINDS[kind].json_type:
        yield Message(
            "type: the kind %(kind)s has the type %(expected)s, not %(found)s.",
            kind=kind,
            expected=KINDS[kind].json_type,
            found=type_,
        )
    if kind == "enum" and "enum" not in definition:
        yield Message("enum: the kind enum needs a list of allowed values.")
    for keys, wanted in (
        (("minimum", "maximum"), "integer"),
        (("minLength", "maxLength", "pattern", "enum", "format"), "string"),
    ):
        idle = [key for key in keys if key in definition and type_ != wanted]
        yield from (
            Message(
                "%(key)s: it applies to the type %(expected)s, not to %(found)s.",
                key=key,
                expected=wanted,
                found=type_,
            )
            for key in idle
        )
    for low, high in (("minimum", "maximum"), ("minLength", "maxLength")):
        if {low, high} <= definition.keys() and definition[low] > definition[high]:
            yield Message("%(key)s: it is greater than %(expected)s.", key=low, expected=high)


def _pattern_faults(definition: Mapping[str, Any]) -> Iterator[Message]:
    if "pattern" in definition:
        try:
            TypeAdapter(Annotated[str, Field(pattern=definition["pattern"])])
        except SchemaError as error:
            why = str(error).strip().splitlines()[-1]
            yield Message("pattern: it is not a valid expression: %(text)s.", text=why)


def _name_faults(
    added: Mapping[str, Mapping[str, Any]], known: Mapping[str, Mapping[str, Any]]
) -> Iterator[Message]:
    """Yield a fault for each name inside a field that is not an object, and each alias in use."""
    whole = {**known, **added}
    named = {normalize_header(name): name for name in whole}
    for name, definition in added.items():
        root, dot, _ = name.partition(".")
        if dot and whole.get(root, {}).get("type") != "object":
            yield Message(
                "properties.%(key)s: %(name)s is not an object; "
                'add %(name)s = { type = "object" }.',
                key=name,
                name=root,
            )
        before = known.get(name, {}).get("x-aliases", ())
        for alias in [one for one in definition["x-aliases"] if one not in before]:
            other = named.setdefault(normalize_header(alias), name)
            if other != name:
                yield Message(
                    "properties.%(key)s.x-aliases: %(value)s is already a header of %(name)s.",
                    key=name,
                    value=alias,
                    name=other,
                )


def _without_aliases_of(
    added: Mapping[str, Mapping[str, Any]], whole: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Return the fields without the aliases that a user has given to another field."""
    claimed = {normalize_header(alias) for one in added.values() for alias in one["x-aliases"]}
    return {
        name: definition
        if name in added
        else {
            **definition,
            "x-aliases": [
                alias for alias in definition["x-aliases"] if normalize_header(alias) not in claimed
            ],
        }
        for name, definition in whole.items()
    }
