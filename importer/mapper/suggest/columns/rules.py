"""The rules that say which meanings of a header make which field, for each kind of list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from importer.mapper.headers.words import Parsed

_NOTHING: frozenset[str] = frozenset()


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_PLACES = _set("work home primary other mailing")
# Words that suggest another column of the same kind, and what they cost: it may be the better one.
_HEDGES: Mapping[str, float] = {
    "work": 0.02,
    "home": 0.04,
    "other": 0.2,
    "mailing": 0.01,
    "value": 0.0,
    "company": 0.05,
    "associated": 0.05,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """
    A header that has all the meanings in `needs`, and no others except those in `may`, is `role`.

    `weight` is 1.0 if nothing else could be meant, 0.7 if something else sometimes is, and 0.4 if
    it is a guess. With `numbered`, a header with a 2 is a second column of the same
    kind (`Phone 2`); without, it matches nothing (`Address 2`).
    """

    role: str
    needs: frozenset[str]
    may: frozenset[str] = _NOTHING
    weight: float = 1.0
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """The role of a header, its score, and whether another column may fit the role better."""

    role: str
    weight: float
    hedged: bool


# By object: the meanings of the record itself, and of the person it is about.
_RECORD = {
    "contact": _set("contact customer person membership"),
    "lead": _set("lead customer contact person"),
    "deal": _set("deal"),
    "appointment": _set("appointment"),
    "case": _set("case"),
}
_PERSON = {
    "contact": _set("contact customer person lead"),
    "lead": _set("lead customer contact person"),
    "deal": _set("contact customer person requester deal"),
    "appointment": _set("customer contact person appointment"),
    "case": _set("customer contact person requester case"),
}


def rules_of(object_: str) -> tuple[Rule, ...]:
    """Return the rules of an object. Of those that fit, the one that needs the most words wins."""
    record, person = _RECORD[object_], _PERSON[object_]
    own = {
        "contact": _contact_rules,
        "lead": _lead_rules,
        "deal": _deal_rules,
        "appointment": _appointment_rules,
        "case": _case_rules,
    }[object_]
    return (*_reach_rules(person), *own(record, person))


def _reach_rules(person: frozenset[str]) -> Iterator[Rule]:
    """Yield the rules for phone numbers and email addresses, the same on every list."""
    may = _PLACES | person | _set("value address associated")
    yield Rule("phone", _set("phone"), may | _set("number"), numbered=True)
    yield Rule("mobile", _set("mobile"), may | _set("number phone"), numbered=True)
    yield Rule("email", _set("email"), may, numbered=True)
    yield Rule("phone", _set("other number"), _PLACES, 0.7, numbered=True)
    for place in ("work", "home"):
        yield Rule("place", frozenset({place}), _NOTHING, 0.6)


def _name_rules(person: frozenset[str]) -> Iterator[Rule]:
    yield Rule("fullname", _set("fullname"), person | _set("name"))
    yield Rule("fullname", _set("designation"), person, 0.7)
    yield Rule("name", _set("name"), person)
    yield Rule("fullname", _set("name mailing"), person, 0.7)  # orders have a number as their name
    yield Rule("first", _set("first"), person | _set("name legal"))
    yield Rule("last", _set("last"), person | _set("name legal"))
    yield Rule("final", _set("final"))
    yield Rule("byname", _set("byname"), _NOTHING, 0.9)
    yield Rule("others", _set("othernames"), person, 0.9)


def _status_rules(record: frozenset[str]) -> Iterator[Rule]:
    yield Rule("status", _set("status"), record)
    yield Rule("either", _set("either"), record, 0.9)


def _reference_rules(record: frozenset[str]) -> Iterator[Rule]:
    yield Rule("reference", _set("id"), record | _set("number"))
    yield Rule("reference", _set("ref"), record | _set("number id code"))
    yield Rule("code", _set("code"), _NOTHING, 0.7)
    for word in sorted(record - _set("person contact")):
        yield Rule("reference", frozenset({word, "number"}), record | _set("id ref code"))
        yield Rule("reference", frozenset({word, "code"}), record)


def _contact_rules(record: frozenset[str], person: frozenset[str]) -> Iterator[Rule]:
    yield from _name_rules(person)
    yield Rule("fullname", _set("customer"), _set("contact"), 0.7)
    yield Rule("fullname", _set("contact"), _set("primary"), 0.7)
    yield Rule("fullname", _set("person"), _NOTHING, 0.7)
    yield from _address_rules(person)
    yield Rule("birthday", _set("birthday"), person | _set("date"))
    yield Rule("birthday", _set("yearly"), person | _set("date"), 0.7)
    yield from _company_rules(_set("customer contact person work primary associated"))
    yield Rule("job_title", _set("jobtitle"), person | _set("title work name"), 0.9)
    yield Rule("title", _set("title"), person)
    yield Rule("website", _set("website"), _PLACES | person | _set("company value"), numbered=True)
    yield Rule("notes", _set("notes"), person | _set("description"))
    yield Rule("notes", _set("description"), record, 0.9)
    yield Rule("source", _set("source"), person)
    yield from _status_rules(record | _set("lead"))
    yield Rule("owner", _set("owner"), person | _set("name"), 0.9)
    yield Rule("tags", _set("tags"), person, 0.9)
    yield Rule("created", _set("created"), record | _set("date time"))
    yield from _reference_rules(record)


def _address_rules(person: frozenset[str]) -> Iterator[Rule]:
    may = _PLACES | person
    yield Rule("street", _set("street"), may | _set("address number"))
    yield Rule("street", _set("address"), may, 0.9)
    yield Rule("house", _set("housenumber"), may | _set("address"), 0.9)
    for part in ("city", "state", "postal", "country"):
        code = _set("code") if part == "postal" else _NOTHING
        weight = 0.9 if part == "state" else 1.0  # "Region" may be anything
        yield Rule(part, frozenset({part}), may | code | _set("address"), weight)
    yield Rule("state", _set("area"), may, 0.7)
    yield Rule("state", _set("either state"), may)
    yield Rule("state", _set("state code"), may | _set("address"))
    yield Rule("country", _set("country state"), may | _set("address"))


def _company_rules(may: frozenset[str]) -> Iterator[Rule]:
    yield Rule("company", _set("company"), may | _set("name"))
    yield Rule("company", _set("company address primary"))


def _lead_rules(record: frozenset[str], person: frozenset[str]) -> Iterator[Rule]:
    yield from _name_rules(person)
    for word in ("customer", "contact"):
        yield Rule("fullname", frozenset({word}), _set("person"), 0.7)
    yield Rule("intent", _set("intent"), person | _set("type"), 0.9)
    yield Rule("intent", _set("lead type"), _NOTHING, 0.7)
    yield Rule("timeline", _set("timeline"), person, 0.9)
    yield Rule("score", _set("score"), person)
    yield from _status_rules(record)
    yield Rule("stage", _set("stage"), record, 0.8)
    yield Rule("source", _set("source"), person | _set("campaign"))
    yield Rule("source", _set("campaign"), person | _set("name"), 0.6)


def _deal_rules(record: frozenset[str], person: frozenset[str]) -> Iterator[Rule]:
    del person
    yield Rule("deal_title", _set("deal"), _NOTHING, 0.9)
    for word in ("name", "title"):
        yield Rule("deal_title", frozenset({"deal", word}))
    yield Rule("deal_title", _set("name"), _NOTHING, 0.9)
    yield Rule("deal_title", _set("designation"), record)
    yield Rule("deal_title", _set("title"), _NOTHING, 0.95)
    yield Rule("deal_title", _set("subject"), record, 0.8)
    yield Rule("amount", _set("amount"), record | _set("total value expected"))
    yield Rule("amount", _set("value"), record | _set("total"), 0.98)
    yield Rule("amount", _set("total"), record, 0.7)
    yield Rule("amount", _set("revenue"), record | _set("expected total"), 0.6)
    yield Rule("deal_title", _set("deal address"))  # Arabic has one word for address and title
    yield Rule("currency", _set("currency"), record | _set("amount value code"))
    yield Rule("stage", _set("stage"), record)
    yield Rule("deal_status", _set("status"), record, 0.7)
    yield Rule("close", _set("close"), record | _set("date time expected"))
    yield from _company_rules(record | _set("customer associated"))
    yield Rule("company", _set("customer"), _set("name"), 0.6)
    yield Rule("company", _set("customer code"), _NOTHING, 0.55)
    yield Rule("owner", _set("owner"), record | _set("name"), 0.9)
    yield Rule("owner", _set("owner code"), record, 0.6)
    yield Rule("notes", _set("notes"), record | _set("description"))
    yield Rule("notes", _set("description"), record, 0.9)
    yield from _reference_rules(record)


def _appointment_rules(record: frozenset[str], person: frozenset[str]) -> Iterator[Rule]:
    yield from _name_rules(person - record)
    yield Rule("fullname", _set("customer"), _set("person contact"))
    yield Rule("fullname", _set("contact"), _NOTHING, 0.7)
    for edge in ("start", "end"):
        yield Rule(edge, frozenset({edge}), record)
        yield Rule(f"{edge}_day", frozenset({edge, "date"}), record)
        yield Rule(f"{edge}_hour", frozenset({edge, "time"}), record)
        yield Rule(edge, frozenset({edge, "date", "time"}), record)
    yield Rule("date", _set("date"), record, 0.9)
    yield Rule("time", _set("time"), record, 0.9)
    yield Rule("start", _set("date time"), record)
    yield Rule("date", _set("appointment"), _NOTHING, 0.7)
    yield Rule("duration", _set("duration"), record | _set("time number value total"), 0.9)
    yield Rule("location", _set("location"), record | _set("name address"), 0.9)
    yield Rule("location", _set("address"), record, 0.7)
    yield from _status_rules(record)


def _case_rules(record: frozenset[str], person: frozenset[str]) -> Iterator[Rule]:
    yield from _name_rules(person - record)
    for word in ("requester", "customer", "contact"):
        yield Rule(
            "fullname", frozenset({word}), _set("person contact customer associated") - {word}
        )
    yield Rule("subject", _set("subject"), record | _set("title"))
    yield Rule("subject", _set("title"), record)
    yield Rule("subject", _set("case name"))
    yield Rule("subject", _set("case address"))  # Arabic has one word for address and title
    yield Rule("subject", _set("case"), _NOTHING, 0.7)
    yield Rule("description", _set("description"), record | _set("subject notes"))
    yield Rule("description", _set("message"), record | _set("subject"), 0.9)
    yield Rule("description", _set("notes"), record, 0.6)
    yield Rule("priority", _set("priority"), record)
    yield from _status_rules(record)
    when = _set("date time")
    yield Rule("created", _set("created"), record | when)
    yield Rule("created", _set("opened"), record | when)
    yield Rule("created", _set("case date"), when)
    yield Rule("created", _set("start"), record | when, 0.6)
    yield Rule("created", _set("date"), when, 0.7)
    yield Rule("status", _set("state"), record, 0.7)
    yield Rule("reference", _set("subject id"))
    yield Rule("reference", _set("number"), _NOTHING, 0.7)
    yield from _reference_rules(record)


def match_rule(parsed: Parsed, rules: tuple[Rule, ...]) -> Match | None:
    """Return the role of a header, or None if it has an unknown word or fits no rule."""
    if parsed.unknown or not parsed.meanings:
        return None
    fitting = [
        rule
        for rule in rules
        if rule.needs <= parsed.meanings and parsed.meanings - rule.needs <= rule.may
    ]
    if not fitting:
        return None
    rule = max(fitting, key=lambda one: (len(one.needs), one.weight))
    if parsed.ordinal > 1 and not rule.numbered:
        return None  # the second line of an address is not a second address
    companions = parsed.meanings - rule.needs
    cost = sum(_HEDGES.get(word, 0) for word in companions)
    hedged = any(word in _HEDGES for word in companions) or parsed.ordinal > 1
    cost += 0.1 * (parsed.ordinal - 1) + 0.6 * parsed.typos
    bonus = 0.01 if "primary" in companions else 0
    return Match(rule.role, rule.weight - cost + bonus, hedged)
