"""What fields, objects and rows are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from importer.core.locale.language import N_, Language

_FIELDS: Mapping[str, str] = {
    "name": N_("Whole name"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "email": N_("Email"),
    "phone": N_("Phone"),
    "mobile_phone": N_("Mobile phone"),
    "company": N_("Company"),
    "job_title": N_("Job title"),
    "street": N_("Street"),
    "city": N_("City"),
    "state": N_("State or region"),
    "postal_code": N_("Postal code"),
    "country": N_("Country"),
    "website": N_("Website"),
    "birthday": N_("Birthday"),
    "notes": N_("Notes"),
    "source": N_("Source"),
    "status": N_("Status"),
    "owner": N_("Owner"),
    "tags": N_("Tags"),
    "created_at": N_("Created on"),
    "external_ref": N_("Reference in the old system"),
    "intent": N_("Intent"),
    "timeline": N_("Timeline"),
    "qualification_score": N_("Qualification score"),
    "attributes": N_("Further attributes"),
    "conversation_id": N_("Conversation ID"),
    "title": N_("Title"),
    "amount": N_("Amount"),
    "currency": N_("Currency"),
    "stage": N_("Stage"),
    "close_date": N_("Closing date"),
    "contact_email": N_("Contact's email"),
    "contact_phone": N_("Contact's phone"),
    "customer_name": N_("Customer's name"),
    "customer_phone": N_("Customer's phone"),
    "customer_email": N_("Customer's email"),
    "scheduled_start": N_("Start"),
    "scheduled_end": N_("End"),
    "location_text": N_("Place"),
    "lead_id": N_("Lead ID"),
    "offering_id": N_("Offering ID"),
    "subject": N_("Subject"),
    "description": N_("Description"),
    "priority": N_("Priority"),
    "contact_name": N_("Contact's name"),
}
_WORDS: Mapping[str, str] = {
    "new": N_("new"),
    "qualified": N_("qualified"),
    "booked": N_("booked"),
    "converted": N_("converted"),
    "lost": N_("lost"),
    "confirmed": N_("confirmed"),
    "cancelled": N_("cancelled"),
    "completed": N_("completed"),
    "rescheduled": N_("rescheduled"),
    "no_show": N_("did not come"),
}


_NAMES = (
    "name", "customer_name", "contact_name", "title", "subject", "company", "email",
    "customer_email", "contact_email",
)  # fmt: skip


def naming(columns: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """
    Return groups of columns that name a row, the best first, from the columns of each field.

    >>> naming({"email": ["Mail"], "last_name": ["Last"], "first_name": ["First"]})
    [['First', 'Last'], ['Mail']]
    """
    both = [one for name in ("first_name", "last_name") for one in columns.get(name, ())[:1]]
    others = ([one] for name in _NAMES for one in columns.get(name, ())[:1])
    return [group for group in (both, *others) if group]


def called(cells: Mapping[str, str], groups: Sequence[Sequence[str]]) -> str:
    """
    Return what a row is called, or "" if nothing names it.

    >>> called({"First": "Amal", "Last": "Haddad"}, [["First", "Last"], ["Mail"]])
    'Amal Haddad'
    """
    named = (" ".join(filter(None, map(str.strip, (cells.get(name) or "" for name in group))))
             for group in groups)  # fmt: skip
    return next(filter(None, named), "")


def word_title(word: str, language: Language) -> str:
    """Return what a word that a field takes means; one that is not known stays as it is."""
    return language.gettext(_WORDS.get(word, word))


def field_title(name: str, language: Language) -> str:
    """Return what a field is called; one of the user's own has its own name."""
    root, dot, rest = name.partition(".")
    title = _FIELDS.get(root)
    if title is None:
        return name
    shown = language.gettext(title)
    return f"{shown}: {rest}" if dot else shown


def object_title(name: str, language: Language) -> str:
    """Return what the records of an object are called."""
    from importer.core.objects import object_facts  # who only loads messages needs no objects

    return language.gettext(object_facts(name).title)
