"""Replaces the escapes in JSON by those of canonical JSON, in a whole text at once."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache

import polars as pl

from importer.core.keys import json_string

ESCAPED_QUOTE = "\x02"
"""What `without_escapes` returns for an escaped quote."""

_ESCAPE = r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|(?s:.))"
_ESCAPES = re.compile(_ESCAPE)
# A backslash that is escaped begins no other escape; so it is always among those looked for.
_ALWAYS = {r"\\", r"\""}
_TRIES = 2
_LETTERS_AN_ESCAPE = 16
_MOST = 64
_LAST_OF_JSON = "~"


def escapes_in(sample: str) -> set[str] | None:
    """Return the different escapes in a text, None if parsing is faster for their number."""
    found = _ESCAPES.findall(sample)
    different = set(found)
    few = len(found) * _LETTERS_AN_ESCAPE <= len(sample) and len(different) <= _MOST
    return different if few else None


def without_escapes(text: pl.Series, likely: Iterable[str]) -> pl.Series | None:
    r"""
    Return `text` with only the escapes of canonical JSON, and escaped quotes marked.

    Each escape is replaced by characters that can only be a part of a value or a name, so the
    structure of the text stays the same; if that cannot be guaranteed, the result is None. `\"`
    becomes `ESCAPED_QUOTE`, which must not be in the text before: all quotes that are left begin or
    end a value or a name. It takes longer if there are escapes that are not in `likely`.
    """
    wanted = _ALWAYS | set(likely)
    for _ in range(_TRIES):
        known = {escape: char for escape in wanted if (char := _canonical(escape)) is not None}
        if len(known) < len(wanted):
            return None
        plain = text.str.replace_many(known)
        left = _escapes_left(plain)
        if all(_canonical(escape) == escape for escape in left):
            return plain
        wanted |= left
        if len(wanted) > _MOST:
            return None
    return None


def _escapes_left(text: pl.Series) -> set[str]:
    escapes = pl.col("text").str.extract_all(_ESCAPE).explode().drop_nulls().unique()
    return set(text.to_frame("text").select(escapes)["text"])


@lru_cache(maxsize=4096)
def _canonical(escape: str) -> str | None:
    """Return what replaces an escape, None if that may be more than a part of a text."""
    try:
        char = json.loads(f'"{escape}"')
        char.encode()
    except ValueError:  # it is not an escape, or half of a surrogate pair
        return None
    if char == '"':
        return ESCAPED_QUOTE
    written = json_string(char)[1:-1]
    return written if written[0] == "\\" or char == "/" or char > _LAST_OF_JSON else None
