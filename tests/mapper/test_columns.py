"""Columns a mapping reads against those a source has."""

from __future__ import annotations

import pytest

from importer.core.errors import ColumnsMissing, MappingError
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping


def mapper(fields: str, object_: str = "contact") -> Mapper:
    return Mapper(parse_mapping(f"[fields]\n{fields}".encode()), object_)


def test_a_file_with_exactly_the_mapped_columns_needs_no_word() -> None:
    made = mapper('name = "N"\nemail = "E"\nnotes = { join = ["E", "F"] }')
    assert made.check_columns(["F", "E", "N", "vorel_row", "vorel_hint"]) == []


def test_columns_that_are_sent_only_where_another_is_empty_are_named() -> None:
    made = mapper('email = { columns = ["E", "F", "G"] }\nnotes = "G"')
    expected = ["Sent only where 'E' gives no email: 'F'."]
    assert made.check_columns(["E", "F", "G"]) == expected
    assert made.check_keys({"E", "F", "G"}) == expected


def test_columns_that_are_not_mapped_are_told() -> None:
    assert mapper('name = "N"').check_columns(["N", "Fax", "Sex"]) == [
        "Columns that are not mapped and not sent: 'Fax', 'Sex'."
    ]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ('name = "Full Nmae"', "the file has no column 'Full Nmae'. Did you mean 'Full Name'?"),
        ('name = "FULL_NAME"', "the file has no column 'FULL_NAME'. Did you mean 'Full Name'?"),
        ('name = "Zebra"', "the file has no column 'Zebra'."),
        ('name = "Full Name"\non_error = "omit"', "'omit'. on_error goes into the line of a field"),
        ('name = { template = "{Full Name} {Zebra}" }', "no column 'Zebra'."),
        ('name = { columns = ["Full Name", "Zebra"] }', "no column 'Zebra'."),
    ],
)
def test_a_mapped_column_that_is_not_there_stops(fields: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        mapper(fields).check_columns(["Full Name", "E-mail", "vorel_row"])
    assert message in caught.value.message
    assert caught.value.hint == "The file's columns are 'Full Name', 'E-mail'."


def test_of_very_many_missing_columns_the_first_are_named() -> None:
    fields = 'name = "Column 0"\n'
    fields += "".join(f'"attributes.a{n}" = "Column {n}"\n' for n in range(1, 2000))
    with pytest.raises(ColumnsMissing) as caught:
        mapper(fields).check_columns(["x" * 1_000_000, *(f"Other {n}" for n in range(5))])

    told = caught.value.message.splitlines()
    assert len(told) == 51
    assert told[49].endswith("the file has no column 'Column 49'.")
    assert told[50].endswith("the file lacks 1,950 more columns.")
    assert len(caught.value.columns) == 2000


def test_names_that_are_not_canonical_are_sent_and_told() -> None:
    made = mapper('name = "N"\nemial = "E"\nplate = "P"\n"attributes.beds" = "B"')
    assert made.check_columns(["N", "E", "P", "B"]) == [
        "emial is not a known field of contact; it is sent all the same. Did you mean 'email'?",
        "plate is not a known field of contact; it is sent all the same.",
        "attributes.beds is not a known field of contact; it is sent all the same.",
    ]


def test_keys_need_not_be_in_every_row() -> None:
    made = mapper('name = "person.name"\nemail = "person.email"\nnotes = "remark"')
    assert made.check_keys({"person": 0, "person.name": 0, "person.email": 0}) == [
        "No row has 'remark', which the mapping reads."
    ]


@pytest.mark.parametrize("seen", [["person"], ["person.name"], ["person.name.first"]])
def test_keys_may_be_seen_at_any_depth(seen: list[str]) -> None:
    assert mapper('name = "person.name"').check_keys(seen) == []


def test_keys_that_are_not_mapped_are_told() -> None:
    made = mapper('name = "person.name"\ntags = "labels"')
    seen = ["person", "person.name", "person.age", "labels", "labels.x", "id", "vorel_row"]
    assert made.check_keys(seen) == ["Keys that are not mapped and not sent: 'id', 'person.age'."]


def test_a_mistyped_key_stops() -> None:
    with pytest.raises(MappingError, match="no row has a key 'emial'") as e:
        mapper('name = "name"\nemail = "emial"').check_keys(["name", "email"])
    assert "Did you mean 'email'?" in e.value.message
    assert e.value.hint == "The keys seen are 'email', 'name'."


def test_a_mapped_key_is_not_what_another_was_meant_to_be() -> None:
    made = mapper('email = { columns = ["email", "email_2"] }')
    assert made.check_keys(["email"]) == ["No row has 'email_2', which the mapping reads."]


def test_keys_not_canonical_are_told() -> None:
    assert mapper('name = "n"\nplate = "p"').check_keys(["n", "p"]) == [
        "plate is not a known field of contact; it is sent all the same."
    ]


def test_a_renamed_column_is_found_by_what_it_means() -> None:
    mapping = parse_mapping(b'[fields]\nmobile_phone = "Mobile"\nname = "Name"\n')
    mapper = Mapper(mapping, "contact")
    with pytest.raises(MappingError, match=r"It may be called 'Handynummer' now"):
        mapper.check_columns(["Name", "Handynummer", "Ort"])


def test_of_many_unknown_fields_the_first_are_named() -> None:
    fields = "".join(f'f{n} = "c{n}"\n' for n in range(60))
    made = mapper(f'name = "N"\n{fields}')

    told = made.check_columns(["N", *(f"c{n}" for n in range(60))])

    assert len(told) == 51
    assert told[-1] == "10 more are not known fields of contact."
