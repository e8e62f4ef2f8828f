"""Decides what a header means among its neighbours: `Name` beside `Surname`, `Title`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from importer.mapper.headers.names import normalize_header
from importer.mapper.schema.objects import ObjectSchema
from importer.mapper.suggest.columns.choice import LIKELY, Choice

_NAMES = {
    "contact": "name",
    "lead": "name",
    "appointment": "customer_name",
    "case": "contact_name",
}
# The field of each role, by object. Roles that are not listed have a function in _SPECIAL.
_FIELDS: Mapping[str, Mapping[str, str]] = {
    "contact": {
        "phone": "phone",
        "mobile": "mobile_phone",
        "email": "email",
        "company": "company",
        "job_title": "job_title",
        "street": "street",
        "city": "city",
        "state": "state",
        "postal": "postal_code",
        "country": "country",
        "website": "website",
        "birthday": "birthday",
        "notes": "notes",
        "source": "source",
        "status": "status",
        "owner": "owner",
        "tags": "tags",
        "created": "created_at",
        "reference": "external_ref",
    },
    "lead": {
        "phone": "phone",
        "mobile": "phone",
        "email": "email",
        "intent": "intent",
        "timeline": "timeline",
        "score": "qualification_score",
        "status": "status",
        "source": "source",
    },
    "deal": {
        "phone": "contact_phone",
        "mobile": "contact_phone",
        "email": "contact_email",
        "deal_title": "title",
        "amount": "amount",
        "currency": "currency",
        "stage": "stage",
        "close": "close_date",
        "company": "company",
        "owner": "owner",
        "notes": "notes",
        "reference": "external_ref",
    },
    "appointment": {
        "phone": "customer_phone",
        "mobile": "customer_phone",
        "email": "customer_email",
        "start": "scheduled_start",
        "time": "scheduled_start",
        "end": "scheduled_end",
        "location": "location_text",
        "status": "status",
    },
    "case": {
        "phone": "contact_phone",
        "mobile": "contact_phone",
        "email": "contact_email",
        "subject": "subject",
        "description": "description",
        "priority": "priority",
        "status": "status",
        "created": "created_at",
        "reference": "external_ref",
    },
}


def settle(choices: Sequence[Choice], schema: ObjectSchema) -> list[Choice]:
    """Return the choices with the field of each role, given the neighbours on this list."""
    fields = _FIELDS[schema.name]
    # An unsure column, such as one that may be misspelt, must not decide about its neighbours.
    roles = [choice.role if choice.confidence != "unsure" else None for choice in choices]
    settled = []
    for at, choice in enumerate(choices):
        special = _SPECIAL.get(choice.role or "")
        if special is not None:
            settled.append(special(choice, schema.name, roles, at))
        elif choice.field is None and choice.role is not None:
            settled.append(replace(choice, field=fields[choice.role]))
        else:
            settled.append(choice)
    return settled


def _whole_name(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    del at
    target = _NAMES.get(object_)
    if target is None:
        return choice.drop(f"a {object_} has no field for a person's name")
    if object_ == "lead" and roles.count("fullname") + roles.count("name") > 1:
        choice = replace(choice, hedged=True)  # one of the two may be a company name
    if object_ != "contact" and {"first", "last"} <= set(roles):
        return replace(choice, field=target, score=max(choice.score, 0.9))
    return replace(choice, field=target)


def _name(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """Decide `Name`: last name beside a first name, first beside a last, else the whole name."""
    has_first, has_last = "first" in roles, bool({"last", "final", "byname"} & set(roles))
    if object_ == "lead" and has_first and has_last:
        return choice.drop("the lead's own name: the person has a first and a last name")
    if has_first == has_last:
        return _whole_name(choice, object_, roles, at)
    role = "last" if has_first else "first"
    reason = f"a name beside a {'first' if has_first else 'last'} name"
    return _part_of_name(replace(choice, role=role, field=None, reason=reason), object_, roles, at)


def _part_of_name(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    del at
    if object_ == "contact":
        return replace(choice, field=choice.field or f"{choice.role}_name")
    target = _NAMES.get(object_)
    if target is None:
        return choice.drop(f"a {object_} has no field for a person's name")
    if len({"first", "last", "name", "final", "byname", "others", "fullname"} & set(roles)) > 1:
        return replace(choice, field=target, reason=f"{choice.reason}; part of the whole name")
    return replace(choice, field=target, score=0.7, reason=f"{choice.reason}; the only name")


def _final(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """Decide `Last`: a last name beside a first name, else the last of anything."""
    if "first" not in roles:
        return choice.drop("there is no first name beside it, so it may be the last of anything")
    return _part_of_name(replace(choice, role="last"), object_, roles, at)


def _byname(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """Decide `اللقب`: the last name beside a first one in the Maghreb, elsewhere often a title."""
    if "last" in roles or not {"first", "name"} & set(roles):
        return choice.drop("a form of address, or a last name without a first one")
    return _part_of_name(replace(choice, role="last", hedged=True), object_, roles, at)


def _others(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """Decide `Other Names`: the first ones beside a surname, or further ones beside both."""
    if "first" in roles or not {"last", "final"} & set(roles):
        return choice.drop("further names, beside the one that is sent")
    return _part_of_name(replace(choice, role="first", hedged=True), object_, roles, at)


def _place(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """Decide `Work`, `Home`: a phone number beside a mobile number; and `Business`: a company."""
    is_alone = object_ == "contact" and "company" not in roles
    if is_alone and normalize_header(choice.column) == "business":
        reason = "a business, and no other column is the company"
        return replace(choice, field="company", hedged=True, score=LIKELY, reason=reason)
    if "mobile" not in (*roles[max(at - 1, 0) : at], *roles[at + 1 : at + 2]):
        return choice.drop("it names a place, but not what is there")
    reason = "a place beside a mobile number: another phone number"
    return replace(choice, field=_FIELDS[object_]["phone"], hedged=True, reason=reason)


def _house(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """Decide `House No`: part of a street that has a column, else left out."""
    del object_, at
    if roles.count("street") != 1 or roles.count("house") != 1:
        return choice.drop("the number of a house, without one street that it belongs to")
    return replace(choice, field="street", reason=f"{choice.reason}; part of the street")


def _duration(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """Decide `Duration`: no field of its own, but the end may be worked out from it."""
    del object_, roles, at
    return choice.drop("how long it takes; where no column is the end, that is worked out from it")


def _title(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """
    Decide `Title`: a form of address where it comes first or a job title has a column.

    Values may decide otherwise: see `with_titles`.
    """
    del object_
    following = roles[at + 1 : at + 2]
    if "job_title" in roles or at == 0 or following in (["first"], ["name"]):
        return choice.drop("a form of address, not a job title")
    return replace(choice, field="job_title", score=0.7)


def _stage(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    del at
    if object_ == "deal":
        return replace(choice, field="stage")
    if "status" in roles:
        return choice.drop("another column is the status")
    return replace(choice, field="status")


def _deal_status(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    del object_, at
    if "stage" in roles:
        return choice.drop("another column is the stage")
    return replace(choice, field="stage")


_ADDRESS = frozenset({"street", "city", "state", "postal", "country"})


def _is_in_address(roles: Sequence[str | None], at: int) -> bool:
    return not _ADDRESS.isdisjoint((*roles[max(at - 1, 0) : at], *roles[at + 1 : at + 2]))


def _either(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """Decide `Estado`: a state inside an address, else a status."""
    if object_ == "contact" and ("status" in roles or _is_in_address(roles, at)):
        return replace(
            choice, field="state", reason="it means state or status, and is beside an address"
        )
    if object_ == "deal":
        return _deal_status(choice, object_, roles, at)
    return replace(choice, field="status")


def _code(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """Decide `Code`: a post code inside an address, else the record's own code."""
    if object_ == "contact" and _is_in_address(roles, at):
        return replace(choice, field="postal_code", reason="a code beside an address")
    return replace(choice, field="external_ref")


