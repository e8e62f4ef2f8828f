"""Uses values to decide between columns: empty ones, whole names, texts that are too long."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from importer.core.locale.message import Message
from importer.mapper.headers.words import Parsed, load_vocabulary
from importer.mapper.kinds.boolean import read_boolean
from importer.mapper.kinds.country import read_country
from importer.mapper.schema.objects import ObjectSchema
from importer.mapper.suggest.columns.choice import LIKELY, Choice
from importer.mapper.suggest.nulls import is_null
from importer.mapper.values.text import BadValue, fold, folded_words

_LAST, _FEWEST_COPIES = frozenset({"last", "final"}), 3
_WHOLE_NAMES = 0.5
_MISFITS, _LINKS = 0.5, 0.3
_LOOKED_AT = 500
_REFERENCE, _FEWEST = "external_ref", 3
# Roles of fields whose values are never web addresses.
_NEVER_LINKS = frozenset(
    {"source", "status", "intent", "timeline", "fullname", "first", "last", "city", "state"}
    | {"postal", "country", "job_title", "company", "owner"}
)
# How far something is, or how urgent: words of which there are more than yes and no.
_DEGREES = frozenset({"status", "stage", "priority"})
# How JSON and Python write an object; lists of plain values are texts of tags.
_OBJECT = re.compile(r"\s*\[?\s*\{\s*[\"']")
_NEARLY_ALL = 0.9
_PEOPLE = frozenset({"fullname", "first", "last"})
_NAMED = frozenset({"owner", "company", "job_title", "tags"})
# Numbers inside an office have three or four digits, other numbers at least five.
_INTERNAL = frozenset({3, 4})
_MIXED, _LONG_CODE = re.compile(r"\d[^\W\d_]"), 8
_PARTS = frozenset({"first", "name", "fullname", "last", "final"})
_HARDLY, _LESS, _OFFERED = 0.2, 0.6, 0.3
_MANY_ROWS = 10
_IDS, _FEWEST_IDS = frozenset({"id", "ref"}), 10
_CODE = re.compile(r"(?=.*[0-9])(?=.*[^\W\d_])[\w./#-]{3,40}").fullmatch


def filled_share(values: Sequence[str]) -> float | None:
    """Return the share of a column's cells that are not blank, or None if there are none."""
    if not values:
        return None
    return sum(1 for text in values if text.strip()) / len(values)


def without_rivals_that_are_empty(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]]
) -> list[Choice]:
    """Return the choices without empty columns where a filled one could have the field."""
    filled = {
        choice.field
        for choice, values in zip(choices, samples, strict=True)
        if choice.field is not None and choice.confidence != "unsure" and filled_share(values)
    }
    return [
        choice.drop(
            Message("it has no values for %(field)s, and another column has", field=choice.field)
        )
        if choice.field in filled and filled_share(values) == 0
        else choice
        for choice, values in zip(choices, samples, strict=True)
    ]


def with_ids(
    choices: Sequence[Choice],
    meanings: Sequence[frozenset[str]],
    samples: Sequence[Sequence[str]],
    schema: ObjectSchema,
) -> list[Choice]:
    """
    Return the choices with a column of different codes as the record's id, if no other is it.

    Where its header has a word for ids (`Item ID`), it is likely. Else a person has to decide,
    as it may be the id of a person, which must not be sent.
    """
    found = list(choices)
    if _REFERENCE not in schema.fields or any(one.field == _REFERENCE for one in choices):
        return found
    codes = [
        at
        for at, one in enumerate(choices)
        if one.field is None and not one.sensitive and not one.of_other and _are_ids(samples[at])
    ]
    for at in sorted(codes, key=lambda at: not meanings[at] & _IDS)[:1]:
        reason = Message("each row has another code there")
        score = LIKELY if meanings[at] & _IDS else _OFFERED
        found[at] = replace(found[at], field=_REFERENCE, score=score, hedged=True, reason=reason)
    return found


