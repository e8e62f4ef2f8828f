"""Rows to records: what is sent, and every fault of a row that is not."""

# ruff: noqa: E501 - one case of a table is one line

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.core.errors import MappingError
from importer.core.records import Origin, Record, Rejected, Row, RowError
from importer.mapper.faults import check_record
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.schema.object_schema import build_schema


def mapper(fields: str, object_: str = "contact", *, head: str = "", tail: str = "") -> Mapper:
    return Mapper(parse_mapping(f"{head}\n[fields]\n{fields}\n{tail}".encode()), object_)


def row(values: dict[str, Any]) -> Row:
    return Row(number=3, line=5, source="list.csv", values=values)


def sent(result: Record | Rejected) -> Any:
    assert isinstance(result, Record), result
    return result.fields


def refused(result: Record | Rejected) -> list[RowError]:
    assert isinstance(result, Rejected), result
    assert (result.number, result.line, result.source, result.raw) == (3, 5, "list.csv", "")
    assert result.row is not None
    faults = [result.error, *result.more]
    assert {fault.origin for fault in faults} == {Origin.MAPPER}
    assert all(fault.hint for fault in faults)
    return faults


APPOINTMENT = """
customer_name = "Name"
customer_phone = "Phone"
scheduled_start = { column = "Start", timezone = "Asia/Dubai" }
scheduled_end = { column = "End", timezone = "Asia/Dubai" }
"""
BOOKED = {
    "Name": "Ann",
    "Phone": "050 555 0100",
    "Start": "2024-05-01 09:00",
    "End": "2024-05-01 10:00",
}

CSV_CASES: list[tuple[str, dict[str, str], dict[str, Any]]] = [
    ('name = "N"', {"N": " Ann\x00 Lee "}, {"name": "Ann Lee"}),
    ('name = "N"\nphone = "P"', {"N": "Ann", "P": " "}, {"name": "Ann"}),
    ('email = { columns = ["A", "B", "C"] }', {"A": " ", "B": "b@x.example", "C": "c"}, {"email": "b@x.example"}),
    ('name = { template = "{A} {B}" }', {"A": "Ann", "B": ""}, {"name": "Ann"}),
    ('name = "N"\nstatus = { column = "S", values = { "Hot" = "q", "*" = "n" } }', {"N": "A", "S": " Hot "}, {"name": "A", "status": "q"}),
    ('name = "N"\nstatus = { column = "S", values = { "Hot" = "q", "*" = "n" } }', {"N": "A", "S": "*"}, {"name": "A", "status": "n"}),
    ('name = "N"\nstatus = { column = "S", values = { "Hot" = "q", "*" = "n" } }', {"N": "A", "S": ""}, {"name": "A"}),
    ('name = "N"\nstatus = { column = "S", values = { "" = "none" } }', {"N": "A", "S": ""}, {"name": "A", "status": "none"}),
    ('name = "N"\nvip = { column = "S", values = { "Gold" = true, "*" = false } }', {"N": "A", "S": "Gold"}, {"name": "A", "vip": True}),
    ('name = "N"\nsource = { const = "old" }', {"N": "A"}, {"name": "A", "source": "old"}),
    ('name = "N"\nrate = { const = 0.5 }', {"N": "A"}, {"name": "A", "rate": 0.5}),
    ('name = "N"\ntags = { const = "vip" }', {"N": "A"}, {"name": "A", "tags": ["vip"]}),
    ('name = "N"\ntags = { const = ["a", "b"] }', {"N": "A"}, {"name": "A", "tags": ["a", "b"]}),
    ('name = "N"\ntags = { column = "T", split = ";" }', {"N": "A", "T": "x; ;y ;"}, {"name": "A", "tags": ["x", "y"]}),
    ('name = "N"\ntags = { column = "T", split = ";" }', {"N": "A", "T": " ; "}, {"name": "A"}),
    ('name = "N"\ntags = "T"', {"N": "A", "T": "one tag"}, {"name": "A", "tags": ["one tag"]}),
    ('name = "N"\ntags = { column = "T", split = ",", values = { "k" = "Kunde", "" = "none" } }', {"N": "A", "T": "k,k"}, {"name": "A", "tags": ["Kunde", "Kunde"]}),
    ('name = "N"\ntags = { column = "T", split = ",", values = { "k" = "Kunde", "" = "none" } }', {"N": "A", "T": ""}, {"name": "A", "tags": ["none"]}),
    ('name = "N"\nlangs = { column = "L", split = "/" }', {"N": "A", "L": "ar/en"}, {"name": "A", "langs": ["ar", "en"]}),
    ('name = "N"\nbirthday = { column = "B", formats = ["%d/%m/%Y"] }', {"N": "A", "B": "١٥/٠٣/١٩٨٥"}, {"name": "A", "birthday": "1985-03-15"}),
    ('name = "N"\ncreated_at = { column = "C", timezone = "Asia/Dubai" }', {"N": "A", "C": "2024-05-31 09:30"}, {"name": "A", "created_at": "2024-05-31T09:30:00+04:00"}),
    ('name = "N"\nkids = { column = "K", type = "integer" }', {"N": "A", "K": "2"}, {"name": "A", "kids": 2}),
    ('name = "N"\nvip = { column = "V", type = "boolean" }', {"N": "A", "V": "نعم"}, {"name": "A", "vip": True}),
    ('name = "N"\nowed = { column = "O", type = "decimal", decimal_mark = "," }', {"N": "A", "O": "1.234,50"}, {"name": "A", "owed": "1234.50"}),
    ('name = "N"\n"a.b.c" = "X"\n"a.d" = "Y"', {"N": "A", "X": "1", "Y": "2"}, {"name": "A", "a": {"b": {"c": "1"}, "d": "2"}}),
    ('name = "E.Mail"', {"E.Mail": "A"}, {"name": "A"}),
    ('name = "N"\nnotes = "T"', {"N": "A", "T": "one\r\ntwo"}, {"name": "A", "notes": "one\ntwo"}),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "values", "expected"), CSV_CASES)
