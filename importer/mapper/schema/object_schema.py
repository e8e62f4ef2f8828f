"""Loads the canonical fields of an object, and builds the model that checks its records."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, cached_property, lru_cache
from typing import Annotated, Any, Literal, Self

from msgspec import Struct, convert
from msgspec import field as member
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, create_model

from importer.core.errors import MappingError
from importer.core.locale.message import Message
from importer.core.resources import data_folder
from importer.core.shared import OBJECTS
from importer.mapper.headers.names import did_you_mean, normalize_header
from importer.mapper.headers.words import exact_phrases

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)


class FieldSpec(Struct, frozen=True, kw_only=True, dict=True):
    """
    One canonical field, as a JSON Schema with the importer's own `x-` keys describes it.

    `kind` is its `x-kind`, and `json_type` the JSON type that is sent. `roles` say what the field
    is (`x-roles`): the `first` name of a person, a `phone`, the `start` of an appointment.
    `evidence` is `vendor` if another endpoint of Vorel uses the name for this object, `own` if the
    user has described the field, else `convention`. `form` says in words what `pattern` means.
    """

    name: str
    kind: str = member(name="x-kind")
    json_type: str = member(name="type")
    description: str
    evidence: str = member(name="x-evidence")
    roles: tuple[str, ...] = member(name="x-roles", default=())
    words: tuple[str, ...] = member(name="x-words", default=())
    words_left_out: tuple[str, ...] = member(name="x-words-except", default=())
    more_aliases: tuple[str, ...] = member(name="x-aliases", default=())
    format: str | None = None
    enum: tuple[str, ...] = ()
    pattern: str | None = None
    form: str | None = member(name="x-form", default=None)
    min_length: int | None = member(name="minLength", default=None)
    max_length: int | None = member(name="maxLength", default=None)
    minimum: int | None = None
    maximum: int | None = None

    @classmethod
    def of(cls, name: str, definition: Mapping[str, Any]) -> Self:
        """Return the field of a `definition` in a JSON Schema."""
        return convert({**definition, "name": name}, cls)

    @cached_property
    def aliases(self) -> tuple[str, ...]:
        """The headers that mean the field, besides its name: phrases of `words`, and others."""
        phrases = (one for meaning in self.words for one in exact_phrases(meaning))
        forms = set(map(normalize_header, {self.name, *self.words_left_out}))
        aliases = []
        for alias in (*phrases, *self.more_aliases):
            form = normalize_header(alias)
            if form not in forms:
                forms.add(form)
                aliases.append(alias)
        return tuple(aliases)

    @property
    def limits(self) -> str:
        """The limits of the field as a message, or an empty text if it has none."""
        if self.enum:
            return Message("one of %(words)s", words=self.enum)
        if self.form:
            return Message(self.form)
        if self.pattern:
            return Message("like %(expected)s", expected=self.pattern)
        if self.json_type == "integer":
            return _range(self.minimum, self.maximum)
        return _range(self.min_length, self.max_length, of_texts=True)

    @property
    def has_length_only(self) -> bool:
        """Whether the field takes every text within its limits of length."""
        return self.json_type == "string" and not (
            self.enum or self.pattern or self.format in _FORMATS
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSchema:
    """
    The canonical fields of one CRM object.

    A record needs at least one of the fields in `any_of`, if there are any. `after` has pairs of
    fields, the first of which must be the later time. `inner` are the dotted names of fields inside
    an object, and `claimed` the normalized headers that a user has given to a field. A `closed`
    schema refuses mappings of unknown fields. `model` is the pydantic model that checks records:
    it reports every fault, and lets unknown fields pass.
    """

    name: str
    title: str
    description: str
    fields: Mapping[str, FieldSpec]
    required: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    after: tuple[tuple[str, str], ...] = ()
    inner: tuple[str, ...] = ()
    claimed: frozenset[str] = frozenset()
    closed: bool = False
    model: type[BaseModel] = field(repr=False, compare=False)

    def spec(self, target: str) -> FieldSpec | None:
        """Return the field `target`, or None. A dotted name has one only if a user described it."""
        return self.fields.get(target)

    def field_of(self, role: str) -> str | None:
        """Return the field that has a role, or None if no field of the object has it."""
        return next((one.name for one in self.fields.values() if role in one.roles), None)

    def fields_of(self, roles: Collection[str]) -> frozenset[str]:
        """Return the fields that have one of some roles."""
        found = (one for one in self.fields.values() if not set(one.roles).isdisjoint(roles))
        return frozenset(one.name for one in found)

    def knows(self, target: str) -> bool:
        """Return whether `target` is a canonical field, or a key inside one that is an object."""
        root, dot, _ = target.partition(".")
        spec = self.fields.get(root)
        return spec is not None and (not dot or spec.json_type == "object")

    def suggestion(self, target: str) -> str:
        """Return a sentence with the canonical name that was probably meant, or nothing."""
        return did_you_mean(target.partition(".")[0], self.fields)


@lru_cache(maxsize=len(OBJECTS))
def load_schema(object_: str) -> ObjectSchema:
    """
    Return the schema of an object. It is read once, from `schemas/<object>.json`.

    Raises `MappingError` for an object that does not exist, with the name probably meant.
    """
    return build_schema(object_, _read_document(object_))


def load_document(object_: str) -> dict[str, Any]:
    """Return the JSON Schema of an object. Raises `MappingError` like `load_schema`."""
    document = _read_document(object_)
    properties = {
        name: {
            **{key: value for key, value in one.items() if key not in _WORDS},
            "x-aliases": list(FieldSpec.of(name, one).aliases),
        }
        for name, one in document["properties"].items()
    }
    return {**document, "properties": properties}


def _read_document(object_: str) -> dict[str, Any]:
    if object_ not in OBJECTS:
        raise MappingError(
            "There is no object %(value)s.%(meant)s",
            value=object_,
            meant=did_you_mean(object_, OBJECTS),
            hint=Message("The objects are %(names)s.", names=OBJECTS),
        )
    text = data_folder("schemas").joinpath(f"{object_}.json").read_text(encoding="utf-8")
    document: dict[str, Any] = json.loads(text)
    return document


_WORDS = ("x-words", "x-words-except")


@cache
def fields_of_kind(kind: str) -> frozenset[str]:
    """Return the names of all objects' fields of a kind, such as `phone`."""
    documents = map(_read_document, OBJECTS)
    return frozenset(
        name
        for document in documents
        for name, one in document["properties"].items()
        if one["x-kind"] == kind
    )


