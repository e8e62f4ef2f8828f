"""Offers columns of a list of deals for the amount and the stage, where no header means them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from importer.mapper.kinds.money import read_money
from importer.mapper.suggest.columns.choice import Choice
from importer.mapper.suggest.columns.looks import Looks
from importer.mapper.values.text import BadValue, fold

__all__ = ["with_candidates"]

_OFFERED, _MOST_OFFERED = 0.3, 3
_NEARLY_ALL, _FEWEST, _HALF = 0.9, 3, 0.5
_FEW_WORDS, _LONGEST = 15, 40


def with_candidates(
    choices: Sequence[Choice], looks: Sequence[Looks], samples: Sequence[Sequence[str]]
) -> list[Choice]:
    """
    Return the choices of a list of deals with the columns that may be its amount and its stage.

    Where no column is the amount, those of different numbers may be; where none is the stage,
    those with few words, each of which several rows have. A person has to decide.
    """
    found = list(choices)
    taken = {one.field for one in choices}
    free = [at for at, one in enumerate(choices) if one.field is None and not one.sensitive]
    amounts = [at for at in free if _are_amounts(samples[at])]
    stages = [at for at in free if _are_few_words(looks[at], samples[at])]
    for target, places, reason in (
        ("amount", amounts, "no column is called the amount, and its values are numbers"),
        ("stage", stages, "no column is called the stage, and it has few different words"),
    ):
        for at in () if target in taken else places[:_MOST_OFFERED]:
            found[at] = replace(choices[at], field=target, score=_OFFERED, reason=reason)
    return found


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
