"""Suggested mappings send what lists of people hold: each case stands for many real exports."""

from __future__ import annotations

from typing import Any

import pytest
from lists.suggested import proposed, sent

from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping

NAMES = """
Person - Name,Person - Surname,Person - Email
Anna Muster,Muster,anna@example.com
Ben Probe,Probe,ben@example.com
Cleo Test,Test,cleo@example.com
"""


def test_a_whole_name_beside_a_surname_is_not_doubled() -> None:
    assert [row and row["name"] for row in sent(NAMES, "lead")] == [
        *("Anna Muster", "Ben Probe", "Cleo Test"),
    ]
    first = sent(NAMES, "contact")[0]
    assert first is not None
    assert "first_name" not in first
    assert first["email"] == "anna@example.com"


def test_an_empty_column_never_wins_over_a_filled_one() -> None:
    rows = sent("Name,Account,Company\nAnn,,Sample Ltd\nBob,,Sample Inc\n", "contact")
    assert [row and row.get("company") for row in rows] == ["Sample Ltd", "Sample Inc"]


@pytest.mark.parametrize(
    ("cells", "email"),
    [
        ("a@example.com; b@example.net", "a@example.com"),
        ("a@example.com, b@example.net", "a@example.com"),
        ("a@example.com ::: b@example.net", "a@example.com"),
        ("a@example.com / b@example.net", "a@example.com"),
        ("a@example.com\nb@example.net", "a@example.com"),
        ("n/a", None),
    ],
)
def test_an_address_is_one_or_none(cells: str, email: str | None) -> None:
    others = "".join(f"Bob {at},bob{at}@example.com\n" for at in range(8))
    rows = sent(f'Name,E-Mail\nAnn,"{cells}"\n{others}', "contact")
    assert rows[0] is not None
    assert rows[0].get("email") == email


@pytest.mark.parametrize(
    ("cell", "phone"),
    [
        ("050 123 4567 / 04 301 2345", "+971501234567"),
        ("050 123 4567, 04 301 2345", "+971501234567"),
        ("050 123 4567\n04 301 2345", "+971501234567"),
        ("050 123 4567 ::: 04 301 2345", "+971501234567"),
        ("050 123 4567 ext 12", "+971501234567"),
        ("501234567", "+971501234567"),
        ("971501234567", "+971501234567"),
        ("00971 50 123 4567", "+971501234567"),
    ],
)
def test_a_number_is_read(cell: str, phone: str) -> None:
    others = "".join(f"Bob {at},050 765 43{at:02}\n" for at in range(9))
    rows = sent(f'Name,Phone\nAnn,"{cell}"\n{others}', "contact", region="AE")
    assert [row and row["phone"] for row in rows][:2] == [phone, "+971507654300"]


def test_numbers_that_a_spreadsheet_has_cut_are_counted_and_left_out() -> None:
    cut = "".join(f"Cid {at},9.7150{at}E+11,4.5010{at}E+09\n" for at in range(8))
    good = "".join(f"Bob {at},050 765 43{at:02},17{at}\n" for at in range(20))
    text = f"Name,Phone,Customer No\n{cut}{good}"
    draft = proposed(text, "contact", region="AE")
    told = "8 numbers were cut by a spreadsheet and cannot be sent"
    assert sum(told in one for one in draft.decisions) == 2
    rows = sent(text, "contact", region="AE")
    assert all(rows)
    assert not [one for one in rows if one and "E+" in str(one)]


def test_the_commonest_form_of_what_cannot_be_read_is_shown_first() -> None:
    odd = "".join(f"Cid {at},12-{at:02}\n" for at in range(9))
    text = f"Name,Phone\nAnn,ask her\n{odd}" + "".join(
        f"Bob {at},050 765 43{at:02}\n" for at in range(20)
    )
    (line,) = (one for one in proposed(text, "contact", region="AE").lines if one.target == "phone")
    assert line.tally is not None
    assert line.tally.examples[0] == "12-00"


def test_numbers_are_of_the_country_of_their_row() -> None:
    text = """
Name,Phone,Country
Ann,082 123 4567,South Africa
Bob,020 7946 0958,United Kingdom
Cid,416 555 0199,Canada
"""
    assert [row and row["phone"] for row in sent(text, "contact", region="GB")] == [
        *("+27821234567", "+442079460958", "+14165550199"),
    ]


def test_the_country_of_numbers_is_found_and_said() -> None:
    coded = "".join(f"Bob {at},+971 50 765 43{at:02}\n" for at in range(9))
    text = f"Name,Phone\nAnn,050 123 4567\n{coded}"
    draft = proposed(text, "contact")
    assert any("taken for those of AE" in one for one in draft.decisions)
    assert next(row and row["phone"] for row in sent(text, "contact")) == "+971501234567"