def test_csv_rows(fields: str, values: dict[str, str], expected: dict[str, Any]) -> None:
    record = mapper(fields).map(row(values))
    assert sent(record) == expected
    assert record == mapper(fields).map(row(dict(reversed(values.items()))))


JSON_CASES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ('name = "n"', {"n": 7}, {"name": "7"}),
    ('name = "n"', {"n": True}, {"name": "true"}),
    ('name = "n"', {"n": Decimal("12345678901234567890.5")}, {"name": "12345678901234567890.5"}),
    ('name = "person.name"', {"person": {"name": "Ann"}}, {"name": "Ann"}),
    ('name = "person.name"', {"person.name": "key", "person": {"name": "path"}}, {"name": "key"}),
    ('name = { columns = ["a.b", "c"] }', {"a": "no object", "c": "C"}, {"name": "C"}),
    ('name = { template = "{a} {b.c}" }', {"a": "x", "b": {"c": 2}}, {"name": "x 2"}),
    ('name = { template = "{a} {b}" }', {"a": "x", "b": float("nan")}, {"name": "x"}),
    ('name = "n"\nextra = "e"', {"n": "A", "e": 1.5}, {"name": "A", "extra": 1.5}),
    ('name = "n"\nextra = "e"', {"n": "A", "e": {"k": [1, None]}}, {"name": "A", "extra": {"k": [1, None]}}),
    ('name = "n"\nextra = "e"', {"n": "A", "e": False}, {"name": "A", "extra": False}),
    ('name = "n"\nextra = "e"', {"n": "A", "e": 0}, {"name": "A", "extra": 0}),
    ('name = "n"\nextra = { column = "e", type = "text" }', {"n": "A", "e": 12}, {"name": "A", "extra": "12"}),
    ('name = "n"\nphone = "p"\nextra = "e"\nmore = "m"', {"n": "A", "p": None, "e": [], "m": {}}, {"name": "A"}),
    ('name = "n"\ntags = "t"', {"n": "A", "t": ["a", " b", "", 3]}, {"name": "A", "tags": ["a", "b", "3"]}),
    ('name = "n"\ntags = { column = "t", split = "," }', {"n": "A", "t": 5}, {"name": "A", "tags": ["5"]}),
    ('name = "n"\nkids = { column = "k", type = "integer" }', {"n": "A", "k": 2.0}, {"name": "A", "kids": 2}),
    ('name = "n"\nkids = { column = "k", type = "integer" }', {"n": "A", "k": 2}, {"name": "A", "kids": 2}),
    ('name = "n"\nowed = { column = "o", type = "decimal" }', {"n": "A", "o": 1250.5}, {"name": "A", "owed": "1250.5"}),
    ('name = "n"\nowed = { column = "o", type = "decimal" }', {"n": "A", "o": 10**20}, {"name": "A", "owed": "1" + "0" * 20}),
    ('name = "n"\nvip = { column = "v", type = "boolean" }', {"n": "A", "v": 1}, {"name": "A", "vip": True}),
    ('name = "n"\nvip = { column = "v", type = "boolean" }', {"n": "A", "v": False}, {"name": "A", "vip": False}),
    ('name = "n"\ngrade = { column = "g", values = { "1" = "A", "true" = "B" } }', {"n": "A", "g": 1}, {"name": "A", "grade": "A"}),
]  # fmt: skip


