"""Numbers with a country code and no +, and days without a year."""

from __future__ import annotations

import pytest
from lists.suggested import proposed, sent

NAMES = ("Ann Muster", "Ben Probe", "Cleo Demo", "Dan Example", "Eve Test")


def listed(header: str, *values: str) -> str:
    rows = (f"{name},{value}\n" for name, value in zip(NAMES, values, strict=False))
    return f"Name,{header}\n{''.join(rows)}"


def phones(*values: str, region: str = "AE") -> list[str | None]:
    found = sent(listed("Phone", *values), "contact", region=region)
    return [row["phone"] if row else None for row in found]


def test_numbers_of_other_countries_are_read_where_all_lack_their_plus() -> None:
    text = ("971501234567", "919811555102", "447911123456", "971501234568", "971501234569")
    assert phones(*text) == [f"+{one}" for one in text]
    text = ("33612345678", "436641234567", "41791234567", "33612345679", "33612345670")
    assert phones(*text, region="FR") == [f"+{one}" for one in text]
    decisions = proposed(listed("Phone", *text), "contact", region="FR").decisions
    assert any("without +" in one for one in decisions)


def test_a_number_without_plus_among_numbers_of_the_country_is_not_guessed() -> None:
    found = phones("050 123 4561", "050 123 4562", "447911123456", "050 123 4563", "050 123 4564")
    assert found == ["+971501234561", "+971501234562", None, "+971501234563", "+971501234564"]


def test_numbers_of_the_country_stay_its_numbers() -> None:
    found = phones("2025550143", "2025550144", "2025550145", "1", region="US")
    assert found == ["+12025550143", "+12025550144", "+12025550145", None]


def test_birthdays_without_a_year_are_left_out_and_no_row_is_refused() -> None:
    for days in (("05/14", "09/02", "12/31"), ("14. Mai", "2 September", "31 Dec")):
        text = listed("Birthday", *days)
        assert sent(text, "contact") == [{"name": name} for name in NAMES[:3]]


def test_one_birthday_without_a_year_refuses_no_row() -> None:
    text = listed("Birthday", "05/14/1980", "03-08", "12/31/1977")
    found = sent(text, "contact")
    assert [row and row.get("birthday") for row in found] == ["1980-05-14", None, "1977-12-31"]


def test_days_are_read_with_the_name_of_the_month_first() -> None:
    text = listed("Birthday", "Jan-12-1984", "Feb-03-1990", "Dec-31-1977")
    found = sent(text, "contact")
    assert [row and row["birthday"] for row in found] == ["1984-01-12", "1990-02-03", "1977-12-31"]


@pytest.mark.parametrize("header", ["Handphone", "Texts go to", "Beeper"])
def test_numbers_of_one_country_are_read_below_any_header(header: str) -> None:
    text = listed(header, "966501234561", "050 123 4562", "0501234563", "966501234564")
    said = "numbers without a country code are taken for those of SA"
    assert any(said in str(one) for one in proposed(text, "contact").decisions)
    found = [row or {} for row in sent(text, "contact")]
    numbers = [row.get("phone", row.get("mobile_phone")) for row in found]
    assert numbers == [f"+96650123456{at}" for at in range(1, 5)]


@pytest.mark.parametrize(
    ("digits", "is_asked"), [("9845012{}", True), ("1120045{}", False), ("501234{}", True)]
)
def test_plain_digits_that_are_numbers_somewhere_are_asked_about(
    digits: str, is_asked: bool
) -> None:
    text = listed("Texts go to", *map(digits.format, (317, 204, 555, 981, 112)))
    asked = [one.about for one in proposed(text, "contact").questions]
    assert asked == (["region"] if is_asked else [])


def test_a_number_that_ends_in_zeros_is_not_cut_at_its_spaces() -> None:
    numbers = ["050 300 0000", "050 321 4455", "055 338 1212"]
    found = sent(listed("Mobile", *numbers), "contact")
    assert [row and row["mobile_phone"] for row in found] == numbers


@pytest.mark.parametrize("header", ["Yard Number", "Oman Contact", "Line in Muscat"])
@pytest.mark.parametrize("region", ["AE", None])
def test_a_second_column_of_numbers_is_sent_in_the_free_field(
    header: str, region: str | None
) -> None:
    text = f"Name,Telephone,{header}\n"
    for at, name in enumerate(NAMES):
        text += f"{name},+9714234567{at},050123456{at}\n"
    found = sent(text, "contact", region=region)
    assert [(row or {})["mobile_phone"][-9:] for row in found] == [
        f"50123456{at}" for at in range(5)
    ]


@pytest.mark.parametrize("header", ["Booked For", "Reserved by"])
def test_days_below_a_header_for_people_are_when_it_starts(header: str) -> None:
    days = ("3-Mar-2026 10:00", "14-Mar-2026 11:30", "25-Mar-2026 09:15")
    text = f"Client Name,Client Phone,{header},Booked On\n"
    for at, (name, day) in enumerate(zip(NAMES, days, strict=False)):
        text += f"{name},+97150123456{at},{day},1-Feb-2026 08:00\n"
    found = sent(text, "appointment", timezone="Asia/Dubai")
    assert [(row or {})["customer_name"] for row in found] == [*NAMES[:3]]
    assert [(row or {})["scheduled_start"][:10] for row in found] == [
        "2026-03-03",
        "2026-03-14",
        "2026-03-25",
    ]
