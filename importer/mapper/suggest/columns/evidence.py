"""Uses values to decide between columns: empty ones, whole names, texts that are too long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from importer.mapper.headers.words import load_vocabulary
from importer.mapper.kinds.boolean import read_boolean
from importer.mapper.schema.objects import ObjectSchema
from importer.mapper.suggest.columns.choice import Choice
from importer.mapper.suggest.nulls import is_null
from importer.mapper.values.countries import read_country
from importer.mapper.values.text import BadValue, fold

__all__ = ["filled_share", "settle_names", "without_misfits", "without_rivals_that_are_empty"]

_LAST, _FEWEST_COPIES = frozenset({"last", "final"}), 3
_WHOLE_NAMES = 0.5
_MISFITS, _LINKS = 0.5, 0.3
_LOOKED_AT = 500
_REFERENCE, _FEWEST = "external_ref", 3
_NAMES = {
    "contact": "name",
    "lead": "name",
    "appointment": "customer_name",
    "case": "contact_name",
}
_NEVER_LINKS = frozenset(
    {"source", "status", "intent", "timeline", "name", "first_name", "last_name", "city", "state"}
    | {"postal_code", "country", "job_title", "company", "customer_name", "contact_name", "owner"}
)
# How far something is, or how urgent: words of which there are more than yes and no.
_DEGREES = frozenset({"status", "stage", "priority"})
# How JSON and Python write an object; lists of plain values are texts of tags.
_OBJECT = re.compile(r"\s*\[?\s*\{\s*[\"']")
_NEARLY_ALL = 0.9
_PEOPLE = frozenset({*_NAMES.values(), "first_name", "last_name"})
_EMAILS = frozenset({"email", "contact_email", "customer_email"})
_REACHED_BY = frozenset({"phone", "mobile_phone", "contact_phone", "customer_phone"})
# Numbers inside an office have three or four digits, other numbers at least five.
_INTERNAL = frozenset({3, 4})
_MIXED, _LONG_CODE = re.compile(r"\d[^\W\d_]"), 8
_PARTS = frozenset({"first", "name", "fullname", "last", "final"})
_SEEN_AGAIN, _FEW_WORDS = 12, 3
_HARDLY = 0.2
# Of `Estado`, as `fold` returns them.
_STATUS_WORDS = frozenset(
    {"activo", "activa", "inactivo", "inactiva", "ativo", "ativa", "inativo", "inativa", "active"}
    | {"inactive", "pendiente", "pendente", "cancelado", "cancelada", "suspendido", "suspendida"}
    | {"suspenso", "bloqueado", "bloqueada", "baja", "alta", "nuevo", "nueva", "novo", "nova"}
    | {"abierto", "abierta", "cerrado", "cerrada", "aberto", "aberta", "fechado", "fechada"}
)


def filled_share(values: Sequence[str]) -> float | None:
    """Return the share of a column's cells that are not blank, or None if there are none."""
    if not values:
        return None
    return sum(1 for text in values if text.strip()) / len(values)


def without_rivals_that_are_empty(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]]
) -> list[Choice]:
    """
    Return the choices without empty columns where a filled one could have the field.

    So are columns of other words (`Preferred Email` = `Work`) beside one of email addresses.
    """
    filled = {
        choice.field
        for choice, values in zip(choices, samples, strict=True)
        if choice.field is not None
        and choice.confidence != "unsure"
        and filled_share(values)
        and not _lacks_values(choice, values)
    }
    return [
        choice.drop(f"it has no values for {choice.field}, and another column has")
        if choice.field in filled and (filled_share(values) == 0 or _lacks_values(choice, values))
        else choice
        for choice, values in zip(choices, samples, strict=True)
    ]


def without_misfits(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]], schema: ObjectSchema
) -> list[Choice]:
    """Return the choices without columns whose values are no values of their fields."""
    return [
        _without_misfit(choice, values, schema)
        for choice, values in zip(choices, samples, strict=True)
    ]


def _without_misfit(choice: Choice, values: Sequence[str], schema: ObjectSchema) -> Choice:
    if choice.field is None:
        return choice
    if choice.field == "country" and _are_no_countries(values):
        return _other_place(choice, schema)
    if (
        choice.role == "either"
        and choice.field == "state"
        and _share(_is_status, values) > _MISFITS
    ):
        reason = "it means state or status, and its values are words of a status"
        return replace(choice, field="status", hedged=True, reason=reason)
    why = next(_misfits(choice.field, values, schema), None)
    return choice if why is None else choice.drop(why)


def _is_status(text: str) -> bool:
    return fold(text) in _STATUS_WORDS


def _are_no_countries(values: Sequence[str]) -> bool:
    """Return whether hardly one of the different values is a country."""
    given = {text.strip() for text in values if text.strip() and not is_null(text)}
    return len(given) >= _FEWEST and sum(map(_is_country, given)) <= _HARDLY * len(given)


def _is_country(text: str) -> bool:
    try:
        read_country(text)
    except BadValue:
        return False
    return True


def _other_place(choice: Choice, schema: ObjectSchema) -> Choice:
    """Return a column whose values are no countries: `Kraj` is a region in other languages."""
    also = load_vocabulary().parse(choice.column, {}, "state").meanings
    if also == {"state"} and "state" in schema.fields:
        reason = "its words mean country or state, and its values are no countries"
        return replace(choice, field="state", hedged=True, reason=reason)
    return choice.drop("its values are no countries")


