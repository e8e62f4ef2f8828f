"""Fields a user describes: read, checked and suggested like the importer's own."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from importer.core.errors import MappingError
from importer.core.locale.message import Message
from importer.core.records import Record, Rejected, Row
from importer.core.shared import OBJECTS
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.automatic import automatic_mapping
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.schema.extend import extended_document, extended_schema
from importer.mapper.schema.object_schema import load_document, load_schema
from importer.mapper.schema.own_fields import OwnFields, load_own_fields, read_own_fields
from importer.mapper.suggest.columns.choose import suggest_mapping

LEAD = """
object = "lead"
[fields]
name = "Client"
tier = "Tier"
"attributes.bedrooms" = "Beds"
[schema]
required = ["tier"]
[schema.properties]
tier = { enum = ["gold", "silver"] }
"attributes.bedrooms" = { type = "integer", maximum = 20 }
"""


def own(document: dict[str, Any], where: str = "") -> OwnFields:
    faults: list[Message] = []
    read = read_own_fields(document, where, faults)
    assert read is not None, faults
    return read


def properties(**fields: Any) -> OwnFields:
    return own({"properties": fields})


def mapped(text: str, **cells: str) -> Record | Rejected:
    mapping = parse_mapping(text.encode())
    return Mapper(mapping, "lead").map(Row(number=1, line=2, source="l.csv", values=cells))


def test_values_are_read_as_described() -> None:
    record = mapped(LEAD, Client="Ann", Tier="GOLD", Beds="3")
    assert isinstance(record, Record)
    assert record.fields == {"name": "Ann", "tier": "gold", "attributes": {"bedrooms": 3}}


def test_every_limit_is_held() -> None:
    refused = mapped(LEAD, Client="Ann", Tier="bronze", Beds="21")
    assert isinstance(refused, Rejected)
    assert [error.message for error in (refused.error, *refused.more)] == [
        "tier: 'bronze' (column 'Tier') is not one of gold, silver.",
        "attributes.bedrooms: '21' (column 'Beds') is not a whole number, at most 20.",
    ]


def test_a_required_field_must_be_there() -> None:
    refused = mapped(LEAD, Client="Ann", Tier="", Beds="1")
    assert isinstance(refused, Rejected)
    assert refused.error.code == "missing_required"
    with pytest.raises(MappingError, match="every lead needs tier"):
        mapped(LEAD.replace('tier = "Tier"\n', ""), Client="Ann")


@pytest.mark.parametrize(
    ("said", "good", "bad"),
    [
        ({"format": "date"}, "2024-05-31", "2024-02-30"),
        ({"format": "date-time"}, "2024-05-31T09:30:00+04:00", "2024-05-31"),
        ({"format": "uuid"}, "123e4567-e89b-12d3-a456-426614174000", "12"),
        ({"type": "boolean"}, "yes", "maybe"),
        ({"type": "integer", "minimum": 1}, "7", "0"),
        ({"kind": "decimal"}, "12.50", "1,234"),
        ({"maxLength": 3}, "abc", "abcd"),
        ({"minLength": 2}, "ab", "a"),
        ({"pattern": "^[A-Z]{3}$", "x-form": "three capitals"}, "DXB", "dxb"),
    ],
)
def test_each_kind_of_description_refuses_what_it_does_not_allow(
    said: dict[str, Any], good: str, bad: str
) -> None:
    mapping = parse_mapping(b'[fields]\nname = "N"\nextra = "X"').with_fields(
        properties(extra=said)
    )
    mapper = Mapper(mapping, "lead")
    rows = [Row(number=1, line=2, source="l", values={"N": "A", "X": one}) for one in (good, bad)]
    assert [type(mapper.map(row)) for row in rows] == [Record, Rejected]


def test_names_that_python_uses_itself_may_be_fields() -> None:
    names = ("schema", "model_config", "copy", "class", "_hidden")
    schema = extended_schema("lead", [own({"properties": {name: {} for name in names}})])
    assert set(names) <= schema.fields.keys()
    schema.model.model_validate({"name": "Ann", "copy": "a", "model_config": "b"})


def test_headers_are_known_by_the_aliases() -> None:
    fields = properties(tier={"aliases": ["Stufe"]}, phone={"x-aliases": ["Rückrufbitte an"]})
    columns = ["Name", "STUFE", "Rückrufbitte an"]
    found = suggest_mapping(columns, "contact", own=fields)
    assert [one.field for one in found] == ["name", "tier", "phone"]
    assert {one.confidence for one in found} == {"certain"}
    mapping = automatic_mapping(columns, "contact", fields)
    assert [one.field for one in mapping.fields] == ["name", "tier", "phone"]


def test_a_header_you_give_is_taken_from_the_field_that_had_it() -> None:
    fields = properties(salutation={"aliases": ["Title", "Customer Name"]})
    found = suggest_mapping(["Title", "Customer Name", "E-Mail"], "contact", own=fields)
    assert [one.field for one in found] == ["salutation", None, "email"]


def test_what_is_said_of_a_known_field_adds_to_it_unless_it_says_what_it_is() -> None:
    known = load_schema("lead").fields["source"]
    added = extended_schema("lead", [properties(source={"maxLength": 80})]).fields["source"]
    assert (added.max_length, added.kind, added.aliases) == (80, known.kind, known.aliases)
    words = extended_schema("case", [properties(status={"enum": ["open"]})]).fields["status"]
    assert (words.kind, words.enum) == ("enum", ("open",))
    anew = extended_schema("lead", [properties(status={"type": "string"})]).fields["status"]
    assert (anew.enum, anew.kind, anew.evidence) == ((), "text", "vendor")


def test_the_later_description_wins() -> None:
    first, second = properties(a={"maxLength": 1}), properties(a={"maxLength": 2})
    assert extended_schema("case", [first, second]).fields["a"].max_length == 2
    text = b'[fields]\na = "A"\n[schema.properties]\na = { maxLength = 3 }'
    mapping = parse_mapping(text).with_fields(first)
    assert Mapper(mapping, "case").schema.fields["a"].max_length == 3


@pytest.mark.parametrize("name", OBJECTS)
def test_a_copy_of_an_objects_schema_changes_nothing(name: str) -> None:
    copy = own(load_document(name))
    assert extended_document(name, [copy]) == load_document(name)
    other = "case" if name != "case" else "lead"
    with pytest.raises(MappingError, match=f"describes a {name.title()}"):
        extended_schema(other, [copy])


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"requred": []}, "requred: there is no such key. Did you mean 'required'?"),
        ({"fields": {}}, "fields: there is no such key. Describe fields in properties."),
        ({"required": "a"}, 'required: it must be a list of fields, as in ["branch"].'),
        (
            {"properties": {"a": "x"}},
            'properties.a: it must be a table, as in { type = "string" }.',
        ),
        ({"properties": {"a": {"tpye": "string"}}}, "properties.a.tpye: there is no such key. Did"),
        ({"properties": {"a": {"type": "number"}}}, "properties.a.type: it must be one of string"),
        ({"properties": {"a": {"kind": "fone"}}}, "properties.a.x-kind: there is no kind 'fone'."),
        ({"properties": {"a": {"minLength": -1}}}, "properties.a.minLength: it must be a whole"),
        (
            {"properties": {"a": {"multipleOf": 3}}},
            "properties.a.multipleOf: there is no such key.",
        ),
        (
            {"properties": {"vorel_row": {}}},
            "properties.vorel_row: the name must not have an empty",
        ),
        ({"properties": {"a..b": {}}}, "properties.a..b: the name must not have an empty part"),
        ([], "it must be a table that contains the table properties."),
    ],
)
def test_a_mistake_is_named_by_its_key(said: Any, fault: str) -> None:
    faults: list[Message] = []
    assert read_own_fields(said, "", faults) is None
    assert len(faults) == 1
    assert faults[0].startswith(fault)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"a": {"type": "integer", "maxLength": 4}}, "a.maxLength: it applies to the type string"),
        (
            {"a": {"minimum": 5, "maximum": 2, "type": "integer"}},
            "a.minimum: it is greater than maximum.",
        ),
        ({"a": {"kind": "enum"}}, "a.enum: the kind enum needs a list of allowed values."),
        (
            {"a": {"kind": "tags", "type": "string"}},
            "a.type: the kind tags has the type array, not string.",
        ),
        (
            {"a": {"pattern": "("}},
            "a.pattern: it is not a valid expression: error: unclosed group.",
        ),
        ({"a": {"aliases": ["Email"]}}, "a.x-aliases: 'Email' is already a header of email."),
        ({"x.y": {}}, 'x.y: x is not an object; add x = { type = "object" }.'),
    ],
)
def test_a_contradiction_is_named_with_the_file(said: dict[str, Any], fault: str) -> None:
    with pytest.raises(MappingError) as caught:
        extended_schema("lead", [own({"properties": said}, "own.json: ")])
    assert caught.value.message.startswith(f"own.json: properties.{fault}")


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        ({"required": ["emial"]}, "required: there is no field 'emial'. Did you mean 'email'?"),
        ({"anyOf": []}, "anyOf: rules between fields cannot be changed; remove this key."),
    ],
)
def test_rules_that_cannot_be_are_refused(said: dict[str, Any], fault: str) -> None:
    with pytest.raises(MappingError) as caught:
        extended_schema("contact", [own(said, "own.json: ")])
    assert caught.value.message == f"own.json: {fault}"


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b'{"properties" {}}', "line 1, column 15: not JSON"),
        (b"{\n\xff}", "line 2 is not UTF-8."),
        (b'{"requred": []}', "requred: there is no such key."),
        (None, "the schema file cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(
    tmp_path: Path, content: bytes | None, fault: str
) -> None:
    path = tmp_path / "own.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(MappingError) as caught:
        load_own_fields(path)
    assert caught.value.message.startswith(f"{path}: {fault}")


def test_the_mappings_fingerprint_changes_with_the_fields(tmp_path: Path) -> None:
    path = tmp_path / "own.json"
    seen = {parse_mapping(b'[fields]\na = "A"').sha256}
    for limit in (1, 2):
        path.write_text(json.dumps({"properties": {"a": {"maxLength": limit}}}))
        seen.add(parse_mapping(b'[fields]\na = "A"').with_fields(load_own_fields(path)).sha256)
    text = b'[fields]\na = "A"\n[schema.properties]\na = { maxLength = 3 }'
    assert parse_mapping(text).sha256 == hashlib.sha256(text).hexdigest()
    assert len(seen) == 3


def test_a_closed_schema_and_strict_refuse_fields_nobody_described() -> None:
    text = '[fields]\nname = "N"\nplate = "P"'
    closed = text + "\n[schema]\nadditionalProperties = false"
    open_mapper = Mapper(parse_mapping(text.encode()), "lead")
    assert (
        "plate is not a known field of lead; it is sent" in open_mapper.check_columns(["N", "P"])[0]
    )
    for mapping, strict in ((text, True), (closed, False)):
        with pytest.raises(
            MappingError, match="plate is not a known field of lead; nothing is sent"
        ):
            Mapper(parse_mapping(mapping.encode()), "lead", strict=strict)
    described = closed + "\n[schema.properties.plate]"
    mapper = Mapper(parse_mapping(described.encode()), "lead", strict=True)
    assert mapper.check_columns(["N", "P"]) == []
