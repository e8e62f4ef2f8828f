"""What fields and objects are called on the page."""

from __future__ import annotations

from collections.abc import Mapping

from importer.locale import N_, Language

__all__ = ["OBJECT_HINTS", "field_title", "object_title", "word_title"]


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
_OBJECTS: Mapping[str, str] = {
    "contact": N_("Contacts"),
    "lead": N_("Leads"),
    "deal": N_("Deals"),
    "appointment": N_("Appointments"),
    "case": N_("Cases"),
}
OBJECT_HINTS: Mapping[str, str] = {
    "contact": N_("people you know: customers, patients, guests"),
    "lead": N_("people who may become customers"),
    "deal": N_("sales that are under way or done"),
    "appointment": N_("visits, bookings and meetings"),
    "case": N_("complaints and requests for help"),
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
    return language.gettext(_OBJECTS.get(name, name))
