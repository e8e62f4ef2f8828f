"""Recognises columns by their values, where the header does not say what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from importer.core.locale.message import Message
from importer.core.shared import OWN_PREFIX
from importer.mapper.headers.words import Parsed
from importer.mapper.kinds.money import read_money
from importer.mapper.schema.objects import ObjectSchema, fields_of_kind
from importer.mapper.suggest.columns.choice import LIKELY, Choice
from importer.mapper.suggest.columns.looks import Looks, are_mobile
from importer.mapper.suggest.columns.names import are_nameless
from importer.mapper.values.text import BadValue, fold

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


def reach_fields() -> frozenset[str]:
    """Return the fields of email addresses and phone numbers."""
    return fields_of_kind("email") | fields_of_kind("phone")


def several_fields() -> frozenset[str]:
    """Return the fields that several columns may have: later ones where the first is empty."""
    return reach_fields() | fields_of_kind("url")


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
        and target in reach_fields()
        and parsed[at].meanings.isdisjoint(_OF_OTHERS)
        and [*open_.values()].count(target) == 1
    ]
    vague.sort(key=lambda at: -looks[at].count)  # the fullest first
    for at in (*vague, *others):
        target, seen = open_[at], looks[at]
        if is_free(target, taken, seen):
            taken[target] = seen.count
            reason = Message(
                "the header does not say so, but the values look like %(looks)s",
                looks=seen.describe(),
            )
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
            reason = Message(
                "the header does not say so, but the values are numbers of mobile phones"
            )
            mobile = replace(choice, field="mobile_phone", score=LIKELY, reason=reason)
            return [*choices[:at], mobile, *choices[at + 1 :]]
    return choices


def with_second_phones(
    choices: list[Choice], looks: Sequence[Looks], schema: ObjectSchema
) -> list[Choice]:
    """Return the choices of a list without a header with its other phones as a second choice."""
    target = next((name for name in schema.fields if name in fields_of_kind("phone")), None)
    if all(one.field != target for one in choices) or not are_nameless(
        one.column for one in choices
    ):
        return choices
    reason = Message("the values look like phone numbers")
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
    return target not in taken or (target in several_fields() and 2 * taken[target] < seen.count)


def _spoken_for(looks: Looks, schema: ObjectSchema) -> str | None:
    if looks.kind not in {"email", "phone", "url"}:
        return None
    return next((name for name in schema.fields if name in fields_of_kind(looks.kind)), None)


_OFFERED, _MOST_OFFERED = 0.3, 3
_NEARLY_ALL, _FEWEST, _HALF = 0.9, 3, 0.5
_FEW_WORDS, _LONGEST = 15, 40
_TEXT_WORDS = 8
_PLACES = frozenset({"address", "street"})
_KINDS = frozenset({"type", "tags", "subject"})


def with_candidates(
    choices: Sequence[Choice],
    parsed: Sequence[Parsed],
    looks: Sequence[Looks],
    samples: Sequence[Sequence[str]],
    object_: str,
) -> list[Choice]:
    """
    Return the choices with the columns that may be what makes a deal or a case worth sending.

    Where no column of deals is the amount, those of different numbers may be; where none is the
    stage, those with few words, each of which several rows have. Cases that have neither subject
    nor description get the only column of long texts as their description. Where there is none,
    columns of kinds, or of few words under unknown headers, may be the subject. A person decides.
    """
    if object_ not in {"deal", "case"}:
        return list(choices)
    free = [at for at, one in enumerate(choices) if one.field is None and not one.sensitive]
    few = [at for at in free if _are_few_words(looks[at], samples[at])]
    found = list(choices)
    if object_ == "deal":
        amounts = [at for at in free if _are_amounts(samples[at])]
        reason = Message("no column is called the amount, and its values are numbers")
        found = _offered(found, "amount", amounts, reason)
        reason = Message("no column is called the stage, and it has few different words")
        return _offered(found, "stage", few, reason)
    if {"subject", "description"} & {one.field for one in choices}:
        return found
    texts = [
        at
        for at in free
        if _are_long_texts(samples[at])
        and not (choices[at].of_other or parsed[at].meanings & _PLACES)
    ]
    if len(texts) == 1:
        reason = Message("no column is called the description, and this one alone has long texts")
        text = replace(found[texts[0]], field="description", score=LIKELY, reason=reason)
        found[texts[0]] = replace(text, hedged=True)
        return found
    kinds = [at for at in few if parsed[at].meanings & _KINDS]
    reason = Message("no column is called the subject, and it has few different words")
    unknown = [at for at in few if parsed[at].unknown]
    found = _offered(found, "subject", kinds or unknown, reason)
    return _offered(found, "description", texts, Message("its values are long texts"))


def _offered(
    choices: list[Choice], target: str, places: Iterable[int], reason: Message
) -> list[Choice]:
    """Return the choices with a field offered for some columns, if no column has it."""
    found = list(choices)
    if all(one.field != target for one in choices):
        for at in list(places)[:_MOST_OFFERED]:
            found[at] = replace(choices[at], field=target, score=_OFFERED, reason=reason)
    return found


def _are_long_texts(values: Sequence[str]) -> bool:
    """Return whether most values are sentences, nearly all of them different."""
    given = [text.strip() for text in values if text.strip()]
    long = sum(len(text.split()) >= _TEXT_WORDS for text in given)
    return len(given) >= _FEWEST and min(long, len({*given})) >= _HALF * len(given)


def _is_number(text: str) -> bool:
    try:
        read_money(text, None, "*")
    except BadValue:
        return False
    return True


def _are_amounts(values: Sequence[str]) -> bool:
    """Return whether values are numbers, not all of them as long as ids are."""
    given = [text.strip() for text in values if text.strip()]
    is_number = sum(map(_is_number, given)) >= max(_FEWEST, _NEARLY_ALL * len(given))
    return is_number and len(set(given)) >= _FEWEST and len(set(map(len, given))) > 1


def _are_few_words(looks: Looks, values: Sequence[str]) -> bool:
    given = [fold(text.strip()) for text in values if text.strip()]
    words = set(given)
    return (
        looks.share("text") >= _NEARLY_ALL
        and len(given) >= max(_FEWEST, _HALF * len(values))
        and 1 < len(words) <= min(_FEW_WORDS, _HALF * len(given))
        and max(map(len, words)) <= _LONGEST
    )
