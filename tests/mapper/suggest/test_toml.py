"""The mapping file that is written: it loads, and says what a person has to decide."""

from __future__ import annotations

from collections.abc import Mapping as StrMapping
from collections.abc import Sequence

import pytest

from importer.mapper.mapping.file import parse_mapping
from importer.mapper.mapping.model import FieldMap, FieldMapping
from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.lines.value_formats import FormatFinding, date_formats, decimal_mark
from importer.mapper.suggest.nulls import is_null, null_words
from importer.mapper.suggest.propose import Excerpt, MappingDraft, Stated, propose

DAY_FIRST = ["01/02/2024", "25/02/2024", "03/04/2024"]
EITHER = ["01/02/2024", "02/02/2024", "03/04/2024"]


def draft(
    object_: str,
    columns: StrMapping[str, Sequence[str]],
    timezone: str | None = None,
    region: str = "",
    *,
    shows_samples: bool = False,
) -> tuple[MappingDraft, FieldMap]:
    rows = Excerpt(columns=list(columns), values=list(columns.values()))
    stated = Stated(timezone=timezone, region=region or None)
    found = propose(load_schema(object_), rows, stated, shows_samples=shows_samples).draft
    return found, parse_mapping(found.text.encode())


def field(mapping: FieldMap, name: str) -> FieldMapping:
    return next(one for one in mapping.fields if one.field == name)


def test_certain_and_likely_ones_are_lines_the_others_comments() -> None:
    found, mapping = draft(
        "contact",
        {
            "Name": ["Ann", "Bob", "Cat"],
            "Business City": ["Dubai"],
            "Home City": ["Ajman"],
            "Plate": ["A 1\nB", "x" * 40],
            "IBAN": ["DE89370400440532013000", "1"],
        },
        shows_samples=True,
    )
    assert [one.field for one in mapping.fields] == ["name", "city"]
    lines = found.text.splitlines()
    assert 'name = "Name"  # certain: the field\'s own name; e.g. Ann, Bob, Cat' not in lines
    assert any(line.startswith('name = "Name"  # certain: ') for line in lines)
    assert any(line.startswith('# city = "Home City"  # unsure: another address') for line in lines)
    assert f"# \"Plate\": no field is known for 'plate'; e.g. A 1 B, {'x' * 23}…" in lines
    secret = next(line for line in lines if line.startswith('# "IBAN"'))
    assert "e.g. D******0, ****" in secret


def test_several_columns_and_templates() -> None:
    _, mapping = draft("lead", {"First Name": [], "Last Name": [], "Mobile": [], "Home Phone": []})
    name, phone = field(mapping, "name"), field(mapping, "phone")
    assert name.template == "{First Name} {Last Name}"
    assert phone.columns == ("Mobile", "Home Phone")
    _, mapping = draft("lead", {"First Name {x}": [], "Last Name": []})
    assert all(one.template is None for one in mapping.fields)


def test_a_day_and_hours_in_columns_of_their_own() -> None:
    columns = {
        "Client": ["Ann"] * 3,
        "Phone": ["050 555 0101"] * 3,
        "Date": DAY_FIRST,
        "Start Time": ["09:00", "10:00", "11:30"],
        "End Time": ["10:00", "11:00", "12:00"],
    }
    found, mapping = draft("appointment", columns, timezone="Asia/Dubai", region="AE")
    start, end = field(mapping, "scheduled_start"), field(mapping, "scheduled_end")
    assert start.template == "{Date} {Start Time}"
    assert end.template == "{Date} {End Time}"
    assert start.options["formats"] == ("%d/%m/%Y %H:%M",)
    assert start.options["timezone"] == "Asia/Dubai"
    assert found.decisions == ()


def test_a_day_and_an_hour_for_the_start_and_for_the_end() -> None:
    columns = {
        "Client": ["Ann"],
        "Phone": ["050 555 0101"],
        "Start Date": ["2024-02-01"],
        "Start Time": ["09:00"],
        "End Date": ["2024-02-02"],
        "End Time": ["10:00"],
    }
    _, mapping = draft("appointment", columns, timezone="Asia/Dubai")
    assert field(mapping, "scheduled_start").template == "{Start Date} {Start Time}"
    assert field(mapping, "scheduled_end").template == "{End Date} {End Time}"


