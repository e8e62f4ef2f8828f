"""The CRM gets its own names, and refuses what is not what its field holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from importer.sandbox import crm
from importer.sandbox.crm import complaint
from importer.sandbox.payloads import CreateRequest
from importer.sandbox.vendors import VENDORS

if TYPE_CHECKING:
    from tests.sandbox.conftest import Start

APPOINTMENT = {
    "customer_name": "Omar Said",
    "customer_phone": "+97142345678",
    "scheduled_start": "2030-03-04T10:00:00+04:00",
    "scheduled_end": "2030-03-04T10:30:00+04:00",
}


def request(name: str, fields: dict[str, Any]) -> CreateRequest:
    return CreateRequest(name, fields, "key", "digest")


@pytest.mark.parametrize(
    ("vendor", "names"),
    [
        ("hubspot", {"firstname": "Amal", "lastname": "H", "jobtitle": "Vet", "pet": "cat"}),
        ("salesforce", {"FirstName": "Amal", "LastName": "H", "Title": "Vet", "pet__c": "cat"}),
        ("zoho", {"First_Name": "Amal", "Last_Name": "H", "Title": "Vet", "Pet": "cat"}),
    ],
)
def test_canonical_names_become_the_vendors(vendor: str, names: dict[str, str]) -> None:
    fields = {"first_name": "Amal", "last_name": "H", "job_title": "Vet", "pet": "cat"}
    assert crm.translate(VENDORS[vendor], request("contact", fields)) == names


def test_a_mapped_field_wins_over_a_custom_one_of_its_name() -> None:
    fields = {"first_name": "mapped", "firstname": "custom"}
    translated = crm.translate(VENDORS["hubspot"], request("contact", fields))
    assert translated == {"firstname": "mapped"}


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"name": "Amal al Haddad"}, {"FirstName": "Amal al", "LastName": "Haddad"}),
        ({"name": "Haddad"}, {"LastName": "Haddad"}),
        ({"name": "A H", "last_name": "K"}, {"name__c": "A H", "LastName": "K"}),
        ({"name": "A H", "first_name": "B"}, {"FirstName": "B", "LastName": "H"}),
    ],
)
def test_a_whole_name_is_split_for_a_crm_that_has_none(
    fields: dict[str, Any], names: dict[str, str]
) -> None:
    assert crm.translate(VENDORS["salesforce"], request("contact", fields)) == names


@pytest.mark.parametrize(
    ("vendor", "external_id", "url"),
    [
        ("hubspot", "74100000001", "/record/0-1/74100000001"),
        ("salesforce", "0035g0000000001AAA", "/lightning/r/Contact/0035g0000000001AAA/view"),
        ("zoho", "5724767000000000001", "/tab/Contacts/5724767000000000001"),
    ],
)
def test_ids_look_like_the_vendors(vendor: str, external_id: str, url: str) -> None:
    decision = crm.write(vendor, request("contact", {"name": "Amal Haddad"}), 1)
    assert decision.payload["external_id"] == external_id
    assert decision.payload["record_url"].endswith(url)


def test_salesforce_ids_differ_and_say_which_letters_are_capitals() -> None:
    ids = [
        crm.write("salesforce", request("case", {"subject": "x"}), number).payload["external_id"]
        for number in range(1, 200)
    ]
    assert len(set(ids)) == len({each.lower() for each in ids}) == 199
    assert {len(each) for each in ids} == {18}


@pytest.mark.parametrize(("vendor", "name"), [("salesforce", "appointment"), ("zoho", "case")])
def test_an_object_that_the_crm_does_not_take_is_a_soft_error(vendor: str, name: str) -> None:
    decision = crm.write(vendor, request(name, APPOINTMENT), 1)
    assert decision.payload["ok"] is False
    assert decision.payload["error"] == "unsupported_object"
    assert name in decision.payload["detail"]
    assert decision.stored


@pytest.mark.parametrize("vendor", ["salesforce", "zoho"])
@pytest.mark.parametrize("name", ["contact", "lead"])
def test_some_crms_want_a_last_name(vendor: str, name: str) -> None:
    decision = crm.write(vendor, request(name, {"email": "amal@example.com"}), 1)
    assert decision.payload["error"] == "validation_error"
    assert "last_name: is required" in decision.payload["detail"]
    assert crm.write(vendor, request(name, {"name": "Haddad"}), 1).payload["ok"] is True


def test_without_a_crm_every_record_is_a_soft_error_that_is_not_kept(start: Start) -> None:
    caller = start(crm="none")
    answer = caller.create()
    assert answer.status_code == 200
    assert answer.json()["error"] == "no_crm_configured"
    assert caller.create({"first_name": "Other"}, key="key-1").status_code == 200


@pytest.mark.parametrize("vendor", ["hubspot", "salesforce", "zoho"])
def test_each_crm_answers_over_http_with_what_it_stored(start: Start, vendor: str) -> None:
    caller = start(crm=vendor)
    answer = caller.create({"first_name": "Amal", "last_name": "Haddad"}).json()
    (record,) = caller.sandbox.records()
    assert answer["ok"] is True
    assert answer["external_id"] == record["external_id"]
    assert record["vendor_object"] == VENDORS[vendor].objects["contact"]
    assert sorted(record["vendor_fields"].values()) == ["Amal", "Haddad"]


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("contact", {"first_name": "Amal", "phone": "050-123 4567", "tags": ["a"], "x": None}),
        ("contact", {"email": "a.b+c@mail.example.co", "birthday": "1980-02-29"}),
        ("contact", {"created_at": "2019-01-31"}),
        ("contact", {"created_at": "2019-01-31T08:00:00.5Z", "status": "anything"}),
        ("lead", {"name": "Priya", "status": "qualified", "qualification_score": 100}),
        ("lead", {"name": "Priya", "attributes": {"bedrooms": 3}}),
        ("lead", {"conversation_id": "6f6f6c5e-8f5c-4a52-9d3e-2a1a6b1f2c11"}),
        ("deal", {"title": "Villa", "amount": "1250000.00", "currency": "AED"}),
        ("deal", {"amount": 12.5, "close_date": "2030-01-01"}),
        ("case", {"subject": "Brakes", "priority": "high", "status": "open"}),
        ("appointment", APPOINTMENT),
        ("appointment", {**APPOINTMENT, "status": "no_show", "customer_email": "o@example.com"}),
    ],
)
def test_what_is_right_is_taken(name: str, fields: dict[str, Any]) -> None:
    assert complaint(name, fields) is None


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("contact", {}, "fields"),
        ("contact", {"email": None}, "fields"),
        ("contact", {"email": "nobody"}, "email"),
        ("contact", {"email": "two@@example.com"}, "email"),
        ("contact", {"email": "a@b@example.com"}, "email"),
        ("contact", {"email": "amal@example..com"}, "email"),
        ("contact", {"email": "amal@" + "x" * 250 + ".com"}, "email"),
        ("contact", {"email": ["amal@example.com"]}, "email"),
        ("contact", {"birthday": "31/01/1980"}, "birthday"),
        ("contact", {"birthday": "1981-02-29"}, "birthday"),
        ("contact", {"birthday": 1980}, "birthday"),
        ("contact", {"created_at": "2019-01-31T08:00:00"}, "created_at"),
        ("contact", {"created_at": "yesterday"}, "created_at"),
        ("deal", {"amount": "a lot"}, "amount"),
        ("deal", {"amount": True}, "amount"),
        ("deal", {"amount": "NaN"}, "amount"),
        ("deal", {"currency": "Dhs"}, "currency"),
        ("deal", {"contact_email": "x"}, "contact_email"),
        ("lead", {"name": "x" * 201}, "name"),
        ("lead", {"name": 7}, "name"),
        ("lead", {"phone": "1" * 33}, "phone"),
        ("lead", {"status": "hot"}, "status"),
        ("lead", {"status": ["new"]}, "status"),
        ("lead", {"qualification_score": 101}, "qualification_score"),
        ("lead", {"qualification_score": "50"}, "qualification_score"),
        ("lead", {"qualification_score": True}, "qualification_score"),
        ("lead", {"conversation_id": "12"}, "conversation_id"),
        ("lead", {"conversation_id": 12}, "conversation_id"),
        ("appointment", {"customer_name": "Omar"}, "customer_phone"),
        ("appointment", {**APPOINTMENT, "customer_name": None}, "customer_name"),
        ("appointment", {**APPOINTMENT, "customer_name": ""}, "customer_name"),
        ("appointment", {**APPOINTMENT, "customer_phone": "1234"}, "customer_phone"),
        ("appointment", {**APPOINTMENT, "status": "maybe"}, "status"),
        ("appointment", {**APPOINTMENT, "scheduled_start": "tomorrow"}, "scheduled_start"),
        ("appointment", {**APPOINTMENT, "scheduled_end": "2030-13-04T10:00:00Z"}, "scheduled_end"),
        ("appointment", {**APPOINTMENT, "scheduled_end": "2030-03-04T06:00:00Z"}, "scheduled_end"),
        ("appointment", {**APPOINTMENT, "offering_id": "x"}, "offering_id"),
    ],
)
def test_what_is_wrong_is_refused_by_name(name: str, fields: dict[str, Any], field: str) -> None:
    text = complaint(name, fields)
    assert text is not None
    assert text.startswith(f"{field}: ")


def test_a_long_value_is_not_repeated_whole() -> None:
    text = complaint("contact", {"email": "x" * 500})
    assert text is not None
    assert len(text) < 100
