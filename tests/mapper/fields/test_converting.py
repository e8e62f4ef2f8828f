"""Kinds of values in a mapping: what they make of rows, and the changes they tell of."""

# ruff: noqa: E501 - one case of a table is one line

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.core.errors import MappingError
from importer.core.records import Record, Rejected, Row
from importer.mapper.cell import Change
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping


def mapper(fields: str, object_: str = "contact") -> Mapper:
    return Mapper(parse_mapping(f"[fields]\n{fields}".encode()), object_)


def row(values: dict[str, Any]) -> Row:
    return Row(number=1, line=2, source="list.csv", values=values)


PHONE = 'phone = { column = "P", type = "phone", region = "AE" }'
BY_COUNTRY = 'phone = { column = "P", type = "phone", region = { column = "C" } }'
BY_COUNTRY_OR = (
    'phone = { column = "P", type = "phone", region = { column = "C", default = "DE" } }'
)

SENT: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
    # Without a type, numbers, addresses and links stay as they are written.
    ("contact", 'phone = "P"\nemail = "E"\nwebsite = "W"', {"P": "050 12", "E": "no address", "W": "x"}, {"phone": "050 12", "email": "no address", "website": "x"}),
    ("contact", PHONE, {"P": "050-123 4567"}, {"phone": "+971501234567"}),
    ("contact", PHONE, {"P": 501234567}, {"phone": "+971501234567"}),
    ("contact", PHONE[:-2] + ', split = "/" }', {"P": "/ 050 123 4567 / nonsense"}, {"phone": "+971501234567"}),
    ("contact", PHONE[:-2] + ', split = ";" }', {"P": ["0501234567", "x"]}, {"phone": "+971501234567"}),
    ("contact", PHONE[:-2] + ', extension = "drop" }', {"P": "04 555 0101 ext 7"}, {"phone": "+97145550101"}),
    ("contact", PHONE[:-2] + ', values = { "office" = "045550101", "*" = "" } }\nname = "N"', {"P": "Office", "N": "A"}, {"phone": "+97145550101", "name": "A"}),
    ("contact", PHONE + '\nname = "N"', {"P": "\u200f", "N": "A"}, {"name": "A"}),
    ("contact", BY_COUNTRY, {"P": "050 123 4567", "C": "UAE"}, {"phone": "+971501234567"}),
    ("contact", BY_COUNTRY, {"P": "020 7946 0958", "C": "England"}, {"phone": "+442079460958"}),
    ("contact", BY_COUNTRY, {"P": "+971501234567", "C": "Atlantis"}, {"phone": "+971501234567"}),
    ("contact", BY_COUNTRY, {"P": "+971501234567"}, {"phone": "+971501234567"}),
    ("contact", BY_COUNTRY_OR, {"P": "030 123456", "C": ""}, {"phone": "+4930123456"}),
    ("contact", BY_COUNTRY_OR, {"P": "030 123456", "C": 7.5}, {"phone": "+4930123456"}),
    ("contact", BY_COUNTRY_OR, {"P": "020 7946 0958", "C": 44}, {"phone": "+442079460958"}),
    ("contact", 'phone = { const = "04 555 0101", type = "phone", region = "AE" }\nname = "N"', {"N": "A"}, {"phone": "+97145550101", "name": "A"}),
    ("contact", 'email = { column = "E", type = "email" }', {"E": "mailto:Ann@Example.COM."}, {"email": "Ann@example.com"}),
    ("contact", 'email = { column = "E", type = "email", split = ";" }', {"E": "ann@x.com; bob@x.com"}, {"email": "ann@x.com"}),
    ("contact", 'email = { column = "E", type = "email", split = ";" }\nname = "N"', {"E": ";", "N": "A"}, {"name": "A"}),
    ("contact", 'website = { column = "W", type = "url" }\nname = "N"', {"W": "Example.com", "N": "A"}, {"website": "https://example.com", "name": "A"}),
    ("contact", 'first_name = { column = "N", type = "name", part = "first" }\nlast_name = { column = "N", type = "name", part = "last" }', {"N": "Lee, Ann"}, {"first_name": "Ann", "last_name": "Lee"}),
    ("contact", 'name = { template = "{A} {B}", type = "name", case = "title" }', {"A": "ANN", "B": "LEE"}, {"name": "Ann Lee"}),
    ("contact", 'name = "N"\ncountry = { column = "C", type = "country" }', {"N": "A", "C": "الإمارات"}, {"name": "A", "country": "AE"}),
    ("contact", 'name = "N"\nvip = { column = "V", type = "boolean" }', {"N": "A", "V": "\u200e"}, {"name": "A"}),
    ("contact", 'name = "N"\nlabels = { column = "L", type = "tags", split = "," }', {"N": "A", "L": "a, b"}, {"name": "A", "labels": ["a", "b"]}),
    ("contact", 'name = "N"\nref = { column = "R", type = "uuid" }', {"N": "A", "R": "{123E4567-E89B-12D3-A456-426614174000}"}, {"name": "A", "ref": "123e4567-e89b-12d3-a456-426614174000"}),
    ("contact", 'name = "N"\nborn = { column = "B", type = "date", formats = ["excel"] }', {"N": "A", "B": 45443}, {"name": "A", "born": "2024-05-31"}),
    ("contact", 'name = "N"\nborn = { column = "B", type = "date", formats = ["excel"] }', {"N": "A", "B": Decimal("45443.5")}, {"name": "A", "born": "2024-05-31"}),
    ("contact", 'name = "N"\nborn = { column = "B", type = "date", formats = ["excel"] }', {"N": "A", "B": 45443.5}, {"name": "A", "born": "2024-05-31"}),
    ("contact", 'name = "N"\nstatus = { column = "S", values = { "État" = "e", "Hot" = "h", "*" = "o" } }', {"N": "A", "S": "etat"}, {"name": "A", "status": "e"}),
    ("contact", 'name = "N"\nstatus = { column = "S", values = { "HOT" = "1", "hot" = "2", "*" = "o" } }', {"N": "A", "S": "Hot"}, {"name": "A", "status": "o"}),
    ("lead", 'name = { column = "N", truncate = true }', {"N": "x" * 250}, {"name": "x" * 200}),
    ("lead", 'name = { column = "N", truncate = true }', {"N": "x"}, {"name": "x"}),
    ("lead", 'name = "N"\nstatus = "S"', {"N": "A", "S": "QUALIFIED"}, {"name": "A", "status": "qualified"}),
    ("lead", 'name = "N"\nconversation_id = "C"', {"N": "A", "C": "123E4567E89B12D3A456426614174000"}, {"name": "A", "conversation_id": "123e4567-e89b-12d3-a456-426614174000"}),
    ("deal", 'title = "T"\namount = { column = "A", type = "money", currency = "AED", decimal_mark = "." }\ncurrency = { column = "A", type = "currency" }', {"T": "x", "A": "AED 1,200.50"}, {"title": "x", "amount": "1200.50", "currency": "AED"}),
    ("deal", 'title = "T"\namount = { column = "A", type = "money" }', {"T": "x", "A": Decimal("5.10")}, {"title": "x", "amount": "5.10"}),
]  # fmt: skip


