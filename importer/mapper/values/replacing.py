"""Replaces what matches patterns, in time proportional to the text, whatever the pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from importer.core.locale.message import Message

_REMEMBERED = 8192
_SPECIAL = re.compile(r"([.*+?^$(){}\[\]|\\])")


def check_replacement(pattern: str, text: str) -> None:
    """Raise `ValueError` for a pattern or a text with a `$` that cannot be used."""
    from polars.exceptions import ComputeError

    try:
        _replaced("", pattern, text)
    except ComputeError as error:
        why = " ".join(str(error).split())
        raise ValueError(
            Message(
                "%(value)s is not a pattern that can be used: %(text)s", value=pattern, text=why
            )
        ) from None


def literal(text: str) -> str:
    r"""
    Return the pattern that matches a text as it is.

    >>> literal("a/b (1)")
    'a/b \\(1\\)'
    """
    return _SPECIAL.sub(r"\\\1", text).replace("\n", r"\n")


def replacer(pairs: Sequence[tuple[str, str]]) -> Callable[[str], str]:
    """
    Return a function that applies each pattern to a text, one after the other.

    Patterns are Rust's regular expressions, without backreferences and look-around, so that the
    time depends only on the length of the text. `$1` or `${name}` is a group.
    """

    @lru_cache(maxsize=_REMEMBERED)
    def replace(text: str) -> str:
        for pattern, other in pairs:
            text = _replaced(text, pattern, other)
        return text.strip()

    return replace


def _replaced(text: str, pattern: str, other: str) -> str:
    import polars as pl

    column = pl.Series([text], dtype=pl.String)
    return str(column.str.replace_all(pattern, other)[0])
