"""Suggested mappings: headers alone, among their neighbours, and with values."""

from __future__ import annotations

import pytest

from importer.core.errors import MappingError
from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.columns.choice import Suggestion
from importer.mapper.suggest.columns.choose import choose, suggest_mapping

CARDS = ["4111 1111 1111 1111", "5500 0055 5555 5559", "340000000000009"]
IBANS = ["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432", "AE070331234567890123456"]
EMAILS = ["ann@example.com", "bob@example.org", "cat@example.net"]
PHONES = ["+971 50 555 0101", "050-555 0102", "00971505550103"]
HASHES = ["$2b$12$abcdefghijklmnop", "$2b$12$qrstuvwxyzabcd"]
DATES = ["31/05/1980", "12/06/1961", "23/11/1974"]
STARTS: list[str | None] = ["scheduled_start", "scheduled_start"]
ENDS: list[str | None] = ["scheduled_end", "scheduled_end"]
WORDS = ["red", "green", "blue"]


def fields(columns: str, object_: str) -> list[str | None]:
    return [one.field for one in suggest_mapping(columns.split("|"), object_)]


def only(header: str, object_: str, values: list[str] | None = None) -> Suggestion:
    samples = None if values is None else [values]
    return suggest_mapping([header], object_, samples)[0]


@pytest.mark.parametrize(
    ("header", "object_", "field"),
    [
        ("Business Phone", "contact", "phone"),
        ("HomePhone", "contact", "phone"),
        ("CLIENT_MOBILE", "contact", "mobile_phone"),
        ("Handy-Nr.", "contact", "mobile_phone"),
        ("Telefon geschäftlich", "contact", "phone"),
        ("Telefon geschaeftlich", "contact", "phone"),
        ("Geschäftstelefon", "contact", "phone"),
        ("N° tél", "contact", "phone"),
        ("رقم الجوَّال", "contact", "mobile_phone"),
        ("رقم الجـوال", "contact", "mobile_phone"),
        ("البريد الإلكترونى", "contact", "email"),
        ("MAİL ADRESİ", "contact", "email"),
        ("E-Mail-Adresse", "contact", "email"),
        ("Contact Email", "deal", "contact_email"),
        ("Mailing Zip/Postal Code", "contact", "postal_code"),
        ("mailingpostalcode", "contact", "postal_code"),
        ("Legacy_Id__c", "contact", "external_ref"),
        ("Amount (AED)", "deal", "amount"),
        ("Телефон моб.", "lead", "phone"),
        ("मोबाइल नं.", "lead", "phone"),
        ("گاہک کا نام", "lead", "name"),
        ("Name", "deal", "title"),
        ("Name", "appointment", "customer_name"),
        ("Name", "case", "contact_name"),
        ("Client", "appointment", "customer_name"),
        ("Date", "appointment", "scheduled_start"),
        ("Date", "case", "created_at"),
        ("Date", "contact", None),
        ("Creato il", "contact", "created_at"),
        ("Creato da", "contact", None),
        ("Created By", "contact", None),
        ("Erstellt von", "contact", None),
        ("Client No", "contact", "external_ref"),
        ("Contact No.", "contact", "phone"),
        ("Company ID", "contact", None),
        ("Contact ID", "deal", None),
        ("Fax", "contact", None),
        ("Middle Name", "contact", None),
        ("Phone Type", "contact", None),
        ("Address Line 2", "contact", None),
        ("Last Visit", "contact", None),
        ("Owner Email", "contact", None),
        ("Contact Name", "deal", None),
        ("Booking No", "appointment", None),
        ("attributes.bedrooms", "lead", "attributes.bedrooms"),
        ("vorel_status", "contact", None),
        ("Column 12", "contact", None),
        ("", "contact", None),
        ("—", "contact", None),
    ],
)
def test_a_header_alone(header: str, object_: str, field: str | None) -> None:
    assert only(header, object_).field == field