def _are_ids(values: Sequence[str]) -> bool:
    given = [text.strip() for text in values]
    return len(given) >= _FEWEST_IDS and len(set(given)) == len(given) and all(map(_CODE, given))


def with_titles(choices: Sequence[Choice], samples: Sequence[Sequence[str]]) -> list[Choice]:
    """Return the choices of a contact list with `Title` as its values show: Mrs, or Director."""
    has_job = any(one.field == "job_title" and one.role != "title" for one in choices)
    return [
        _titled(choice, values) if choice.role == "title" and not has_job else choice
        for choice, values in zip(choices, samples, strict=True)
    ]


def _titled(choice: Choice, values: Sequence[str]) -> Choice:
    if not any(text.strip() and not is_null(text) for text in values):
        return choice
    if _share(_is_form_of_address, values) >= _MISFITS:
        return choice.drop(Message("its values are forms of address"))
    if _share(lambda text: any(map(str.isalpha, text)), values) < _MISFITS:
        return choice
    reason = Message("its values are no forms of address, so they are job titles")
    return replace(choice, field="job_title", score=LIKELY, reason=reason)


def _is_form_of_address(text: str) -> bool:
    words = fold(text).replace("/", " ").split()
    return all(word.strip(".") in folded_words("people", "forms_of_address") for word in words)


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
        reason = Message("it means state or status, and its values are words of a status")
        return replace(choice, field="status", hedged=True, reason=reason)
    why = next(_misfits(choice.field, values, schema), None)
    return choice if why is None else choice.drop(why)


def _is_status(text: str) -> bool:
    return fold(text) in folded_words("values", "status_words")


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
        reason = Message("its words mean country or state, and its values are no countries")
        return replace(choice, field="state", hedged=True, reason=reason)
    return choice.drop(Message("its values are no countries"))


def _misfits(target: str, values: Sequence[str], schema: ObjectSchema) -> Iterator[Message]:
    """Yield the reasons why values cannot be those of a field."""
    if _share(_is_object, values) >= _NEARLY_ALL:
        yield Message("its values are objects written as text, with several values each")
    spec = schema.spec(target)
    roles = {*spec.roles} if spec is not None else set()
    if roles & _DEGREES and _share(_is_flag, values) == 1:
        yield Message("its values say only yes or no, and %(field)s has other words", field=target)
    if roles & _PEOPLE and _share(_is_code, values) > _MISFITS:
        yield Message(
            "most of its values are codes or numbers, and %(field)s is none", field=target
        )
    if roles & _NAMED and _share(str.isdecimal, values) > _MISFITS:
        yield Message("most of its values are numbers, and %(field)s is none", field=target)
    if spec is not None and spec.kind == "phone" and _share(_is_extension, values) > _MISFITS:
        yield Message("most of its values are extensions of an office, and no phone numbers")
    if roles & _NEVER_LINKS and _share(_is_link, values) > _LINKS:
        yield Message("many of its values are web addresses, and %(field)s is none", field=target)
    if "last" in roles and _share(_is_form_of_address, values) > _MISFITS:
        yield Message("its values are forms of address")
    if target == _REFERENCE and _are_all_the_same(values):
        yield Message("all its values are the same, so it is no id")
    if _too_long(values, schema, target) > _MISFITS:
        yield Message("most of its texts are longer than %(field)s takes", field=target)


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


def _are_all_the_same(values: Sequence[str]) -> bool:
    given = [text.strip() for text in values if text.strip()]
    return len(given) >= _FEWEST and len(set(given)) == 1


def _is_link(text: str) -> bool:
    return text.casefold().startswith(("http://", "https://"))


def _too_long(values: Sequence[str], schema: ObjectSchema, target: str) -> float:
    spec = schema.spec(target)
    longest = spec.max_length if spec is not None else None
    return 0.0 if longest is None else _share(lambda text: len(text) > longest, values)


