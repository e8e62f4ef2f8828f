"""The rules that say which meanings of a header make which field, for each kind of list."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from importer.mapper.data import load_lines, load_table
from importer.mapper.headers.words import Parsed


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
    may: frozenset[str]
    weight: float
    numbered: bool


@dataclass(frozen=True, slots=True)
class Match:
    """The role of a header, its score, and whether another column may fit the role better."""

    role: str
    weight: float
    hedged: bool


@cache
def rules_of(object_: str) -> tuple[Rule, ...]:
    """Return the rules of an object. Of those that fit, the one that needs the most words wins."""
    table = load_table("roles")
    record, person = (frozenset(table[key][object_].split()) for key in ("record", "person"))
    sets = {
        "@record": record,
        "@person": person,
        "@person-only": person - record,
        "@places": frozenset(table["places"].split()),
        "-": frozenset[str](),
    }
    return tuple(
        Rule(
            role=role,
            needs=frozenset(needs.split()),
            may=frozenset().union(*(sets.get(word, {word}) for word in may.split())),
            weight=float(weight),
            numbered=times == "numbered",
        )
        for objects, role, needs, may, weight, times in load_lines("rules")
        if object_ in objects.split()
    )


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
    hedges: dict[str, float] = load_table("roles")["hedges"]
    cost = sum(hedges.get(word, 0) for word in companions)
    hedged = not companions.isdisjoint(hedges) or parsed.ordinal > 1
    cost += 0.1 * (parsed.ordinal - 1) + 0.6 * parsed.typos
    bonus = 0.01 if "primary" in companions else 0
    return Match(rule.role, rule.weight - cost + bonus, hedged)
