"""`on_error = "omit"`: a bad value is left out and told, and no row is sent that must not be."""

from __future__ import annotations

from typing import Any

import pytest

from importer.core.errors import MappingError
from importer.core.records import Record, Rejected, Row
from importer.mapper.cell import CUT_OFF, LEFT_OUT
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping

FIELDS = """
name = "Name"
phone = { column = "Phone", type = "phone", region = "AE", on_error = "omit" }
qualification_score = { column = "Score", on_error = "omit" }
status = { column = "Status", values = { "Hot" = "qualified" }, on_error = "omit" }
source = { column = "Source", on_error = "omit" }
"attributes.beds" = { column = "Beds", type = "integer", on_error = "omit" }
"""
GOOD = {"Name": "Ann", "Phone": "050 123 4567", "Score": "70", "Status": "hot", "Source": "web"}


def mapper(fields: str, object_: str = "lead", head: str = "") -> Mapper:
    return Mapper(parse_mapping(f"{head}\n[fields]\n{fields}".encode()), object_)


def row(values: dict[str, Any]) -> Row:
    return Row(number=1, line=2, source="l.csv", values=values)


@pytest.mark.parametrize(
    ("column", "bad", "field"),
    [
        ("Phone", "9.71501E+11", "phone"),
        ("Score", "many", "qualification_score"),
        ("Score", "140", "qualification_score"),  # read, and beyond the schema's limit
        ("Status", "Lukewarm", "status"),
        ("Source", "x" * 41, "source"),
        ("Beds", "two", "attributes.beds"),
    ],
)
def test_the_row_is_sent_without_the_bad_value(column: str, bad: str, field: str) -> None:
    whole, _ = mapper(FIELDS).map_with_changes(row({**GOOD, "Beds": "2"}))
    record, changes = mapper(FIELDS).map_with_changes(row({**GOOD, "Beds": "2", column: bad}))
    assert isinstance(whole, Record)
    assert isinstance(record, Record)
    root = field.partition(".")[0]
    assert record.fields.get(root) in (None, {})
    assert {k: v for k, v in record.fields.items() if k != root} == {
        k: v for k, v in whole.fields.items() if k != root
    }
    assert (whole.left_out, record.left_out) == ((), (field,))
    (change,) = (one for one in changes if one.field == field)
    assert (change.what, change.before, change.after) == (
        *(CUT_OFF if bad == "9.71501E+11" else LEFT_OUT, bad),
        "",
    )


def test_other_faults_refuse_the_row_all_the_same() -> None:
    fields = FIELDS.replace('"Score", on_error = "omit"', '"Score"')
    refused = mapper(fields).map(row({**GOOD, "Phone": "1", "Score": "many"}))
    assert isinstance(refused, Rejected)
    assert [one.field for one in (refused.error, *refused.more)] == ["qualification_score"]


@pytest.mark.parametrize("bad", ["none", "140"])
def test_a_row_of_which_nothing_is_left_is_refused_for_the_value(bad: str) -> None:
    fields = 'qualification_score = { column = "S", on_error = "omit" }\nsource = { const = "x" }'
    refused = mapper(fields).map(row({"S": bad}))
    assert isinstance(refused, Rejected)
    assert (refused.error.code, refused.error.field) == ("invalid_value", "qualification_score")
    empty = mapper(fields).map(row({"S": ""}))
    assert isinstance(empty, Rejected)
    assert empty.error.code == "no_fields"


def test_a_contact_that_nothing_is_left_to_know_by_is_refused_for_the_value() -> None:
    fields = 'phone = { column = "P", type = "phone", on_error = "omit" }\ncity = "C"'
    refused = mapper(fields, "contact").map(row({"P": "12", "C": "Dubai"}))
    assert isinstance(refused, Rejected)
    codes = [one.code for one in (refused.error, *refused.more)]
    assert codes == ["invalid_value", "missing_required"]


@pytest.mark.parametrize("name", ["subject", "external_ref"])
def test_what_the_identity_names_cannot_be_left_out(name: str) -> None:
    with pytest.raises(MappingError, match=f"{name}: on_error: no row is sent without it"):
        mapper(f'{name} = {{ column = "I", on_error = "omit" }}', "case", f'identity = ["{name}"]')


def test_what_every_record_needs_cannot_be_left_out() -> None:
    fields = """
    customer_name = { column = "N", on_error = "omit" }
    customer_phone = "P"
    scheduled_start = "S"
    scheduled_end = "E"
    """
    with pytest.raises(MappingError, match="customer_name: on_error: no row is sent without it"):
        mapper(fields, "appointment")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('name = { column = "N", on_error = "skip" }', 'it must be "refuse", "omit" or "keep"'),
        ('name = { const = "N", on_error = "omit" }', "on_error: a constant is never left out"),
        ('name = { column = "N", on_eror = "omit" }', "Did you mean 'on_error'?"),
    ],
)
def test_a_wrong_line_is_named(line: str, fault: str) -> None:
    with pytest.raises(MappingError, match=fault.replace("?", r"\?")):
        mapper(line)


CUT = ["9.71501E+11", "9,71501E+11", "+9.71501e+11"]


@pytest.mark.parametrize("cut", CUT)
def test_a_number_that_a_spreadsheet_has_cut_is_never_sent(cut: str) -> None:
    kept = '{ column = "P", type = "phone", region = "AE", on_error = "keep" }'
    one = mapper(f'name = "Name"\nphone = {kept}')
    record, (change,) = one.map_with_changes(row({"Name": "Ann", "P": cut}))
    assert isinstance(record, Record)
    assert (record.fields, record.left_out) == ({"name": "Ann"}, ("phone",))
    assert (change.what, change.before) == (CUT_OFF, cut)
    block = one.map_columns({"Name": ["Ann", "Bob"], "P": [cut, "050-x"]}, 2)
    assert not block.rejected
    assert [values[:2] for values in block.values([0, 1]).values()] == [
        ["Ann", "Bob"],
        [None, "050-x"],
    ]
    untyped = mapper('name = "Name"\nphone = "P"')
    refused = untyped.map(row({"Name": "Ann", "P": cut}))
    assert isinstance(refused, Rejected)
    assert "was rounded by a spreadsheet" in refused.error.message


def test_a_record_that_needs_the_number_that_was_cut_is_refused() -> None:
    kept = '{ column = "P", type = "phone", region = "AE", on_error = "keep" }'
    one = mapper(f"phone = {kept}", "contact")
    assert isinstance(one.map(row({"P": CUT[0]})), Rejected)
    assert one.map_columns({"P": [CUT[0]]}, 1).rejected