@pytest.mark.parametrize("others", ["", "Ann,+33 6 55 51 22 87\n", "Ann,+49 171 5523190\n"])
def test_numbers_that_nothing_places_are_told(others: str) -> None:
    bare = "".join(f"Bob {at},050 765 43{at:02}\n" for at in range(9))
    text = f"Name,Phone\n{bare}{others}"
    (decision,) = proposed(text, "contact").decisions
    assert "add their country to the line" in decision
    assert "9 values that cannot be read: sent as written" in decision


def test_a_region_that_most_numbers_contradict_is_told_with_one_that_fits() -> None:
    text = "Name,Phone\n" + "".join(f"Bob {at},(212) 340-12{at:02}\n" for at in range(12))
    decisions = proposed(text, "contact", region="AE").decisions
    assert any("most numbers are not of AE, but are written as in US" in one for one in decisions)


def test_a_few_odd_numbers_do_not_speak_for_most() -> None:
    text = "Name,Phone\n" + "".join(f"Bob {at},050 765 43{at:02}\n" for at in range(90))
    text += "".join(f"Cid {at},(212) 340-12{at:02}\n" for at in range(10))
    decisions = proposed(text, "contact", region="AE").decisions
    assert not [one for one in decisions if "most numbers" in one]


@pytest.mark.parametrize(
    ("header", "value", "hints", "created"),
    [
        ("Created", "2024-08-18", {}, "2024-08-18T00:00:00+04:00"),
        ("Created", "15 Apr, 2021 23:01:19", {}, "2021-04-15T23:01:19+04:00"),
        ("Created (UTC)", "2024-08-18T10:00:00Z", {}, "2024-08-18T10:00:00+00:00"),
        ("Created", "18.08.2024 10:30", {}, "2024-08-18T10:30:00+04:00"),
        # A zone that the header or the value names wins over the one that is stated.
        ("Created (UTC)", "2024-08-18 10:30", {}, "2024-08-18T10:30:00+00:00"),
        ("Created UTC", "2024-08-18 10:30", {}, "2024-08-18T10:30:00+00:00"),
        ("created_at_utc", "2024-08-18 10:30", {}, "2024-08-18T10:30:00+00:00"),
        ("Created (GMT+2)", "18.08.2024 10:30", {}, "2024-08-18T10:30:00+02:00"),
        ("Created [UTC-05:00]", "18.08.2024 10:30", {}, "2024-08-18T10:30:00-05:00"),
        ("Created (+05:30)", "18.08.2024 10:30", {}, "2024-08-18T10:30:00+05:30"),
        ("Created (Europe/Berlin)", "18.08.2024 10:30", {}, "2024-08-18T10:30:00+02:00"),
        ("Created (MSK)", "18.08.2024 10:30", {}, "2024-08-18T10:30:00+03:00"),
        ("Created", "18.08.2024 10:30 MSK", {}, None),
        ("Created", "2024-08-18 10:30:00 +02:00", {}, "2024-08-18T10:30:00+02:00"),
        ("Created (UTC)", "2024-08-18T10:30:00+02:00", {}, "2024-08-18T10:30:00+02:00"),
        ("Created (EST)", "18.08.2024 10:30", {}, None),
        ("Created", "18.08.2024 10:30 IST", {}, None),
        ("Created", "03/04/2024", {"region": "US"}, "2024-03-04T00:00:00+04:00"),
        ("Created", "03/04/2024", {"region": "AE"}, "2024-04-03T00:00:00+04:00"),
        ("Created", "03/04/2024", {}, None),
        ("Created", "soon", {}, None),
        ("Created", "05/12", {}, None),
    ],
)
def test_a_date_is_right_or_left_out(
    header: str, value: str, hints: dict[str, Any], created: str | None
) -> None:
    text = f'Name,{header}\nAnn,"{value}"\nBob,"{value}"\n'
    rows = sent(text, "contact", timezone="Asia/Dubai", **hints)
    assert [row and row.get("created_at") for row in rows] == [created, created]


@pytest.mark.parametrize(
    ("value", "birthday"),
    [
        ("1980-08-18T00:00:00Z", "1980-08-18"),
        ("18-Aug-80", "1980-08-18"),
        ("August 18, 1980", "1980-08-18"),
        ("1980年08月18日", "1980-08-18"),
        ("1980년 8월 18일", "1980-08-18"),
        ("昭和55年8月18日", None),
        ("18/08/2523", None),
        ("๑๘/๐๘/๑๙๘๐", "1980-08-18"),
        ("29451", "1980-08-18"),
        ("--08-18", None),
    ],
)
def test_a_birthday_is_right_or_left_out(value: str, birthday: str | None) -> None:
    (row,) = sent(f'Name,Birthday\nAnn,"{value}"\n', "contact")
    assert row is not None
    assert row.get("birthday") == birthday