def settle_names(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]], schema: ObjectSchema
) -> list[Choice]:
    """
    Return the choices with columns of whole names recognised by their values.

    `Name` = `Anna Muster` beside `Surname` = `Muster` is the whole name, whatever its header says:
    put before the surname it would double it.
    """
    target = schema.field_of("fullname")
    found = list(choices)
    if target is None:
        return found
    places = [
        at for at, one in enumerate(choices) if one.role in _PARTS and one.confidence != "unsure"
    ]
    for whole in places:
        part = next((at for at in places if _holds(samples[whole], samples[at])), None)
        if part is not None and choices[whole].role != "fullname":
            reason = Message(
                "its values hold those of %(column)s: whole names", column=choices[part].column
            )
            found[whole] = replace(
                choices[whole],
                field=target,
                role="fullname",
                score=min(choices[whole].score, 0.94),
                reason=reason,
            )
    found = _without_copies(found, places, samples, target)
    if schema.name == "contact":
        return found
    wholes = [one for one in found if one.role == "fullname" and one.field == target]
    return [
        one.drop(Message("part of the whole name in %(column)s", column=wholes[0].column))
        if wholes and one.field == target and one.role in _PARTS - {"fullname"}
        else one
        for one in found
    ]


def with_fuller_names(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]], schema: ObjectSchema
) -> list[Choice]:
    """
    Return the choices with the fuller one of several columns of whole names first.

    Initials (`J. M.`) are less than words, and a column with half of the values is less.
    """
    target = schema.field_of("fullname")
    places = [at for at, one in enumerate(choices) if one.field == target and one.field]
    worth = {at: sum(map(_letters_of_words, samples[at][:_LOOKED_AT])) for at in places}
    if len(places) < 2 or any(choices[at].role in _LAST | {"first"} for at in places):
        return list(choices)
    most = max(places, key=lambda at: worth[at])
    return [
        replace(one, score=min(one.score, _LESS), hedged=True)
        if at in places and 2 * worth[at] <= worth[most]
        else one
        for at, one in enumerate(choices)
    ]


def with_street_lines(
    choices: Sequence[Choice], parsed: Sequence[Parsed], samples: Sequence[Sequence[str]]
) -> list[Choice]:
    """
    Return the choices with the line of an address first that has the streets.

    Of lines that are called the same but for a number, the first one is often a name. Streets have
    letters and a number. Those of other addresses are left as they are.
    """
    places = [at for at, one in enumerate(choices) if one.field == "street"]
    worth = {at: _share(_is_street, samples[at]) * _filled(samples[at]) for at in places}
    most = max(places, key=lambda at: worth[at], default=None)
    return [
        replace(one, score=min(one.score, _LESS), hedged=True)
        if most is not None
        and at in places
        and parsed[at].meanings == parsed[most].meanings
        and 2 * worth[at] < worth[most]
        else one
        for at, one in enumerate(choices)
    ]


def _is_street(text: str) -> bool:
    return any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _filled(values: Sequence[str]) -> int:
    return sum(1 for text in values if text.strip())


def without_few_names(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]], schema: ObjectSchema
) -> list[Choice]:
    """
    Return the choices of a list of people without columns of names of which there are too few.

    Where another column has the same field and five times as many, they are those of owners
    (`Nombre` beside `Nombres`). Yes and no (`Primary contact`) are no names.
    """
    found = list(choices)
    people = schema.fields_of(_PEOPLE)
    places = [at for at, one in enumerate(choices) if one.field in people]
    if schema.name not in {"contact", "lead"}:
        return found
    different = {at: len({fold(text) for text in samples[at]} - {""}) for at in places}
    for at in places:
        rivals = [different[one] for one in places if choices[one].field == choices[at].field]
        filled = sum(1 for text in samples[at] if text.strip())
        if _share(_is_flag, samples[at]) == 1:
            found[at] = choices[at].drop(Message("its values say only yes or no"))
        elif filled >= _MANY_ROWS and different[at] <= _HARDLY * max(rivals):
            found[at] = choices[at].drop(
                Message(
                    "%(count)s different values in %(rows)s rows: hardly the names of these people",
                    count=different[at],
                    rows=filled,
                )
            )
    return found


def _letters_of_words(text: str) -> int:
    return sum(len(word) for word in text.split() if len(word.strip(".")) > 1)


