"""Whom a column is about: the row's person, somebody else, or a company."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from lists.suggested import proposed, sent

from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.columns.choose import choose, suggest_mapping


def fields_of(headers: str, object_: str = "contact") -> list[str | None]:
    return [one.field for one in choose(headers.split(","), load_schema(object_))]


@pytest.mark.parametrize(
    "other",
    ["Father Name", "Nome da mãe", "Nombre del acudiente", "Name der Eltern", "Nom du conjoint",
     "Imię matki", "Veli adı", "Имя отца", "اسم ولي الأمر", "Anyja neve", "Nome del genitore",
     "Notfallkontakt Name", "Guarantor Name", "监护人姓名"],
)  # fmt: skip
def test_the_name_of_another_person_is_left_out(other: str) -> None:
    assert fields_of(f"First Name,Last Name,{other}")[2] is None


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ("Parent First Name,Parent Last Name,Email,Child First Name",
         ["first_name", "last_name", "email", None]),
        ("Pupil Forename,Pupil Surname,Parent Forename,Parent Surname,Parent Email",
         ["first_name", "last_name", None, None, None]),
        ("Agent Name,Agent Phone,Agent Email,Property", ["name", "phone", "email", None]),
        ("Doctor Name,Phone", [None, "phone"]),
    ],
)  # fmt: skip
def test_whom_the_rows_are_about(headers: str, fields: list[str | None]) -> None:
    assert fields_of(headers) == fields


@pytest.mark.parametrize(
    "headers",
    ["Emergency Contact,Emergency Phone", "Next of Kin Name,Next of Kin Mobile",
     "Notfallkontakt Name,Notfallnummer", "Guarantor,Guarantor Phone", "ICE Name,ICE Phone",
     "اسم الكفيل,هاتف الكفيل", "紧急联系人姓名,紧急联系人电话"],
)  # fmt: skip
@pytest.mark.parametrize("object_", ["contact", "lead", "appointment", "case"])
def test_a_row_is_never_about_whom_to_turn_to_instead(headers: str, object_: str) -> None:
    assert fields_of(f"Email,{headers}", object_)[1:] == [None, None]


def test_a_column_of_other_words_is_no_second_choice_for_an_email_address() -> None:
    found = sent("Name,Preferred Email,Email\nAnna Muster,Work,a@example.com\n", "contact")
    assert found[0] == {"name": "Anna Muster", "email": "a@example.com"}


def test_a_column_of_companies_beside_one_of_people_is_the_company() -> None:
    rows = "Sample Gardens LLC,Anna Muster\nExample Inc,Ben Test\nDemo Lawns,Cleo Probe\n"
    found = sent(f"Customer,Full Name\n{rows}", "contact")
    assert found[0] == {"name": "Anna Muster", "company": "Sample Gardens LLC"}


def test_a_row_without_a_person_has_the_name_of_its_company() -> None:
    found = sent("Name,Company\nAnna Muster,\n,Sample Ltd\nBen Test,Demo AG\n", "contact")
    assert [row and row.get("name") for row in found] == ["Anna Muster", "Sample Ltd", "Ben Test"]


@pytest.mark.parametrize("company", ["Client", "customer_name"])
def test_customers_that_are_people_are_named_where_companies_have_a_contact(company: str) -> None:
    rows = "Ann Muster,,,ann@example.com\nSample Trading LLC,Ben,Probe,ben@example.com\n"
    rows += "Cleo Demo,,,cleo@example.com\n"
    found = sent(f"{company},First Name,Last Name,Email\n{rows}", "contact")
    assert [row and row.get("name") for row in found] == ["Ann Muster", None, "Cleo Demo"]
    assert found[1] == {
        "company": "Sample Trading LLC",
        "first_name": "Ben",
        "last_name": "Probe",
        "email": "ben@example.com",
    }


def test_a_company_with_an_address_is_no_person() -> None:
    rows = "Sample Trading LLC,,,office@example.com\nDemo AG,Ben,Probe,ben@example.com\n"
    found = sent(f"Company,First Name,Last Name,Email\n{rows}", "contact")
    assert found[0] == {"company": "Sample Trading LLC", "email": "office@example.com"}


def test_no_name_is_sent_beside_the_first_and_last_name_of_somebody_else() -> None:
    rows = "Ann Muster,,\nBen Probe,Cleo,Demo\nEve Sample,Eve,Sample\n"
    found = sent(f"Full Name,First Name,Last Name\n{rows}", "contact")
    assert found[1] == {"first_name": "Cleo", "last_name": "Demo"}
    assert found[0] == {"name": "Ann Muster"}


NAMELESS = "column 1,column 2,column 3\n"


def test_names_with_the_last_one_first_in_a_list_without_a_header() -> None:
    people = ["Muster", "Probe", "Demo", "Example", "Sample"]
    rows = "".join(f'{at},"{last}, Anna",{at}\n' for at, last in enumerate(people))
    assert (sent(NAMELESS + rows, "contact")[0] or {})["name"] == "Anna Muster"


def test_the_only_texts_of_a_list_without_a_header_name_its_rows() -> None:
    shops = ["7 * MARKET - NORTH", "A+B STORES", "CORNER SHOP 9", "DEMO (PTY)", "EXAMPLE & SONS"]
    rows = "".join(f"7700{at},{shop},\n" for at, shop in enumerate(shops))
    assert [row and row["name"] for row in sent(NAMELESS + rows, "contact")] == shops


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ("Owner Name,Owner Mobile,Tenant Name,Tenant Mobile,Tenant Email",
         ["name", "mobile_phone", None, None, None]),
        ("Landlord,Landlord Phone,Tenant,Tenant Phone", ["name", "phone", None, None]),
        ("Propietario,Teléfono propietario,Inquilino,Email inquilino",
         ["name", "phone", None, None]),
        ("اسم المالك,هاتف المالك,اسم المستأجر,هاتف المستأجر", ["name", "phone", None, None]),
        ("Name,Phone,Buyer Name,Buyer Phone,Seller Name,Seller Phone",
         ["name", "phone", None, None, None, None]),
        ("Owner,Tenant Name,Tenant Phone", ["owner", "name", "phone"]),
        ("Buyer name,Buyer email,Attendee name,Attendee email", ["name", "email", None, None]),
        ("Attendee name,Attendee email,Buyer email", ["name", "email", None]),
        ("Client Name,Client Email,Member Name,Member Email", ["name", "email", None, None]),
        ("Name,Phone,Recipient Name,Recipient Phone", ["name", "phone", None, None]),
        ("Client Name,Client Phone,Buyer Name,Buyer Email", ["name", "phone", None, None]),
        ("Name,Attendee Name,Attendee Email", ["name", None, "email"]),
        ("Booker Name,Booker Phone,Guest Name,Guest Phone,Phone",
         ["name", "phone", None, None, "phone"]),
    ],
)  # fmt: skip
def test_two_people_of_a_row_are_never_mixed(headers: str, fields: list[str | None]) -> None:
    assert fields_of(headers) == fields


@pytest.mark.parametrize("object_", ["contact", "lead", "deal", "appointment", "case"])
def test_nobody_is_reached_where_another_person_is(object_: str) -> None:
    rows = (
        "Ann Muster,ann@example.com,Ben Muster,ben@example.com\nCleo Probe,,Dan Probe,d@example.com"
    )
    header = "Buyer name,Buyer email,Attendee name,Attendee email"
    lines = proposed(f"{header}\n{rows}\n", object_).lines
    assert {one for line in lines for one in line.columns} <= {"Buyer name", "Buyer email"}


@pytest.mark.parametrize(
    ("recipient", "phone"), [("ANN MUSTER", "+971501234561"), ("Ben Probe", None)]
)
def test_a_number_of_a_delivery_is_the_buyers_unless_names_differ(
    recipient: str, phone: str | None
) -> None:
    header = "Billing First Name,Billing Last Name,Billing Phone,Shipping Name,Shipping Phone"
    rows = f"Ann,Muster,,{recipient},+971501234561\nCleo,Demo,+971501234562,Cleo Demo,\n"
    found = sent(f"{header}\n{rows}", "contact")[0] or {}
    assert found.get("phone", found.get("mobile_phone")) == phone


def test_the_columns_of_the_second_person_are_named() -> None:
    draft = proposed(
        "Owner Name,Owner Phone,Tenant Name,Tenant Phone\nAnn,050,Ben,055\n", "contact"
    )
    assert "not the one of 'Tenant Name', 'Tenant Phone'" in "".join(map(str, draft.decisions))


def test_nobody_is_called_vacant() -> None:
    found = sent("Tenant,Phone\nVacant,+971501234567\nSame as above,+971501234568\n", "contact")
    assert found == [{"phone": "+971501234567"}, {"phone": "+971501234568"}]


@pytest.mark.parametrize(
    ("header", "is_asked"),
    [
        ("Student Name,Parent Name,Mobile", True),
        ("छात्र का नाम,अभिभावक का नाम,मोबाइल नंबर", True),
        ("Child Name,Mother Name,Phone", True),
        ("Student Name,Parent Name,Student Mobile", False),
        ("Name,Father Name,Mobile", False),
    ],
)
def test_whose_number_it_is_where_rows_have_a_pupil_and_a_guardian(
    header: str, is_asked: bool
) -> None:
    text = f"{header}\nAnn Muster,Ben Muster,050 123 4561\nCleo Probe,Dora Probe,050 123 4562\n"
    draft = proposed(text, "contact", region="AE")
    column = header.split(",")[2]
    said = f"the list does not say whose number {column!r} is"
    assert any(one.startswith(said) for one in draft.decisions) is is_asked


@pytest.mark.parametrize("header", ['"Last, First"', '"Last Name, First Name"', "Last/First"])
@pytest.mark.parametrize("object_", ["contact", "lead", "appointment", "case"])
def test_a_header_may_say_that_names_have_the_last_one_first(header: str, object_: str) -> None:
    rows = (
        '"Muster, Ann",a@example.com\n"De Probe, Jan",j@example.com\n"Demo, Cleo",c@example.com\n'
    )
    (line,) = (
        one
        for one in proposed(f"{header},Email\n{rows}", object_).lines
        if one.target.endswith("name")
    )
    assert line.tally is not None
    assert [*line.tally.sent.values()] == ["Ann Muster", "Jan De Probe", "Cleo Demo"]


@pytest.mark.parametrize("header", ["Enquirer", "Invitee", "Attendee", "Who called"])
@pytest.mark.parametrize(
    ("object_", "field"),
    [("contact", "name"), ("lead", "name"), ("appointment", "customer_name"),
     ("case", "contact_name")],
)  # fmt: skip
def test_who_asks_or_comes_is_the_person_of_every_object(
    header: str, object_: str, field: str
) -> None:
    assert fields_of(f"Email,{header}", object_)[1] == field


def test_columns_that_may_be_names_are_said_where_nobody_has_one() -> None:
    rows = "Ann Muster,Dubai,a@example.com\nBen,Ajman,b@example.com\nCleo D.,Doha,c@example.com\n"
    draft = proposed(f"Rang up,City,Email\n{rows}", "contact")
    assert "map a column to it, such as 'Rang up'; if" in draft.decisions[0]


@pytest.mark.parametrize(
    ("header", "said"),
    [
        (
            "Student,Parent's no.,Year",
            '("Parent\'s no."): if that is whom to contact, write phone =',
        ),
        ("Student Name,Mother Mobile,Father Mobile", "('Mother Mobile', 'Father Mobile'): if that"),
        ("Name,Emergency Phone,Class", "('Emergency Phone'): if that is whom to contact"),
        ("Name,Parent Phone,Phone", None),
        ("Name,Owner Phone,Branch", None),
    ],
)
def test_whom_to_contact_where_only_others_can_be_reached(header: str, said: str | None) -> None:
    rows = "Ann Muster,050 123 4561,050 123 4562\n"
    rows += "Cleo Probe,050 123 4563,050 123 4564\n"
    draft = proposed(f"{header}\n{rows}", "contact", region="AE")
    about = [str(one) for one in draft.decisions if "of other people" in str(one)]
    assert (said in about[0]) if said else not about


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ("Subject,From,From Email", ["subject", "contact_name", "contact_email"]),
        ("Betreff,Von,Von E-Mail", ["subject", "contact_name", "contact_email"]),
        ("Subject,From,Email", ["subject", "created_at", "contact_email"]),
    ],
)
def test_from_is_a_person_beside_their_address(headers: str, fields: list[str]) -> None:
    assert fields_of(headers, "case") == fields


def test_numbers_and_states_below_the_names_of_interfaces() -> None:
    header = "Name,wa_id,address.locality,address.administrative_district_level_1"
    row = "Ann Muster,201001234501,New York,NY\n"
    found = {"name": "Ann Muster", "phone": "+201001234501", "city": "New York", "state": "NY"}
    assert sent(f"{header}\n{row}", "contact") == [found]


def test_a_general_number_is_used_where_there_is_no_other() -> None:
    header = "Name,General phone,Business phone,General e-mail,Business e-mail"
    rows = "Ann,+971501234561,,ann@example.com,\nBen,+97142345678,+97142345679,,b@example.com\n"
    assert sent(f"{header}\n{rows}", "contact") == [
        {"name": "Ann", "phone": "+971501234561", "email": "ann@example.com"},
        {"name": "Ben", "phone": "+97142345679", "email": "b@example.com"},
    ]


def test_a_customer_beside_a_buyer_may_be_the_company() -> None:
    rows = "Acme LLC,+97142345671,Ann Muster,ann@example.com\n"
    rows += "Demo Ltd,+97142345672,Cleo Probe,cleo@example.com\n"
    found = sent(f"Customer Name,Customer Phone,Buyer Name,Buyer Email\n{rows}", "contact")
    assert found[0] == {
        "name": "Ann Muster",
        "company": "Acme LLC",
        "phone": "+97142345671",
        "email": "ann@example.com",
    }


def test_samples_may_be_of_columns_and_not_of_rows() -> None:
    found = suggest_mapping(["first_name", "last_name"], "contact", [["Bo", "Ada"], ["Berg"]])
    assert [one.field for one in found] == ["first_name", "last_name"]


BOTH = "Landlord Name,Landlord Email,Tenant Name,Tenant Email"


def two_people(header: str, rows: list[str], object_: str = "contact") -> bool:
    draft = proposed("\n".join([header, *rows]), object_)
    (hint,) = [one for one in draft.decisions if "two people" in one] or [""]
    assert not hint or "--new-import and another file as --results" in hint
    return bool(hint)


def test_another_person_of_each_row_is_said_if_there_is_one_and_one_is_sent() -> None:
    rows = [f"Ann {at},a{at}@example.org,Bob {at},b{at}@example.org" for at in range(4)]
    assert two_people(BOTH, rows)
    same = [f"Ann {at},a{at}@example.org,ann {at},a{at}@example.org" for at in range(3)]
    assert not two_people(BOTH, [*same, *rows[:1]])


def test_the_line_that_reaches_another_person_is_told_as_it_works() -> None:
    header = "Deal,Amount,Landlord Mobile,Spouse Mobile"
    rows = "".join(f"Flat {at},{at}00,052123456{at},050123456{at}\n" for at in range(1, 5))
    draft = proposed(f"{header}\n{rows}", "deal", region="AE")
    (hint,) = [one for one in draft.decisions if "no row has its own" in one]
    line = hint.partition("write ")[2].removesuffix(" below [fields]")
    assert line == 'contact_phone = { column = "Landlord Mobile", type = "phone", region = "AE" }'


@pytest.mark.parametrize("header", ["Contact Person", "Main contact", "Müşteri Adı Soyadı"])
def test_a_deal_has_no_field_for_a_name_and_says_so(header: str) -> None:
    [_, choice, _] = choose(["Amount", header, "Stage"], load_schema("deal"))
    assert str(choice.reason) == "the object deal has no field for a person's name"
    draft = proposed(f"Amount,{header}\n100,Ann Muster\n200,Ben Probe\n", "deal")
    assert "none with a title" in draft.verdict.words()


@pytest.mark.parametrize(
    ("header", "other"),
    [
        ("Pupil Name,Mobile,C1 Name,C1 Mobile", True),
        ("Name,Mobile,Billing Person,Billing Mobile", True),
        ("Client Name,Mobile,Contact Person 3,Mobile 3", True),
        ("Name,Phone,Name (2),Phone (2)", True),
        ("Name,Phone,Kiosk Relationship,Kiosk Phone", True),
        ("Name,Phone,Kiosk Colour,Kiosk Phone", False),
    ],
)
def test_a_number_is_of_whom_its_header_shares_a_word_with(header: str, *, other: bool) -> None:
    rows = "Ann Muster,0501234561,Ben Probe,0501234562\nCleo Demo,0501234563,Dan Test,0501234564\n"
    rows += "Eve Sample,0501234565,Fay Example,0501234566\n"
    found = sent(f"{header}\n{rows}", "contact", region="AE")[0] or {}
    assert ("+971501234562" in found.values()) is not other


def test_a_number_beside_another_spelling_of_the_name_stays() -> None:
    rows = "Ann Muster,,ANN MUSTER,0501234562\nCleo Demo,0501234563,Mrs Cleo Demo,0501234564\n"
    rows += "Dan Probe,,Mr Dan Probe,0501234565\n"
    found = sent(f"Name,Mobile,Badge Name,Badge Mobile\n{rows}", "contact", region="AE")
    assert [(row or {}).get("phone") for row in found] == [
        "+971501234562",
        "+971501234564",
        "+971501234565",
    ]


def test_whose_numbers_are_left_out_is_said() -> None:
    header = "First Name,Last Name,To call,C1 Relation,C1 Mobile"
    rows = "Ann,Muster,Ms Dora Muster,Mother,0501234561\nCleo,Demo,Mr Eric Demo,Father,0501234562\n"
    said = "".join(proposed(f"{header}\n{rows}", "contact").decisions)
    assert 'write phone = { column = "C1 Mobile", type = "phone", on_error = "keep" }' in said
    assert "their names are in 'To call'" in said


def test_numbers_that_alone_reach_some_rows_are_asked_about_until_they_are_sent() -> None:
    rows = (
        "Ann Muster,0501234561,a@example.com,x@example.com\nBen Probe,0501234562,,y@example.com\n"
    )
    rows += "Cleo Demo,0501234563,c@example.com,z@example.com\n"
    draft = proposed(f"Name,Mobile,Email,Ledger Email\n{rows}", "contact", region="AE")
    (said,) = (str(one) for one in draft.decisions if "this is the only one" in str(one))
    assert said.startswith("email ('Ledger Email'): in some rows (1)")
    line = said.partition("write ")[2]
    text = "\n".join(line if old.startswith("email = ") else old for old in draft.text.splitlines())
    assert 'columns = ["Email", "Ledger Email"]' in text
    mapping = parse_mapping(text.encode())
    columns = ["Name", "Mobile", "Email", "Ledger Email"]
    assert Mapper(mapping, "contact").check_columns(columns) == [
        "Sent only where 'Email' gives no email: 'Ledger Email'."
    ]


def test_owners_with_a_name_of_each_row_are_its_people_and_no_salespeople() -> None:
    people = ["Ann Muster", "Ben Probe", "Cleo Demo", "Dan Test", "Eve Sample", "Fay Example"]
    rows = "".join(
        f"{name},{name.upper()},{'Sam Rep'},050123456{at}\n" for at, name in enumerate(people)
    )
    header = "Owner Name,اسم المالك,Sales Rep,Mobile"
    for row, name in zip(sent(f"{header}\n{rows}", "contact", region="AE"), people, strict=True):
        assert row is not None
        assert (row["name"], row["owner"]) == (name, "Sam Rep")


@pytest.mark.parametrize(
    "header", ["Vendeur,Acquéreur", "Owner,Tenant", "Propriétaire,Nom du locataire"]
)
def test_owners_beside_tenants_or_buyers_are_no_salespeople_of_deals(header: str) -> None:
    def owners(names: Sequence[str]) -> list[object]:
        rows = "".join(f"Flat {at},{one},Ben Probe{one[-1]}\n" for at, one in enumerate(names))
        return [row and row.get("owner") for row in sent(f"Title,{header}\n{rows}", "deal")]

    assert set(owners([f"Ann Muster{letter}" for letter in "Abcdefgh"])) == {None}
    assert owners(["Sam Rep", "Eve Rep"] * 6) == ["Sam Rep", "Eve Rep"] * 6


@pytest.mark.parametrize("header", ["Owner", "Vendeur", "Account Manager", "Deal Owner"])
def test_salespeople_who_differ_in_each_row_stay(header: str) -> None:
    names = [f"Sam Rep{letter}" for letter in "Abcdefghijklmnopqrstu"]
    rows = "".join(f"Flat {at},{name}\n" for at, name in enumerate(names))
    found = sent(f"Title,{header}\n{rows}", "deal")
    assert [row and row["owner"] for row in found] == names


@pytest.mark.parametrize(("other", "name"), [("Ann", "Dan"), ("Fay", None)])
def test_names_that_are_the_same_where_a_row_has_both_stand_in_for_each_other(
    other: str, name: str | None
) -> None:
    header = "email,first_name,billing.first_name,billing.last_name,billing.email,billing.city"
    people = [("Ann", other), ("Ben", "Ben"), ("Cleo", "Cleo"), ("Eve", "Eve"), ("", "Dan")]
    rows = "".join(f"{two}@example.com,{one},{two},Muster,,Exampleton\n" for one, two in people)
    last = sent(f"{header}\n{rows}", "contact")[-1]
    assert last is not None
    assert last.get("first_name") == name


@pytest.mark.parametrize(
    ("saved", "shown"),
    [("Saved Name", "Push Name"), ("Name", "Display Name"), ("Full Name", "WhatsApp name")],
)
def test_what_people_call_themselves_stands_in_for_what_they_are_saved_as(
    saved: str, shown: str
) -> None:
    rows = "Ann Muster,~Annie,+971501234561\n,~Ben P.,+971501234562\n,Cleo,+971501234563\n"
    found = sent(f"{saved},{shown},Number\n{rows}", "contact")
    assert [row and row["name"] for row in found] == ["Ann Muster", "Ben P.", "Cleo"]


def test_a_row_is_about_whom_one_header_names_and_not_about_one_of_two() -> None:
    header = "Full Name,Class,Name,Phone,Name (2),Phone (2)"
    rows = "Ann Muster,1A,Ben Muster,0501234561,Cleo Muster,0501234562\n"
    rows += "Dan Probe,1B,Eve Probe,0501234563,Fay Probe,0501234564\n"
    text = f"{header}\n{rows}"
    assert sent(text, "contact", region="AE") == [{"name": "Ann Muster"}, {"name": "Dan Probe"}]
    said = "".join(proposed(text, "contact", region="AE").decisions)
    assert 'write phone = { column = "Phone", type = "phone", region = "AE" }' in said
    assert "their names are in 'Name', 'Name (2)'" in said


@pytest.mark.parametrize(
    ("phone", "email"),
    [
        ("contact.phones.0.number", "contact.emails.0.address"),
        ("contacts.0.value", "contacts.1.value"),
    ],
)
def test_what_somebody_has_in_an_object_of_json_is_nobody_else_s(phone: str, email: str) -> None:
    kinds = [f"{one.rpartition('.')[0]}.type" for one in (phone, email)]
    rows = "Ann Muster,mobile,+971501234561,private,a@example.com\n"
    rows += "Ben Probe,mobile,+971501234562,private,b@example.com\n"
    rows += "Cleo Demo,mobile,+971501234563,private,c@example.com\n"
    found = sent(f"name,{kinds[0]},{phone},{kinds[1]},{email}\n{rows}", "contact")[0]
    assert found == {"name": "Ann Muster", "phone": "+971501234561", "email": "a@example.com"}


def test_relations_of_an_address_book_say_nothing_about_its_numbers() -> None:
    header = "Name,Relation 1 - Type,Relation 1 - Value,Phone 1 - Value,E-mail 1 - Value"
    rows = "Ann Muster,Spouse,Ben Muster,+971501234561,a@example.com\n"
    rows += "Cleo Probe,Brother,Dan Probe,+971501234562,c@example.com\n"
    found = sent(f"{header}\n{rows}", "contact")[0]
    assert found == {"name": "Ann Muster", "phone": "+971501234561", "email": "a@example.com"}


@pytest.mark.parametrize(
    ("half", "full"),
    [("Tenant", "Landlord"), ("Renter Name", "Host Name"), ("किरायेदार का नाम", "मालिक का नाम")],
)
def test_whose_list_it_is_where_the_names_of_some_rows_are_in_another_column(
    half: str, full: str
) -> None:
    rows = "Ann Muster,,+971501234561\nविक्रम पटेल,Cleo Demo,+971501234562\n"
    rows += "Dan Probe,,+971501234563\nEve Sample,Fay Example,+971501234564\n"
    found = proposed(f"{full},{half},Mobile\n{rows}", "contact")
    assert found.asks == ("name",)
    assert f"map a column to it, such as {full!r}, {half!r}" in found.decisions[0]


def test_a_few_rows_without_a_name_do_not_make_the_list_another_one_s() -> None:
    rows = "".join(f"Ann Muster{one},Ben Demo{one}\n" for one in "abcdefghijklmno")
    found = sent(f"Name,Host\n{rows},Cleo Probe\n", "contact")
    assert found[0] == {"name": "Ann Mustera"}