@pytest.mark.parametrize(
    ("header", "timezone", "created"),
    [
        ("Created (EST)", "America/New_York", "2024-08-18T10:30:00-04:00"),
        ("Created (ET)", "America/New_York", "2024-08-18T10:30:00-04:00"),
        ("Created (IST)", "Asia/Kolkata", "2024-08-18T10:30:00+05:30"),
        ("Created (MEZ)", "Europe/Vienna", "2024-08-18T10:30:00+02:00"),
    ],
)
def test_the_stated_zone_says_which_of_one_name_is_meant(
    header: str, timezone: str, created: str
) -> None:
    text = f"Name,{header}\nAnn,2024-08-18 10:30\n"
    (row,) = sent(text, "contact", timezone=timezone)
    assert row is not None
    assert row["created_at"] == created
    (decision,) = proposed(text, "contact", timezone="Asia/Dubai").decisions
    assert "which time zone" in decision


def test_a_time_without_a_zone_stays_out_until_one_is_stated() -> None:
    text = "Name,Created\nAnn,2024-08-18 10:00\n"
    assert sent(text, "contact") == [{"name": "Ann"}]
    assert any("--timezone" in one for one in proposed(text, "contact").decisions)


BOOKING = "Customer,Mobile,Date,{0}\nAnn,0501234567,31/05/2024,{1}\nBob,0507654321,01/06/2024,{1}\n"


@pytest.mark.parametrize(
    ("headers", "cells", "start", "end"),
    [
        ("Time Slot", "09:00 - 09:45", "09:00", "09:45"),
        ("Time", "09:00", "09:00", "09:30"),
        ("Time,Duration", "09:00,60", "09:00", "10:00"),
        ("Start Time,End Time", "9:00 AM,9:20 AM", "09:00", "09:20"),
        ("Heure", "9h15", "09:15", "09:45"),
        ("Uhrzeit", "14 Uhr", "14:00", "14:30"),
        ("Time {local}", "09:00", "09:00", "09:30"),
        ("من,إلى", "1:00 م,1:20 م", "13:00", "13:20"),
        ("Slot", "9:00 ص إلى 9:45 ص", "09:00", "09:45"),
        ("من الساعة,حتى الساعة", "09:00,09:20", "09:00", "09:20"),
    ],
)
def test_when_an_appointment_is(headers: str, cells: str, start: str, end: str) -> None:
    rows = sent(BOOKING.format(headers, cells), "appointment", timezone="Asia/Dubai", region="AE")
    assert [row and (row["scheduled_start"], row["scheduled_end"]) for row in rows] == [
        (f"2024-05-31T{start}:00+04:00", f"2024-05-31T{end}:00+04:00"),
        (f"2024-06-01T{start}:00+04:00", f"2024-06-01T{end}:00+04:00"),
    ]


@pytest.mark.parametrize(
    "slot",
    [
        "31/05/2024 09:00 AM - 09:20 AM",
        "31/05/2024 9:00–9:20",
        "31/05/2024 09:00 to 09:20",
        "2024-05-31 09:00-09:20",
    ],
)
def test_a_day_and_both_its_hours_may_be_in_one_cell(slot: str) -> None:
    text = f"Customer,Mobile,Appointment\nAnn,0501234567,{slot}\n"
    (row,) = sent(text, "appointment", timezone="Asia/Dubai", region="AE")
    assert row is not None
    assert row["scheduled_start"] == "2024-05-31T09:00:00+04:00"
    assert row["scheduled_end"] == "2024-05-31T09:20:00+04:00"


@pytest.mark.parametrize(
    "moment",
    ["2024-05-31 09:00:00 -08:00", "2024-05-31 09:00-08:00", "2024-05-31 09:00:00-08"],
)
def test_an_offset_behind_an_hour_is_no_end(moment: str) -> None:
    text = f"Customer,Mobile,Appointment\nAnn,0501234567,{moment}\n"
    (row,) = sent(text, "appointment", timezone="Asia/Dubai", region="AE")
    assert row is not None
    assert row["scheduled_start"] == "2024-05-31T09:00:00-08:00"