def test_a_start_that_is_whole_needs_no_day() -> None:
    columns = {
        "Client": ["Ann"],
        "Phone": ["050 555 0101"],
        "Date": ["2024-02-01"],
        "Start": ["2024-02-01T09:00:00+04:00"],
        "End": ["2024-02-01T10:00:00+04:00"],
    }
    found, mapping = draft("appointment", columns, region="AE")
    start = field(mapping, "scheduled_start")
    assert start.columns == ("Start",)
    assert found.decisions == ()


def test_required_fields_without_a_column() -> None:
    found, _ = draft("appointment", {"Client": ["Ann"], "Start": []})
    assert "every appointment needs customer_phone: map a column to it" in found.decisions
    assert (
        "# Required, but no column was found: customer_phone. Add a line below [fields]."
        in found.text
    )
    found, _ = draft("contact", {"City": ["Dubai"]})
    assert found.decisions[0].startswith("map a column to at least one of email, phone")


@pytest.mark.parametrize(
    ("object_", "column", "values", "line", "decision"),
    [
        ("contact", "Birthday", DAY_FIRST, 'formats = ["%d/%m/%Y"]', None),
        ("contact", "Birthday", EITHER, 'birthday = "Birthday"', "cannot be told apart"),
        ("contact", "Birthday", [*DAY_FIRST, "0/0/00"], 'null = ["0/0/00"]', None),
        ("contact", "Created", ["2024-01-01 10:00"], "created_at", "the time zone of these times"),
        ("contact", "Created", EITHER, "created_at", "cannot be told apart"),
        (
            "contact",
            "Birthday",
            ["01.02.62", "03.04.05", "05.06."],
            '"${1}19$2"]',
            "without a year",
        ),
        ("contact", "Birthday", ["62-01-31", "05-12-24"], '[0-8])([^0-9])", "19$1$2"]]', None),
        ("contact", "Created", ["01.02.62 10:00"], 'formats = ["%d.%m.%y %H:%M"]', "time zone"),
        ("deal", "Amount", ["1.234,50"], 'decimal_mark = ","', None),
        ("deal", "Amount", ["1,234"], 'amount = "Amount"', "thousands or decimals"),
        ("deal", "Amount", ["321.000", "7.500"], 'amount = "Amount"', "thousands or decimals"),
        ("deal", "Amount", ["321.000 €", "9 €"], 'currency = "*", decimal_mark = ","', None),
        ("deal", "Amount", ["AED 81,000"], 'currency = "*", decimal_mark = "."', None),
        ("deal", "Amount", ["KWD 81.250"], 'currency = "*"', "thousands or decimals"),
        ("deal", "Amount", ["1.234 €", "5.678 €", "12.50 €"], "amount", "thousands or decimals"),
        ("deal", "Amount", ["325 000 €"], 'currency = "*", decimal_mark = ","', None),
        ("deal", "Amount", ["soon", "later", "x"], 'amount = "Amount"', "numbers: 3 of its 3"),
        ("deal", "Amount", ["USD 75,000", "90k", "1.50"], "amount", "numbers: 1 of its 3 values"),
        ("contact", "Tags", ["a;b", "c"], 'split = ";"', None),
        ("contact", "Tags", ['["a", "b"]'], 'replace = [["[\\\\[\\\\]]", ""], ["\\"", ""]]', None),
        ("lead", "Status", ["new", "lost"], 'status = "Status"', None),
        ("lead", "Status", ["New", "Won"], '"Won" = "converted"', None),
        ("lead", "Status", ["New", "Hot"], 'values = { "New" = "new" }', "stands for 'Hot'"),
        ("lead", "Status", ["Cool", "Hot"], '# status = { column = "Status"', "stands for 'Cool'"),
        ("deal", "Client", ["Ann"], 'company = "Client"', None),
        ("lead", "Bed Rooms", ["2"], '# "attributes.bed_rooms" = "Bed Rooms"', None),
    ],
)
def test_what_values_prove(
    object_: str, column: str, values: list[str], line: str, decision: str | None
) -> None:
    found, _ = draft(object_, {"Name": ["Ann"], "E-mail": ["ann@example.com"], column: values})
    assert line in found.text
    if decision is None:
        assert found.decisions == ()
    else:
        assert any(decision in one for one in found.decisions), found.decisions