@pytest.mark.parametrize(("object_", "fields", "values", "expected"), SENT)
def test_what_is_sent(
    object_: str, fields: str, values: dict[str, Any], expected: dict[str, Any]
) -> None:
    made = mapper(fields, object_)
    record = made.map(row(values))
    assert isinstance(record, Record), record
    assert record.fields == expected
    assert made.map_with_changes(row(values))[0] == record


def test_an_appointments_status_is_read_whatever_its_spelling() -> None:
    made = mapper(
        'customer_name = "N"\ncustomer_phone = "P"\nscheduled_start = "S"\nscheduled_end = "E"\nstatus = "T"',
        "appointment",
    )
    values = {"N": "A", "P": "12345", "S": "2024-05-01T09:00Z", "E": "2024-05-01T10:00Z"}
    for word in ("No Show", "no-show", "NO_SHOW"):
        record = made.map(row({**values, "T": word}))
        assert isinstance(record, Record)
        assert record.fields["status"] == "no_show"


REFUSED: list[tuple[str, dict[str, Any], str, str]] = [
    (PHONE, {"P": "12"}, "phone: '12' (column 'P') is too short for AE.", "Correct it"),
    ('phone = { column = "P", type = "phone" }', {"P": "050 123 4567"}, "phone: '050 123 4567' (column 'P') does not say its country.", 'region = "…"'),
    (BY_COUNTRY, {"P": "050 123 4567", "C": "Atlantis"}, "(column 'P') does not say its country.", "Fill in the row's 'C'"),
    (BY_COUNTRY_OR, {"P": "030 123456", "C": "Atlantis"}, "(column 'P') does not say its country.", "Fill in the row's 'C'"),
    (PHONE, {"P": "050 123 4567 / 055 123 4567"}, "holds more than one number.", "split"),
    (PHONE, {"P": Decimal("9.71501E+11")}, "was rounded by a spreadsheet.", "Text"),
    (PHONE, {"P": ["1", "2"]}, "is not a text.", "map the part"),
    (PHONE, {"P": True}, "is not a text.", "map the part"),
    ('email = { column = "E", type = "email" }', {"E": "no address"}, "email: 'no address' (column 'E') is not an email address: it has no @.", "Correct it"),
    ('email = { column = "E", type = "email" }', {"E": "a@x.com, b@x.com"}, "holds more than one address.", "split"),
    ('email = "N"\nborn = { column = "B", type = "date" }', {"N": "A", "B": 45443}, "is not a date in a text.", 'formats = ["iso", "excel"]'),
    ('email = "N"\nborn = { column = "B", type = "date", formats = ["excel"] }', {"N": "A", "B": True}, "is not a date in a text.", "Write it as text"),
    ('name = "N"\nvip = { column = "V", type = "boolean" }', {"N": "A", "V": 7}, "is neither yes nor no.", "values"),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "values", "message", "hint"), REFUSED)
