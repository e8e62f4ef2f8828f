"""The CRM behind the sandbox: takes a record under the vendor's names, or says why not."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from importer.sandbox.payloads import CreateRequest, Decision, NewRecord
from importer.sandbox.vendors import VENDORS, Vendor

_MAX_EMAIL = 254
_LONGEST_ECHO = 40
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
# RFC 3339 section 5.6: the offset is not optional.
_DATETIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_Rule = Callable[[Any], str | None]
_REQUIRED = {
    "appointment": ("customer_name", "customer_phone", "scheduled_start", "scheduled_end"),
}


def write(crm: str, request: CreateRequest, number: int) -> Decision:
    """
    Return the decision of the CRM called `crm`. The id of the record is made from `number`.

    A refusal of the content is kept under the idempotency key; a missing CRM is not, since
    somebody may connect one and try again.
    """
    vendor = VENDORS.get(crm)
    if vendor is None:
        return soft_failure("no_crm_configured", "the tenant has no CRM connected", stored=False)
    kind = vendor.objects.get(request.object)
    if kind is None:
        return soft_failure("unsupported_object", f"{vendor.title} takes no {request.object}")
    trouble = complaint(request.object, request.fields) or _nameless(vendor, request)
    if trouble:
        return soft_failure("validation_error", f"{vendor.title} refused the record: {trouble}")
    external_id = vendor.external_id(request.object, number)
    url = vendor.record_url.format(kind=kind, id=external_id)
    return Decision(
        {"ok": True, "external_id": external_id, "record_url": url},
        NewRecord(kind, translate(vendor, request), external_id, url),
    )


def soft_failure(error: str, detail: str, *, stored: bool = True) -> Decision:
    """Return a refusal that is answered with status 200."""
    return Decision({"ok": False, "error": error, "detail": detail}, stored=stored)


def translate(vendor: Vendor, request: CreateRequest) -> dict[str, Any]:
    """
    Return the fields under the vendor's names.

    A name without a mapping becomes a custom property. If a custom property has the name of a
    mapped field, the mapped field wins.
    """
    names = vendor.names.get(request.object, {})
    fields = _split(vendor, request)
    custom = {vendor.custom(name): value for name, value in fields.items() if name not in names}
    return custom | {names[name]: value for name, value in fields.items() if name in names}


def _nameless(vendor: Vendor, request: CreateRequest) -> str | None:
    if request.object not in vendor.last_name_required:
        return None
    if _split(vendor, request).get("last_name"):
        return None
    return "last_name: is required"


def _split(vendor: Vendor, request: CreateRequest) -> dict[str, Any]:
    """Return the fields, with `name` split if the vendor only knows first and last names."""
    name = request.fields.get("name")
    splits = request.object in vendor.split_name and isinstance(name, str)
    if not splits or request.fields.get("last_name"):
        return request.fields
    first, _, last = str(name).strip().rpartition(" ")
    rest = {field: value for field, value in request.fields.items() if field != "name"}
    return {**({"first_name": first} if first else {}), **rest, "last_name": last}


def complaint(name: str, fields: Mapping[str, Any]) -> str | None:
    """
    Return what is wrong with the first bad field of an object, or None if the CRM takes it.

    The text begins with the canonical name of the field. Fields without a rule, and those that
    are null, are always taken.
    """
    present = {field: value for field, value in fields.items() if value is not None}
    if not present:
        return "fields: at least one field needs a value"
    for field in _REQUIRED.get(name, ()):
        if field not in present:
            return f"{field}: is required"
    rules = {**_COMMON, **_BY_OBJECT.get(name, {})}
    for field, value in present.items():
        trouble = rules[field](value) if field in rules else None
        if trouble:
            return f"{field}: {trouble}"
    return _order(present) if name == "appointment" else None


def _order(fields: Mapping[str, Any]) -> str | None:
    start, end = (_moment(fields[field]) for field in ("scheduled_start", "scheduled_end"))
    if start and end and end <= start:
        return "scheduled_end: must be after scheduled_start"
    return None


def _echo(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + "…")


def _text(longest: int, shortest: int = 0) -> _Rule:
    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return "must be a text"
        if len(value) > longest:
            return f"must have at most {longest} characters, has {len(value)}"
        if len(value) < shortest:
            return f"must have at least {shortest} characters, has {len(value)}"
        return None

    return check


def _picklist(*options: str) -> _Rule:
    def check(value: Any) -> str | None:
        if value in options:
            return None
        return f"{_echo(value)} is none of {', '.join(options)}"

    return check


def _email(value: Any) -> str | None:
    if isinstance(value, str) and len(value) <= _MAX_EMAIL and _EMAIL.fullmatch(value):
        return None
    return f"{_echo(value)} is not an email address"


def _score(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 100:
        return f"{_echo(value)} is not an integer from 0 to 100"
    return None


def _amount(value: Any) -> str | None:
    try:
        good = not isinstance(value, bool) and Decimal(str(value)).is_finite()
    except InvalidOperation:
        good = False
    return None if good else f"{_echo(value)} is not an amount"


def _currency(value: Any) -> str | None:
    if isinstance(value, str) and _CURRENCY.fullmatch(value):
        return None
    return f"{_echo(value)} is not a currency of three capital letters"


def _uuid(value: Any) -> str | None:
    try:
        uuid.UUID(value if isinstance(value, str) else "")
    except ValueError:
        return f"{_echo(value)} is not a UUID"
    return None


def _moment(value: Any) -> dt.datetime | None:
    if not isinstance(value, str) or not _DATETIME.fullmatch(value):
        return None
    try:
        return dt.datetime.fromisoformat(value.upper())
    except ValueError:
        return None


def _datetime(value: Any) -> str | None:
    return None if _moment(value) else f"{_echo(value)} is not a date and time with an offset"


def _date(value: Any) -> str | None:
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            pass
        else:
            return None
    return f"{_echo(value)} is not a date (YYYY-MM-DD)"


def _date_or_datetime(value: Any) -> str | None:
    return None if _moment(value) or not _date(value) else f"{_echo(value)} is not a date"


_COMMON: dict[str, _Rule] = {
    "email": _email,
    "contact_email": _email,
    "customer_email": _email,
    "birthday": _date,
    "close_date": _date_or_datetime,
    "created_at": _date_or_datetime,
    "conversation_id": _uuid,
    "lead_id": _uuid,
    "offering_id": _uuid,
}

# The lengths and lists of leads and appointments are those the service's other endpoints show.
_BY_OBJECT: dict[str, dict[str, _Rule]] = {
    "lead": {
        "name": _text(200),
        "phone": _text(32),
        "intent": _text(40),
        "timeline": _text(40),
        "source": _text(40),
        "qualification_score": _score,
        "status": _picklist("new", "qualified", "booked", "converted", "lost"),
    },
    "appointment": {
        "customer_name": _text(200, 1),
        "customer_phone": _text(32, 5),
        "scheduled_start": _datetime,
        "scheduled_end": _datetime,
        "location_text": _text(500),
        "status": _picklist("confirmed", "cancelled", "completed", "rescheduled", "no_show"),
    },
    "deal": {"amount": _amount, "currency": _currency},
}
