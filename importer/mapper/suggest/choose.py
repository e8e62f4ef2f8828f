"""Suggests a field for each column of a list, by its header and by its values together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from importer.mapper.headers.names import normalize_header
from importer.mapper.headers.words import Parsed, load_vocabulary
from importer.mapper.schema.exact import match_header
from importer.mapper.schema.extend import extended_schema
from importer.mapper.schema.objects import ObjectSchema
from importer.mapper.schema.own_fields import OwnFields
from importer.mapper.suggest.choice import LIKELY, Choice, Suggestion
from importer.mapper.suggest.context import settle
from importer.mapper.suggest.looks import Looks, look
from importer.mapper.suggest.rules import Match, Rule, match_rule, rules_of
from importer.mapper.suggest.sensitive import sensitive_header, sensitive_values
from importer.shared import OWN_PREFIX

__all__ = ["choose", "suggest_mapping"]

_NO_FIELD = {
    "nofield_fax": "a fax or pager",
    "nofield_middle": "a further name",
    "nofield_serial": "a row's own number",
    "nofield_department": "a department",
}
# Of these a person may have several: the first that is not empty is sent.
_SEVERAL = frozenset(
    {"email", "phone", "mobile_phone", "website", "contact_email", "contact_phone"}
    | {"customer_email", "customer_phone"}
)
_ADDRESS = frozenset({"street", "city", "state", "postal_code", "country"})
_NAME_PARTS = frozenset({"first", "last", "final"})
_PARTS = frozenset({"first", "last", "date", "time", "start", "end"})


def suggest_mapping(
    columns: Sequence[str],
    object: str,  # noqa: A002 - the name scripts use
    samples: Sequence[Sequence[str]] | None = None,
    *,
    own: OwnFields | None = None,
) -> list[Suggestion]:
    """
    Suggest a field of `object` for each of `columns`, in their order. Nothing leaves the machine.

    `samples` are some values of each column, in the same order; they confirm or refute what the
    header says, and speak for a header that says nothing. Columns that may stand in for each
    other (`E-mail`, `E-mail 2`) get the same field, the later ones as second choice in their
    `reason`; so do the parts of a name or a time that one field takes. Passwords, card numbers,
    ids of persons and bank accounts are left out. `own` are fields beside the object's, known by
    their names and aliases. Raises `MappingError` for an unknown object.
    """
    return [
        Suggestion(one.column, one.field, one.confidence, one.reason)
        for one in choose(columns, extended_schema(object, [own] if own else []), samples)
    ]


def choose(
    columns: Sequence[str], schema: ObjectSchema, samples: Sequence[Sequence[str]] | None = None
) -> list[Choice]:
    """Return the choice for each column, in order; see `suggest_mapping`."""
    rules = rules_of(schema.name)
    vocabulary = load_vocabulary()
    votes = vocabulary.languages(columns)
    parsed = [vocabulary.parse(column, votes, schema.name) for column in columns]
    looks = [look(values) for values in samples] if samples else [Looks()] * len(columns)
    choices = [
        _by_header(column, meaning, schema, rules)
        for column, meaning in zip(columns, parsed, strict=True)
    ]
    choices = settle(choices, schema)
    choices = [
        _by_values(choice, meaning, seen, schema)
        for choice, meaning, seen in zip(choices, parsed, looks, strict=True)
    ]
    choices = _recognise(choices, parsed, looks, schema)
    if samples:
        choices = [
            _without_secrets(choice, values)
            for choice, values in zip(choices, samples, strict=True)
        ]
    return _assign(choices)


def _by_header(
    column: str, parsed: Parsed, schema: ObjectSchema, rules: tuple[Rule, ...]
) -> Choice:
    choice = Choice(column)
    if column.startswith(OWN_PREFIX):
        return choice.drop("a column of the importer's own")
    alias = match_header(column, schema)
    if normalize_header(column) in schema.claimed:
        return replace(choice, field=alias, score=1.0, reason="a name you gave the field")
    if (secret := sensitive_header(parsed)) and alias is None:
        return replace(
            choice, sensitive=True, reason=f"the header says {secret}: never sent unasked"
        )
    match = match_rule(parsed, rules)
    if alias is not None:
        # A rule that knows its neighbours decides what "Name" or "Title" is on this list, and
        # one that is less than sure of a word is so where the word is the whole header.
        role = match.role if match else None
        hedged = bool(match and match.hedged)
        named = column == alias
        score = 1.0 if named or not match else max(match.weight, LIKELY)
        reason = "the field's own name" if named else "a known name of the field"
        return replace(choice, field=alias, role=role, score=score, hedged=hedged, reason=reason)
    if match is None:
        return choice.drop(_why_not(parsed))
    return _ruled(choice, parsed, match)


def _ruled(choice: Choice, parsed: Parsed, match: Match) -> Choice:
    words = ", ".join(sorted(parsed.meanings))
    spelt = "misspelt, but " if parsed.typos else ""
    return replace(
        choice,
        role=match.role,
        score=match.weight,
        hedged=match.hedged or bool(parsed.typos),
        reason=f"{spelt}its words mean {words}",
    )


def _why_not(parsed: Parsed) -> str:
    for meaning, what in _NO_FIELD.items():
        if meaning in parsed.meanings:
            return f"no field is for {what}"
    if parsed.unknown:
        return "not known: " + ", ".join(repr(word) for word in parsed.unknown)
    return "no field is called so" if parsed.meanings else "the header says nothing"


def _by_values(choice: Choice, parsed: Parsed, looks: Looks, schema: ObjectSchema) -> Choice:
    """Let the values confirm or refute what the header says."""
    if choice.field is None or not looks.count:
        return choice
    spec = schema.spec(choice.field)
    verdict = looks.verdict(spec.kind if spec else "text", choice.field)
    if verdict == "refuted":
        return choice.drop(
            f"the header says {choice.field}, but the values look like {looks.describe()}"
        )
    if verdict == "confirmed":
        better = max(choice.score, LIKELY) if not parsed.typos else choice.score
        return replace(
            choice, score=better, reason=f"{choice.reason}; the values look like {looks.describe()}"
        )
    return choice


def _recognise(
    choices: list[Choice],
    parsed: Sequence[Parsed],
    looks: Sequence[Looks],
    schema: ObjectSchema,
) -> list[Choice]:
    """Give columns whose header says nothing the field their values speak for, if it is free."""
    taken = {choice.field for choice in choices}
    found = list(choices)
    for at, (choice, meaning, seen) in enumerate(zip(choices, parsed, looks, strict=True)):
        if choice.field or choice.sensitive or meaning.meanings or choice.role:
            continue
        target = _spoken_for(seen, schema)
        if target and target not in taken and not choice.column.startswith(OWN_PREFIX):
            taken.add(target)
            reason = f"the header says nothing; the values look like {seen.describe()}"
            found[at] = replace(choice, field=target, score=LIKELY, reason=reason)
    return found


_BY_LOOKS: Mapping[str, tuple[str, ...]] = {
    "email": ("email", "contact_email", "customer_email"),
    "phone": ("phone", "contact_phone", "customer_phone"),
    "url": ("website",),
}


def _spoken_for(looks: Looks, schema: ObjectSchema) -> str | None:
    targets = _BY_LOOKS.get(looks.kind or "", ())
    return next((target for target in targets if target in schema.fields), None)


def _without_secrets(choice: Choice, values: Sequence[str]) -> Choice:
    secret = sensitive_values(values)
    if secret is None or choice.sensitive:
        return choice
    reason = f"the values are {secret}: never sent unasked"
    return replace(choice, field=None, sensitive=True, score=0.0, reason=reason)


def _assign(choices: list[Choice]) -> list[Choice]:
    """Give each field its best column; the others become second choices, or are left out."""
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
            found[at] = _second(choices[at], best, target)
    return found


def _rank(choice: Choice, at: int) -> tuple[bool, float, bool, int]:
    """Order columns of one field: a whole name before its parts, the surest first."""
    return choice.role in _NAME_PARTS, -choice.score, choice.hedged, at


def _are_parts(choices: Sequence[Choice]) -> bool:
    """Tell whether the columns are parts of one value: a name, or a day and a time."""
    roles = [choice.role for choice in choices]
    return len(set(roles)) == len(roles) and {*roles} <= _PARTS


def _second(choice: Choice, best: Choice, target: str) -> Choice:
    if target in _SEVERAL:
        reason = f"second choice for {target}, where {best.column!r} is empty"
        score = min(choice.score, 0.9)
        return replace(choice, hedged=True, score=score, reason=reason)
    if target in _ADDRESS:
        reason = f"another address: {best.column!r} is {target}; mixing two would make a third"
        return replace(choice, hedged=True, score=0.4, reason=reason)
    return choice.drop(f"{best.column!r} is the better {target}")
