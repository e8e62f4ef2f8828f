"""Mapping by headers alone: exact names and aliases, anything less is refused with a start."""

from __future__ import annotations

import pytest

from importer.core.errors import MappingError
from importer.mapper.mapping.automatic import automatic_mapping
from importer.mapper.mapping.model import FieldMap


def pairs(mapping: FieldMap) -> dict[str, str]:
    return {field.columns[0]: field.field for field in mapping.fields}


@pytest.mark.parametrize(
    ("columns", "object_", "targets"),
    [
        (["first_name", "LAST NAME", "E-mail"], "contact", ["first_name", "last_name", "email"]),
        (["Vorname", "Nachname", "PLZ"], "contact", ["first_name", "last_name", "postal_code"]),
        (["Prénom", "Nom de famille", "Courriel"], "contact", ["first_name", "last_name", "email"]),
        (["الاسم الكامل", "رقم الجوال"], "contact", ["name", "mobile_phone"]),
        (["name", "attributes.bedrooms"], "lead", ["name", "attributes.bedrooms"]),
        (["name", "attributes", "attributes.area"], "lead", ["name", None, "attributes.area"]),
        (["Name", "vorel_row", "vorel_hint"], "contact", ["name", None, None]),
    ],
)
def test_exact_headers(columns: list[str], object_: str, targets: list[str | None]) -> None:
    expected = {
        column: target
        for column, target in zip(columns, targets, strict=True)
        if target is not None
    }
    mapping = automatic_mapping(columns, object_)
    assert pairs(mapping) == expected
    assert mapping.object == object_
    assert mapping.path is None


def test_the_same_headers_are_the_same_mapping() -> None:
    first, again = (automatic_mapping(["Name", "Phone"], "contact") for _ in range(2))
    assert first == again
    assert first.sha256 != automatic_mapping(["Name", "Mobile"], "contact").sha256


def test_what_does_not_match_is_refused_with_the_command_that_suggests() -> None:
    with pytest.raises(MappingError) as caught:
        automatic_mapping(
            ["First Name", "E-mail", "Email 1", "Emirate ID", "phnoe", 'a "b"'],
            "contact",
            source="old list.csv",
        )
    assert caught.value.message.splitlines() == [
        "The column 'Emirate ID' is not a name or an alias of a field of contact.",
        "The column 'phnoe' is not a name or an alias of a field of contact. Did you mean 'phone'?",
        "The column 'a \"b\"' is not a name or an alias of a field of contact.",
        "The columns 'E-mail' and 'Email 1' are both email; only one can be.",
    ]
    assert str(caught.value.hint).splitlines()[-1] == (
        "  vorel-import map 'old list.csv' --object contact -o mapping.toml"
    )


def test_a_source_without_columns() -> None:
    with pytest.raises(MappingError, match="no columns"):
        automatic_mapping(["vorel_row"], "contact")


def test_dotted_headers_match_objects_only() -> None:
    with pytest.raises(MappingError, match=r"'email\.work'"):
        automatic_mapping(["email.work"], "lead")
