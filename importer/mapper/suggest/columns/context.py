"""Decides what a header means among its neighbours: `Name` beside `Surname`, `Title`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from importer.core.locale.message import Message, joined
from importer.mapper.schema.object_schema import ObjectSchema
from importer.mapper.suggest.columns.choice import ADDRESS, Choice

_NAMES = frozenset({"first", "last", "name", "byname", "fullname"})


@dataclass(frozen=True, slots=True)
class _Neighbours:
    """The object of a list, the roles of its columns in order, and the place of one of them."""

    schema: ObjectSchema
    roles: Sequence[str | None]
    at: int

    @property
    def object(self) -> str:
        return self.schema.name

    def has(self, *roles: str) -> bool:
        """Return whether a column of the list has one of some roles."""
        return not set(roles).isdisjoint(self.roles)

    def has_all(self, *roles: str) -> bool:
        """Return whether columns of the list have all of some roles."""
        return set(roles).issubset(self.roles)

    @property
    def beside(self) -> set[str | None]:
        """The roles of the columns before and behind."""
        return {*self.roles[max(self.at - 1, 0) : self.at], *self.behind}

    @property
    def behind(self) -> Sequence[str | None]:
        """The role of the column behind, if there is one."""
        return self.roles[self.at + 1 : self.at + 2]

    def field_of(self, role: str) -> str | None:
        """Return the field of the object that has a role."""
        return self.schema.field_of(role)


def without_names(schema: ObjectSchema) -> Message:
    """Return that the records of an object have no field for the name of a person."""
    return Message("the object %(object)s has no field for a person's name", object=schema.name)


def settle(choices: Sequence[Choice], schema: ObjectSchema) -> list[Choice]:
    """Return the choices with the field of each role, given the neighbours on this list."""
    # An unsure column, such as one that may be misspelt, must not decide about its neighbours.
    roles = [choice.role if choice.confidence != "unsure" else None for choice in choices]
    settled = []
    for at, choice in enumerate(choices):
        special = _SPECIAL.get(choice.role or "")
        if special is not None:
            settled.append(special(choice, _Neighbours(schema, roles, at)))
        elif choice.field is None and choice.role is not None:
            settled.append(replace(choice, field=schema.field_of(choice.role)))
        else:
            settled.append(choice)
    return settled


def _whole_name(choice: Choice, near: _Neighbours) -> Choice:
    target = near.field_of("fullname")
    if target is None:
        return choice.drop(without_names(near.schema))
    if near.object == "lead" and near.roles.count("fullname") + near.roles.count("name") > 1:
        choice = replace(choice, hedged=True)  # one of the two may be a company name
    return replace(choice, field=target)


def _name(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `Name`: last name beside a first name, first beside a last, else the whole name."""
    has_first, has_last = near.has("first"), near.has("last", "byname")
    if has_first == has_last:
        return _whole_name(choice, near)
    role = "last" if has_first else "first"
    reason = (
        Message("a name beside a first name") if has_first else Message("a name beside a last name")
    )
    return _part_of_name(replace(choice, role=role, field=None, reason=reason), near)


def _part_of_name(choice: Choice, near: _Neighbours) -> Choice:
    if near.object == "contact":
        return replace(choice, field=choice.field or near.field_of(choice.role or ""))
    target = near.field_of("fullname")
    if target is None:
        return choice.drop(without_names(near.schema))
    if len(_NAMES.intersection(near.roles)) > 1:
        return replace(
            choice, field=target, reason=joined([choice.reason, Message("part of the whole name")])
        )
    return replace(
        choice, field=target, score=0.7, reason=joined([choice.reason, Message("the only name")])
    )


