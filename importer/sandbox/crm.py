"""The CRM behind the sandbox: takes a record under the vendor's names, or says why not."""

from __future__ import annotations

from typing import Any

from importer.sandbox.field_rules import complaint
from importer.sandbox.payloads import CreateRequest, Decision, NewRecord
from importer.sandbox.vendors import VENDORS, Vendor


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
    url = vendor.record_url(kind, external_id)
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
