"""The questions that only a person can answer: country, time zone, order of day and month."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

from importer.suggesting.stated import region_of, zone_of
from importer.ui.forms import Form
from importer.ui.store.state import ListHints

UNKNOWN = "unknown"
"""The choice of a person who does not know the country of phone numbers."""


@cache
def zones() -> list[str]:
    """Return the names of all time zones of places."""
    places = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/")
    found = (name for name in available_timezones() if name.startswith((*places, "Pacific/")))
    return [*sorted(found), "UTC"]


def read_hints(form: Form, before: ListHints) -> ListHints:
    """Return what a form says of the values; what it does not ask stays. Raises `ConfigError`."""
    found = before.model_copy()
    if "region" in form.fields:
        given = form.get("region")
        found.is_region_unknown = given == UNKNOWN
        found.region = region_of(given) if given and given != UNKNOWN else None
    if "timezone" in form.fields:
        found.timezone = zone_of(form.get("timezone")) if form.get("timezone") else None
    if "month_first" in form.fields:
        found.month_first = {"day": False, "month": True}.get(form.get("month_first"))
    return found
