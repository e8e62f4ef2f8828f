"""Reads the fields a user adds to an object, from `[schema]` or a JSON Schema file."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, Field

from importer.core.errors import MappingError
from importer.core.locale.message import Message, faults_in
from importer.core.shared import OWN_PREFIX
from importer.mapper.headers.names import did_you_mean
from importer.mapper.kinds import KINDS
from importer.mapper.schema.text_file import read_content, utf8_text
from importer.mapper.values.written import Name, Names, Strict, checked, stated

HINT = "`vorel-import schema contact --json` prints fields that are described as yours should be."

_Count = Annotated[int, Field(ge=0)]
_OF_FIELDS = Message(" Describe fields in properties.")


def _own(name: str) -> AliasChoices:
    return AliasChoices(f"x-{name}", name)


class _Definition(Strict):
    """The keys that describe a field: those of JSON Schema, and three of the importer's own."""

    type: Literal["string", "integer", "boolean", "array", "object"] | None = stated(
        "one of string, integer, boolean, array, object; for a number with a fraction use "
        'kind = "decimal", which is sent as text'
    )
    format: Literal["date", "date-time", "email", "uri", "uuid"] | None = stated(
        "one of date, date-time, email, uri, uuid"
    )
    enum: Names | None = stated('a list of texts, as in ["gold", "silver"]')
    pattern: Name | None = stated("a regular expression in quotes")
    min_length: _Count | None = stated("a whole number of characters", alias="minLength")
    max_length: _Count | None = stated("a whole number of characters", alias="maxLength")
    minimum: int | None = stated("a whole number")
    maximum: int | None = stated("a whole number")
    description: str | None = stated("a text")
    kind: Name | None = stated("the name of a kind in quotes", validation_alias=_own("kind"))
    aliases: list[Name] | None = stated(
        'a list of headers, as in ["Stylist", "Friseur"]', validation_alias=_own("aliases")
    )
    form: Name | None = stated("a text that says what pattern means", validation_alias=_own("form"))


class _OwnFieldsFile(Strict):
    title: str = stated("a text", "")
    properties: dict[Name, Any] = stated("a table of fields, each a table of its own", {})
    required: list[Name] = stated('a list of fields, as in ["branch"]', [])
    additional: bool = stated("true or false", default=True, alias="additionalProperties")
    any_of: list[Any] | None = stated("a list", alias="anyOf")
    after: dict[str, str] | None = stated("a table of two times", alias="x-after")


# Keys without effect: those that only describe a schema, and those in a copy of the importer's.
_TOLD = frozenset({"description", "$schema", "$id", "$comment", "type"})
_ALSO_TOLD = frozenset(
    {"title", "$comment", "default", "examples", "deprecated", "items", "x-evidence", "x-roles"}
)
_WORDS = ("type", "format", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum",
          "description", "x-kind", "x-aliases", "x-form")  # fmt: skip
_IN_DOCUMENT = ("properties", "required", "additionalProperties")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFields:
    """
    The fields a user describes, each checked for itself but not yet against an object's fields.

    Messages about them begin with `where`. `properties` has what the user says of each field, with
    the keys of `schemas/*.json`. `closed` refuses mappings of unknown fields. `rules` are rules
    between fields, which a user may repeat but not change.
    """

    where: str
    properties: Mapping[str, Mapping[str, Any]]
    title: str = ""
    required: tuple[str, ...] = ()
    closed: bool = False
    rules: Mapping[str, Any] = field(default_factory=dict)
    sha256: str = field(default="", compare=False)


def load_own_fields(path: Path) -> OwnFields:
    """
    Return the fields in a JSON Schema file, such as `vorel-import schema OBJECT --json` prints.

    Raises `MappingError` that names the file and every key at fault.
    """
    content = read_content(path, "schema", "--schema")
    found: list[Message] = []
    sha256 = hashlib.sha256(content).hexdigest()
    own = read_own_fields(_load_json(content, path), f"{path}: ", found, sha256=sha256)
    if own is None:
        raise MappingError(faults_in(path, found), hint=HINT)
    return own


def _load_json(content: bytes, path: Path) -> Any:
    text = utf8_text(content, str(path), "schema")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise MappingError(
            "%(path)s: line %(line)s, column %(number)s: not JSON: %(text)s.",
            path=path,
            line=error.lineno,
            number=error.colno,
            text=error.msg,
            hint=HINT,
        ) from error
    except (ValueError, RecursionError) as error:  # thousands of digits, or of levels
        raise MappingError(
            "%(path)s: cannot be read: %(fault)s.",
            path=path,
            fault=getattr(error, "strerror", None) or type(error).__name__,
            hint=HINT,
        ) from None


def read_own_fields(
    document: Any, where: str, faults: list[Message], *, sha256: str = ""
) -> OwnFields | None:
    """Return the fields a schema describes, or None after adding each fault to `faults`."""
    if not isinstance(document, dict):
        faults.append(Message("it must be a table that contains the table properties."))
        return None
    before = len(faults)
    said = {key: value for key, value in document.items() if key not in _TOLD}
    read = checked(_OwnFieldsFile, said, faults, keys=_IN_DOCUMENT, otherwise=_OF_FIELDS)
    given = document.get("properties")
    properties = {
        name: _read_property(name, definition, faults)
        for name, definition in (given.items() if isinstance(given, dict) else ())
    }
    if read is None or len(faults) > before:
        return None
    return OwnFields(
        where=where,
        properties=properties,
        title=read.title,
        required=tuple(read.required),
        closed=not read.additional,
        rules=read.model_dump(by_alias=True, exclude_none=True, include={"any_of", "after"}),
        sha256=sha256,
    )


def _read_property(name: str, given: object, faults: list[Message]) -> dict[str, Any]:
    """Return the definition of a field with the keys of `schemas/*.json`, and add its faults."""
    where = f"properties.{name}"
    if not isinstance(given, dict):
        faults.append(Message('%(key)s: it must be a table, as in { type = "string" }.', key=where))
        return {}
    if not all(name.split(".")) or name.startswith(OWN_PREFIX):
        faults.append(
            Message(
                "%(key)s: the name must not have an empty part or begin with %(expected)s.",
                key=where,
                expected=OWN_PREFIX,
            )
        )
    said = {key: value for key, value in given.items() if key not in _ALSO_TOLD}
    read = checked(
        _Definition,
        said,
        faults,
        where=f"{where}.",
        keys=_WORDS,
        otherwise=Message(" The keys are %(names)s.", names=_WORDS),
    )
    if read is None:
        return {}
    if read.kind is not None and read.kind not in KINDS:
        faults.append(
            Message(
                "%(key)s.x-kind: there is no kind %(value)s.%(meant)s The kinds are %(names)s.",
                key=where,
                value=read.kind,
                meant=did_you_mean(read.kind, KINDS),
                names=[*KINDS],
            )
        )
        return {}
    plain = read.model_dump(by_alias=True, exclude_none=True, exclude={"kind", "aliases", "form"})
    own = {"x-kind": read.kind, "x-aliases": read.aliases, "x-form": read.form}
    return plain | {key: value for key, value in own.items() if value is not None}
