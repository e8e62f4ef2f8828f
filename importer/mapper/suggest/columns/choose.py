"""Suggests a field for each column of a list, from its header and its values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from importer.core.errors import MappingError
from importer.core.locale.language import N_
from importer.core.locale.message import Message, joined
from importer.core.shared import OWN_PREFIX
from importer.mapper.headers.kept_back import sensitive_header
from importer.mapper.headers.names import normalize_header, without_type
from importer.mapper.headers.words import Parsed
from importer.mapper.kinds import KINDS
from importer.mapper.schema.extend import extended_schema
from importer.mapper.schema.objects import ObjectSchema, match_header
from importer.mapper.schema.own_fields import OwnFields
from importer.mapper.suggest.columns.by_looks import (
    VAGUE,
    are_taken,
    is_contact,
    is_free,
    is_reached_by,
    recognise,
    several_fields,
    with_candidates,
    with_mobile,
    with_second_phones,
)
from importer.mapper.suggest.columns.choice import LIKELY, Choice, Suggestion
from importer.mapper.suggest.columns.context import settle
from importer.mapper.suggest.columns.evidence import (
    settle_names,
    with_fuller_names,
    with_ids,
    with_street_lines,
    with_titles,
    without_few_names,
    without_misfits,
    without_repeats,
    without_rivals_that_are_empty,
)
from importer.mapper.suggest.columns.headers import parse_headers, without_unknown
from importer.mapper.suggest.columns.looks import Looks, as_numbers, as_numbers_of, look
from importer.mapper.suggest.columns.names import (
    are_nameless,
    with_companies,
    with_fullest_words,
    with_last_beside_first,
    with_names_by_values,
    with_names_of_nameless,
)
from importer.mapper.suggest.columns.persons import headers_of_the_row, names_another_person
from importer.mapper.suggest.columns.rules import Match, Rule, match_rule, rules_of
from importer.mapper.suggest.columns.sensitive import secrets_in_texts, sensitive_values
from importer.mapper.suggest.nulls import without_formulas

__all__ = ["choose", "suggest_mapping"]

# A person may have several of these. The first that is not empty is sent.
_PERSONAL_ROLES = frozenset(
    {"fullname", "name", "first", "last", "final", "phone", "mobile", "email", "birthday", "title"}
    | {"job_title", "company", "street", "city", "state", "postal", "country", "house", "place"}
)
_REPEATED = re.compile(r" \(\d+\)$")  # as the reader tells columns of one name apart
_OTHER_RECORD = ("/id", "/.id")  # as Odoo writes them: `country_id/id`
# Whose birthday it is, an unknown word may say.
_NEARLY_ALL, _OFTEN_ANOTHER = 0.9, "birthday"
_FEWEST = 3
_ADDRESS = frozenset({"street", "city", "state", "postal", "country"})
_REFUTED, _MISSPELT = 0.2, 0.4
# Of these roles values show whether a misspelt header means them.
_WITH_A_FORM = frozenset(
    {"phone", "mobile", "email", "website", "birthday", "created", "close", "amount", "score"}
)
_NAME_PARTS = frozenset({"first", "last", "final"})
_PARTS = frozenset({"first", "last", "date", "time", "start", "end", "street", "house"})


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
    rules = rules_of(schema.name)
    samples = list(map(without_formulas, samples)) if samples else None
    headers = headers_of_the_row(list(map(without_type, columns)), schema.name)
    parsed = parse_headers(headers, schema.name, rules)
    looks = _looks_of(columns, parsed, samples, region)
    of_owners = _of_owners(columns, parsed)
    choices = [
        _by_header(
            Choice(column, of_other=at in of_owners or names_another_person(header, schema.name)),
            header,
            meaning,
            schema,
        )
        for at, (column, header, meaning) in enumerate(zip(columns, headers, parsed, strict=True))
    ]
    choices = [_of_one_person(choice, schema) for choice in choices]
    choices = settle(choices, schema)
    choices = [
        _by_values(choice, seen, schema) for choice, seen in zip(choices, looks, strict=True)
    ]
    if samples:
        choices = settle_names(choices, samples, schema)
        choices = with_fuller_names(choices, samples, schema)
        choices = without_few_names(choices, samples, schema)
        choices = with_titles(choices, samples)
        choices = with_street_lines(choices, parsed, samples)
        choices = without_misfits(choices, samples, schema)
        choices = without_rivals_that_are_empty(choices, samples)
        if schema.name == "contact":
            choices = with_companies(choices, parsed, samples)
    choices = _despite_unknown_words(choices, parsed, looks, schema, rules)
    choices = recognise(choices, parsed, looks, schema)
    if samples and "mobile_phone" in schema.fields:
        choices = with_mobile(choices, parsed, samples, region)
    choices = with_second_phones(choices, looks, schema)
    if samples:
        choices = with_names_of_nameless(choices, samples, schema)
        could_be = [bool(one.unknown) and one.meanings <= VAGUE for one in parsed]
        called = ["name" in one.meanings for one in parsed]
        choices = with_names_by_values(choices, could_be, called, samples, schema)
        choices = with_last_beside_first(choices, could_be, samples, schema)
        choices = without_repeats(choices, parsed, samples, schema)
        choices = with_fullest_words(choices, samples, schema)
        choices = with_ids(choices, [one.meanings for one in parsed], samples, schema)
        pairs = zip(choices, samples, strict=True)
        choices = [_without_secrets(choice, values) for choice, values in pairs]
    choices = _to_decide(_assign(choices, schema))
    return with_candidates(choices, parsed, looks, samples, schema.name) if samples else choices


def _of_owners(columns: Sequence[str], parsed: Sequence[Parsed]) -> set[int]:
    """Return the columns of owners, and those behind them whose header was there before."""
    plain = [_REPEATED.sub("", column).strip().casefold() for column in columns]
    owners = {at for at, one in enumerate(parsed) if "owner" in one.meanings}
    behind = {at + 1 for at in owners if at + 1 < len(plain) and plain[at + 1] in plain[:at]}
    return owners | behind


def _to_decide(choices: list[Choice]) -> list[Choice]:
    """Return the choices with refuted fields that no column has, for a person to decide."""
    taken = {choice.field for choice in choices}
    return [
        replace(choice, field=choice.refuted, score=_REFUTED)
        if choice.field is None and choice.refuted not in taken and not choice.sensitive
        else choice
        for choice in choices
    ]


def _looks_of(
    columns: Sequence[str],
    parsed: Sequence[Parsed],
    samples: Sequence[Sequence[str]] | None,
    region: str | None,
) -> list[Looks]:
    """
    Return what the values of each column look like.

    Numbers of seven or eight digits are phone numbers where no column has a name, and below
    "Contact", if the country has such. Below "Contact details" they are, whatever the country.
    """
    if not samples:
        return [Looks()] * len(columns)
    anonymous = are_nameless(columns)
    found = []
    for values, meaning in zip(samples, parsed, strict=True):
        seen = look(values)
        if is_reached_by(meaning):
            seen = as_numbers(seen, values)
        elif region is not None:
            may_be_short = anonymous or is_contact(meaning)
            seen = as_numbers_of(region, seen, values, may_be_short=may_be_short)
        found.append(seen)
    return found


def _of_one_person(choice: Choice, schema: ObjectSchema) -> Choice:
    if not choice.of_other and names_another_person(choice.column, schema.name):
        return replace(choice, hedged=True)  # the only person there is, so the row's
    is_personal = choice.role in _PERSONAL_ROLES
    if choice.of_other and (is_personal or choice.field in schema.fields_of(_PERSONAL_ROLES)):
        why = Message("it is about another person than the row's")
        return replace(choice, role=None).drop(why)
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
        return choice.drop(_why_not(parsed))
    return _ruled(choice, parsed, match)


def _ruled(choice: Choice, parsed: Parsed, match: Match) -> Choice:
    text = (
        N_("misspelt, but its words mean %(meanings)s")
        if parsed.typos
        else N_("its words mean %(meanings)s")
    )
    needs_values = bool(parsed.typos) and match.role in _WITH_A_FORM
    return replace(
        choice,
        role=match.role,
        score=min(match.weight, _MISSPELT) if needs_values else match.weight,
        hedged=match.hedged or bool(parsed.typos),
        reason=Message(text, meanings=sorted(parsed.meanings)),
    )


def _why_not(parsed: Parsed) -> Message:
    if parsed.unknown:
        return Message("no field is known for %(columns)s", columns=parsed.unknown)
    if parsed.meanings:
        return Message("no field has this meaning")
    return Message("the header has no meaning")


def _by_values(choice: Choice, looks: Looks, schema: ObjectSchema) -> Choice:
    """Return the choice with the evidence of its values."""
    if choice.field is None or not looks.count or choice.role == "house":
        return choice
    spec = schema.spec(choice.field)
    kind = spec.kind if spec else "text"
    verdict = looks.verdict(kind, spec.roles if spec else ())
    if verdict == "refuted":
        is_typed = spec is not None and bool(KINDS[spec.kind].looks)
        why = Message(
            "the header means %(field)s, but the values look like %(looks)s",
            field=choice.field,
            looks=looks.describe(),
        )
        return replace(choice.drop(why), refuted=choice.field if is_typed else None)
    if verdict == "confirmed":
        reason = joined(
            [
                choice.reason,
                Message("the values look like %(looks)s", looks=looks.describe(kind)),
            ]
        )
        return replace(choice, score=max(choice.score, LIKELY), reason=reason)
    return choice


def _despite_unknown_words(
    choices: list[Choice],
    parsed: Sequence[Parsed],
    looks: Sequence[Looks],
    schema: ObjectSchema,
    rules: tuple[Rule, ...],
) -> list[Choice]:
    """Return the choices with headers that are partly unknown, where values leave no doubt."""
    taken = are_taken(choices, looks)
    found = list(choices)
    for at, (choice, meaning, seen) in enumerate(zip(choices, parsed, looks, strict=True)):
        if choice.field or choice.sensitive or not meaning.unknown or not meaning.meanings:
            continue
        match = match_rule(without_unknown(meaning), rules)
        if match is None or choice.of_other:
            continue
        (settled,) = settle([Choice(choice.column, role=match.role, score=1.0)], schema)
        target = settled.field
        spec = schema.spec(target) if target else None
        if target == _OFTEN_ANOTHER or not (target and spec and is_free(target, taken, seen)):
            continue
        if sum(map(seen.share, KINDS[spec.kind].looks)) < _NEARLY_ALL or seen.count < _FEWEST:
            continue
        taken[target] = seen.count
        reason = Message(
            "unknown words (%(columns)s), but the values look like %(looks)s",
            columns=meaning.unknown,
            looks=seen.describe(spec.kind),
        )
        found[at] = replace(settled, score=LIKELY, hedged=True, reason=reason)
    return found


def _without_secrets(choice: Choice, values: Sequence[str]) -> Choice:
    if choice.sensitive:
        return choice
    if secret := sensitive_values(values):
        reason = Message("the values are %(secret)s: not sent unless you map it", secret=secret)
        return replace(choice.drop(reason), sensitive=True)
    if secret := secrets_in_texts(values):
        reason = Message("its texts contain %(secret)s: not sent unless you map it", secret=secret)
        return replace(choice.drop(reason), sensitive=True, in_texts=True)
    return choice


def _assign(choices: list[Choice], schema: ObjectSchema) -> list[Choice]:
    """Return the choices with one column per field; others are second choices or left out."""
    by_field: dict[str, list[int]] = {}
    for at, choice in enumerate(choices):
        if choice.field is not None:
            by_field.setdefault(choice.field, []).append(at)
    found = list(choices)
    for target, places in by_field.items():
        ranked = sorted(places, key=lambda at: _rank(choices[at], at))
        best = choices[ranked[0]]
        if _are_parts([choices[at] for at in ranked]):
            continue
        for at in ranked[1:]:
            found[at] = _second(choices[at], best, target, schema)
    return found


def _rank(choice: Choice, at: int) -> tuple[bool, float, bool, int]:
    """Return a sort key for columns of one field: whole names before parts, then by score."""
    return choice.role in _NAME_PARTS, -choice.score, choice.hedged, at


def _are_parts(choices: Sequence[Choice]) -> bool:
    """Return whether the columns are parts of one value: a name, or a day and a time."""
    roles = [choice.role for choice in choices]
    return len(set(roles)) == len(roles) and {*roles} <= _PARTS


def _second(choice: Choice, best: Choice, target: str, schema: ObjectSchema) -> Choice:
    if target in several_fields():
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
    if target in schema.fields_of(_ADDRESS):
        reason = Message(
            "another address: %(column)s is %(field)s already, and two must not be mixed",
            column=best.column,
            field=target,
        )
        return replace(choice, hedged=True, score=0.4, reason=reason)
    return choice.drop(
        Message("%(column)s fits %(field)s better", column=best.column, field=target)
    )
