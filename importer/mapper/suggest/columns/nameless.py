"""Finds names of people in lists without a header, by their values alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from importer.mapper.suggest.columns.choice import LIKELY, Choice

__all__ = ["with_names_of_nameless"]

_NAMELESS = re.compile(r"column \d+")  # what the reader calls the columns of such a list
_WORD = re.compile(r"[^\W\d_][^\W\d_.'\u2019-]*\.?(?:['\u2019-][^\W\d_]+)*")
_CLEARLY, _DIFFERENT = 0.8, 0.4
_MOST_WORDS, _LONGEST = 4, 40
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

    It is the first one of two to four capitalised words, or else the first two neighbours of one
    such word each, most of them different.
    """
    found = list(choices)
    target = _NAMES.get(object_)
    if target is None or not all(_NAMELESS.fullmatch(one.column) for one in choices):
        return found
    free = [at for at, one in enumerate(choices) if one.field is None and not one.sensitive]
    whole = next((at for at in free if _are_names(samples[at], 2)), None)
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


def _is_name(text: str, fewest: int) -> bool:
    parts = text.split()
    most = _MOST_WORDS if fewest > 1 else 1
    return (
        fewest <= len(parts) <= most
        and len(text) <= _LONGEST
        and all(map(_WORD.fullmatch, parts))
        and not parts[0].islower()
    )
