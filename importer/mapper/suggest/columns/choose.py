"""
Suggests a field for each column of a list, from its header and its values.

What a header means gives the column a role (`headers`), and its role and those of its neighbours
give it a field (`context`). The values confirm or refute that, or say what no header says (`looks`,
`values`, `names`). Of several columns with one field the best gets it (`_assign`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from importer.core.errors import MappingError
from importer.core.locale.message import Message, joined
from importer.core.shared import OWN_PREFIX
from importer.mapper.headers.kept_back import sensitive_header
from importer.mapper.headers.names import normalize_header
from importer.mapper.headers.words import Parsed
from importer.mapper.schema.extend import extended_schema
from importer.mapper.schema.object_schema import ObjectSchema, match_header
from importer.mapper.schema.own_fields import OwnFields
from importer.mapper.suggest.columns.choice import (
    ADDRESS,
    FLAG,
    LIKELY,
    OF_ANOTHER,
    UNSURE,
    Choice,
    Columns,
    Suggestion,
    are_nameless,
)
from importer.mapper.suggest.columns.context import settle, without_names
from importer.mapper.suggest.columns.headers import (
    headers_of_the_row,
    match_rule,
    names_a_relation,
    names_another_person,
    parse_headers,
    parties_of,
    people_in,
    plain_headers,
    rules_of,
    whose,
)
from importer.mapper.suggest.columns.looks import Looks, as_numbers_of, look
from importer.mapper.suggest.columns.names_in_values import (
    are_others,
    are_words,
    decide_titles,
    doubt_names,
    find_companies,
    find_first_names,
    find_names,
    find_whole_names,
    leave_out_other_names,
    leave_out_owners,
    leave_out_people,
    leave_out_recipients,
    without_titles,
)
from importer.mapper.suggest.columns.postal_addresses import PARTS_OF_A_STREET, choose_address
from importer.mapper.suggest.columns.values import (
    confirm_or_refute,
    decide_unknown_words,
    doubt_status,
    find_amount,
    find_channels,
    find_cities_with_states,
    find_days,
    find_names_with_numbers,
    find_numbers_of_the_firm,
    find_pins,
    find_reference,
    find_status,
    find_subject,
    leave_out_misfits,
    leave_out_moments,
    leave_out_regions_of_visitors,
    leave_out_secrets,
    reach_fields,
    recognise,
    several_fields,
    spread_phones,
)
from importer.mapper.suggest.nulls import without_formulas
from importer.mapper.values.texts import fold

__all__ = ["choose", "suggest_mapping"]

# A person may have several of these. The first that is not empty is sent.
_PERSONAL_ROLES = frozenset(
    {
        "fullname",
        "name",
        "first",
        "particle",
        "last",
        "phone",
        "mobile",
        "email",
        "birthday",
        "title",
    }
    | {"job_title", "company", "street", "city", "state", "postal", "country", "house"}
)
_REPEATED = re.compile(r" \(\d+\)$")  # as the reader tells columns of one name apart
_OTHER_RECORD = ("/id", "/.id")  # as Odoo writes them: `country_id/id`
_NAME_PARTS = frozenset({"first", "particle", "last"})
_NAMES = _NAME_PARTS | {"name", "fullname"}
_NAMED = _NAMES | {"contact", "person"}
_OWN_NAMES = frozenset({"name", "fullname", "shownname"})
_TOGETHER = PARTS_OF_A_STREET | {FLAG}
_FEWEST_ALIKE = 3
_SHOWN = "shownname"  # what people call themselves in a messenger
_PARTS = _NAME_PARTS | {"date", "time", "start", "end"}

# What values decide, one after the other.
BY_VALUES: tuple[Callable[[Columns], None], ...] = (
    leave_out_recipients,
    find_numbers_of_the_firm,
    confirm_or_refute,
    find_first_names,
    leave_out_other_names,
    find_whole_names,
    decide_titles,
    leave_out_misfits,
    leave_out_moments,
    leave_out_regions_of_visitors,
    find_companies,
    leave_out_owners,
    leave_out_people,
    decide_unknown_words,
    find_subject,
    find_amount,
    find_channels,
    find_pins,
    find_cities_with_states,
    find_status,
    doubt_status,
    find_days,
    find_names_with_numbers,
    recognise,
    find_names,
    spread_phones,
    find_reference,
    leave_out_secrets,
)


def suggest_mapping(
    columns: Sequence[str],
    object: str,  # noqa: A002 - the name scripts use
    samples: Sequence[Sequence[str]] | None = None,
    *,
    own: OwnFields | None = None,
) -> list[Suggestion]:
    """
    Return a suggestion for each of `columns`, in order. Nothing leaves the machine.

        >>> suggest_mapping(["E-mail", "Vorname"], "contact")[1].field
        'first_name'

    `samples` are some values of each column, in the same order. They confirm or refute the field
    that a header means, and can identify the field where the header has no meaning. Columns that
    can replace each other (`E-mail`, `E-mail 2`) get the same field; the `reason` of the later
    ones says that they are a second choice. The parts of a name or a time that belong in one field
    also get the same field. Passwords, card numbers, ids of persons and bank accounts are left
    out. `own` adds fields to the object's, known by their names and aliases. Raises `MappingError`
    for an unknown object, and for columns or samples that are none.
    """
    _check_given(columns, samples)
    return [
        Suggestion(one.column, one.field, one.confidence, one.reason)
        for one in choose(columns, extended_schema(object, [own] if own else []), samples)
    ]


def _check_given(columns: object, samples: Any) -> None:
    """Raise `MappingError` for columns that are no names, and samples that are not theirs."""
    if isinstance(columns, str) or not isinstance(columns, Sequence):
        raise MappingError(
            "the columns are a %(type)s and no list of names",
            type=type(columns).__name__,
            hint="Give the names of the columns, such as ['Name', 'E-mail'].",
        )
    if not samples:
        return
    is_for_each = isinstance(samples, Sequence) and len(samples) == len(columns)
    if not is_for_each or any(not isinstance(one, list | tuple) for one in samples):
        raise MappingError(
            "the samples are not one list of values for each column",
            hint="Give them in the order of the columns, such as [['Omar', 'Lina'], ['o@x.org']].",
        )


def choose(
    columns: Sequence[str],
    schema: ObjectSchema,
    samples: Sequence[Sequence[str]] | None = None,
    *,
    region: str | None = None,
) -> list[Choice]:
    """
    Return a choice for each column, in order. `suggest_mapping` describes `samples`.

    `region` is the country that phone numbers without a country code are from, if it is stated.
    """
    plain = plain_headers(columns, schema.name)
    headers = headers_of_the_row(plain, schema.name)
    parsed = parse_headers(headers, schema.name)
    of_owners = owners(columns, parsed)
    parties = parties_of(plain, schema.name)
    choices = [
        _by_header(
            Choice(
                column,
                of_other=at in of_owners or names_another_person(header, schema.name, parties),
            ),
            header,
            meaning,
            schema,
        )
        for at, (column, header, meaning) in enumerate(zip(columns, headers, parsed, strict=True))
    ]
    values = list(map(without_formulas, samples or [()] * len(columns)))
    choices = [_of_one_person(choice, schema) for choice in choices]
    choices = [*map(without_titles, choices, values)]
    choices = settle(choices, schema)
    known = Columns(
        schema=schema,
        choices=choices,
        parsed=parsed,
        looks=_looks_of(columns, values, region),
        values=values,
        region=region,
    )
    for decide in BY_VALUES if samples else ():
        decide(known)
    choose_address(known)
    found = _assign(known)
    if others := _reaching_others(known, found):
        for at in others:
            known.leave_to_another(at)
        found = _assign(known)
    known.choices = found
    doubt_names(known)
    return known.choices


def _reaching_others(columns: Columns, choices: Sequence[Choice]) -> list[int]:
    """
    Return the columns by which somebody else is reached than the one whose name is sent.

    Their headers say whose they are in the words of a column of other names, or of a relation:
    `P1 Mobile` beside `P1 Name`, `Mobile 2` beside `Contact Person 2`. Where no field is for their
    names, or no values are known, it has to be a word for a person. `Customer Phone` may reach the
    company of a buyer.
    """
    schema, parsed, values = columns.schema, columns.parsed, columns.values
    names, twice = schema.fields_of(_NAMES), _repeated(choices)
    persons = [
        whose(one.column) or frozenset({"1"} if at in twice else ())
        for at, one in enumerate(choices)
    ]
    own = {persons[at] for at, one in enumerate(choices) if one.field in names | {"company"}}
    sent = [values[at] for at, one in enumerate(choices) if one.field in (names or {"company"})]
    others = {
        persons[at]
        for at, one in enumerate(choices)
        if one.field not in names | reach_fields()
        and (
            (names_a_relation(one.column) and columns.looks[at].count)
            or (
                (one.role in _NAMES or not parsed[at].meanings.isdisjoint(_NAMED))
                and columns.looks[at].reaches is None
                and (
                    are_words(values[at]) and are_others(values[at], sent)
                    if any(values)
                    else own != {frozenset()}
                )
            )
        )
    }
    return [
        at
        for at, one in enumerate(choices)
        if one.field in reach_fields()
        and own
        and persons[at] in others - own - {frozenset()}
        and ((names and any(values)) or people_in(one.column))
    ]


def _repeated(choices: Sequence[Choice]) -> set[int]:
    """Return the columns whose headers are those of other columns too."""
    twice = {_REPEATED.sub("", one.column) for one in choices if _REPEATED.search(one.column)}
    return {at for at, one in enumerate(choices) if _REPEATED.sub("", one.column) in twice}


def owners(columns: Sequence[str], parsed: Sequence[Parsed]) -> set[int]:
    """Return the columns of owners, and those behind them whose header was there before."""
    plain = [_REPEATED.sub("", column).strip().casefold() for column in columns]
    found = {at for at, one in enumerate(parsed) if "owner" in one.meanings}
    behind = (at + 1 for at in found if at + 1 < len(plain))
    return found | {at for at in behind if plain[at] in plain[: at - 1]}


def _looks_of(
    columns: Sequence[str],
    samples: Sequence[Sequence[str]],
    region: str | None,
) -> list[Looks]:
    """
    Return what the values of each column look like.

    Numbers of seven or eight digits are phone numbers where no column has a name, if the country
    that is stated has such.
    """
    is_short = region is not None and are_nameless(columns)
    return [
        as_numbers_of(region, look(values), values, may_be_short=is_short) for values in samples
    ]


def _of_one_person(choice: Choice, schema: ObjectSchema) -> Choice:
    is_personal = choice.role in _PERSONAL_ROLES
    if choice.of_other and (is_personal or choice.field in schema.fields_of(_PERSONAL_ROLES)):
        return replace(choice, role=None).drop(OF_ANOTHER)
    return choice


def _by_header(choice: Choice, header: str, parsed: Parsed, schema: ObjectSchema) -> Choice:
    if choice.column.startswith(OWN_PREFIX) or header.endswith(_OTHER_RECORD):
        is_own = choice.column.startswith(OWN_PREFIX)
        return choice.drop(
            Message("one of the importer's own columns")
            if is_own
            else Message("another record's id")
        )
    alias = match_header(header, schema)
    if normalize_header(header) in schema.claimed:
        return replace(
            choice, field=alias, score=1.0, reason=Message("a header you gave the field")
        )
    if (secret := sensitive_header(parsed)) and alias is None:
        return replace(
            choice,
            sensitive=True,
            reason=Message(
                "the header means %(secret)s: not sent unless you map it", secret=secret
            ),
        )
    match = match_rule(parsed, rules_of(schema.name))
    if match is not None and "#" in header:
        alias = None  # `Ticket #` is no `Ticket`
    if alias is not None:
        # A rule with a role still decides what "Name" or "Title" is among its neighbours. And a
        # rule that is not sure about a word is not surer if the word is the whole header.
        role = match.role if match else None
        hedged = bool(match and match.hedged)
        named = header == alias
        score = 1.0 if named or not match else max(match.weight, LIKELY)
        reason = (
            Message("the field's own name") if named else Message("a known header of the field")
        )
        return replace(choice, field=alias, role=role, score=score, hedged=hedged, reason=reason)
    if match is None:
        return choice.drop(_why_not(parsed, schema))
    return replace(
        choice,
        role=match.role,
        score=match.weight,
        hedged=match.hedged,
        reason=Message("its words mean %(meanings)s", meanings=sorted(parsed.meanings)),
    )


def _why_not(parsed: Parsed, schema: ObjectSchema) -> Message:
    if parsed.unknown:
        return Message("no field is known for %(columns)s", columns=parsed.unknown)
    of_people = match_rule(parsed, rules_of("contact"))
    if schema.field_of("fullname") is None and of_people and of_people.role in _NAMES:
        return without_names(schema)
    if parsed.meanings:
        return Message("no field has this meaning")
    return Message("the header has no meaning")


def _assign(columns: Columns) -> list[Choice]:
    """
    Return the choices with one column per field; others are second choices or left out.

    Parts of a street go with it, and columns of yes or no make one status.
    """
    choices, looks = columns.choices, columns.looks
    names = columns.schema.fields_of(_NAME_PARTS | {"fullname"})
    twice = _repeated(choices)
    by_field: dict[str, list[int]] = {}
    for at, choice in enumerate(choices):
        if choice.field is not None and choice.role not in _TOGETHER:
            by_field.setdefault(choice.field, []).append(at)
    found = list(choices)
    for target, places in by_field.items():
        # A column with less than half of the names, or with no values, is not what is meant, unless
        # another one only stands in for it.
        most = max(looks[at].count for at in places)
        half = most / 2 if target in names else 1
        least = {
            at: min(most, 1 if any(_are_names_of_one(columns, at, one) for one in places) else half)
            for at in places
        }
        # `Name` beside `Name (2)` is one of two other people, if there is a `Full Name` as well.
        of = twice if target in names else set[int]()
        ranked = sorted(
            places, key=lambda at: (looks[at].count < least[at], at in of, *_rank(choices[at], at))
        )
        best = choices[ranked[0]]
        if _are_parts([choices[at] for at in ranked]):
            continue
        for at in ranked[1:]:
            is_same = any(
                test(columns, at, ranked[0]) for test in (_are_one, _are_names_of_one, _agree)
            )
            found[at] = _second(choices[at], best, target, columns.schema, is_same=is_same)
            if most and not looks[at].count:
                why = Message("it has no values, and %(column)s has", column=best.column)
                found[at] = choices[at].drop(why)
    return found


def _rank(choice: Choice, at: int) -> tuple[bool, bool, float, bool, int]:
    """
    Return a sort key for columns of one field.

    Whole names come before parts, then the field's own name, such as `Job Title`; then the score
    decides.
    """
    is_other_word = normalize_header(choice.column) != normalize_header(choice.field or "")
    return choice.role in _NAME_PARTS, is_other_word, -choice.score, choice.hedged, at


def _are_parts(choices: Sequence[Choice]) -> bool:
    """Return whether the columns are parts of one value: a name, or a day and a time."""
    roles = [choice.role for choice in choices]
    return len(set(roles)) == len(roles) and {*roles} <= _PARTS


def _are_one(columns: Columns, at: int, other: int) -> bool:
    """
    Return whether two columns mean the same, and no row has both: a list joined of two forms.

    The ids of two lists are not one column, since different people may have the same.
    """
    meant = columns.parsed[at]
    pairs = zip(columns.values[at], columns.values[other], strict=False)
    return (
        columns.choices[at].field != "external_ref"
        and meant == columns.parsed[other]
        and bool(meant.meanings and not meant.unknown)
        and min(columns.looks[at].count, columns.looks[other].count) > 0
        and not any(one.strip() and two.strip() for one, two in pairs)
    )


def _are_names_of_one(columns: Columns, at: int, other: int) -> bool:
    """Return whether two columns have names of one person, such as `Name` and `Display Name`."""
    pair = [columns.parsed[one] for one in {at, other} - _repeated(columns.choices)]
    are_own = all(one.meanings <= _OWN_NAMES and not one.unknown for one in pair)
    return are_own and len({one.meanings for one in pair} - {frozenset()}) > 1


def _agree(columns: Columns, at: int, other: int) -> bool:
    """Return whether two columns have the same name wherever a row has both, as in some rows."""
    if columns.choices[at].field not in columns.schema.fields_of(_NAME_PARTS):
        return False
    pairs = zip(columns.values[at], columns.values[other], strict=False)
    both = [fold(one) == fold(two) for one, two in pairs if one.strip() and two.strip()]
    return len(both) >= _FEWEST_ALIKE and all(both)


def _second(
    choice: Choice, best: Choice, target: str, schema: ObjectSchema, *, is_same: bool
) -> Choice:
    is_several = target in several_fields()
    people = people_in(choice.column), people_in(best.column)
    if is_several and all(people) and people[0].isdisjoint(people[1]):
        return choice.drop(OF_ANOTHER)
    if is_same or is_several or choice.role == _SHOWN:
        reason = Message(
            "second choice for %(field)s, used where %(column)s is empty",
            field=target,
            column=best.column,
        )
        score = min(choice.score, 0.9)
        return replace(choice, hedged=True, score=score, reason=reason)
    if target == "notes" and choice.confidence != "unsure":
        return replace(
            choice,
            hedged=True,
            reason=joined([choice.reason, Message("put below %(column)s", column=best.column)]),
        )
    if target in schema.fields_of(ADDRESS):
        reason = Message(
            "another address: %(column)s is %(field)s already, and two must not be mixed",
            column=best.column,
            field=target,
        )
        return replace(choice, hedged=True, score=UNSURE, reason=reason)
    return choice.drop(
        Message("%(column)s fits %(field)s better", column=best.column, field=target)
    )
