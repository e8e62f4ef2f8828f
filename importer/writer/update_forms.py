"""The forms of files with which CRMs update records that they have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from importer.core.shared import UpdateForm


@dataclass(frozen=True, slots=True, kw_only=True)
class FileForm:
    """
    How the update import of a CRM wants its file.

    `title` is its name, `id_column` the column of the record's id. `names` are its names of the
    canonical fields, by object; other fields keep their names, with `ending` if they are the user's
    own. `empties` is the text that empties a field, or None if its import cannot empty one.
    """

    title: str
    id_column: str
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    ending: str = ""
    keeps_paths: bool = False
    empties: str | None = None

    def column(self, object_: str, name: str) -> str:
        """
        Return the name of a field.

        >>> FORMS["hubspot"].column("contact", "first_name")
        'firstname'
        >>> FORMS["salesforce"].column("contact", "attributes.bedrooms")
        'bedrooms__c'
        """
        known = self.names.get(object_, {}).get(name)
        if known is not None:
            return known
        return name if self.keeps_paths else name.rpartition(".")[2] + self.ending


_HUBSPOT_CONTACT = {
    "first_name": "firstname",
    "last_name": "lastname",
    "email": "email",
    "phone": "phone",
    "mobile_phone": "mobilephone",
    "company": "company",
    "job_title": "jobtitle",
    "street": "address",
    "postal_code": "zip",
    "birthday": "date_of_birth",
    "notes": "message",
    "status": "hs_lead_status",
    "owner": "hubspot_owner_id",
}
_SALESFORCE_PERSON = {
    "first_name": "FirstName",
    "last_name": "LastName",
    "email": "Email",
    "phone": "Phone",
    "mobile_phone": "MobilePhone",
    "job_title": "Title",
    "notes": "Description",
    "source": "LeadSource",
    "owner": "OwnerId",
}
_SALESFORCE_DEAL = {
    "title": "Name",
    "amount": "Amount",
    "currency": "CurrencyIsoCode",
    "stage": "StageName",
    "close_date": "CloseDate",
    "owner": "OwnerId",
    "notes": "Description",
}
_ADDRESS = ("street", "city", "state", "postal_code", "country")
_SALESFORCE_ADDRESS = ("Street", "City", "State", "PostalCode", "Country")
FORMS: Mapping[UpdateForm, FileForm] = {
    "general": FileForm(title="the CRM", id_column="external_id", keeps_paths=True),
    # The internal names of properties, which its import recognises; a record is found by its id.
    # An empty cell leaves a property as it is.
    "hubspot": FileForm(
        title="HubSpot",
        id_column="Record ID",
        names={
            "contact": _HUBSPOT_CONTACT,
            "deal": {
                "title": "dealname",
                "currency": "deal_currency_code",
                "stage": "dealstage",
                "close_date": "closedate",
                "owner": "hubspot_owner_id",
                "notes": "description",
            },
            "case": {"description": "content", "priority": "hs_ticket_priority"},
        },
    ),
    # API names, as Data Loader matches them. With the Bulk API, an empty value leaves a field as it
    # is, and #N/A empties it ("Valid CSV Record Rows" in the Bulk API Developer Guide).
    "salesforce": FileForm(
        title="Salesforce",
        id_column="Id",
        names={
            "contact": {
                **_SALESFORCE_PERSON,
                "birthday": "Birthdate",
                **dict(
                    zip(_ADDRESS, (f"Mailing{one}" for one in _SALESFORCE_ADDRESS), strict=True)
                ),
            },
            "lead": {
                **_SALESFORCE_PERSON,
                "company": "Company",
                "status": "Status",
                **dict(zip(_ADDRESS, _SALESFORCE_ADDRESS, strict=True)),
            },
            "deal": _SALESFORCE_DEAL,
            "case": {
                "subject": "Subject",
                "description": "Description",
                "priority": "Priority",
                "status": "Status",
            },
        },
        ending="__c",
        empties="#N/A",
    ),
}