@pytest.mark.parametrize(
    ("head", "day", "hour"),
    [
        ("Start,Time", "31/05/2024", "09:15"),
        ("Date,Time", "2024-05-31 00:00:00", "09:15"),
        ("Date,Time", "31/05/2024 00:00", "9h15"),
        ("Date,Time", "2024-05-31", "1899-12-30 09:15:00"),
    ],
)
def test_a_day_and_an_hour_are_one_start(head: str, day: str, hour: str) -> None:
    text = f"Customer,Mobile,{head}\nAnn,0501234567,{day},{hour}\n"
    (row,) = sent(text, "appointment", timezone="Asia/Dubai", region="AE")
    assert row is not None
    assert row["scheduled_start"] == "2024-05-31T09:15:00+04:00"


@pytest.mark.parametrize(
    ("header", "cell", "why"),
    [
        ("Qwxz", "09:00", "'Date' has no time of day: whether the times in 'Qwxz' are when"),
        ("Qwxz", "9:00 - 9:45", "'Date' has no time of day: whether the times in 'Qwxz' are"),
        ("Time", "after lunch", "its date format: it was not recognised"),
    ],
)
def test_no_start_is_midnight_if_a_column_may_say_when(header: str, cell: str, why: str) -> None:
    found = proposed(BOOKING.format(header, cell), "appointment", timezone="Asia/Dubai")
    assert not found.is_ready
    assert any(why in one for one in found.decisions)
    assert f'# scheduled_start = {{ template = "{{Date}} {{{header}}}"' in found.text


def test_what_reaches_another_person_is_no_substitute() -> None:
    text = """
Name,Email,Contact2 Email,Spouse Phone,Emergency Contact Phone
Ann,ann@example.com,bob@example.com,0501234567,0507654321
Cid,,dan@example.com,0501234568,0507654322
"""
    assert sent(text, "contact", region="AE") == [
        {"name": "Ann", "email": "ann@example.com"},
        {"name": "Cid"},
    ]


@pytest.mark.parametrize(
    "headers",
    [
        "CON_First_Name,CON_Last_Name,CON_Email,CON_Phone",
        "tblPatients.First Name,tblPatients.Last Name,tblPatients.Email,tblPatients.Phone",
        "What's your first name?,Your last name,What's your email?,Your phone number",
        "First name (required),Last name (required),E-mail (work),Phone (UTC)",
    ],
)
def test_headers_as_programs_write_them(headers: str) -> None:
    people = [f"Ann{at},Muster,ann{at}@example.com,+97150123456{at}" for at in range(4)]
    rows = sent("\n".join([headers, *people]), "contact")
    assert rows[0] == {
        "first_name": "Ann0",
        "last_name": "Muster",
        "email": "ann0@example.com",
        "phone": "+971501234560",
    }


def test_values_tell_what_a_vague_header_does_not() -> None:
    people = "".join(f"+26599362800{at},p{at}@example.com\n" for at in range(4))
    assert sent(f"Number,Contact\n{people}", "contact")[0] == {
        "phone": "+265993628000",
        "email": "p0@example.com",
    }


@pytest.mark.parametrize(
    ("people", "fields"),
    [
        ("Anna Muster,anna@example.com\nBen O'Neill,ben@example.com\n", {"name": "Anna Muster"}),
        ("7,Anna,Muster\n8,Ben,O'Neill\n", {"first_name": "Anna", "last_name": "Muster"}),
    ],
)
def test_names_in_a_list_without_a_header(people: str, fields: dict[str, str]) -> None:
    width = people.partition("\n")[0].count(",") + 1
    header = ",".join(f"column {at + 1}" for at in range(width))
    row = sent(f"{header}\n{people}", "contact")[0]
    assert row is not None
    assert row | fields == row


def test_the_apostrophe_of_spreadsheets_is_taken_off() -> None:
    rows = sent("Customer ID,Name\n'0042,Ann\n'0043,Bob\n", "contact")
    assert [row and row["external_ref"] for row in rows] == ["0042", "0043"]


def test_the_rest_of_a_lead_is_sent_too() -> None:
    text = """
Name,Phone,Property Type,Bedrooms,Budget,Password,Empty
Ann,0501234567,Villa,3,2000000,secret1,
Ann,0501234567,Flat,1,900000,secret2,
"""
    rows = sent(text, "lead", region="AE")
    assert [row and row["attributes"] for row in rows] == [
        {"property_type": "Villa", "bedrooms": "3", "budget": "2000000"},
        {"property_type": "Flat", "bedrooms": "1", "budget": "900000"},
    ]


