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


def test_a_column_whose_words_are_partly_unknown_is_not_used_beside_one_that_is_filled() -> None:
    rows = "".join(
        f"{name},a{at}@example.com,p{at}@example.com\n" for at, name in enumerate(PEOPLE)
    )
    found = sent(f"Name,Email,Qwxz email\n{rows}Eve Last,,x@example.com\n", "contact")
    assert "email" not in (found[-1] or {})


@pytest.mark.parametrize(
    ("header", "titles"),
    [
        ("الاسم,اللقب", ["سعادة", "الشيخ", "السيدة", "سعادة اللواء"]),
        ("Name,Position", ["Frau", "Herr Dr.", "Frau", "Herr"]),
        ("Name,Job Title", ["Mr", "Mrs.", "Dr", "Eng."]),
        ("الاسم,اللقب", ["الدكتور", "المهندس", "الدكتور", "المهندس"]),
        ("Name,Position", ["Mr", "Mrs", "Doctor", "Mr"]),
        ("Name,Last Name", ["Doctor", "Captain", "Doctor", "Doctor"]),
    ],
)
def test_titles_are_no_last_names_and_no_jobs_whatever_the_header_says(
    header: str, titles: list[str]
) -> None:
    rows = "".join(f"{name},{title}\n" for name, title in zip(PEOPLE, titles, strict=False))
    assert sent(f"{header}\n{rows}", "contact")[0] == {"name": "Maria Sample"}


@pytest.mark.parametrize("other", ["Captain", "Nurse", "Dr."])
@pytest.mark.parametrize("header", ["Job Title", "Occupation"])
def test_a_form_of_address_that_is_a_job_stays_one(header: str, other: str) -> None:
    jobs = ["Doctor", "Doctor", "Doctor", "Doctor", "Doctor", other]
    rows = "".join(f"{name},{job}\n" for name, job in zip(PEOPLE, jobs, strict=True))
    found = sent(f"Name,{header}\n{rows}", "contact")
    assert [row and row["job_title"] for row in found] == jobs


def test_last_names_below_the_same_header_stay_last_names() -> None:
    found = sent("الاسم,اللقب\nمحمد,بنعلي\nفاطمة,العلوي\nسعاد,بوزيد\n", "contact")
    assert found[0] == {"first_name": "محمد", "last_name": "بنعلي"}


@pytest.mark.parametrize("relations", ["Married,Single,Child", "Casada,Soltero,Viuda"])
def test_what_people_are_to_each_other_is_no_job(relations: str) -> None:
    rows = "".join(f"{n},{r}\n" for n, r in zip(PEOPLE, relations.split(","), strict=False))
    assert sent(f"Name,Position\n{rows}", "contact")[0] == {"name": "Maria Sample"}


@pytest.mark.parametrize("day", ["0001-01-01", "01/01/1900", "0000-00-00", "1899-12-30 00:00:00"])
def test_days_that_databases_write_for_none_are_empty(day: str) -> None:
    rows = "".join(f"{name},1980-02-0{at + 1}\n" for at, name in enumerate(PEOPLE))
    found = sent(f"Name,Birthday\n{rows}Eve Last,{day}\n", "contact")
    assert found[-1] == {"name": "Eve Last"}
    assert all("birthday" in (row or {}) for row in found[:-1])


@pytest.mark.parametrize("header", ["Zip", "Customer ID", "Reference"])
def test_the_apostrophe_before_a_few_codes_is_taken_off(header: str) -> None:
    rows = "".join(f"{name},{at}1234\n" for at, name in enumerate(PEOPLE, 1))
    found = sent(f"Name,{header}\n{rows}Eve Last,'02110\n", "contact")
    assert "02110" in (found[-1] or {}).values()


def test_a_second_number_is_sent_in_the_free_field() -> None:
    rows = "".join(f"{name},050123456{at},055123456{at}\n" for at, name in enumerate(PEOPLE))
    for header, first, second in (
        ("Name,Mobile,Mobile 2", "mobile_phone", "phone"),
        ("Name,Phone,Phone 2", "phone", "mobile_phone"),
    ):
        found = sent(f"{header}\n{rows}", "contact", region="AE")[0] or {}
        assert (found[first], found[second]) == ("+971501234560", "+971551234560")


@pytest.mark.parametrize("first", ["050123456", "02344556"])
def test_a_second_number_of_an_office_is_no_mobile_phone(first: str) -> None:
    rows = "".join(f"{name},{first}{at},0{at + 2}3445566\n" for at, name in enumerate(PEOPLE[:3]))
    draft = proposed(f"Name,Phone,Phone 2\n{rows}", "contact", region="AE")
    lines = {one.target: one for one in draft.lines}
    if first.startswith("05"):
        assert lines["phone"].table["column"] == "Phone 2"
        assert lines["mobile_phone"].table["column"] == "Phone"
    else:
        why = "3 values of 'Phone 2' are not sent: their rows have another phone"
        assert lines["phone"].decide == why


def test_the_second_numbers_and_addresses_of_leads_are_attributes() -> None:
    text = "Name,Mobile,Work,Email,Email 2\nAnn Lee,0501234567,043445566,a@x.org,b@x.org\n"
    assert sent(text, "lead", region="AE")[0] == {
        "name": "Ann Lee",
        "phone": "+971501234567",
        "email": "a@x.org",
        "attributes": {"work": "043445566", "email_2": "b@x.org"},
    }