def _without_copies(
    choices: list[Choice], places: Sequence[int], samples: Sequence[Sequence[str]], target: str
) -> list[Choice]:
    """Return the choices without columns of last names that only repeat another name."""
    found = list(choices)
    for last in (at for at in places if choices[at].role in _LAST):
        others = (at for at in places if at != last and found[at].field is not None)
        copied = next((at for at in others if _repeats(samples[last], samples[at])), None)
        if copied is not None:
            found[last] = choices[last].drop(
                Message("it repeats the values of %(column)s", column=choices[copied].column)
            )
            if _share(_has_words, samples[copied]) > _WHOLE_NAMES:
                reason = Message(
                    "%(column)s repeats its values: whole names", column=choices[last].column
                )
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


_MOST = 0.5
_CALLED = frozenset({"company", "fullname"})
_ADDRESS = frozenset({"street", "address"})
_PART_OF_LINK = re.compile(r"[/?&=#:.]+")


def without_repeats(
    choices: Sequence[Choice],
    parsed: Sequence[Parsed],
    samples: Sequence[Sequence[str]],
    schema: ObjectSchema,
) -> list[Choice]:
    """
    Return the choices without streets that are the names, and websites that are the records.

    The first line of an address is often the company's name: the second line is the street then.
    A link that has the row's id in it leads to the record in the other system.
    """
    found = list(choices)
    names = [at for at, one in enumerate(choices) if one.field in schema.fields_of(_CALLED)]
    ids = [
        at
        for at, (one, meaning) in enumerate(zip(choices, parsed, strict=True))
        if one.field == "external_ref" or (meaning.meanings & _IDS and not meaning.unknown)
    ]
    for at, choice in enumerate(choices):
        if choice.field == "street":
            same = next((one for one in names if _agree(samples[at], samples[one], _equal)), None)
            if same is not None:
                found[at] = choice.drop(
                    Message("its values repeat those of %(column)s", column=choices[same].column)
                )
                _take_second_line(found, choice, parsed, samples)
        elif choice.field == "website":
            same = next((one for one in ids if _agree(samples[at], samples[one], _has)), None)
            if same is not None:
                why = Message(
                    "its links have the ids of %(column)s: they lead to the record",
                    column=choices[same].column,
                )
                found[at] = choice.drop(why)
    return found


def _take_second_line(
    found: list[Choice],
    first: Choice,
    parsed: Sequence[Parsed],
    samples: Sequence[Sequence[str]],
) -> None:
    """Make the second line of an address the street, if it has values and no other column is."""
    if any(one.field == "street" for one in found):
        return
    for at, (choice, meaning) in enumerate(zip(found, parsed, strict=True)):
        is_second = meaning.ordinal == 2 and meaning.meanings & _ADDRESS and not meaning.unknown
        if choice.field is None and not choice.sensitive and is_second and any(samples[at]):
            reason = Message(
                "the second line of an address whose first line, %(column)s, is a name",
                column=first.column,
            )
            found[at] = replace(
                choice, field="street", role=first.role, score=LIKELY, hedged=True, reason=reason
            )
            return


def _agree(values: Sequence[str], others: Sequence[str], fits: Callable[[str, str], bool]) -> bool:
    """Return whether most values that are not empty fit the ones beside them."""
    pairs = [*_pairs(values, others)]
    count = sum(fits(one, other) for one, other in pairs)
    given = sum(1 for text in values[:_LOOKED_AT] if text.strip())
    return count >= _FEWEST and count > _MOST * given


def _pairs(values: Sequence[str], others: Sequence[str]) -> Iterator[tuple[str, str]]:
    for one, other in zip(values[:_LOOKED_AT], others[:_LOOKED_AT], strict=False):
        if one.strip() and other.strip():
            yield one.strip(), other.strip()


def _equal(one: str, other: str) -> bool:
    return fold(one) == fold(other)


def _has(link: str, id_: str) -> bool:
    return id_ in _PART_OF_LINK.split(link)