def test_ids_that_are_unique_make_an_identity() -> None:
    text = "Customer ID,Name\nC1,Ann\nC2,Bob\nC3,Cid\n"
    assert 'identity = ["external_ref"]  # each of the 3 rows' in proposed(text, "contact").text
    partly = proposed(text, "contact", is_whole=False).text
    assert '# identity = ["external_ref"]' in partly
    assert "identity" not in proposed(text.replace("C3", "C1"), "contact").text


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("* myContacts ::: Clients", ["myContacts", "Clients"]),
        ('"vip","denver"', ["vip", "denver"]),
        ("vip; denver", ["vip", "denver"]),
        ('["vip", "denver"]', ["vip", "denver"]),
        ("vip\ndenver", ["vip", "denver"]),
        ("重要、老客户", ["重要", "老客户"]),
        ("مهم، قديم", ["مهم", "قديم"]),
    ],
)
def test_lists_of_tags(cell: str, tags: list[str]) -> None:
    quoted = cell.replace('"', '""')
    (row,) = sent(f'Name,Tags\nAnn,"{quoted}"\n', "contact")
    assert row is not None
    assert row["tags"] == tags


def test_house_numbers_belong_to_their_street() -> None:
    for header in ("Naam,Straat,Huisnummer,Plaats", "Name,Straße,Hs.-Nr.,Ort"):
        (row,) = sent(f"{header}\nAnn,Kerkstraat,11 A,Breda\n", "contact")
        assert row is not None
        assert row["street"] == "Kerkstraat 11 A"


@pytest.mark.parametrize("object_", ["contact", "lead"])
def test_particles_belong_to_the_last_name(object_: str) -> None:
    text = "Voornaam,Tussenvoegsel,Achternaam\nJan,van der,Muster\nSanne,,Probe\nPim,de,Demo\n"
    rows = [row or {} for row in sent(text, object_)]
    names = [row.get("name") or f"{row['first_name']} {row['last_name']}" for row in rows]
    assert names == ["Jan van der Muster", "Sanne Probe", "Pim de Demo"]


def test_a_particle_without_a_last_name_is_left_out() -> None:
    assert sent("Naam,Tussenvoegsel\nJan Muster,van der\n", "contact") == [{"name": "Jan Muster"}]


def test_what_is_added_to_a_house_number_belongs_to_the_street() -> None:
    text = "Naam,Straat,Huisnr,Toev\nJan Muster,Dorpsstraat,1,a\nSanne Probe,Dorpsstraat,2,\n"
    rows = [row or {} for row in sent(text, "contact")]
    assert [row["street"] for row in rows] == ["Dorpsstraat 1 a", "Dorpsstraat 2"]


@pytest.mark.parametrize(
    ("header", "cells", "names"),
    [
        ("Cognome e Nome", "Rossi Giulia,De Luca Marco", ["Giulia Rossi", "De Luca Marco"]),
        ("Nachname Vorname", "Muster Anna,Probe Peter", ["Anna Muster", "Peter Probe"]),
        ("Nachname Vorname", "Anna Muster,Peter Probe", ["Anna Muster", "Peter Probe"]),
        ("Nom prénom", "Dubois Claire,Martin Paul", ["Claire Dubois", "Paul Martin"]),
        ("Nom prénom", "Claire Dubois,Paul Petit", ["Claire Dubois", "Paul Petit"]),
        ("Nom prénom", "Qwasch Zerb,Plimp Drox", ["Qwasch Zerb", "Plimp Drox"]),
        ("Nome e cognome", "Giulia Rossi,Luca Demo", ["Giulia Rossi", "Luca Demo"]),
        ("Nachname Vorname", "Muster Anna,Probe GmbH", ["Muster Anna", "Probe GmbH"]),
    ],
)
def test_names_are_turned_where_the_header_says_so(
    header: str, cells: str, names: list[str]
) -> None:
    rows = sent("\n".join([header, *cells.split(",")]), "contact")
    assert [row and row["name"] for row in rows] == names


def test_amounts_with_their_currency() -> None:
    rows = sent('Deal Name,Amount\nRefit,"AED 1,200.50"\nPaint,"AED 900.00"\n', "deal")
    assert [row and row["amount"] for row in rows] == ["1200.50", "900.00"]


@pytest.mark.parametrize(
    ("header", "currency"),
    [("Amount (AED)", "AED"), ("Value in EUR", "EUR"), ("Amount", None), ("Amount ($)", None)],
)
def test_the_currency_that_a_header_names(header: str, currency: str | None) -> None:
    (row,) = sent(f"Deal Name,{header}\nRefit,1200\n", "deal")
    assert row is not None
    assert (row["amount"], row.get("currency")) == ("1200", currency)


