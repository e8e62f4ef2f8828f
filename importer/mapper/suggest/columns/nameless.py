"""Finds names of people by their values alone, where no header says which column has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from importer.mapper.suggest.columns.choice import LIKELY, Choice
from importer.mapper.values.text import fold

__all__ = ["with_names_by_values", "with_names_of_nameless"]

_NAMELESS = re.compile(r"column \d+")  # what the reader calls the columns of such a list
_WORD = re.compile(r"[^\W\d_][^\W\d_.'\u2019-]*\.?(?:['\u2019-][^\W\d_]+)*")
_CLEARLY, _DIFFERENT, _SOME = 0.8, 0.4, 0.2
_MOST_WORDS, _LONGEST = 4, 40
_LONGEST_TEXT, _TELLING = 80, 3
_EMAILS = frozenset({"email", "contact_email", "customer_email"})
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
    different, or else the first two neighbours of one such word each, most of them different. Two
    neighbours whose words come again in the email address of their row are first and last names.
    Where nothing else can name a row, the only column of different texts does.
    """
    found = list(choices)
    target = _NAMES.get(object_)
    if target is None or not all(_NAMELESS.fullmatch(one.column) for one in choices):
        return found
    free = [
        at
        for at, one in enumerate(choices)
        if one.field is None and not one.sensitive and _is_mostly_filled(samples[at])
    ]
    emails = next((samples[at] for at, one in enumerate(choices) if one.field in _EMAILS), ())
    told = [at for at in free if _are_told(samples[at], emails)]
    pair = next((at for at in told if at + 1 in told), None)
    tests = (
        () if pair is not None else (lambda one: _are_names(one, 2), _are_mixed, _are_whole_last)
    )
    whole = next((at for test in tests for at in free if test(samples[at])), None)
    if whole is None and pair is None:
        single = [at for at in free if _are_names(samples[at], 1)]
        pair = next((at for at in single if at + 1 in single), None)
    if whole is None and pair is None and not any(one.field for one in choices):
        texts = [at for at in free if _are_texts(samples[at])]
        whole = texts[0] if len(texts) == 1 else None
    reason = "a list without a header, and its values look like names"
    roles = [(whole, "")] if pair is None else [(pair, "first"), (pair + 1, "last")]
    for at, role in roles:
        if at is not None:
            field = f"{role}_name" if role and object_ == "contact" else target
            choice = replace(found[at], field=field, score=LIKELY, reason=reason)
            found[at] = replace(choice, role=role) if role else choice
    return found


def _is_mostly_filled(values: Sequence[str]) -> bool:
    return 2 * sum(1 for text in values if text.strip()) >= len(values)


def _are_told(values: Sequence[str], emails: Sequence[str]) -> bool:
    """Return whether values are names whose words often come again in the rows' addresses."""
    pairs = [
        (fold(text).split(), fold(email).partition("@")[0])
        for text, email in zip(values, emails, strict=False)
        if text.strip() and "@" in email
    ]
    fitting = sum(_is_name(text, 1, _MOST_WORDS) for text in values if text.strip())
    given = sum(1 for text in values if text.strip())
    again = sum(
        any(len(word) >= _TELLING and word in email for word in words) for words, email in pairs
    )
    return len(pairs) >= _FEWEST and again >= _SOME * len(pairs) and fitting >= _CLEARLY * given


def _are_whole_last(values: Sequence[str]) -> bool:
    """Return whether values are names with the last one first: `Muster, Anna`."""
    given = [text.strip() for text in values if text.strip()]
    parts = [text.split(",") for text in given if text.count(",") == 1]
    fitting = sum(all(_is_name(part.strip(), 1, _MOST_WORDS) for part in pair) for pair in parts)
    return len(given) >= _FEWEST and fitting >= _CLEARLY * len(given)


def _are_texts(values: Sequence[str]) -> bool:
    """Return whether values are short texts with letters, nearly all different."""
    given = [text.strip() for text in values if text.strip()]
    fitting = sum(any(map(str.isalpha, text)) and len(text) <= _LONGEST_TEXT for text in given)
    return (
        len(given) >= _FEWEST
        and fitting >= _CLEARLY * len(given)
        and len({*given}) >= _MOSTLY_DIFFERENT * len(given)
    )


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


def _is_name(text: str, fewest: int, most: int | None = None) -> bool:
    parts = text.split()
    most = most or (_MOST_WORDS if fewest > 1 else 1)
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