def test_two_numbers_in_a_cell_are_both_sent_where_two_fields_are_free() -> None:
    rows = "".join(f"{name},050123456{at} / 04344556{at}\n" for at, name in enumerate(PEOPLE))
    found = sent(f"Name,Mobile\n{rows}Eve Last,0501234569\n", "contact", region="AE")
    assert found[0] == {
        "name": "Maria Sample",
        "mobile_phone": "+971501234560",
        "phone": "+97143445560",
    }
    assert found[-1] == {"name": "Eve Last", "mobile_phone": "+971501234569"}


def test_numbers_below_work_and_home_are_phones() -> None:
    text = "Name,Mobile,Work,Home\nMona Clinic,,04-3445566,\nZubair Ali,0505554449,,065554449\n"
    found = sent(text, "contact", region="AE")
    assert [row and row.get("phone") for row in found] == ["+97143445566", "+97165554449"]


def test_a_private_address_stands_in_for_one_of_the_office() -> None:
    for header in ("Рабочий e-mail,Частный e-mail", "Work email,Personal email"):
        found = sent(f"Name,{header}\nAnn Lee,a@x.org,b@x.org\nBen Roe,,c@x.org\n", "contact")
        assert [row and row["email"] for row in found] == ["a@x.org", "c@x.org"]


def test_names_with_the_last_one_before_a_comma_are_turned() -> None:
    rows = '"Muster, Anna"\n"van Probe, Jan"\n"Test, Eva Maria"\n'
    assert [row and row["name"] for row in sent(f"Name\n{rows}", "contact")] == [
        "Anna Muster",
        "Jan van Probe",
        "Eva Maria Test",
    ]
    found = sent(f'Name\n{rows}"Sample, Inc"\n', "contact")
    assert [(row or {})["name"] for row in (found[0], found[-1])] == ["Anna Muster", "Sample Inc"]


@pytest.mark.parametrize(
    ("header", "state"),
    [("Name,IP Address,REGION", None), ("Name,OPTIN_IP,Région", None),
     ("Name,IP Address,State", "BST")],
)  # fmt: skip
def test_the_region_of_a_visitor_is_no_state(header: str, state: str | None) -> None:
    rows = "".join(f"{name},81.2.69.{at},BST\n" for at, name in enumerate(PEOPLE))
    assert (sent(f"{header}\n{rows}", "contact")[0] or {}).get("state") == state


FORMS = """
full_name,email,full name,work_email
Ann Muster,ann@example.com,,
Ben Probe,ben@example.com,,
,,Cleo Demo,cleo@example.com
,,Dan Sample,dan@example.com
"""


def test_columns_that_mean_the_same_and_have_no_row_in_common_are_one() -> None:
    found = sent(FORMS, "lead")
    names = ["Ann Muster", "Ben Probe", "Cleo Demo", "Dan Sample"]
    assert [row and row.get("name") for row in found] == names


def test_columns_that_mean_the_same_are_not_one_if_a_row_has_both() -> None:
    found = sent(f"{FORMS}Eva Test,eva@example.com,Eva Other,\n", "lead")
    assert [row and row.get("name") for row in found][2:] == [None, None, "Eva Test"]


@pytest.mark.parametrize(
    ("header", "value", "is_plan"),
    [
        ("When", "Mon 2/3 9:15", False),
        ("Duration", "02:31", False),
        ("Duration", "3 months", False),
        ("Timeline", "2026-05-01 00:00:00", True),
        ("Timeline", "in 3 months", True),
    ],
)
def test_a_timeline_is_when_somebody_wants_something(
    header: str, value: str, is_plan: bool
) -> None:
    rows = "".join(f"{name},{value}\n" for name in PEOPLE)
    assert ("timeline" in (sent(f"Name,{header}\n{rows}", "lead")[0] or {})) is is_plan


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ("Nature of Complaint,Details", ["subject", "description"]),
        ("Problem description,Remarks", ["subject", "description"]),
        ("Subject,Details", ["subject", "description"]),
    ],
)
def test_the_shorter_one_of_two_texts_is_the_subject(headers: str, fields: list[str]) -> None:
    rows = "Ann,Leak,below the sink in the kitchen\nBen,Door lock,\nCleo,No heat,since last week\n"
    draft = proposed(f"Customer,{headers}\n{rows}", "case")
    found = {line.table["column"]: line.target for line in draft.lines if line.active}
    assert [found[header] for header in headers.split(",")] == fields


def test_a_long_text_is_no_subject() -> None:
    rows = "Ann,The lock of the door is broken,called\nBen,The sink in the kitchen leaks,\n"
    assert sent(f"Customer,Description,Remarks\n{rows}", "case")[0] == {
        "contact_name": "Ann",
        "description": "The lock of the door is broken",
    }


def test_what_is_catered_for_is_the_title_of_a_deal() -> None:
    found = sent("Event,Event Date,Amount\nOffice lunch,2026-03-15,4200\n", "deal")
    assert (found[0] or {})["title"] == "Office lunch"


@pytest.mark.parametrize(
    ("number", "status"),
    [("Order number", "Status"), ("Booking reference", "State"), ("Ticket ID", "Estado")],
)
def test_the_status_of_an_order_is_not_sent_as_that_of_the_person(number: str, status: str) -> None:
    text = f"{number},Buyer name,{status}\nT-1,Ann Muster,Complete\nT-2,Ben Probe,Cancelled\n"
    assert "status" not in (sent(text, "contact")[0] or {})
