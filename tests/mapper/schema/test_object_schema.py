"""The canonical fields: valid JSON Schema files, and models that agree with them."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from importer.core.errors import MappingError
from importer.core.locale.language import language
from importer.core.locale.titles import field_title
from importer.core.objects import OBJECT_FACTS
from importer.core.resources import data_folder
from importer.core.shared import OBJECTS
from importer.core.verdict import PART_WORDS
from importer.mapper.headers.names import closest, normalize_header
from importer.mapper.headers.words import load_phrases
from importer.mapper.schema.object_schema import build_schema, load_schema
from importer.sandbox import payloads

KINDS = {
    "text": "string",
    "ref": "string",
    "integer": "integer",
    "decimal": "string",
    "boolean": "boolean",
    "date": "string",
    "datetime": "string",
    "email": "string",
    "phone": "string",
    "enum": "string",
    "tags": "array",
    "url": "string",
    "uuid": "string",
    "object": "object",
}


def document(name: str) -> dict[str, Any]:
    text = data_folder("schemas").joinpath(f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.mark.parametrize("name", OBJECTS)
def test_each_file_is_a_json_schema_with_our_keys(name: str) -> None:
    content = document(name)
    assert jsonschema_rs.meta.is_valid(content)
    assert content["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert content["additionalProperties"] is True
    for field, spec in content["properties"].items():
        assert KINDS[spec["x-kind"]] == spec["type"], field
        assert spec["x-evidence"] in {"vendor", "convention"}, field
        assert spec["description"].endswith("."), field
        assert ("pattern" in spec) == ("x-form" in spec), field


def test_all_that_is_known_of_an_object_is_about_its_fields() -> None:
    assert tuple(OBJECT_FACTS) == OBJECTS == payloads.OBJECTS
    fields = {field for name in OBJECTS for field in document(name)["properties"]}
    for facts in OBJECT_FACTS.values():
        named = [facts.topic, facts.start, *(one for some in facts.parts.values() for one in some)]
        assert {*filter(None, named)} <= fields
        assert {*facts.needed} <= facts.parts.keys()
        assert {*facts.record_words.split(), *facts.person_words.split()} <= load_phrases().keys()
        assert facts.parts.keys() <= PART_WORDS.keys()


def test_each_field_has_a_title() -> None:
    for name in OBJECTS:
        for field in document(name)["properties"]:
            assert field_title(field, language("en")) != field


@pytest.mark.parametrize("name", OBJECTS)
def test_no_header_means_two_fields(name: str) -> None:
    meant: dict[str, str] = {}
    for spec in load_schema(name).fields.values():
        for header in (spec.name, *spec.aliases):
            form = normalize_header(header)
            assert form, header
            assert form not in meant, f"{header}: {spec.name} and {meant.get(form)}"
            meant[form] = spec.name


def test_the_limits_the_vendor_shows() -> None:
    lead, appointment = load_schema("lead"), load_schema("appointment")
    assert {name: spec.limits for name, spec in lead.fields.items() if spec.limits} == {
        "name": "at most 200 characters",
        "email": "at most 254 characters",
        "phone": "at most 32 characters",
        "intent": "at most 40 characters",
        "timeline": "at most 40 characters",
        "qualification_score": "0 to 100",
        "status": "one of new, qualified, booked, converted, lost",
        "source": "at most 40 characters",
    }
    assert appointment.required == (
        "customer_name",
        "customer_phone",
        "scheduled_start",
        "scheduled_end",
    )
    assert appointment.fields["customer_phone"].limits == "5 to 32 characters"
    assert appointment.after == (("scheduled_end", "scheduled_start"),)
    evidence = {
        name: {spec.evidence for spec in load_schema(name).fields.values()} for name in OBJECTS
    }
    assert evidence["lead"] == evidence["appointment"] == {"vendor"}
    assert evidence["contact"] == evidence["deal"] == evidence["case"] == {"convention"}


VALUES = st.one_of(
    st.text(max_size=6),
    st.integers(-2, 102),
    st.booleans(),
    st.sampled_from(
        [
            "new",
            "confirmed",
            "x" * 40,
            "x" * 41,
            "1250.00",
            "1,250",
            "AED",
            "2024-05-31",
            "2024-02-30",
            "2024-05-31T09:30:00+04:00",
            "2024-05-31T09:30:00",
            "123e4567-e89b-12d3-a456-426614174000",
        ]
    ),
    st.lists(st.text(max_size=3), max_size=2),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@pytest.mark.parametrize("name", OBJECTS)
@given(data=st.data())
def test_model_and_file_agree(name: str, data: st.DataObject) -> None:
    schema = load_schema(name)
    content = {key: value for key, value in document(name).items() if key != "anyOf"}
    # Whether a text is an address or a link is left to the CRM.
    for spec in content["properties"].values():
        if spec.get("format") in {"email", "uri"}:
            del spec["format"]
    names = st.sampled_from([*schema.fields, "of_my_own"])
    record = data.draw(st.dictionaries(names, VALUES, max_size=5))
    validator = jsonschema_rs.validator_for(content, validate_formats=True)
    wrong = {
        str(error.instance_path[0])
        for error in validator.iter_errors(record)
        if error.instance_path
    }
    absent = {name for name in schema.required if name not in record}
    try:
        schema.model.model_validate(record)
        found = set()
    except ValidationError as error:
        found = {str(fault["loc"][0]) for fault in error.errors()}
    assert found == wrong | absent


@pytest.mark.parametrize(
    ("target", "known"),
    [
        ("email", True),
        ("attributes", True),
        ("attributes.bedrooms", True),
        ("attributes.a.b", True),
        ("email.work", False),
        ("emial", False),
        ("attribute.bedrooms", False),
    ],
)
def test_which_names_are_canonical(target: str, known: bool) -> None:
    assert load_schema("lead").knows(target) is known


def test_unknown_names_bring_a_suggestion() -> None:
    lead = load_schema("lead")
    assert lead.suggestion("emial") == " Did you mean 'email'?"
    assert lead.suggestion("attribute.bedrooms") == " Did you mean 'attributes'?"
    assert lead.suggestion("zzz") == ""


def test_an_object_that_does_not_exist() -> None:
    with pytest.raises(MappingError, match=r"no object 'contacts'\. Did you mean 'contact'\?"):
        load_schema("contacts")


def test_a_schema_of_ones_own() -> None:
    common = {"description": "A number.", "x-evidence": "convention", "x-aliases": []}
    integer = {"type": "integer", "x-kind": "integer", **common}
    text = {"type": "string", "x-kind": "text", **common}
    pets = build_schema(
        "pet",
        {
            "title": "Pet",
            "description": "An animal.",
            "properties": {
                "age": {**integer, "minimum": 0},
                "legs": {**integer, "maximum": 4},
                "name": {**text, "minLength": 1},
                "vaccinated": {**text, "type": "boolean", "x-kind": "boolean"},
            },
        },
    )
    assert [spec.limits for spec in pets.fields.values()] == [
        "at least 0",
        "at most 4",
        "at least 1 character",
        "",
    ]
    pets.model.model_validate({"age": 3, "legs": 4, "name": "Rex", "vaccinated": True})
    with pytest.raises(ValidationError):
        pets.model.model_validate({"vaccinated": "yes"})


@pytest.mark.parametrize(
    ("header", "form"),
    [
        ("E-Mail Address", "emailaddress"),
        ("first_name", "firstname"),
        ("Straße", "strasse"),
        ("ＮＡＭＥ", "name"),
        ("رقم الهاتف", "رقمالهاتف"),
        ("Tel.", "tel"),
        ("फ़ोन", normalize_header("फ़ोन")),
        ("—", ""),
    ],
)
def test_header_forms(header: str, form: str) -> None:
    assert normalize_header(header) == form


@pytest.mark.parametrize(
    ("name", "meant"), [("e mail", "email"), ("fone", "phone"), ("quux", None), ("", None)]
)
def test_closest(name: str, meant: str | None) -> None:
    assert closest(name, ["email", "phone", "city"]) == meant