def test_what_is_refused(fields: str, values: dict[str, Any], message: str, hint: str) -> None:
    refused = mapper(fields).map(row(values))
    assert isinstance(refused, Rejected)
    assert refused.error.code == "invalid_value"
    assert message in refused.error.message
    assert refused.error.hint
    if hint != "values":
        assert hint in refused.error.hint


@pytest.mark.parametrize(
    ("object_", "fields", "message"),
    [
        ("contact", 'phone = { column = "P", region = "AE" }', 'phone: region: it does not go with the type text, only with type = "phone"'),
        ("contact", 'name = { column = "N", extension = "drop" }', 'only with type = "phone"'),
        ("contact", 'name = { column = "N", part = "first" }', 'only with type = "name"'),
        ("contact", 'name = { column = "N", order = "first last" }', 'only with type = "name"'),
        ("contact", 'name = { column = "N", case = "title" }', 'only with type = "name"'),
        ("contact", 'name = { column = "N", currency = "AED" }', 'only with type = "money"'),
        ("contact", 'name = { column = "N", type = "name", truncate = true }', 'only with type = "text"'),
        ("contact", 'name = { column = "N", type = "name", split = ";" }', 'only with type = "text" or type = "phone" or type = "email" or type = "url" or type = "tags"'),
        ("contact", 'name = { column = "N", truncate = true }', "truncate: the field has no limit"),
        ("contact", 'name = "N"\nx = { column = "X", truncate = true }', "truncate: the field has no limit"),
        ("contact", 'name = { column = "N", type = "enum" }', "type: the field has no list of words"),
        ("contact", 'name = "N"\nx = { column = "X", type = "enum" }', "type: the field has no list of words"),
        ("contact", 'phone = { const = "12", type = "phone", region = "AE" }', "phone: const: it is too short for AE."),
    ],
)  # fmt: skip
def test_mappings_that_cannot_be_carried_out(object_: str, fields: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        mapper(fields, object_)
    assert message in caught.value.message


def test_the_column_of_the_region_has_to_be_there() -> None:
    made = mapper(BY_COUNTRY)
    assert made.mapped_columns == ("P", "C")
    with pytest.raises(MappingError, match="the file has no column 'C'"):
        made.check_columns(["P"])


def test_all_faults_of_a_row_come_at_once_rules_between_fields_too() -> None:
    made = mapper(
        'customer_name = "N"\ncustomer_phone = { column = "P", type = "phone", region = "AE" }\n'
        'customer_email = { column = "M", type = "email" }\nscheduled_start = "S"\nscheduled_end = "E"',
        "appointment",
    )
    refused = made.map(
        row({"N": "", "P": "12", "M": "x", "S": "2024-05-01T09:00Z", "E": "2024-05-01T08:00Z"})
    )
    assert isinstance(refused, Rejected)
    faults = [refused.error, *refused.more]
    assert [fault.field for fault in faults] == [
        "customer_phone",
        "customer_email",
        "customer_name",
        "scheduled_end",
    ]


CHANGES: list[tuple[str, dict[str, Any], list[tuple[str, str, str, str, Any]]]] = [
    (PHONE, {"P": "050-123 4567"}, [("phone", "phone", "normalised", "050-123 4567", "+971501234567")]),
    (PHONE, {"P": "+971501234567"}, []),
    (PHONE[:-2] + ', extension = "drop" }', {"P": "04 555 0101 x12"}, [("phone", "phone", "extension left out", "04 555 0101 x12", "+97145550101")]),
    (PHONE[:-2] + ', extension = "drop" }', {"P": "٠٤٥٥٥٠١٠١"}, [("phone", "phone", "normalised", "٠٤٥٥٥٠١٠١", "+97145550101")]),
    (PHONE[:-2] + ', split = "/" }', {"P": "0501234567/1"}, [("phone", "phone", "first of several taken", "0501234567/1", "+971501234567")]),
    ('name = "N"', {"N": "A\u202eb"}, [("name", "text", "hidden characters removed", "A\u202eb", "Ab")]),
    ('name = "N"', {"N": "  Ann "}, []),
    ('name = "N"\ncity = "C"', {"N": "Ann", "C": "\u202e"}, [("city", "text", "hidden characters removed", "\u202e", "")]),
    ('name = "N"\nstatus = { column = "S", values = { "a" = "b" } }', {"N": "A", "S": "a"}, [("status", "text", "mapped by values", "a", "b")]),
    ('name = "N"\ntags = { column = "T", split = ";" }', {"N": "A", "T": "a;b"}, []),
    ('name = "N"\ntags = { column = "T", split = ";" }', {"N": "A", "T": "a\x00x;b"}, [("tags", "tags", "hidden characters removed", "a\x00x;b", ["ax", "b"])]),
    ('name = "N"\nkids = { column = "K", type = "integer" }', {"N": "A", "K": "2"}, []),
    ('name = "N"\nkids = { column = "K", type = "integer" }', {"N": "A", "K": "٢"}, [("kids", "integer", "normalised", "٢", 2)]),
    ('name = "N"\nvip = { column = "V", type = "boolean" }', {"N": "A", "V": "true"}, []),
    ('name = "N"\nvip = { column = "V", type = "boolean" }', {"N": "A", "V": "ja"}, [("vip", "boolean", "normalised", "ja", True)]),
    ('name = "N"\nphone = "P"', {"N": "A", "P": 5}, []),
    ('name = "N"\nx = { column = "P", values = { "*" = 1 } }', {"N": "A", "P": "z"}, [("x", "text", "mapped by values", "z", 1)]),
    ('name = "N"\nx = { column = "X", type = "decimal" }', {"N": "A", "X": float("inf")}, []),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "values", "expected"), CHANGES)