def test_the_region_of_phone_numbers() -> None:
    _, mapping = draft("contact", {"Phone": ["050 555 0101"]}, region="AE")
    phone = field(mapping, "phone")
    assert (phone.type, phone.options["region"]) == ("phone", "AE")


def test_names_that_need_quoting() -> None:
    found, mapping = draft("contact", {'Na"me': [], "E-mail\x7f\n": [], "vorel_row": []})
    assert '"vorel_row": one of the importer\'s own columns' in found.text
    assert {one.columns for one in mapping.fields} <= {("E-mail\x7f\n",), ('Na"me',)}


@pytest.mark.parametrize(
    ("values", "with_time", "formats", "decide"),
    [
        (["2024-01-31"], False, (), None),
        (["2024-01-31 10:00"], True, (), None),
        (["31.01.2024"], False, ("%d.%m.%Y",), None),
        (["1/13/2024", "2/14/2024"], False, ("%m/%d/%Y",), None),
        (["25/01/2024"] * 20 + ["1/25/2024"], False, ("%d/%m/%Y",), None),
        (["25/01/2024", "1/25/2024"], False, (), "some have the day first, others the month"),
        (["16 Apr, 2021 00:02:00"], True, ("%d %b, %Y %H:%M:%S",), None),
        (["2024-01-31"], True, ("%Y-%m-%d",), None),
        (["1980-08-18T00:00:00Z"], False, ("%Y-%m-%dT%H:%M:%S%z",), None),
        (["44521", "45000.5"], True, ("excel",), None),
        (["1717133400"], True, ("unix",), None),
        (["soon", "later"], False, (), 'state it, as in formats = ["%d/%m/%Y"]'),
        (["2024-01-31 09:00", "1/2/2024 10:00"], True, (), '["iso", "%m/%d/%Y %H:%M"]'),
    ],
)
def test_date_formats(
    values: list[str], with_time: bool, formats: tuple[str, ...], decide: str | None
) -> None:
    found = date_formats(values, with_time=with_time)
    assert found.formats == formats
    assert decide in found.decide if decide and found.decide else found.decide == decide, found


def test_numbers_and_words_for_nothing() -> None:
    assert decimal_mark(["12", "1.5"]) == FormatFinding()
    assert decimal_mark(["1,234.50", "1,234"]).decimal_mark == "."
    assert null_words(["n/a", "x", " - ", "N/A", ""]) == ["-", "N/A", "n/a"]
    assert null_words(["Null", "Na", "—", "n/a"], are_texts=True) == ["n/a", "—"]


@pytest.mark.parametrize(
    "text",
    [
        *("- -", "—", "????", "...", "(none)", "-None-", "<null>", "n/a", "N.A.", "0000-00-00"),
        *("(no email)", "no-mail", "non- mail address", "No phone number", "kein Name", "0.0.00"),
        *(
            "sin correo",
            "بدون رقم",
            "لا يوجد",
            "not provided",
            "Brak",
            "keine Angabe",
            "yok",
            "なし",
        ),
    ],
)
def test_what_people_write_where_there_is_nothing(text: str) -> None:
    assert is_null(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "x", "No. 5", "no thanks", "Noname GmbH", "no 7", "Nomail@example.com"),
        *("Sinéad", "Nina", "✓", "★★★", "not interested", "Non Stop Travel", "Kein", "5-", "☎"),
    ],
)
def test_what_only_looks_like_nothing(text: str) -> None:
    assert not is_null(text)