@pytest.mark.parametrize("odd", ["ask", "", "1.5.2024 EUR"])
def test_the_currency_beside_amounts_of_which_one_cannot_be_read(odd: str) -> None:
    amounts = "".join(f'Refit {at},"1.20{at},50 EUR"\n' for at in range(10))
    rows = sent(f"Deal Name,Amount\n{amounts}Roof,{odd}\n", "deal")
    assert [row and row["currency"] for row in rows[:10]] == ["EUR"] * 10


def test_no_value_of_the_list_stands_in_the_file_unless_asked_for() -> None:
    assert "Anna" not in proposed(NAMES, "contact").text
    assert "Anna" in proposed(NAMES, "contact", shows_samples=True).text


def test_the_figures_of_each_line() -> None:
    people = "".join(f"Ann{at},050 765 43{at:02}\n" for at in range(44))
    odd = "".join(f"Cid{at},nobody{at}\n" for at in range(1, 6))
    text = f"Name,Phone\nBob,+971501234567\n{odd}{people}"
    draft = proposed(text, "contact", region="AE")
    (phone,) = (line.tally for line in draft.lines if line.target == "phone")
    assert phone is not None
    assert (phone.filled, phone.as_written, phone.changed, phone.kept) == (50, 1, 44, 5)
    assert draft.sendable == 50
    assert draft.verdict.words() == (
        "All 50 people can be sent: all with a name, all with a phone, none with an email; 5 go "
        "with their phone as written, since it cannot be read."
    )


@pytest.mark.parametrize(
    ("column", "good", "bad"),
    [("E-Mail", "bob{}@example.com", "ask him"), ("Phone", "050 765 43{:02}", "12")],
)
@pytest.mark.parametrize("rows", [6, 60, 300])
def test_fewer_than_five_odd_values_are_refused_and_told(
    column: str, good: str, bad: str, rows: int
) -> None:
    others = "".join(f"Bob {at},{good.format(at % 90)}\n" for at in range(rows))
    odd = "".join(f"Ann {at},{bad}\n" for at in range(4))
    draft = proposed(f"Name,{column}\n{others}{odd}", "contact", region="AE")
    assert "on_error" not in draft.text
    assert draft.sendable == rows
    assert "4 values that cannot be read: refused, with the row" in draft.decisions[0]
    assert "4 rows need a person." in draft.verdict.words()


def test_people_without_names_are_asked_about_once() -> None:
    rows = "".join(f"reader{at}@example.com\n" for at in range(6))
    draft = proposed(f"E-mail\n{rows}", "contact")
    assert draft.asks == ("name",)
    assert draft.decisions[0].startswith("none of the 6 rows gets a name: map a column to it")
    assert '# without = ["name"]  # To decide:' in draft.text
    told = proposed(f"E-mail\n{rows}", "contact", without=("name",))
    assert (told.asks, told.decisions) == ((), ())
    assert parse_mapping(told.text.encode()).without == ("name",)


def test_deals_without_amount_stage_and_customer_are_asked_about() -> None:
    rows = "".join(f"Refit {at}\n" for at in range(6))
    draft = proposed(f"Deal Name\n{rows}", "deal")
    assert draft.asks == ("amount", "stage", "customer")
    assert "gets an amount, a stage or a customer" in draft.decisions[0]
    assert not proposed("Deal Name,Stage\nRefit,Open\n", "deal").asks


def test_cases_without_subject_and_description_are_asked_about() -> None:
    rows = "".join(f"T-{at},Open\n" for at in range(6))
    draft = proposed(f"Ticket ID,Status\n{rows}", "case")
    assert draft.asks == ("subject", "description")
    assert "gets a subject or a description" in draft.decisions[0]
    told = proposed(f"Ticket ID,Status\n{rows}", "case", without=draft.asks)
    assert (told.asks, told.decisions) == ((), ())
    assert not proposed("Ticket ID,Description\nT-1,The screen is broken\n", "case").asks


def test_a_mapping_without_a_line_is_not_ready() -> None:
    draft = proposed("Qwxz,Vbnm\n1,2\n", "case")
    assert (
        draft.decisions[0] == "no column is surely a field of the object case: write lines for some"
    )
    assert not draft.is_ready
    assert not proposed("Customer Name\nAnn\n", "appointment").is_ready
    assert proposed("Subject\nBroken\n", "case").is_ready


def test_a_few_odd_values_of_a_long_list_are_refused_and_named() -> None:
    people = "".join(f"Ann{at},a{at}@example.com\n" for at in range(199))
    draft = proposed(f"Name,Email\nCid,nobody\n{people}", "contact")
    assert draft.sendable == 199
    assert draft.decisions == (
        "email ('Email'): 1 value that cannot be read: refused, with the row",
    )


