"""Finds how to read the phone numbers of a column: their country, and their extensions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from importer.core.locale.message import Message, joined
from importer.mapper.kinds.phone import is_number_of, region_of
from importer.mapper.regions import is_bare, misplaced, regions_of
from importer.mapper.suggest.lines.rehearsal import (
    LineTally,
    Rehearsal,
    Table,
    split_where_it_helps,
)
from importer.mapper.suggest.nulls import share

_CLEARLY, _MOST, _ENOUGH = 0.8, 0.5, 1 / 3
_LOOKED_AT = 150
_FEW = 0.01
_CODED = re.compile("([1-9][0-9]{9,14})")
# What people write beside a number: "(mother)", "call after 6", "- Anna".
# Each with the number that must be there too, which stays.
_NOTES = (
    r"([0-9])\s*\([^()0-9]*\)",
    r"([0-9])[\s,;-]+\p{L}[^0-9]*$",
    r"^\p{L}[^0-9+]*([0-9+].*)$",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneHints:
    """
    Where numbers without a country code are from: `region` for all, `column` for each row.

    `reason` says how the region was found, if the user has not stated it.
    """

    region: str | None = None
    column: str | None = None
    reason: Message | None = None

    def keys(self) -> dict[str, Any]:
        """Return the keys of a line of numbers."""
        return {"type": "phone", **({"region": self.region} if self.region else {})}


def fit_phone(
    rehearsal: Rehearsal, target: str, table: Table, hints: PhoneHints
) -> tuple[Table, Message | None]:
    """Return the line that reads most numbers of its columns, and what a person should know."""
    texts = [text.strip() for text in rehearsal.texts(target, table) if text.strip()]
    tables: list[Table] = [{**one, **keys} for one in _sources(table) for keys in _regions(hints)]
    tallies = [rehearsal.tally(target, {**one, "extension": "drop"}) for one in tables]
    pairs = [(one, tally) for one, tally in zip(tables, tallies, strict=True) if tally is not None]
    if not pairs:
        return table, None
    best, tally = min(pairs, key=lambda pair: (pair[1].bad, -pair[1].filled))
    plain = rehearsal.tally(target, best)
    if plain is not None and tally.bad < plain.bad:
        best = {**best, "extension": "drop"}
    # Where the second column stands in for a first one with two numbers, the first is read now.
    first: Table = {key: value for key, value in best.items() if key != "valid_first"}
    first = split_where_it_helps(rehearsal, target, _without_notes(rehearsal, target, first))
    best = {**first, "valid_first": True} if "valid_first" in best else first
    if (coded := _with_plus(rehearsal, target, best, texts)) is not None:
        best, plus = coded, Message("numbers that have a country code without + are read with it")
    else:
        plus = None
    advice = _advice(rehearsal.tally(target, best), texts, hints)
    return best, joined([one for one in (plus, advice) if one]) if plus or advice else None


def _with_plus(
    rehearsal: Rehearsal, target: str, table: Table, texts: Sequence[str]
) -> Table | None:
    """
    Return a line that reads `447911123456` as +447911123456, or None if it is not better.

    So it is where most numbers are written with a country code and without a +, nearly all can be
    read so, and no number becomes another one.
    """
    tally = rehearsal.tally(target, table)
    if tally is None or not tally.bad or share(_CODED.fullmatch, texts) < _CLEARLY:
        return None
    coded = {**table, "replace": [*table.get("replace", []), [f"^{_CODED.pattern}$", "+$1"]]}
    tried = rehearsal.tally(target, coded)
    if tried is None or tried.bad >= tally.bad or not tried.keeps(tally):
        return None
    return coded if tried.bad <= (1 - _CLEARLY) * tried.filled else None


def _without_notes(rehearsal: Rehearsal, target: str, table: Table) -> Table:
    """Return a line that leaves out notes beside numbers, if many numbers have one."""
    tally = rehearsal.tally(target, table)
    for pattern in _NOTES:
        if tally is None or tally.bad <= _FEW * tally.rows:
            break
        pairs = [*table.get("replace", []), [pattern, "$1"]]
        tried = rehearsal.tally(target, {**table, "replace": pairs})
        if tried is not None and tried.bad < tally.bad - _FEW * tally.rows and tried.keeps(tally):
            table, tally = {**table, "replace": pairs}, tried
    return table


def _sources(table: Table) -> list[Table]:
    if "columns" not in table:
        return [table]
    return [table, {**table, "valid_first": True}]


def _regions(hints: PhoneHints) -> list[dict[str, Any]]:
    """Return the keys to try: a column of countries, then one region for all rows."""
    found: list[dict[str, Any]] = []
    if hints.column is not None:
        default = {"default": hints.region} if hints.region else {}
        found.append({"type": "phone", "region": {"column": hints.column, **default}})
    return [*found, hints.keys()]


def lacks_region(tally: LineTally | None, hints: PhoneHints) -> bool:
    """Return whether there are numbers without a country code, and nothing says their country."""
    is_known = hints.region is not None or hints.column is not None
    return not is_known and tally is not None and any(map(is_bare, tally.examples))


def _advice(tally: LineTally | None, texts: Sequence[str], hints: PhoneHints) -> Message | None:
    if tally is None:
        return None
    if lacks_region(tally, hints):
        return Message(
            "numbers without a country code are not placed: add their country to the line, as in "
            'region = "AE"'
        )
    are_most_bad = tally.bad > _MOST * tally.filled
    if hints.region and are_most_bad and (other := misplaced(texts, hints.region)):
        return Message("%(what)s: state --region", what=other)
    if hints.reason:
        return Message(
            "numbers without a country code are taken for those of %(country)s: %(why)s",
            country=hints.region,
            why=hints.reason,
        )
    return None


def countries_in(values: Iterable[str]) -> Counter[str]:
    """Count the countries that values name, or mean by their calling codes."""
    counts = Counter(text.strip() for text in values if text.strip())
    found: Counter[str] = Counter()
    for text, count in counts.items():
        if region := region_of(text):
            found[region] += count
    return found


def country_column(values: Sequence[str]) -> Counter[str] | None:
    """Count the countries in a column, or return None if it is not a column of countries."""
    found = countries_in(values)
    given = sum(1 for text in values if text.strip())
    return found if found.total() >= _CLEARLY * given > 0 else None


def placed(numbers: Sequence[str], countries: Counter[str] | None) -> tuple[str, Message] | None:
    """Return the country of numbers without a country code and the reason, if the list shows it."""
    bare = [text for text in numbers if is_bare(text)]
    coded = regions_of(numbers)
    if not bare:
        return None
    candidates = [
        (coded, Message("the numbers that have a country code are of it")),
        (countries or Counter(), Message("the list's countries say so")),
    ]
    for found, reason in candidates:
        # A few that have it are those of foreigners, and show nothing about the others.
        if not found or found.total() < _ENOUGH * len(bare):
            continue
        region, count = found.most_common(1)[0]
        looked_at = list(dict.fromkeys(bare))[:_LOOKED_AT]
        fitting = sum(is_number_of(text, region) for text in looked_at)
        if count >= _CLEARLY * found.total() and fitting >= _CLEARLY * len(looked_at):
            return region, reason
    return None