@pytest.mark.parametrize(("fields", "values", "expected"), JSON_CASES)
def test_json_rows(fields: str, values: dict[str, Any], expected: dict[str, Any]) -> None:
    assert sent(mapper(fields).map(row(values))) == expected


def test_a_uuid_goes_through() -> None:
    conversation = "123e4567-e89b-12d3-a456-426614174000"
    lead = mapper('name = "N"\nconversation_id = "C"', "lead")
    fields = sent(lead.map(row({"N": "A", "C": conversation})))
    assert fields == {"name": "A", "conversation_id": conversation}


def test_a_whole_object_goes_through() -> None:
    lead = mapper('name = "n"\nattributes = "want"', "lead")
    fields = sent(lead.map(row({"n": "A", "want": {"beds": 2}})))
    assert fields == {"name": "A", "attributes": {"beds": 2}}


def test_null_words_leave_a_field_out() -> None:
    fields = 'name = "N"\nphone = "P"\nemail = { columns = ["E1", "E2"] }'
    by_file = mapper(fields, tail='[read]\nnull = ["N/A", "-"]')
    values = {"N": "Ann", "P": " N/A ", "E1": "-", "E2": "a@x.example"}
    assert sent(by_file.map(row(values))) == {"name": "Ann", "email": "a@x.example"}
    by_caller = Mapper(parse_mapping(f"[fields]\n{fields}".encode()), "contact", null=["N/A", "-"])
    assert by_caller.map(row(values)) == by_file.map(row(values))


