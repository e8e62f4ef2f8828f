"""Keys of a line beyond a column: join, valid_first, default, replace, after, keep; and `rest`."""

from __future__ import annotations

from typing import Any

import pytest

from importer.core.errors import MappingError
from importer.core.records import Record, Rejected, Row
from importer.mapper.cell import KEPT
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping


def mapper(fields: str, object_: str = "contact", head: str = "") -> Mapper:
    return Mapper(parse_mapping(f"{head}\n[fields]\n{fields}".encode()), object_)


def mapped(one: Mapper, **values: Any) -> Any:
    """Return the fields sent of a row, or the message that it is refused with."""
    row = Row(number=1, line=2, source="l.csv", values=values)
    record = one.map(row)
    return dict(record.fields) if isinstance(record, Record) else record.error.message


@pytest.mark.parametrize(
    ("line", "values", "sent"),
    [
        ('{ join = ["A", "B"] }', {"A": "x", "B": "y"}, "x; y"),
        ('{ join = ["A", "B"], separator = "" }', {"A": "x", "B": "y"}, "xy"),
        ('{ join = ["A", "B"] }', {"A": "", "B": "y"}, "y"),
        ('{ join = ["A", "B"] }', {"A": "same", "B": "same"}, "same"),
        ('{ join = ["A", "B"] }', {"A": "x", "B": 3}, "x; 3"),
        ('{ column = "A", default = "none" }', {"A": " "}, "none"),
        ('{ column = "A", default = "none" }', {"A": "x"}, "x"),
        ('{ column = "A", replace = [["\\\\s+GmbH$", ""]] }', {"A": "Muster GmbH"}, "Muster"),
        ('{ column = "A", replace = [["(\\\\d)-", "$1/"], ["^0", ""]] }', {"A": "01-2-3"}, "1/2/3"),
        ('{ column = "A", replace = [["x", ""]], default = "none" }', {"A": "x"}, "none"),
        ('{ columns = ["A", "B"], default = "none" }', {"A": "", "B": ""}, "none"),
        ('{ valid_first = ["A", "B"], type = "url" }', {"A": "x", "B": "a.example/x"}, "https://a.example/x"),
        ('{ valid_first = ["A", "B"], default = "none" }', {"A": "", "B": ""}, "none"),
    ],
)  # fmt: skip
def test_what_is_sent(line: str, values: dict[str, Any], sent: str) -> None:
    assert mapped(mapper(f'name = "N"\nnotes = {line}'), N="Ann", **values)["notes"] == sent


def test_a_value_is_sent_only_where_other_columns_are_empty() -> None:
    one = mapper('last_name = "L"\nname = { column = "C", unless = ["F", "L"] }')
    people: list[dict[str, Any]] = [
        {"F": "", "L": ""},
        {"F": "Ann", "L": " "},
        {"F": None, "L": "Smith"},
    ]
    sent = [mapped(one, C="Acme", **person) for person in people]
    assert sent[0] == {"name": "Acme"}
    assert sent[1] == "The row is empty: no mapped column has a value."
    assert sent[2] == {"last_name": "Smith"}


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ('{ const = "x", unless = ["F"] }', "unless: a constant is sent in every row"),
        ('{ column = "C", default = "x", unless = ["F"] }', "unless: it goes with no value for"),
        ('{ column = "C", unless = "F" }', "unless: it must be a list of columns"),
    ],
)
def test_keys_that_do_not_go_with_unless(line: str, fault: str) -> None:
    with pytest.raises(MappingError, match=fault):
        mapper(f"notes = {line}")


def test_a_row_with_nothing_but_defaults_is_empty() -> None:
    one = mapper('name = { column = "N", default = "nobody" }')
    assert mapped(one, N="") == "The row is empty: no mapped column has a value."


def test_a_default_that_cannot_be_sent_is_a_fault_of_the_mapping() -> None:
    with pytest.raises(MappingError, match="birthday: default: it is not a date"):
        mapper('birthday = { column = "B", default = "soon" }')
    with pytest.raises(MappingError, match=r"source: .* has 41 characters"):
        mapper(f'source = {{ column = "S", default = "{"x" * 41}" }}', "lead")