def _day(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """Decide `Date`: less sure beside a start, where it may be the day of the booking."""
    del object_, at
    score = (
        min(choice.score, 0.8)
        if {"start", "start_day", "start_hour"} & set(roles)
        else choice.score
    )
    return replace(choice, field="scheduled_start", score=score)


def _edge(choice: Choice, object_: str, roles: Sequence[str | None], at: int) -> Choice:
    """Decide `Start Date` and `Start Time`: parts of one value if both exist, else the whole."""
    del object_, at
    edge, _, part = (choice.role or "").partition("_")
    whole = not {f"{edge}_day", f"{edge}_hour"} <= set(roles)
    role = edge if whole else {"day": "date", "hour": "time"}[part]
    return replace(choice, field=f"scheduled_{edge}", role=role)


_SPECIAL: Mapping[str, Callable[[Choice, str, Sequence[str | None], int], Choice]] = {
    "fullname": _whole_name,
    "name": _name,
    "first": _part_of_name,
    "last": _part_of_name,
    "final": _final,
    "byname": _byname,
    "others": _others,
    "place": _place,
    "duration": _duration,
    "house": _house,
    "title": _title,
    "stage": _stage,
    "either": _either,
    "code": _code,
    "date": _day,
    "start_day": _edge,
    "start_hour": _edge,
    "end_day": _edge,
    "end_hour": _edge,
    "deal_status": _deal_status,
}
