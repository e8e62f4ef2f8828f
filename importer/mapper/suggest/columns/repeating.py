"""Finds columns that only repeat another one: a company as the street, an id in a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from importer.mapper.headers.words import Parsed
from importer.mapper.suggest.columns.choice import LIKELY, Choice
from importer.mapper.values.text import fold

__all__ = ["without_repeats"]

_MOST, _FEWEST, _LOOKED_AT = 0.5, 3, 500
_NAMED = frozenset({"company", "name", "customer_name", "contact_name"})
_IDS = frozenset({"id", "ref"})
_ADDRESS = frozenset({"street", "address"})
_PART_OF_LINK = re.compile(r"[/?&=#:.]+")


def without_repeats(
    choices: Sequence[Choice], parsed: Sequence[Parsed], samples: Sequence[Sequence[str]]
) -> list[Choice]:
    """
    Return the choices without streets that are the names, and websites that are the records.

    The first line of an address is often the company's name: the second line is the street then.
    A link that has the row's id in it leads to the record in the other system.
    """
    found = list(choices)
    names = [at for at, one in enumerate(choices) if one.field in _NAMED]
    ids = [
        at
        for at, (one, meaning) in enumerate(zip(choices, parsed, strict=True))
        if one.field == "external_ref" or (meaning.meanings & _IDS and not meaning.unknown)
    ]
    for at, choice in enumerate(choices):
        if choice.field == "street":
            same = next((one for one in names if _agree(samples[at], samples[one], _equal)), None)
            if same is not None:
                found[at] = choice.drop(f"its values repeat those of {choices[same].column!r}")
                _take_second_line(found, choice, parsed, samples)
        elif choice.field == "website":
            same = next((one for one in ids if _agree(samples[at], samples[one], _has)), None)
            if same is not None:
                why = f"its links have the ids of {choices[same].column!r}: they lead to the record"
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
            reason = f"the second line of an address whose first line, {first.column!r}, is a name"
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
