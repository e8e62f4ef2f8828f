"""Tells which of two columns has the first names, where no header says so."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from importer.mapper.values.text import fold, folded_words

__all__ = ["is_last_first"]

_LOOKED_AT, _FEWEST, _CLEARLY = 500, 2, 2


def is_last_first(left: Sequence[str], right: Sequence[str], emails: Sequence[str]) -> bool:
    """
    Return whether of two columns of names the right one has the first names.

    Email addresses show it, as most are written `first.last@` or `flast@`; else the column that
    has at least twice as many frequent first names as the other.
    """
    rows = list(islice(dict.fromkeys(zip(left, right, strict=True)), _LOOKED_AT))
    told = [_told(one, other, email) for one, other, email in zip(left, right, emails)]  # noqa: B905
    votes = sum(told)
    if abs(votes) >= _FEWEST:
        return votes < 0
    given = [sum(_is_given(row[at]) for row in rows) for at in (0, 1)]
    return given[1] >= max(_FEWEST, _CLEARLY * given[0] + 1)


def _told(left: str, right: str, email: str) -> int:
    """Return 1 if an address has the left name first, -1 if the right one, 0 if neither."""
    local = fold(email).partition("@")[0]
    one, other = (fold(text).replace(" ", "") for text in (left, right))
    if "@" not in email or not one or not other:
        return 0
    forward = local.startswith((f"{one}.", f"{one}_", f"{one[0]}.{other}", f"{one[0]}{other}"))
    back = local.startswith((f"{other}.", f"{other}_", f"{other[0]}.{one}", f"{other[0]}{one}"))
    return int(forward) - int(back)


def _is_given(text: str) -> bool:
    words = fold(text).split()
    return bool(words) and words[0] in folded_words("people", "first_names")