def _byname(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `اللقب`: the last name beside a first one in the Maghreb, elsewhere often a title."""
    if near.has("last") or not near.has("first", "name"):
        return choice.drop(Message("a form of address, or a last name without a first one"))
    return _part_of_name(replace(choice, role="last", hedged=True), near)


def _particle(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `Tussenvoegsel`: `van der`, put before the last name that has a column."""
    if not near.has("last") and not near.has_all("first", "name"):
        return choice.drop(Message("part of a last name, without a column that it belongs to"))
    target = near.field_of("last") or near.field_of("fullname")
    return replace(choice, field=target)


def _house(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `House No`: part of a street that has a column, or that a post code names."""
    if not near.has("street", "postal") or near.roles.count("house") != 1:
        return choice.drop(Message("the number of a house, without one street that it belongs to"))
    return _part_of_street(choice, near)


def _number(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `Number`: that of a house directly behind a street."""
    if near.roles[near.at - 1 : near.at] != ["street"] or near.has("house"):
        return choice.drop(Message("no field has this meaning"))
    return _part_of_street(replace(choice, role="house"), near)


def _line(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `Building` and `Flat`: below a street, or an address together, alone left out."""
    if not near.has("street") and near.roles.count("line") < 2:
        return choice.drop(Message("part of an address, without a street that it belongs to"))
    return _part_of_street(choice, near)


def _post_box(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `P.O. Box`: below a street that has a column, else the street itself."""
    if near.has("street"):
        return _part_of_street(choice, near)
    return replace(choice, field=near.field_of("street"))


def _suburb(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `Suburb`: below the street if another column is the city, else the city."""
    if near.has("city"):
        return _line(replace(choice, role="line"), near)
    return replace(choice, role="city", field=near.field_of("city"))


def _company_address(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `Company Address`: the only address, or else the company that an address names."""
    if not near.has("company"):
        return replace(choice, role="company", field=near.field_of("company"))
    if near.has("street"):
        return choice.drop(Message("the address of the company, beside that of the person"))
    return replace(choice, role="street", field=near.field_of("street"), score=0.6)


def _part_of_street(choice: Choice, near: _Neighbours) -> Choice:
    return replace(
        choice,
        field=near.field_of("street"),
        reason=joined([choice.reason, Message("part of the street")]),
    )


def _duration(choice: Choice, _: _Neighbours) -> Choice:
    """Decide `Duration`: no field of its own, but the end may be worked out from it."""
    return choice.drop(
        Message("how long it takes; where no column is the end, that is worked out from it")
    )


def _label(choice: Choice, _: _Neighbours) -> Choice:
    """Decide `Phone 1 - Label`: the kind of a number or an address, and no tag of the person."""
    return choice.drop(Message("it names the kind of another column's values"))


def _title(choice: Choice, near: _Neighbours) -> Choice:
    """
    Decide `Title`: a form of address where it comes first or a job title has a column.

    Values may decide otherwise: see `names.decide_titles`.
    """
    is_before_name = not {"first", "name"}.isdisjoint(near.behind)
    if near.has("job_title") or near.at == 0 or is_before_name:
        return choice.drop(Message("a form of address, not a job title"))
    return replace(choice, field=near.field_of("job_title"), score=0.7)


def _stage(choice: Choice, near: _Neighbours) -> Choice:
    if near.object == "deal":
        return replace(choice, field=near.field_of("stage"))
    if near.has("status"):
        return choice.drop(Message("another column is the status"))
    return replace(choice, field=near.field_of("status"))


def _deal_status(choice: Choice, near: _Neighbours) -> Choice:
    if near.has("stage"):
        return choice.drop(Message("another column is the stage"))
    return replace(choice, field=near.field_of("stage"))


def _about(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `Job Description`: the title of a deal that has no other, else a note."""
    role = "notes" if near.has("deal_title") else "deal_title"
    return replace(choice, role=role, field=near.field_of(role))


def _either(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `Estado`: a state inside an address, else a status."""
    if near.object == "contact" and (near.has("status") or not ADDRESS.isdisjoint(near.beside)):
        return replace(
            choice,
            field=near.field_of("state"),
            reason=Message("it means state or status, and is beside an address"),
        )
    if near.object == "deal":
        return _deal_status(choice, near)
    return replace(choice, field=near.field_of("status"))


def _code(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `Code`: a post code inside an address, else the record's own code."""
    if near.object == "contact" and not ADDRESS.isdisjoint(near.beside):
        return replace(
            choice,
            field=near.field_of("postal"),
            reason=Message("a code beside an address"),
        )
    return replace(choice, field=near.field_of("reference"))


def _day(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `Date`: less sure beside a start, where it may be the day of the booking."""
    score = min(choice.score, 0.8) if near.has("start", "start_day", "start_hour") else choice.score
    return replace(choice, field=near.field_of("start"), score=score)


def _edge(choice: Choice, near: _Neighbours) -> Choice:
    """Decide `Start Date` and `Start Time`: parts of one value if both exist, else the whole."""
    edge, _, part = (choice.role or "").partition("_")
    whole = not near.has_all(f"{edge}_day", f"{edge}_hour")
    role = edge if whole else {"day": "date", "hour": "time"}[part]
    return replace(choice, field=near.field_of(edge), role=role)


_SPECIAL: Mapping[str, Callable[[Choice, _Neighbours], Choice]] = {
    "fullname": _whole_name,
    "shownname": _whole_name,
    "name": _name,
    "first": _part_of_name,
    "last": _part_of_name,
    "byname": _byname,
    "particle": _particle,
    "duration": _duration,
    "label": _label,
    "house": _house,
    "number": _number,
    "line": _line,
    "pobox": _post_box,
    "suburb": _suburb,
    "company_address": _company_address,
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
    "about": _about,
}