def build_schema(name: str, document: Mapping[str, Any]) -> ObjectSchema:
    """Return the schema of `name` from a JSON Schema with the importer's own `x-` keys."""
    fields = {key: FieldSpec.of(key, value) for key, value in document["properties"].items()}
    required = tuple(document.get("required", ()))
    return ObjectSchema(
        name=name,
        title=document["title"],
        description=document["description"],
        fields=fields,
        required=required,
        any_of=tuple(choice["required"][0] for choice in document.get("anyOf", ())),
        after=tuple(document.get("x-after", {}).items()),
        inner=tuple(name for name in fields if "." in name),
        closed=not document.get("additionalProperties", True),
        model=_build_model(document["title"], fields, required),
    )


def _range(low: int | None, high: int | None, *, of_texts: bool = False) -> str:
    """Return limits as a message, or an empty text if there are none."""
    last = low if high is None else high
    if last is None:
        return ""
    code = "%(number)s character" if last == 1 else "%(number)s characters"
    counted = Message(code, number=last) if of_texts else last
    if low is not None and high is not None:
        return Message("%(least)s to %(most)s", least=low, most=counted)
    return Message("at most %(most)s" if low is None else "at least %(most)s", most=counted)


def _build_model(
    title: str, fields: Mapping[str, FieldSpec], required: tuple[str, ...]
) -> type[BaseModel]:
    """Return a strict model, since values are converted by now: "3" in place of 3 is a fault."""
    members: dict[str, Any] = {
        # A field without a value is absent, so None is only a default. The name is an alias,
        # since Python or pydantic may use the name of a user's own field for something else.
        f"field_{at}": (_annotation(spec), Field(... if name in required else None, alias=name))
        for at, (name, spec) in enumerate(fields.items())
    }
    config = ConfigDict(extra="allow", strict=True, hide_input_in_errors=True)
    return create_model(title, __config__=config, **members)


def _annotation(spec: FieldSpec) -> Any:
    if spec.enum:
        return Literal[spec.enum]
    if spec.json_type == "object":
        return dict[str, Any]
    if spec.json_type == "array":
        return list[str]
    if spec.json_type == "boolean":
        return bool
    if spec.json_type == "integer":
        return Annotated[int, Field(ge=spec.minimum, le=spec.maximum)]
    limits = Field(min_length=spec.min_length, max_length=spec.max_length, pattern=spec.pattern)
    check = _FORMATS.get(spec.format or "")
    return Annotated[str, limits, AfterValidator(check)] if check else Annotated[str, limits]


def _is_date(text: str) -> str:
    if not _DATE.fullmatch(text):
        raise ValueError("not YYYY-MM-DD")
    date.fromisoformat(text)
    return text


def _is_datetime(text: str) -> str:
    if not _DATETIME.fullmatch(text):
        raise ValueError("not RFC 3339")
    datetime.fromisoformat(text)
    return text


def _is_uuid(text: str) -> str:
    if not _UUID.fullmatch(text):
        raise ValueError("not a UUID")
    return text


# The formats `email` and `uri` are not checked here: the CRM decides what it accepts.
_FORMATS = {"date": _is_date, "date-time": _is_datetime, "uuid": _is_uuid}


def match_header(header: str, schema: ObjectSchema) -> str | None:
    """Return the field that a header names exactly, or None. `attributes.beds` is its own field."""
    root, dot, rest = header.partition(".")
    if dot and rest and root in schema.fields and schema.knows(header):
        return header
    known = _forms(tuple((spec.name, spec.aliases) for spec in schema.fields.values()))
    return known.get(normalize_header(header))


@lru_cache(maxsize=16)
def _forms(fields: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    """Return the field of each name and alias, by their normalized form."""
    forms: dict[str, str] = {}
    for name, aliases in fields:
        for one in (name, *aliases):
            forms.setdefault(normalize_header(one), name)
    return forms