def _misfits(target: str, values: Sequence[str], schema: ObjectSchema) -> Iterator[str]:
    """Yield the reasons why values cannot be those of a field."""
    if _share(_is_object, values) >= _NEARLY_ALL:
        yield "its values are objects written as text, with several values each"
    if target in _DEGREES and _share(_is_flag, values) == 1:
        yield f"its values say only yes or no, and {target} has other words"
    if target in _PEOPLE and _share(_is_code, values) > _MISFITS:
        yield f"most of its values are codes or numbers, and {target} is none"
    if target in _REACHED_BY and _share(_is_extension, values) > _MISFITS:
        yield "most of its values are extensions of an office, and no phone numbers"
    if target in _NEVER_LINKS and _share(_is_link, values) > _LINKS:
        yield f"many of its values are web addresses, and {target} is none"
    if target == "last_name" and _come_again(values):
        yield "its few values come again and again, as forms of address do"
    if target == _REFERENCE and _are_all_the_same(values):
        yield "all its values are the same, so it is no id"
    if _too_long(values, schema, target) > _MISFITS:
        yield f"most of its texts are longer than {target} takes"


def _share(test: Callable[[str], bool], values: Sequence[str]) -> float:
    given = list(islice((text.strip() for text in values if text.strip()), _LOOKED_AT))
    return sum(map(test, given)) / len(given) if given else 0.0


def _is_object(text: str) -> bool:
    return bool(_OBJECT.match(text))


def _is_flag(text: str) -> bool:
    try:
        read_boolean(text)
    except BadValue:
        return False
    return True


def _is_code(text: str) -> bool:
    """Return whether a text can be no name: it has no letter, or is letters and digits mixed."""
    if not any(map(str.isalpha, text)):
        return not is_null(text)
    return len(text) >= _LONG_CODE and " " not in text and len(_MIXED.findall(text)) > 1


def _is_extension(text: str) -> bool:
    return text.isdecimal() and len(text) in _INTERNAL


def _lacks_values(choice: Choice, values: Sequence[str]) -> bool:
    """
    Return whether no text can be an email address or a phone number, where the field has those.

    They may be the kind that a person prefers: `Work`, `Mobile`.
    """
    if choice.field in _EMAILS:
        return not any("@" in text for text in values)
    return choice.field in _REACHED_BY and not any(any(map(str.isdigit, one)) for one in values)


def _are_all_the_same(values: Sequence[str]) -> bool:
    given = [text.strip() for text in values if text.strip()]
    return len(given) >= _FEWEST and len(set(given)) == 1


def _come_again(values: Sequence[str]) -> bool:
    given = [fold(text.strip()) for text in values if text.strip()]
    return len(given) >= _SEEN_AGAIN and len(set(given)) <= _FEW_WORDS


def _is_link(text: str) -> bool:
    return text.casefold().startswith(("http://", "https://"))


def _too_long(values: Sequence[str], schema: ObjectSchema, target: str) -> float:
    spec = schema.spec(target)
    longest = spec.max_length if spec is not None else None
    return 0.0 if longest is None else _share(lambda text: len(text) > longest, values)


def settle_names(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]], object_: str
) -> list[Choice]:
    """
    Return the choices with columns of whole names recognised by their values.

    `Name` = `Anna Muster` beside `Surname` = `Muster` is the whole name, whatever its header says:
    put before the surname it would double it.
    """
    target = _NAMES.get(object_)
    found = list(choices)
    if target is None:
        return found
    places = [
        at for at, one in enumerate(choices) if one.role in _PARTS and one.confidence != "unsure"
    ]
    for whole in places:
        part = next((at for at in places if _holds(samples[whole], samples[at])), None)
        if part is not None and choices[whole].role != "fullname":
            reason = f"its values hold those of {choices[part].column!r}: whole names"
            found[whole] = replace(
                choices[whole],
                field=target,
                role="fullname",
                score=min(choices[whole].score, 0.94),
                reason=reason,
            )
    found = _without_copies(found, places, samples, target)
    if object_ == "contact":
        return found
    wholes = [one for one in found if one.role == "fullname" and one.field == target]
    return [
        one.drop(f"part of the whole name in {wholes[0].column!r}")
        if wholes and one.field == target and one.role in _PARTS - {"fullname"}
        else one
        for one in found
    ]


def _without_copies(
    choices: list[Choice], places: Sequence[int], samples: Sequence[Sequence[str]], target: str
) -> list[Choice]:
    """Return the choices without columns of last names that only repeat another name."""
    found = list(choices)
    for last in (at for at in places if choices[at].role in _LAST):
        others = (at for at in places if at != last and found[at].field is not None)
        copied = next((at for at in others if _repeats(samples[last], samples[at])), None)
        if copied is not None:
            found[last] = choices[last].drop(f"it repeats the values of {choices[copied].column!r}")
            if _share(_has_words, samples[copied]) > _WHOLE_NAMES:
                reason = f"{choices[last].column!r} repeats its values: whole names"
                whole = replace(choices[copied], field=target, role="fullname", reason=reason)
                found[copied] = whole
    return found


def _has_words(text: str) -> bool:
    return " " in text


def _repeats(last: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether each value of a column of last names is also in the other one, in its row."""
    given = [(one, two) for one, two in zip(last, other, strict=False) if one.strip()]
    return len(given) >= _FEWEST_COPIES and all(fold(one) == fold(two) for one, two in given)


def _holds(whole: Sequence[str], part: Sequence[str]) -> bool:
    """Return whether most values of a column are those of another one with more words."""
    pairs = [
        (fold(one).split(), fold(other).split())
        for one, other in zip(whole[:_LOOKED_AT], part[:_LOOKED_AT], strict=False)
        if one.strip() and other.strip()
    ]
    if len(pairs) == 0:
        return False
    holding = sum(
        len(one) > len(other) and other in (one[-len(other) :], one[: len(other)])
        for one, other in pairs
    )
    return holding > _WHOLE_NAMES * len(pairs)
