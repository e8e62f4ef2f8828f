"""Finds which of the words that a field allows a word of a list means, or a header."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from importer.mapper.data import load_table
from importer.mapper.headers.tokens import tokenize
from importer.mapper.schema.object_schema import FieldSpec

_MOST_WORDS = 4


def allowed_word(text: str, spec: FieldSpec) -> str | None:
    """Return the word of a field that a text can only mean, or None."""
    form = _form(text)
    return _forms(tuple(spec.enum)).get(form) if form else None


def likely_word(text: str, spec: FieldSpec) -> str | None:
    """Return the word of a field that a text mostly means, or None."""
    mostly = load_table("values")["mostly"].get(_form(text), "")
    return allowed_word(mostly, spec)


def word_in_header(header: str, spec: FieldSpec) -> str | None:
    """Return the word of a field that is in a header, such as `no_show` in `Marked as No-Show`."""
    words = tokenize(header)
    for length in range(_MOST_WORDS, 0, -1):
        for at in range(len(words) - length + 1):
            if (found := allowed_word(" ".join(words[at : at + length]), spec)) is not None:
                return found
    return None


def _form(text: str) -> str:
    return "".join(tokenize(text))


@cache
def _forms(enum: tuple[str, ...]) -> Mapping[str, str]:
    """Return the word of a field by the forms of the words that mean it."""
    found = {_form(word): word for word in enum}
    for meant, listed in load_table("values")["same"].items():
        if meant in enum:
            found |= {_form(word): meant for word in listed}
    return found