WEB = "Name,Email,Budget,IP Address,User-Agent,utm_source,gclid,Referer,Qwxz,Zrtk\n" + "".join(
    f"Ann{at},a{at}@example.com,{at}00,192.0.2.{at},Mozilla/5.0 (X11),news,x{at},"
    f"https://example.org/{at},2001:db8::{at + 1},Mozilla/5.0 (Mac)\n"
    for at in range(6)
)


def test_what_a_web_server_notes_of_a_visitor_is_never_sent_by_rest() -> None:
    rows = sent(WEB, "lead")
    assert [row and row.get("attributes") for row in rows] == [
        {"budget": f"{at}00"} for at in range(6)
    ]
    # Without the values, the headers alone keep them back.
    mapping = parse_mapping(b'rest = "attributes"\n[fields]\nname = "Name"\nemail = "Email"')
    mapper = Mapper(mapping, "lead")
    mapper.check_columns(WEB.split("\n", maxsplit=1)[0].split(","))
    attributes = {one.target for one in mapper.plans if one.target.startswith("attributes.")}
    assert attributes == {"attributes.budget", "attributes.qwxz", "attributes.zrtk"}


@pytest.mark.parametrize("header", ["Description", "Qwxz"])
def test_notes_with_a_card_among_them_are_kept_back_masked_and_told(header: str) -> None:
    rows = "".join(f"Ann{at},ann{at}@example.com,prefers mornings {at}\n" for at in range(6))
    table = f"Name,Email,{header}\n{rows}Ben,ben@example.com,Visa 4111 1111 1111 1111 CVV 912\n"
    found = sent(table, "lead")
    assert all(row is not None and row.keys() == {"name", "email"} for row in found)
    draft = proposed(table, "lead", shows_samples=True)
    why = "its texts contain payment card numbers: not sent unless you map it"
    assert draft.decisions[0] == f"{header!r}: {why}"
    assert why in draft.text
    assert "mornings" not in draft.text
    assert "4111 1111" not in draft.text


@pytest.mark.parametrize(
    ("object_", "header", "values", "is_sent"),
    [
        ("contact", "status", ["true", "false", "false"], False),
        ("contact", "Kundenstatus", ["1", "0", ""], False),
        ("case", "Priority", ["Yes", "no", "yes"], False),
        ("lead", "Status", ["ja", "nein", "ja"], False),
        ("contact", "status", ["yes", "no", "perhaps"], True),
        ("case", "priority", ["1", "2", "3"], True),
    ],
)
def test_yes_and_no_are_no_status(
    object_: str, header: str, values: list[str], is_sent: bool
) -> None:
    name = "Subject" if object_ == "case" else "Name"
    rows = "".join(f"Ann{at},ann{at}@example.com,{value}\n" for at, value in enumerate(values))
    draft = proposed(f"{name},Email,{header}\n{rows}", object_)
    (line,) = (one for one in draft.text.splitlines() if header in one)
    assert line.startswith("# ") is not is_sent
    assert ("say only yes or no" in line) is not is_sent


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("Name", ["HS01", "SK02", "IA03", "Amal Saleh"]),
        ("Name", ["4711", "4712", "4713", "-"]),
        ("First Name", ["17", "18", "19", "20"]),
        ("Owner", ["17", "18", "18", "17"]),
        ("Company", ["1001", "1002", "1003", "-"]),
        ("Customer ID", ["7", "7", "7", "7"]),
    ],
)
def test_numbers_are_no_words_and_one_id_for_all_is_none(header: str, values: list[str]) -> None:
    rows = "".join(f"a{at}@example.com,{value},Ann Lee\n" for at, value in enumerate(values))
    found = sent(f"Email,{header},Full Name\n{rows}", "contact")
    assert all(row is not None and row.keys() == {"email", "name"} for row in found)


@pytest.mark.parametrize(
    ("header", "field", "values"),
    [
        ("Company", "company", ["G4S", "3M", "7 Seas", "Al Noor"]),
        ("Company", "company", ["-", "-", "-", "Al Noor"]),
        ("First Name", "first_name", ["P1", "P2", "P3", "P4"]),
        ("Owner", "owner", ["Priya", "Omar", "17", "Priya"]),
        ("City", "city", ["دبي", "東京", "Dubai", "-"]),
        ("Customer ID", "external_ref", ["7", "7", "8", "9"]),
    ],
)
def test_values_with_words_stay(header: str, field: str, values: list[str]) -> None:
    rows = "".join(f"a{at}@example.com,{value},Ann Lee\n" for at, value in enumerate(values))
    found = sent(f"Email,{header},Full Name\n{rows}", "contact")
    assert any(row is not None and field in row for row in found)


