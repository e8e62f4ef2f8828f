"""Offers columns of deals and cases for what makes them worth sending, where no header means it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from importer.mapper.headers.words import Parsed
from importer.mapper.kinds.money import read_money
from importer.mapper.suggest.columns.choice import LIKELY, Choice
from importer.mapper.suggest.columns.looks import Looks
from importer.mapper.values.text import BadValue, fold

__all__ = ["with_candidates"]

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
        reason = "no column is called the amount, and its values are numbers"
        found = _offered(found, "amount", amounts, reason)
        reason = "no column is called the stage, and it has few different words"
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
        reason = "no column is called the description, and this one alone has long texts"
        text = replace(found[texts[0]], field="description", score=LIKELY, reason=reason)
        found[texts[0]] = replace(text, hedged=True)
        return found
    kinds = [at for at in few if parsed[at].meanings & _KINDS]
    reason = "no column is called the subject, and it has few different words"
    unknown = [at for at in few if parsed[at].unknown]
    found = _offered(found, "subject", kinds or unknown, reason)
    return _offered(found, "description", texts, "its values are long texts")


def _offered(
    choices: list[Choice], target: str, places: Iterable[int], reason: str
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