@pytest.mark.parametrize(
    ("columns", "object_", "expected"),
    [
        ("Vorname|Name", "contact", ["first_name", "last_name"]),
        ("Name|Surname", "contact", ["first_name", "last_name"]),
        ("Nome|Cognome", "contact", ["first_name", "last_name"]),
        ("Name", "contact", ["name"]),
        ("First|Last", "contact", ["first_name", "last_name"]),
        ("First|Last", "case", ["contact_name", "contact_name"]),
        ("First Name|Last Name", "lead", ["name", "name"]),
        ("First Name|Last Name|Full Name", "lead", [None, None, "name"]),
        ("First Name|Last Name", "deal", [None, None]),
        ("Title|First Name", "contact", [None, "first_name"]),
        ("Phone|Title|City", "contact", ["phone", "job_title", "city"]),
        ("Phone|Title|Job Title", "contact", ["phone", None, "job_title"]),
        ("Stage|Status", "lead", [None, "status"]),
        ("Stage|E-mail", "lead", ["status", "email"]),
        ("Deal Status|Stage", "deal", [None, "stage"]),
        ("Deal Status|Amount", "deal", ["stage", "amount"]),
        ("ID|Reference", "contact", ["external_ref", None]),
        ("Date|Start Time|End Time", "appointment", ["scheduled_start"] * 2 + ["scheduled_end"]),
        (
            "Nome|Provincia|CAP|Cognome",
            "contact",
            ["first_name", "state", "postal_code", "last_name"],
        ),
        ("Start Date|Start Time|End Date|End Time", "appointment", STARTS + ENDS),
        ("Membership Number|Membership Status", "contact", ["external_ref", "status"]),
        ("Your Name|Your E-mail", "lead", ["name", "email"]),
        ("Birthday (dd/mm/yyyy)", "contact", ["birthday"]),
        ("تاريخ ووقت الموعد", "appointment", ["scheduled_start"]),
        ("عنوان الصفقة|قيمة الصفقة", "deal", ["title", "amount"]),
        ("Expected Revenue", "deal", ["amount"]),
        ("Expected Revenue|Amount", "deal", [None, "amount"]),
        ("Ciudad|Estado|Correo", "contact", ["city", "state", "email"]),
        ("Correo|Estado|Notas", "contact", ["email", "status", "notes"]),
        ("Asunto|Estado|Prioridad", "case", ["subject", "status", "priority"]),
        ("Negocio|Estado|Etapa", "deal", ["title", None, "stage"]),
        ("Ulica|Kod|Miasto", "contact", ["street", "postal_code", "city"]),
        ("Kod|Nazwa firmy|Telefon", "contact", ["external_ref", "company", "phone"]),
        ("Наименование|Имя|Фамилия", "contact", ["name", "first_name", "last_name"]),
        ("First Name|Phone", "lead", ["name", "phone"]),
        ("Name|Department|E-mail", "contact", ["name", None, "email"]),
        ("ad_name|full_name|ad_id|phone_number", "lead", [None, "name", None, "phone"]),
    ],
)
def test_a_header_among_its_neighbours(
    columns: str, object_: str, expected: list[str | None]
) -> None:
    assert fields(columns, object_) == expected


def test_columns_of_one_kind_are_first_and_second_choice() -> None:
    first, second, third = suggest_mapping(["E-mail 2", "E-mail", "Other Email"], "contact")
    assert [one.field for one in (first, second, third)] == ["email"] * 3
    assert [one.confidence for one in (first, second, third)] == ["likely", "certain", "likely"]
    assert first.reason == "second choice for email, used where 'E-mail' is empty"


def test_two_addresses_are_not_mixed() -> None:
    work, home = suggest_mapping(["Business City", "Home City"], "contact")
    assert (work.field, work.confidence) == ("city", "likely")
    assert (home.field, home.confidence) == ("city", "unsure")
    assert (
        home.reason == "another address: 'Business City' is city already, and two must not be mixed"
    )