@pytest.mark.parametrize(
    "cell",
    ["{'id': 7{at}, 'name': 'Ann {at}'}", '{"id": 7{at}}', "[{'id': 7{at}}, {'id': 8}]"],
)
def test_objects_written_as_text_are_no_values(cell: str) -> None:
    cells = [cell.replace("{at}", str(at)).replace('"', '""') for at in range(10)]
    rows = "".join(f'Broken tap {at},new,"{one}"\n' for at, one in enumerate(cells))
    rows += "Broken door,new,Ben\n"
    found = sent(f"Subject,Status,Caller\n{rows}", "case")
    assert all(row is not None and row.keys() == {"subject", "status"} for row in found)
    draft = proposed(f"Subject,Status,Caller\n{rows}", "case")
    assert "its values are objects written as text" in draft.text


def test_the_types_of_a_dump_of_mongodb_say_nothing_of_a_column() -> None:
    header = "_id.$oid,name,email,created_at.$date.$numberLong,phone.$numberLong"
    rows = "".join(
        f"66b36bb6a3678e843dd8656{at},Ann{at},ann{at}@example.com,169290000000{at},50555010{at}\n"
        for at in range(6)
    )
    fields = {
        line.target: line.table["column"] for line in proposed(f"{header}\n{rows}", "contact").lines
    }
    assert fields["external_ref"] == "_id.$oid"
    assert fields["created_at"] == "created_at.$date.$numberLong"
    assert fields["phone"] == "phone.$numberLong"


def test_signs_for_nothing_are_not_sent_as_names_tags_or_notes() -> None:
    rows = "".join(f"Ann Muster{at},ann{at}@example.com,VIP,calls often\n" for at in range(6))
    rows += "- -,(no email),—,—\nNull Null,ben@example.com,----,????\n"
    *others, ben = sent(f"Name,Email,Tags,Notes\n{rows}", "contact")
    assert others[-1] is None
    assert ben == {"name": "Null Null", "email": "ben@example.com"}


@pytest.mark.parametrize(
    ("ids", "sent_as"),
    [
        (["17.0", "58.0", ""], ["17", "58", None]),
        (["17.0", "58.5", ""], ["17.0", "58.5", None]),
        (["17.0", "A-58", ""], ["17.0", "A-58", None]),
    ],
)
def test_whole_numbers_that_a_program_wrote_with_a_fraction(
    ids: list[str], sent_as: list[str | None]
) -> None:
    rows = "".join(f"{one},Ann{at},ann{at}@example.com\n" for at, one in enumerate(ids))
    found = sent(f"Patient ID,Name,Email\n{rows}", "contact")
    assert [row and row.get("external_ref") for row in found] == sent_as


@pytest.mark.parametrize(
    ("region", "codes", "sent_as"),
    [
        ("ES", ["28013", "8025"], ["28013", "08025"]),
        ("IT", ["20121", "118", ""], ["20121", "00118", None]),
        ("BR", ["88010000", "1310100"], ["88010000", "01310100"]),
        ("DE", ["10115", "01067", "1069"], ["10115", "01067", "1069"]),
        ("ES", ["28013", "8025", "SW1A 1AA"], ["28013", "8025", "SW1A 1AA"]),
        ("ES", ["8025", "3700"], ["8025", "3700"]),
        ("AT", ["28013", "8025"], ["28013", "8025"]),
        (None, ["28013", "8025"], ["28013", "8025"]),
    ],
)
def test_the_zeros_of_post_codes_are_put_back_where_the_list_shows_that_they_are_lost(
    region: str | None, codes: list[str], sent_as: list[str | None]
) -> None:
    rows = "".join(f"Ann{at},ann{at}@example.com,{one}\n" for at, one in enumerate(codes))
    found = sent(f"Name,Email,Postcode\n{rows}", "contact", region=region)
    assert [row and row.get("postal_code") for row in found] == sent_as


def test_numbers_of_an_old_numbering_plan_are_sent_as_digits() -> None:
    rows = "".join(f"Ann{at},+55 47 9235-68{at}5\n" for at in range(6))
    found = sent(f"Name,Phone\n{rows}Bo,+55 47 ask him\n", "contact", region="BR")
    numbers = [row and row.get("phone") for row in found]
    assert numbers == [*(f"+5547923568{at}5" for at in range(6)), "+55 47 ask him"]


def test_large_amounts_are_not_said_to_look_like_phone_numbers() -> None:
    rows = "".join(f"Tower {at},125000{at}00\n" for at in range(6))
    text = proposed(f"Deal Name,Amount\n{rows}", "deal").text
    assert "the values look like numbers" in text
    assert "phone numbers" not in text