def test_valid_first_may_stand_beside_columns() -> None:
    one = mapper('name = "N"\nnotes = { columns = ["A", "B"], valid_first = true, type = "url" }')
    assert mapped(one, N="Ann", A="x", B="a.example")["notes"] == "https://a.example"


NUMBER = '{ valid_first = ["A", "B"], type = "phone", region = "AE" }'


def test_the_first_valid_value_is_taken_and_the_first_named_where_none_is() -> None:
    one = mapper(f"phone = {NUMBER}")
    assert mapped(one, A="n/a", B="050 123 4567") == {"phone": "+971501234567"}
    assert mapped(one, A="050 123 4567", B="04 301 2345") == {"phone": "+971501234567"}
    assert "'n/a'" in mapped(one, A="n/a", B="ask")


def test_a_value_that_is_too_long_is_not_valid() -> None:
    one = mapper('name = "N"\nsource = { valid_first = ["A", "B"] }', "lead")
    assert mapped(one, N="Ann", A="x" * 41, B="web")["source"] == "web"


def test_of_several_values_in_a_cell_the_first_that_can_be_read_is_taken() -> None:
    one = mapper('phone = { column = "A", type = "phone", region = "AE", split = ["/", ","] }')
    assert mapped(one, A="ask / 050 123 4567, 04 301 2345") == {"phone": "+971501234567"}


APPOINTMENT = """
customer_name = "Name"
customer_phone = "Phone"
scheduled_start = { column = "Start", timezone = "Asia/Dubai" }
"""
BOOKED = {"Name": "Ann", "Phone": "0501234567", "Start": "2024-05-31T09:30"}


@pytest.mark.parametrize(
    ("minutes", "cell", "end"),
    [
        ("45", "", "2024-05-31T10:15:00+04:00"),
        ('"1 h"', "", "2024-05-31T10:30:00+04:00"),
        ('{ column = "Long", default = 30 }', "", "2024-05-31T10:00:00+04:00"),
        ('{ column = "Long", default = 30 }', "1:30", "2024-05-31T11:00:00+04:00"),
        ('{ column = "Long" }', "90 min", "2024-05-31T11:00:00+04:00"),
        ('{ column = "Long" }', "1 Stunde 15", "2024-05-31T10:45:00+04:00"),
        ('{ column = "Long" }', "PT2H", "2024-05-31T11:30:00+04:00"),
        ('{ column = "Long" }', "1,5 h", "2024-05-31T11:00:00+04:00"),
        ('{ column = "Long" }', "15.0", "2024-05-31T09:45:00+04:00"),
    ],
)
def test_an_end_is_some_minutes_after_the_start(minutes: str, cell: str, end: str) -> None:
    line = f'scheduled_end = {{ after = "scheduled_start", minutes = {minutes} }}'
    one = mapper(APPOINTMENT + line, "appointment")
    assert mapped(one, **BOOKED, Long=cell)["scheduled_end"] == end


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"Long": "soon"}, "'soon' (column 'Long') is not a number of minutes."),
        ({"Long": "0"}, "is not longer than nothing"),
        ({"Long": "2.3"}, "is not a whole number of minutes"),
        ({"Long": ""}, "scheduled_end: every appointment needs it, and there is no value"),
        ({"Start": "soon"}, "scheduled_start: 'soon' (column 'Start') is not a time"),
    ],
)
def test_an_end_that_cannot_be_worked_out(values: dict[str, str], message: str) -> None:
    line = 'scheduled_end = { after = "scheduled_start", minutes = { column = "Long" } }'
    one = mapper(APPOINTMENT + line, "appointment")
    assert message in mapped(one, **{**BOOKED, "Long": "30", **values})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{ after = "start", minutes = 5 }', "after: start must be a line that reads a time"),
        ('{ after = "customer_name", minutes = 5 }', "customer_name is not read as a datetime"),
        ('{ after = "scheduled_end", minutes = 5 }', "scheduled_end must be a line that reads"),
    ],
)
def test_minutes_are_added_to_the_time_of_another_line(line: str, message: str) -> None:
    with pytest.raises(MappingError, match=message):
        mapper(f"{APPOINTMENT}scheduled_end = {line}", "appointment")


