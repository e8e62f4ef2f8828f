"""Recognises columns by their values alone, where the header does not say what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from importer.mapper.headers.words import Parsed
from importer.mapper.schema.objects import ObjectSchema
from importer.mapper.suggest.columns.choice import LIKELY, Choice
from importer.mapper.suggest.columns.looks import Looks, are_mobile
from importer.mapper.suggest.columns.nameless import are_nameless
from importer.shared import OWN_PREFIX

__all__ = [
    "SEVERAL",
    "VAGUE",
    "are_taken",
    "is_contact",
    "is_free",
    "is_reached_by",
    "recognise",
    "with_mobile",
    "with_second_phones",
]

SEVERAL = frozenset(
    {"email", "phone", "mobile_phone", "website", "contact_email", "contact_phone"}
    | {"customer_email", "customer_phone"}
)
# What is a person's own: other people's must not take its place.
"""Fields that several columns may have: the later ones are used where the first is empty."""
# Meanings of headers that do not say what kind of values the column has.
VAGUE = frozenset(
    {"number", "value", "contact", "reach", "customer", "person", "lead", "home", "work", "primary"}
    | {"other", "name", "fullname", "phone", "mobile", "email", "address"}
)


# Meanings of columns about others than the person of the row, or about no person.
_OF_OTHERS = frozenset(
    {"owner", "requester", "associated", "created", "opened", "nofield_fax"}
    | {"nofield_department", "tags", "source", "website", "company"}
)
_WHERE = frozenset({"contact", "reach", "home", "work", "primary", "other"})


def is_contact(parsed: Parsed) -> bool:
    """Return whether a header means a contact, who may be somebody, or how one is reached."""
    return "contact" in parsed.meanings and parsed.meanings <= _WHERE and not parsed.unknown


def is_reached_by(parsed: Parsed) -> bool:
    """Return whether a header means how somebody is reached, as `Contact details`."""
    return "reach" in parsed.meanings and parsed.meanings <= _WHERE and not parsed.unknown


def recognise(
    choices: list[Choice],
    parsed: Sequence[Parsed],
    looks: Sequence[Looks],
    schema: ObjectSchema,
) -> list[Choice]:
    """
    Return the choices with a free field for columns known only by their values.

    Email addresses and phone numbers are known whatever the header says, if no other column could
    be meant: `User name` = `ann@example.com`. Those of a list's owner are not the row's.
    """
    taken = are_taken(choices, looks)
    found = list(choices)
    open_ = {
        at: target
        for at, (choice, seen) in enumerate(zip(choices, looks, strict=True))
        if not (choice.field or choice.sensitive or choice.of_other)
        and not choice.column.startswith(OWN_PREFIX)
        and (target := _spoken_for(seen, schema))
    }
    vague = [at for at in open_ if parsed[at].meanings <= VAGUE]
    others = [
        at
        for at, target in open_.items()
        if at not in vague
        and target in SEVERAL - {"website"}
        and parsed[at].meanings.isdisjoint(_OF_OTHERS)
        and [*open_.values()].count(target) == 1
    ]
    vague.sort(key=lambda at: -looks[at].count)  # the fullest first
    for at in (*vague, *others):
        target, seen = open_[at], looks[at]
        if is_free(target, taken, seen):
            taken[target] = seen.count
            reason = f"the header does not say so, but the values look like {seen.describe()}"
            found[at] = replace(found[at], field=target, score=LIKELY, reason=reason)
    return found


def with_mobile(
    choices: list[Choice],
    parsed: Sequence[Parsed],
    samples: Sequence[Sequence[str]],
    region: str | None,
) -> list[Choice]:
    """Return the choices with a column of mobile numbers beside the one of phone numbers."""
    taken = {choice.field for choice in choices}
    if "phone" not in taken or "mobile_phone" in taken:
        return choices
    for at, (choice, meaning, values) in enumerate(zip(choices, parsed, samples, strict=True)):
        is_free = choice.field is None and not choice.sensitive and meaning.meanings <= VAGUE
        if is_free and not choice.of_other and are_mobile(region, values):
            reason = "the header does not say so, but the values are numbers of mobile phones"
            mobile = replace(choice, field="mobile_phone", score=LIKELY, reason=reason)
            return [*choices[:at], mobile, *choices[at + 1 :]]
    return choices


def with_second_phones(
    choices: list[Choice], looks: Sequence[Looks], schema: ObjectSchema
) -> list[Choice]:
    """Return the choices of a list without a header with its other phones as a second choice."""
    target = next((name for name in _BY_LOOKS["phone"] if name in schema.fields), None)
    if all(one.field != target for one in choices) or not are_nameless(
        one.column for one in choices
    ):
        return choices
    reason = "the values look like phone numbers"
    return [
        replace(one, field=target, score=LIKELY, hedged=True, reason=reason)
        if one.field is None and not one.sensitive and seen.kind == "phone"
        else one
        for one, seen in zip(choices, looks, strict=True)
    ]


def are_taken(choices: Sequence[Choice], looks: Sequence[Looks]) -> dict[str | None, int]:
    """Return how many values the fields have; of several columns those of the fullest."""
    counts = [(one.field, seen.count) for one, seen in zip(choices, looks, strict=True)]
    return dict(sorted(counts, key=lambda pair: pair[1]))


def is_free(target: str, taken: Mapping[str | None, int], seen: Looks) -> bool:
    """Return whether a field has no column, or one with hardly any values."""
    return target not in taken or (target in SEVERAL and 2 * taken[target] < seen.count)


_BY_LOOKS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "contact_email", "customer_email"),
    "phone": ("phone", "contact_phone", "customer_phone"),
    "url": ("website",),
}


def _spoken_for(looks: Looks, schema: ObjectSchema) -> str | None:
    targets = _BY_LOOKS.get(looks.kind or "", ())
    return next((target for target in targets if target in schema.fields), None)