@pytest.mark.parametrize(
    ("header", "object_", "values", "field", "confidence"),
    [
        ("Column 3", "contact", EMAILS, "email", "likely"),
        ("Field1", "lead", PHONES, "phone", "likely"),
        ("", "appointment", EMAILS, "customer_email", "likely"),
        (
            "F7",
            "contact",
            ["https://a.example", "www.b.example", "c.example.com"],
            "website",
            "likely",
        ),
        ("F7", "deal", ["https://a.example", "www.b.example", "c.example.com"], None, "unsure"),
        ("F7", "contact", WORDS, None, "unsure"),
        ("F7", "contact", ["1234567", "2345678", "3456789"], None, "unsure"),
        ("E-mail", "contact", EMAILS, "email", "certain"),
        ("E-mail", "contact", WORDS[:2], "email", "certain"),
        ("Phone", "contact", EMAILS, "email", "likely"),
        ("Phone", "contact", [*PHONES, "call his wife"], "phone", "certain"),
        ("Name", "contact", EMAILS, "email", "likely"),
        ("Birthday", "contact", DATES, "birthday", "certain"),
        ("Estado", "contact", WORDS, "status", "likely"),
        ("Birthday", "contact", ["May 4", "June 5, 1980", "July 6, 78"], "birthday", "certain"),
        ("Client", "deal", WORDS, "company", "likely"),
    ],
)
def test_values_confirm_or_refute_a_header_or_replace_it(
    header: str, object_: str, values: list[str], field: str | None, confidence: str
) -> None:
    found = only(header, object_, values)
    assert (found.field, found.confidence) == (field, confidence), found.reason


def test_values_alone_get_no_field_that_is_taken() -> None:
    found = suggest_mapping(["E-mail", "F7"], "contact", [EMAILS, EMAILS])
    assert [one.field for one in found] == ["email", None]


@pytest.mark.parametrize(
    ("header", "values", "reason"),
    [
        ("Password", None, "the header means a password: not sent unless you map it"),
        ("كلمة المرور", None, "the header means a password: not sent unless you map it"),
        ("IBAN", None, "the header means a bank account: not sent unless you map it"),
        ("Emirates ID", None, "the header means an id of a person: not sent unless you map it"),
        ("Credit Card Number", None, "the header means a payment card: not sent unless you map it"),
        ("Notes", CARDS, "the values are payment card numbers: not sent unless you map it"),
        ("Remarks", IBANS, "the values are bank accounts (IBAN): not sent unless you map it"),
        ("Ref", ["536-90-4399", "219-45-1234"], "the values are ids of persons: not sent unless you map it"),  # noqa: E501
        ("F1", ["784-1980-1234567-9", "784198500000019"], None),
        ("F1", HASHES, "the values are passwords: not sent unless you map it"),
        ("Notes", ["4111 1111 1111 1112", "4111 1111 1111 1113"], None),
        ("Notes", ["call after six", "Visa 4111 1111 1111 1111", "x"], "its texts contain payment card numbers: not sent unless you map it"),  # noqa: E501
        ("Notes", ["DE00 3704 0044 0532 0130 00", "x"], None),
    ],
)  # fmt: skip
def test_what_is_sensitive_is_left_out(
    header: str, values: list[str] | None, reason: str | None
) -> None:
    found = only(header, "contact", values)
    if reason is None:
        assert "not sent" not in found.reason
    else:
        assert (found.field, found.confidence, found.reason) == (None, "certain", reason)


@pytest.mark.parametrize(
    ("header", "object_", "field"),
    [
        ("Nature of Problem", "case", "description"),
        ("طبيعة العطل", "case", "description"),
        ("Date of Complaint", "case", "created_at"),
        ("Date of Admission", "contact", "created_at"),
        ("تاريخ القبول", "contact", "created_at"),
        ("How did you know about us?", "contact", "source"),
    ],
)
def test_words_of_workshops_schools_and_clinics(header: str, object_: str, field: str) -> None:
    assert only(header, object_).field == field


