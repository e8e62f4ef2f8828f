"""Finds names of people by their values alone, where no header says which column has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from importer.mapper.suggest.columns.choice import LIKELY, Choice

__all__ = ["with_names_by_values", "with_names_of_nameless"]

_NAMELESS = re.compile(r"column \d+")  # what the reader calls the columns of such a list
_WORD = re.compile(r"[^\W\d_][^\W\d_.'\u2019-]*\.?(?:['\u2019-][^\W\d_]+)*")
_CLEARLY, _DIFFERENT, _SOME = 0.8, 0.4, 0.2
_MOST_WORDS, _LONGEST = 4, 40
_FEWEST, _MOSTLY_DIFFERENT, _PARTICLE = 5, 0.8, 3
_NAMES = {
    "contact": "name",
    "lead": "name",
    "appointment": "customer_name",
    "case": "contact_name",
}


def with_names_of_nameless(
    choices: Sequence[Choice], samples: Sequence[Sequence[str]], object_: str
) -> list[Choice]:
    """
    Return the choices with a column of names in a list that has no header.

    It is the first one of two to four capitalised words, or of one to four that are nearly all
    different, or else the first two neighbours of one such word each, most of them different.
    """
    found = list(choices)
    target = _NAMES.get(object_)
    if target is None or not all(_NAMELESS.fullmatch(one.column) for one in choices):
        return found
    free = [at for at, one in enumerate(choices) if one.field is None and not one.sensitive]
    whole = next((at for at in free if _are_names(samples[at], 2)), None)
    if whole is None:
        whole = next((at for at in free if _are_mixed(samples[at])), None)
    reason = "a list without a header, and its values look like names of people"
    if whole is not None:
        found[whole] = replace(found[whole], field=target, score=LIKELY, reason=reason)
        return found
    single = [at for at in free if _are_names(samples[at], 1)]
    pair = next((at for at in single if at + 1 in single), None)
    if pair is None:
        return found
    for at, role in ((pair, "first"), (pair + 1, "last")):
        field = f"{role}_name" if object_ == "contact" else target
        found[at] = replace(found[at], field=field, role=role, score=LIKELY, reason=reason)
    return found


def _are_names(values: Sequence[str], words: int) -> bool:
    given = [text.strip() for text in values if text.strip()]
    fitting = sum(_is_name(text, words) for text in given)
    return bool(given) and (
        fitting >= _CLEARLY * len(given) and len({*given}) >= _DIFFERENT * len(given)
    )


def _are_mixed(values: Sequence[str]) -> bool:
    """Return whether values are names of one word and of several, nearly all different."""
    given = [text.strip() for text in values if text.strip()]
    single = sum(_is_name(text, 1) for text in given)
    several = sum(_is_name(text, 2) for text in given)
    return (
        len(given) >= _FEWEST
        and several >= _SOME * len(given)
        and single + several >= _CLEARLY * len(given)
        and len({*given}) >= _MOSTLY_DIFFERENT * len(given)
    )


def _is_name(text: str, fewest: int) -> bool:
    parts = text.split()
    most = _MOST_WORDS if fewest > 1 else 1
    return (
        fewest <= len(parts) <= most
        and len(text) <= _LONGEST
        and all(map(_WORD.fullmatch, parts))
        and not parts[0].islower()
    )


def with_names_by_values(
    choices: Sequence[Choice],
    could_be: Sequence[bool],
    samples: Sequence[Sequence[str]],
    object_: str,
) -> list[Choice]:
    """
    Return the choices with a column of whole names under a header that nobody knows.

    Only where no other column is a name, and one column alone, of those that `could_be` one, has
    values of two to four capitalised words, nearly all different.
    """
    found = list(choices)
    target = _NAMES.get(object_)
    named = {one.field for one in choices} & {target, "first_name", "last_name"}
    if target is None or named:
        return found
    likely = [
        at
        for at, one in enumerate(choices)
        if could_be[at] and one.field is None and not one.sensitive and _are_whole(samples[at])
    ]
    if len(likely) == 1:
        reason = "the header does not say so, but the values look like names of people"
        found[likely[0]] = replace(found[likely[0]], field=target, score=LIKELY, reason=reason)
    return found


def _are_whole(values: Sequence[str]) -> bool:
    given = [text.strip() for text in values if text.strip()]
    fitting = sum(_is_name(text, 2) and _is_capitalised(text) for text in given)
    return len(given) >= _FEWEST and (
        fitting >= _CLEARLY * len(given) and len({*given}) >= _MOSTLY_DIFFERENT * len(given)
    )


def _is_capitalised(text: str) -> bool:
    """Return whether each word has a capital, but for particles such as `van` and `de`."""
    words = text.split()
    capitals = sum(word[0].isupper() for word in words)
    rest = [word for word in words if not word[0].isupper()]
    return capitals > 1 and all(len(word) <= _PARTICLE for word in rest)
