"""The CRMs that the sandbox can simulate: their objects, field names and ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """
    One CRM. `objects` and `names` translate from canonical to its own words.

    The CRM does not take an object that is not in `objects`. `split_name` lists the objects whose
    `name` is split into first and last name, `last_name_required` those that need a last name.
    """

    title: str
    objects: Mapping[str, str]
    names: Mapping[str, Mapping[str, str]]
    custom: Callable[[str], str]
    external_id: Callable[[str, int], str]
    record_url: Callable[[str, str], str]
    split_name: frozenset[str]
    last_name_required: frozenset[str]


def _salesforce_id(name: str, number: int) -> str:
    prefix = {"contact": "003", "lead": "00Q", "deal": "006", "case": "500"}[name]
    digits = ""
    for _ in range(12):
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    text = prefix + "5g" + digits[2:]
    # Three letters say which of the 15 characters are capitals: Salesforce's 18-character form.
    chunks = (text[0:5], text[5:10], text[10:15])
    return text + "".join(
        _CHECK[sum(1 << place for place, letter in enumerate(chunk) if letter.isupper())]
        for chunk in chunks
    )


_PEOPLE = frozenset({"contact", "lead"})

# Hosts end in .example, so that a link from a test leads nowhere instead of to a stranger's CRM.
_HUBSPOT = Vendor(
    title="HubSpot",
    objects={
        "contact": "0-1",
        "lead": "0-136",
        "deal": "0-3",
        "appointment": "0-421",
        "case": "0-5",
    },
    names={
        "contact": {
            "first_name": "firstname",
            "last_name": "lastname",
            "email": "email",
            "phone": "phone",
            "mobile_phone": "mobilephone",
            "company": "company",
            "job_title": "jobtitle",
            "street": "address",
            "city": "city",
            "state": "state",
            "postal_code": "zip",
            "country": "country",
            "website": "website",
            "birthday": "date_of_birth",
            "notes": "message",
            "status": "hs_lead_status",
            "owner": "hubspot_owner_id",
            "created_at": "createdate",
        },
        "lead": {
            "name": "hs_lead_name",
            "email": "hs_associated_contact_email",
            "phone": "hs_associated_contact_phone",
            "status": "hs_pipeline_stage",
            "source": "hs_lead_source",
        },
        "deal": {
            "title": "dealname",
            "amount": "amount",
            "currency": "deal_currency_code",
            "stage": "dealstage",
            "close_date": "closedate",
            "owner": "hubspot_owner_id",
            "notes": "description",
        },
        "appointment": {
            "customer_name": "hs_appointment_name",
            "scheduled_start": "hs_appointment_start",
            "scheduled_end": "hs_appointment_end",
            "status": "hs_appointment_status",
            "location_text": "hs_appointment_location",
        },
        "case": {
            "subject": "subject",
            "description": "content",
            "priority": "hs_ticket_priority",
            "status": "hs_pipeline_stage",
            "created_at": "createdate",
        },
    },
    custom=lambda name: name,
    external_id=lambda _, number: str(74_100_000_000 + number),
    record_url=lambda kind, number: (
        f"https://app.hubspot.example/contacts/8800042/record/{kind}/{number}"
    ),
    split_name=frozenset({"contact"}),
    last_name_required=frozenset(),
)

_SALESFORCE = Vendor(
    title="Salesforce",
    objects={"contact": "Contact", "lead": "Lead", "deal": "Opportunity", "case": "Case"},
    names={
        "contact": {
            "first_name": "FirstName",
            "last_name": "LastName",
            "email": "Email",
            "phone": "Phone",
            "mobile_phone": "MobilePhone",
            "job_title": "Title",
            "street": "MailingStreet",
            "city": "MailingCity",
            "state": "MailingState",
            "postal_code": "MailingPostalCode",
            "country": "MailingCountry",
            "birthday": "Birthdate",
            "notes": "Description",
            "source": "LeadSource",
            "owner": "OwnerId",
        },
        "lead": {
            "first_name": "FirstName",
            "last_name": "LastName",
            "email": "Email",
            "phone": "Phone",
            "company": "Company",
            "status": "Status",
            "source": "LeadSource",
        },
        "deal": {
            "title": "Name",
            "amount": "Amount",
            "currency": "CurrencyIsoCode",
            "stage": "StageName",
            "close_date": "CloseDate",
            "owner": "OwnerId",
            "notes": "Description",
        },
        "case": {
            "subject": "Subject",
            "description": "Description",
            "priority": "Priority",
            "status": "Status",
            "contact_name": "SuppliedName",
            "contact_email": "SuppliedEmail",
            "contact_phone": "SuppliedPhone",
        },
    },
    custom=lambda name: f"{name}__c",
    external_id=_salesforce_id,
    record_url=lambda kind, number: (
        f"https://sandbox.lightning.salesforce.example/lightning/r/{kind}/{number}/view"
    ),
    split_name=_PEOPLE,
    last_name_required=_PEOPLE,
)

_ZOHO = Vendor(
    title="Zoho",
    objects={"contact": "Contacts", "lead": "Leads", "deal": "Deals", "appointment": "Events"},
    names={
        "contact": {
            "first_name": "First_Name",
            "last_name": "Last_Name",
            "email": "Email",
            "phone": "Phone",
            "mobile_phone": "Mobile",
            "company": "Account_Name",
            "job_title": "Title",
            "street": "Mailing_Street",
            "city": "Mailing_City",
            "state": "Mailing_State",
            "postal_code": "Mailing_Zip",
            "country": "Mailing_Country",
            "birthday": "Date_of_Birth",
            "notes": "Description",
            "source": "Lead_Source",
            "owner": "Owner",
            "tags": "Tag",
        },
        "lead": {
            "first_name": "First_Name",
            "last_name": "Last_Name",
            "email": "Email",
            "phone": "Phone",
            "company": "Company",
            "status": "Lead_Status",
            "source": "Lead_Source",
        },
        "deal": {
            "title": "Deal_Name",
            "amount": "Amount",
            "currency": "Currency",
            "stage": "Stage",
            "close_date": "Closing_Date",
            "company": "Account_Name",
            "owner": "Owner",
            "notes": "Description",
        },
        "appointment": {
            "customer_name": "Event_Title",
            "scheduled_start": "Start_DateTime",
            "scheduled_end": "End_DateTime",
            "location_text": "Venue",
        },
    },
    custom=lambda name: "_".join(word.capitalize() for word in name.split("_")),
    external_id=lambda _, number: str(5_724_767_000_000_000_000 + number),
    record_url=lambda kind, number: f"https://crm.zoho.example/crm/org700042/tab/{kind}/{number}",
    split_name=_PEOPLE,
    last_name_required=_PEOPLE,
)

VENDORS: dict[str, Vendor] = {"hubspot": _HUBSPOT, "salesforce": _SALESFORCE, "zoho": _ZOHO}
CRMS = (*VENDORS, "none")