def test_a_kept_value_is_sent_as_written_and_told() -> None:
    one = mapper('phone = { column = "A", type = "phone", region = "AE", on_error = "keep" }')
    row = Row(number=1, line=2, source="l.csv", values={"A": "ask reception"})
    record, (change,) = one.map_with_changes(row)
    assert isinstance(record, Record)
    assert record.fields == {"phone": "ask reception"}
    assert (change.what, change.before) == (KEPT, "ask reception")
    assert mapped(one, A="050 123 4567") == {"phone": "+971501234567"}


def test_a_kept_value_is_sent_as_replaced() -> None:
    apostrophe = """replace = [["^'", ""]]"""
    phone = f'phone = {{ column = "P", type = "phone", {apostrophe}, on_error = "keep" }}'
    assert mapped(mapper(phone), P="'0505415648") == {"phone": "0505415648"}


def test_a_kept_value_that_its_field_does_not_take_is_refused() -> None:
    one = mapper('phone = { column = "A", type = "phone", on_error = "keep" }', "lead")
    assert "has 90 characters" in mapped(one, A="ask " * 22 + "me")


@pytest.mark.parametrize(
    "line", ['email = { column = "A", type = "email"', 'birthday = { column = "A"']
)
def test_what_is_never_sent_as_written(line: str) -> None:  # fmt: skip
    with pytest.raises(MappingError, match="is never sent; use omit or refuse"):
        mapper(f'{line}, on_error = "keep" }}')


def test_the_rest_becomes_attributes() -> None:
    one = mapper('name = "Name"', "lead", 'rest = "attributes"\nleave_out = ["Row"]')
    notices = one.check_columns(["Name", "Row", "Bed Rooms", "bed rooms", "Password", "سعر", "?"])
    sent = mapped(one, **{"Name": "Ann", "Row": "1", "Bed Rooms": "2", "bed rooms": "3"},
                  **{"Password": "x", "سعر": "9", "?": "z"})  # fmt: skip
    assert sent == {
        "name": "Ann",
        "attributes": {"bed_rooms": "2", "bed_rooms_2": "3", "سعر": "9", "column": "z"},
    }
    assert notices == ["Columns that are not mapped and not sent: 'Row', 'Password'."]


def test_a_row_that_has_only_values_of_the_rest_is_refused_and_not_called_empty() -> None:
    one = mapper('name = "Name"', "lead", 'rest = "attributes"')
    one.check_columns(["Name", "Printed by"])
    assert mapped(one, **{"Name": "", "Printed by": "admin"}) == (
        "No column with a line of its own has a value in this row, only those that rest sends."
    )
    assert mapped(one, **{"Name": "", "Printed by": ""}) == (
        "The row is empty: no mapped column has a value."
    )


def test_the_rest_of_json_rows_keeps_its_values() -> None:
    one = mapper('name = "who.name"', "lead", 'rest = "attributes"')
    one.check_keys(["who", "who.name", "who.age", "beds"])
    assert mapped(one, who={"name": "Ann", "age": 3}, beds=2) == {
        "name": "Ann",
        "attributes": {"who_age": 3, "beds": 2},
    }


def test_the_rest_goes_into_notes_behind_what_they_hold() -> None:
    one = mapper('name = "Name"\nnotes = "Remarks"', head='rest = "notes"')
    one.check_columns(["Name", "Remarks", "Area", "Beds"])
    assert mapped(one, Name="Ann", Remarks="calls late", Area="", Beds="2") == {
        "name": "Ann",
        "notes": "calls late\nBeds: 2",
    }


def test_notes_to_which_nothing_can_be_added() -> None:
    one = mapper('name = "Name"\nnotes = { const = "x" }', head='rest = "notes"')
    with pytest.raises(MappingError, match="rest: notes has a line to which columns cannot"):
        one.check_columns(["Name", "Area"])


def test_a_refused_row_says_all_columns_it_was_joined_of() -> None:
    one = mapper('name = "N"\nsource = { join = ["A", "B"] }', "lead")
    rejected = one.map(
        Row(number=1, line=2, source="", values={"N": "Ann", "A": "x" * 41, "B": "y"})
    )
    assert isinstance(rejected, Rejected)
    assert "(columns 'A', 'B') has 44 characters" in rejected.error.message
