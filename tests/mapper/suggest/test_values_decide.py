"""What columns hold decides with their headers: each case stands for many real exports."""

from __future__ import annotations

import pytest
from lists.suggested import proposed, sent

PEOPLE = ["Maria Sample", "Jan van Probe", "ANNA TEST", "Ben Muster", "Cleo Demo", "Dan Example"]


@pytest.mark.parametrize("nothing", ["-", "n/a", "---", ".", "NULL"])
def test_what_stands_for_no_value_says_nothing_about_a_column(nothing: str) -> None:
    rows = "".join(f"{name},{nothing},{nothing}\n" for name in PEOPLE)
    text = f"Name,Email,Phone\nEve Last,eve@example.com,050 123 4567\n{rows}"
    found = sent(text, "contact", region="AE")
    assert found[0] == {"name": "Eve Last", "email": "eve@example.com", "phone": "+971501234567"}
    assert found[1] == {"name": "Maria Sample"}


@pytest.mark.parametrize("note", [" (mother)", " (mamá)", " - after six", ", Anna"])
def test_a_note_beside_each_number_is_left_out(note: str) -> None:
    rows = "".join(f'{name},"050 123 45{at:02}{note}"\n' for at, name in enumerate(PEOPLE))
    found = sent(f"Name,Phone\n{rows}", "contact", region="AE")
    assert [row and row["phone"] for row in found] == [f"+9715012345{at:02}" for at in range(6)]


def test_names_of_people_are_known_below_a_header_that_nobody_knows() -> None:
    rows = "".join(f"{at},{name},{at % 3}\n" for at, name in enumerate(PEOPLE))
    found = sent(f"Lp,Dane qwxz,Nr qwxz\n{rows}", "contact")
    assert [row and row["name"] for row in found] == PEOPLE


def test_of_two_columns_that_look_like_names_of_people_a_person_has_to_choose() -> None:
    rows = "".join(f"{one},{two}\n" for one, two in zip(PEOPLE, PEOPLE[::-1], strict=True))
    assert not any(one.active for one in proposed(f"Qwxz,Zxwq\n{rows}", "contact").lines)


def test_names_of_people_who_come_again_and_again_are_not_those_of_the_rows() -> None:
    rows = "".join(f"{at},{PEOPLE[at % 2]}\n" for at in range(9))
    assert not any(one.active for one in proposed(f"Lp,Qwxz\n{rows}", "contact").lines)


def test_plain_digits_are_phone_numbers_if_they_are_of_the_country_of_the_list() -> None:
    rows = "".join(f"{name},96{at}1655998\n" for at, name in enumerate(PEOPLE))
    found = sent(f"Name,Qwxz\n{rows}", "contact", region="RU")
    assert [row and row["phone"] for row in found] == [f"+796{at}1655998" for at in range(6)]
    ids = "".join(f"{name},10{at}1655998\n" for at, name in enumerate(PEOPLE))
    assert "phone" not in (sent(f"Name,Qwxz\n{ids}", "contact", region="RU")[0] or {})


MIXED = """
Kind,First Name,Last Name,Company
company,,,Sample Ltd
person,Ann,Muster,
company,,,Example Inc
"""


def test_rows_of_companies_without_a_person_are_named_so() -> None:
    found = sent(MIXED, "contact")
    assert [row and row.get("name") for row in found] == ["Sample Ltd", None, "Example Inc"]
    assert found[1] is not None
    assert found[1]["last_name"] == "Muster"


def test_a_company_never_takes_the_place_of_a_person() -> None:
    found = sent(MIXED.replace("Muster,", "Muster,Demo AG"), "contact")
    assert [row and row.get("name") for row in found] == ["Sample Ltd", None, "Example Inc"]
    assert found[1] is not None
    assert (found[1]["last_name"], found[1]["company"]) == ("Muster", "Demo AG")


def test_several_numbers_in_a_cell_beside_a_second_column_are_cut_apart() -> None:
    people = ",050 123 4501 ::: 050 123 4502,050 123 4503\n", ",050 123 4504,050 123 4505\n"
    rows = "".join(f"{name}{people[at % 2]}" for at, name in enumerate(PEOPLE))
    found = sent(
        f"Name,Phone 1 - Value,Phone 2 - Value\n{rows},x,050 123 4506\n", "contact", region="AE"
    )
    assert [row and row["phone"] for row in found][:2] == ["+971501234501", "+971501234504"]


def test_several_addresses_in_a_cell_beside_a_second_column_are_cut_apart() -> None:
    rows = "".join(f"{name},a{at}@example.com; b@example.com,c@example.com\n"
                   for at, name in enumerate(PEOPLE))  # fmt: skip
    found = sent(f"Name,E-mail,E-mail 2\n{rows}Eve,,d@example.com\n", "contact")
    assert [row and row["email"] for row in found][::6] == ["a0@example.com", "d@example.com"]


@pytest.mark.parametrize("empty", ["", '=""'])
def test_texts_that_are_formulas_for_excel_are_read(empty: str) -> None:
    def formula(text: str) -> str:
        cell = f'="{text}"' if text else empty
        return '"' + cell.replace('"', '""') + '"'

    rows = "".join(
        f"{name},{formula(f'050 123 45{at:02}')},{formula(f'0{at}100')}\n"
        for at, name in enumerate(PEOPLE)
    )
    found = sent(f"Name,Phone,Zip\n{rows}Eve Last,{formula('')},\n", "contact", region="AE")
    assert found[1] == {"name": PEOPLE[1], "phone": "+971501234501", "postal_code": "01100"}
    assert found[-1] == {"name": "Eve Last"}


def test_several_columns_of_notes_are_put_below_each_other() -> None:
    found = sent("Name,Notes,Remarks\nAnn,calls,late\nBen,,early\nCleo,rich,\n", "contact")
    assert [row and row["notes"] for row in found] == ["calls\nlate", "early", "rich"]


@pytest.mark.parametrize("header", ["OTHERNAMES", "Other Names"])
def test_other_names_beside_a_surname_are_the_first_names(header: str) -> None:
    rows = "".join(f"{name.split()[0]},{name.split()[-1]}\n" for name in PEOPLE)
    found = sent(f"{header},SURNAME\n{rows}", "contact")
    assert found[0] == {"first_name": "Maria", "last_name": "Sample"}


def test_other_names_beside_a_first_name_are_left_out() -> None:
    found = sent("First Name,Other Names,Surname\nMaria,Eva,Sample\n", "contact")
    assert found[0] == {"first_name": "Maria", "last_name": "Sample"}


def test_a_column_whose_words_are_partly_unknown_stands_in_for_one_that_is_mostly_empty() -> None:
    rows = "".join(f"{name},,p{at}@example.com\n" for at, name in enumerate(PEOPLE))
    found = sent(
        f"Name,Email,Qwxz email\n{rows}Eve Last,eve@example.com,x@example.com\n", "contact"
    )
    assert [row and row["email"] for row in found][::6] == ["p0@example.com", "eve@example.com"]


def test_a_column_whose_words_are_partly_unknown_is_not_used_beside_one_that_is_filled() -> None:
    rows = "".join(
        f"{name},a{at}@example.com,p{at}@example.com\n" for at, name in enumerate(PEOPLE)
    )
    found = sent(f"Name,Email,Qwxz email\n{rows}Eve Last,,x@example.com\n", "contact")
    assert "email" not in (found[-1] or {})