def test_an_object_that_does_not_exist() -> None:
    with pytest.raises(MappingError, match="no object 'person'"):
        suggest_mapping(["Name"], "person")


def test_no_columns() -> None:
    assert suggest_mapping([], "contact") == []


def test_numbers_with_their_area_in_brackets_are_phone_numbers_under_a_vague_header() -> None:
    values = [f"(27) 9997{n}-794{n}" for n in range(8)]
    assert only("Número", "lead", values).field == "phone"
    assert only("Número", "lead", [f"(27) {n}" for n in range(8)]).field is None


def test_plain_numbers_are_no_street_and_no_name() -> None:
    assert only("Línea", "contact", ["1", "2", "3"]).field is None
    assert only("Customer", "contact", ["1001", "1002", "1003"]).field is None
    columns = ["Straße", "Hausnummer"]
    values = [["Hauptstraße", "Am Markt", "Ring"], ["1", "2", "3"]]
    assert [one.field for one in suggest_mapping(columns, "contact", values)] == ["street"] * 2


@pytest.mark.parametrize(("header", "field"), [("ten_kh", "name"), ("Tên KH", "name")])
def test_abbreviations_of_customers(header: str, field: str) -> None:
    assert only(header, "contact").field == field


def test_the_block_of_an_address_holds_more_than_the_address() -> None:
    columns = "ADRESA/FIRMA|ADRESA/ULICE|ADRESA/PSC|JMENO"
    assert fields(columns, "contact") == ["company", "street", "postal_code", "name"]
    assert fields("Address.Company|Address.Street|Address.City|Name", "contact")[0] == "company"


def test_a_header_that_names_alternatives_means_the_first() -> None:
    assert only("Company o Grupo de medios", "contact").field == "company"
    assert only("Ghost or Zebra", "contact").field is None


def test_names_of_one_word_and_of_several_in_a_list_without_a_header() -> None:
    names = ["Abdul Karim", "Eko", "Rumayah", "Agus", "Siti Aminah", "Bisri", "Dewi Lestari"]
    columns, kinds = ["column 1", "column 2", "column 3"], ["Coding", "CAD"] * 3 + ["CAD"]
    values = [[str(n) for n in range(7)], names, kinds]
    assert [one.field for one in suggest_mapping(columns, "contact", values)] == [
        None,
        "name",
        None,
    ]


def test_whose_name_it_is_in_finnish() -> None:
    columns = "Henkilön etunimi|Henkilön sukunimi|Jäsenen sähköposti"
    assert fields(columns, "contact") == ["first_name", "last_name", "email"]


@pytest.mark.parametrize("given", [1, 4])
def test_phone_numbers_are_no_street(given: int) -> None:
    columns = ["Full Name", "Primary Line", "Backup Line"]
    values = [["Mona Haddad", "Karl Stein", "Ines Costa", "Omar Noor"]]
    values += [["050 123 4567", "050 765 4321", "055 222 3344", "055 999 8877"]]
    values += [["04 222 3344", "04 333 4455", "04 444 5566", "04 555 6677"][:given]]

    found = suggest_mapping(columns, "contact", values)

    assert [one.field for one in found] == ["name", "phone", None]


def test_several_phone_numbers_in_each_cell() -> None:
    numbers = ["9 9158 4308, 991584308", "225875455, 225875459", "994498874 / 222422420"]
    values = [["Isabel Soto", "Paula Rey", "Frutas Sur"], numbers]

    found = choose(["nombre", "contacto"], load_schema("contact"), values, region="CL")

    assert [one.field for one in found] == ["name", "phone"]


@pytest.mark.parametrize("header", ["CANDIDATO", "Candidate", "Applicant", "Candidate Name"])
def test_whom_a_list_of_applicants_is_about(header: str) -> None:
    assert [one.field for one in suggest_mapping([header, "Email"], "contact")] == ["name", "email"]
