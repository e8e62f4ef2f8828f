"""Knows what people write into a cell that has no value."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache

from importer.mapper.data import load_table
from importer.mapper.headers.words import load_vocabulary

FORMULA = r'^="(.*)"$'
"""How programs write a text for Excel, so that it keeps its zeros: `="0501234567"`."""

_LONGEST = 40
_FORMULA = re.compile(FORMULA, re.DOTALL)
# In brackets or between lines, as in (none) and -None-.
_AROUND = "()[]{}<>-\u2013\u2014 \"'"
_PARTS = frozenset({"email", "phone", "mobile", "name", "first", "last", "number", "address"})
_SIGNS = frozenset("~=+|^`")


def is_null(text: str) -> bool:
    """
    Return whether a cell holds what people write where there is no value.

    That is a word for it, punctuation alone, a day that databases write where they have none, or
    that there is no email address, phone or name.

    >>> [is_null(text) for text in ("n/a", "- -", "????", "(no email)", "-None-", "No. 5", "")]
    [True, True, True, True, True, False, False]
    """
    written = text.strip().casefold()
    if not written or len(written) > _LONGEST:
        return False
    bare = written.strip(_AROUND)
    nulls = _nulls()
    if written in nulls or bare in nulls or all(map(_is_punctuation, written)):
        return True
    if _no_days().fullmatch(written):
        return True
    lacking = _lacking().fullmatch(bare)
    return lacking is not None and _is_part(lacking[1])


@cache
def _nulls() -> frozenset[str]:
    return frozenset(load_table("values")["nulls"])


@cache
def _lacking() -> re.Pattern[str]:
    words = "|".join(load_table("values")["lacking"])
    return re.compile(rf"(?:{words})\b[\W_]*(\w.{{0,30}})")


@cache
def _no_days() -> re.Pattern[str]:
    days = "|".join(f"(?:{one})" for one in load_table("values")["no_days"])
    return re.compile(rf"(?:{days})(?:[t ](?:00?|12):00(?::00(?:\.0+)?)?(?: ?am)?z?)?")


def _is_punctuation(sign: str) -> bool:
    return sign.isspace() or sign in _SIGNS or unicodedata.category(sign)[0] == "P"


@lru_cache(maxsize=1024)
def _is_part(words: str) -> bool:
    """Return whether words name how a person is called or reached, and nothing else."""
    meant = load_vocabulary().parse(words, {}, "")
    is_known = bool(meant.meanings) and not meant.unknown and meant.ordinal == 1
    return is_known and meant.meanings <= _PARTS


def given(values: Iterable[str]) -> list[str]:
    """
    Return the values that are not empty, without the space around them.

    >>> given([" Omar", ""])
    ['Omar']
    """
    return [text for one in values if (text := one.strip())]


def share(test: Callable[[str], object], values: Iterable[str]) -> float:
    """
    Return the share of the values that pass a test, from 0 to 1. Empty ones do not count.

    >>> share(str.isdigit, ["1", "two", " 3 ", ""])
    0.6666666666666666
    """
    texts = given(values)
    return sum(1 for text in texts if test(text)) / len(texts) if texts else 0.0


def without_formulas(values: Sequence[str]) -> Sequence[str]:
    """Return values without the `="…"` that keeps them texts in Excel."""
    if not any(text.startswith('="') for text in values):
        return values
    return [_FORMULA.sub(r"\1", text.strip()) for text in values]


def null_words(
    values: Iterable[str], *, are_texts: bool = False, are_names: bool = False
) -> list[str]:
    """
    Return the values that people write for an empty cell: `n/a`, `-`, `0/0/00`.

    Among texts a single word may be meant as it is: there are people called Null and Na. Names, on
    the other hand, have words for nobody (`are_names`): `Vacant`, `Same as above`.
    """
    texts = {text.strip() for text in values}
    found = {text for text in texts if is_null(text) and not (are_texts and text.isalpha())}
    nobody = load_table("values")["nobody"] if are_names else ()
    return sorted(found | {text for text in texts if text.casefold() in nobody})
