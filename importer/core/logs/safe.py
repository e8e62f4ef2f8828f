"""Tells codes and names from what might be a value of a list."""

from __future__ import annotations

import re

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)


def known_word(word: str | None) -> str | None:
    """
    Return an error code or the name of a field, or "other" if it could be anything else.

    A CRM chooses its own words, and could quote a value instead.

        >>> known_word("validation_error"), known_word("omar@example.com is taken")
        ('validation_error', 'other')
    """
    return word if word is None or _WORD.fullmatch(word) else "other"