def test_changes_are_told(
    fields: str, values: dict[str, Any], expected: list[tuple[str, str, str, str, Any]]
) -> None:
    keys = ("field", "kind", "what", "before", "after")
    made = mapper(fields)
    result, changes = made.map_with_changes(row(values))
    assert changes == [Change(**dict(zip(keys, case, strict=True))) for case in expected]
    assert result == made.map(row(values))


def test_a_text_that_was_cut_is_told() -> None:
    _, changes = mapper('name = { column = "N", truncate = true }', "lead").map_with_changes(
        row({"N": "x" * 201})
    )
    assert [(change.what, len(str(change.after))) for change in changes] == [("cut", 200)]


CELLS = st.fixed_dictionaries(
    {
        "P": st.sampled_from(["050-123 4567", "+44 20 7946 0958", "020 7946 0958", "x", "", "12"]),
        "C": st.sampled_from(["UAE", "GB", "Atlantis", ""]),
        "E": st.sampled_from(["Ann@Example.com", "no", "", "a@x.com;b@x.com"]),
        "B": st.sampled_from(["31/05/2024", "05/06/2024", "soon", ""]),
        "N": st.text(max_size=8),
    }
)
MIXED = """
name = { column = "N", type = "name", case = "title" }
phone = { column = "P", type = "phone", region = { column = "C" } }
email = { column = "E", type = "email" }
birthday = { column = "B", formats = ["%d/%m/%Y"] }
country = { column = "C", type = "country" }
"""


@given(st.lists(CELLS, max_size=8), st.randoms())
def test_a_row_maps_the_same_whatever_rows_came_before(
    lists: list[dict[str, str]], random: Any
) -> None:
    used, rows = mapper(MIXED), [row(values) for values in lists]
    results = [used.map(one) for one in rows]
    order = list(range(len(rows)))
    random.shuffle(order)
    assert [used.map(rows[place]) for place in order] == [results[place] for place in order]
    fresh = mapper(MIXED)
    assert [fresh.map(one) for one in reversed(rows)] == list(reversed(results))