FAULT_CASES: list[tuple[str, str, dict[str, Any], list[tuple[str, str | None, str]]]] = [
    ("contact", 'name = "N"', {"N": " "}, [("no_fields", None, "The row is empty")]),
    ("contact", 'name = "N"', {}, [("no_fields", None, "The row is empty")]),
    ("contact", 'name = "N"\nsource = { const = "old" }', {"N": ""}, [("no_fields", None, "empty")]),
    ("deal", 'title = "N"\nstage = { column = "S", values = { "" = "new" } }', {"N": "", "S": ""}, [("no_fields", None, "empty")]),
    ("contact", 'name = "N"', {"N": "\x00"}, [("no_fields", None, "empty")]),
    ("contact", 'name = "N"\ncity = "C"', {"N": "", "C": "Dubai"}, [("missing_required", None, "Every contact needs at least one of email, phone,")]),
    ("contact", 'name = "N"\nbirthday = "B"', {"N": "A", "B": "31/12/1980"}, [("invalid_value", "birthday", "birthday: '31/12/1980' (column 'B') is not a date")]),
    ("contact", 'name = "N"\nphone = { columns = ["P", "Q"], type = "integer" }', {"N": "A", "Q": "x"}, [("invalid_value", "phone", "phone: 'x' (columns 'P', 'Q') is not a number.")]),
    ("contact", 'name = "N"\ntags = "T"', {"N": "A", "T": "a;b"}, [("invalid_value", "tags", "may be several tags")]),
    ("contact", 'name = "N"\nstatus = { column = "S", values = { "Hot" = "q" } }', {"N": "A", "S": "hot!"}, [("invalid_value", "status", "is not among the mapping's values (Hot).")]),
    ("contact", 'name = "N"', {"N": "\ud800"}, [("invalid_value", "name", r"'\ud800' (column 'N') holds half of a character.")]),
    ("contact", 'name = "N"', {"N": ["a", "b"]}, [("invalid_value", "name", "is not a text.")]),
    ("contact", 'name = "N"\nextra = "E"', {"N": "A", "E": [float("nan")]}, [("invalid_value", "extra", "'[nan]' (column 'E') is not a value JSON can hold.")]),
    ("contact", 'name = "N"\nkids = { column = "K", type = "integer" }', {"N": "A", "K": True}, [("invalid_value", "kids", "'true' (column 'K') is not a whole number.")]),
    ("contact", 'name = "N"\nowed = { column = "K", type = "decimal" }', {"N": "A", "K": [1]}, [("invalid_value", "owed", "is not a number.")]),
    ("contact", 'name = "N"\nvip = { column = "K", type = "boolean" }', {"N": "A", "K": 7}, [("invalid_value", "vip", "neither yes nor no")]),
    ("contact", 'name = "N"\nbirthday = "B"', {"N": "A", "B": 19800101}, [("invalid_value", "birthday", "is not a date in a text.")]),
    ("contact", 'name = "N"\nemail = "E"', {"N": "A", "E": "x" * 255}, [("invalid_value", "email", "x…' (column 'E') has 255 characters, and at most 254 are taken.")]),
    ("contact", 'name = "N"\ncreated_at = { column = "C", type = "text" }', {"N": "A", "C": "2024-99-99T00:00:00Z"}, [("invalid_value", "created_at", "is not a time that exists, with its offset")]),
    ("contact", 'name = "N"\nbirthday = { column = "C", type = "text" }', {"N": "A", "C": "1980"}, [("invalid_value", "birthday", "is not a date that exists")]),
    ("contact", 'name = "N"\ntags = { column = "T", type = "text" }', {"N": "A", "T": "x"}, [("invalid_value", "tags", "is not a list of texts.")]),
    ("lead", 'name = "N"\nattributes = "A"', {"N": "A", "A": "x"}, [("invalid_value", "attributes", "is not an object with keys of its own.")]),
    ("lead", 'name = "N"\nqualification_score = "S"', {"N": "A", "S": "101"}, [("invalid_value", "qualification_score", "is not a whole number, 0 to 100.")]),
    ("lead", 'name = "N"\nstatus = "S"', {"N": "A", "S": "Hot"}, [("invalid_value", "status", "'Hot' (column 'S') is not one of new, qualified, booked, converted, lost.")]),
    ("lead", 'name = "N"\nconversation_id = "C"', {"N": "A", "C": "12"}, [("invalid_value", "conversation_id", "is not a UUID")]),
    ("deal", 'title = "N"\ncurrency = "C"', {"N": "A", "C": "aed"}, [("invalid_value", "currency", "is not three capital letters, as in AED.")]),
    ("appointment", APPOINTMENT, {**BOOKED, "Phone": "123"}, [("invalid_value", "customer_phone", "is not a text of 5 to 32 characters.")]),
    ("appointment", APPOINTMENT, {**BOOKED, "Phone": ""}, [("missing_required", "customer_phone", "customer_phone: every appointment needs it, and there is no value (column 'Phone').")]),
    ("appointment", APPOINTMENT, {**BOOKED, "End": "2024-05-01 09:00"}, [("invalid_value", "scheduled_end", "is not after scheduled_start, which is 2024-05-01T09:00:00+04:00.")]),
    (
        "appointment",
        APPOINTMENT,
        {"Name": "x" * 201, "Phone": "", "Start": "soon", "End": "2024-05-01"},
        [
            ("invalid_value", "scheduled_start", "'soon'"),
            ("invalid_value", "scheduled_end", "no time of day"),
            ("invalid_value", "customer_name", "has 201 characters"),
            ("missing_required", "customer_phone", "no value"),
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("object_", "fields", "values", "expected"), FAULT_CASES)
def test_faults(
    object_: str, fields: str, values: dict[str, Any], expected: list[tuple[str, str | None, str]]
) -> None:
    faults = refused(mapper(fields, object_).map(row(values)))
    assert [(fault.code, fault.field) for fault in faults] == [case[:2] for case in expected]
    for fault, (_, _, message) in zip(faults, expected, strict=True):
        assert message in fault.message


def test_an_optional_time_has_no_order() -> None:
    good = mapper(APPOINTMENT, "appointment").map(row(BOOKED))
    assert sent(good)["scheduled_end"] == "2024-05-01T10:00:00+04:00"


def test_a_bad_field_counts_as_given() -> None:
    fields = 'mobile_phone = { column = "M", type = "integer" }\ncity = "C"'
    faults = refused(mapper(fields).map(row({"M": "x", "C": "Dubai"})))
    assert [fault.field for fault in faults] == ["mobile_phone"]


def test_a_message_shows_sixty_characters() -> None:
    faults = refused(mapper('name = "N"\nbirthday = "B"').map(row({"N": "A", "B": "9" * 70})))
    assert f"'{'9' * 59}…'" in faults[0].message


def test_a_long_list_of_values_is_cut() -> None:
    values = ", ".join(f'"v{number}" = "x"' for number in range(9))
    fields = f'name = "N"\nstatus = {{ column = "S", values = {{ {values} }} }}'
    faults = refused(mapper(fields).map(row({"N": "A", "S": "v11"})))
    assert "v7, …)" in faults[0].message
    assert str(faults[0].hint).startswith("Did you mean 'v1'?")


def test_the_order_of_times_is_checked_where_both_are_there() -> None:
    spec = {"type": "string", "format": "date-time", "x-kind": "datetime", "x-aliases": []}
    spec |= {"description": "A time.", "x-evidence": "convention"}
    visit = build_schema(
        "visit",
        {
            "title": "Visit",
            "description": "A visit.",
            "properties": {"came": spec, "left": spec},
            "x-after": {"left": "came"},
        },
    )
    early, late = "2024-05-01T09:00:00+04:00", "2024-05-01T06:00:00+00:00"
    assert check_record(visit, {"left": early}, {}, set()) == []
    assert check_record(visit, {"came": early, "left": late}, {}, set()) == []
    faults = check_record(visit, {"came": late, "left": early}, {}, set())
    assert [fault.message for fault in faults] == [
        f"left: {early!r} is not after came, which is {late}."
    ]


IDENTITY = 'external_ref = "ID"\nname = "N"\n"a.b" = "X"'


def test_identity_takes_the_mapped_values_in_order() -> None:
    made = mapper(IDENTITY, head='identity = ["a.b", "external_ref"]')
    record = made.map(row({"ID": " 7 ", "N": "Ann", "X": "x"}))
    assert isinstance(record, Record)
    assert record.identity == ("x", "7")


def test_without_identity_there_is_none() -> None:
    record = mapper(IDENTITY).map(row({"ID": "7", "N": "Ann"}))
    assert isinstance(record, Record)
    assert record.identity is None


def test_a_missing_identity_is_named_once() -> None:
    head = 'identity = ["external_ref", "kids"]'
    fields = 'external_ref = "ID"\nname = "N"\nkids = { column = "K", type = "integer" }'
    made = mapper(fields, head=head)
    assert [(fault.code, fault.field) for fault in refused(made.map(row({"N": "A"})))] == [
        ("missing_required", "external_ref"),
        ("missing_required", "kids"),
    ]
    assert [
        (fault.code, fault.field) for fault in refused(made.map(row({"N": "A", "K": "x"})))
    ] == [
        ("invalid_value", "kids"),
        ("missing_required", "external_ref"),
    ]


BAD_MAPPINGS = [
    ("lead", 'object = "deal"', 'title = "T"', "is for the object deal, and the import for lead"),
    ("leed", "", 'name = "N"', "Did you mean 'lead'?"),
    ("appointment", "", 'customer_name = "N"\nscheduled_start = "S"', "needs customer_phone, scheduled_end, and nothing"),
    ("contact", "", 'city = "C"', "every contact needs at least one of email, phone"),
    ("contact", "", '"email.work" = "E"', "email.work: email is not an object, so it has no fields inside"),
    ("contact", "", 'name = { column = "N", formats = ["%d/%m/%Y"] }', 'formats: it does not go with the type text, only with type = "date" or type = "datetime"'),
    ("contact", "", 'birthday = { column = "N", timezone = "Asia/Dubai" }', "timezone: it does not go with the type date"),
    ("contact", "", 'phone = { column = "P", decimal_mark = "," }', "decimal_mark: it does not go with the type text"),
    ("contact", "", 'kids = { column = "K", type = "integer", split = ";" }', 'only with type = "text"'),
    ("contact", "", 'name = "N"\nkids = { const = "two", type = "integer" }', "kids: const: it is not a number."),
    ("contact", "", 'name = "N"\nkids = { column = "K", type = "integer", values = { "" = "none" } }', "kids: values: it is not a number."),
    ("contact", "", 'name = "N"\nx = { const = nan }', "x: const: it must be a text, a number"),
    ("lead", "", 'name = "N"\nstatus = { const = "Hot" }', "status: 'Hot' is not one of new,"),
    ("appointment", "", APPOINTMENT + 'status = { const = "maybe" }', "status: 'maybe' is not one of"),
]  # fmt: skip


@pytest.mark.parametrize(("object_", "head", "fields", "message"), BAD_MAPPINGS)
def test_mappings_no_row_could_satisfy(object_: str, head: str, fields: str, message: str) -> None:
    with pytest.raises(MappingError) as caught:
        mapper(fields, object_, head=head)
    assert message in caught.value.message


def test_a_constant_inside_an_object_is_free() -> None:
    lead = mapper('name = "N"\n"attributes.trade" = { const = "garage" }', "lead")
    assert sent(lead.map(row({"N": "A"})))["attributes"] == {"trade": "garage"}


def test_mapped_columns_come_in_the_mappings_order() -> None:
    made = mapper('name = { template = "{B} {A}" }\nemail = { columns = ["C", "B"] }\ncity = "D"')
    assert made.mapped_columns == ("B", "A", "C", "D")


CELLS = st.dictionaries(st.sampled_from(["N", "P", "B", "T", "S"]), st.text(max_size=12))


@given(CELLS, st.randoms())
def test_mapping_is_pure_and_blind_to_the_order_of_columns(
    values: dict[str, str], random: Any
) -> None:
    made = mapper(
        'name = "N"\nphone = { columns = ["P", "S"] }\nbirthday = "B"\n'
        'tags = { column = "T", split = "," }\nnotes = { template = "{N}: {S}" }'
    )
    shuffled = list(values.items())
    random.shuffle(shuffled)
    before = dict(values)
    first, second = made.map(row(values)), made.map(row(dict(shuffled)))
    assert values == before
    assert first == second
    if isinstance(first, Record):
        assert first.fields.keys() <= {"name", "phone", "birthday", "tags", "notes"}
        assert "" not in first.fields.values()


def test_what_can_be_read_of_a_refused_row() -> None:
    made = mapper(
        'first_name = "F"\nemail = { column = "M", type = "email" }\nphone = { column = "P", type = "phone", region = "AE" }'
    )
    one = row({"F": "Ann", "M": "ann@", "P": "12"})
    assert len(refused(made.map(one))) == 2
    found = made.map_readable(one)
    assert found is not None
    assert (found.row, found.fields, found.identity) == (one, {"first_name": "Ann"}, None)
    assert made.map_readable(row({"F": "", "M": "ann@", "P": ""})) is None


def test_the_identity_of_a_refused_row_is_only_known_if_it_can_be_read() -> None:
    made = mapper(
        'external_ref = "I"\nemail = { column = "M", type = "email" }',
        head='identity = ["external_ref"]',
    )
    ids = [made.map_readable(row({"I": text, "M": "ann@"})) for text in ("K1", "")]
    assert ids[0] is not None
    assert (ids[0].identity, ids[1]) == (("K1",), None)
