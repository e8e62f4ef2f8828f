"""Removes the values of a list from texts, to log and to send them."""

from __future__ import annotations

import re

from importer.core.errors import ImporterError, ListDiffers

_QUOTED = re.compile(
    r"""(?<!\w)'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|“[^”]*”|(?<!\w)['"“].*""", re.DOTALL
)
"""
Values are in quotes in all messages of the importer. An apostrophe within a word is no quote; after
a quote that is not closed, nothing is kept.
"""
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}", re.ASCII)


def without_values(message: str) -> str:
    """
    Return a message of the importer without quoted values and names of columns.

        >>> without_values("email: 'omar at home' is not an email address")
        'email: … is not an email address'
    """
    return _QUOTED.sub("…", message)


def cause_of(error: ImporterError) -> str:
    """
    Return why a run ended, without values of its list and without the words of a server.

        >>> from importer.core.errors import SourceError
        >>> cause_of(SourceError("list.csv has no column 'Omar'"))
        'list.csv has no column …'
    """
    if isinstance(error, ListDiffers) and error.cause is not None:
        return error.cause  # what it has in quotes are names of columns, from the mapping
    return without_values(error.message if error.cause is None else error.cause)


def known_word(word: str | None) -> str | None:
    """
    Return an error code or the name of a field, or "other" if it could be anything else.

    A CRM chooses its own words, and could quote a value instead.

        >>> known_word("validation_error"), known_word("omar@example.com is taken")
        ('validation_error', 'other')
    """
    return word if word is None or _WORD.fullmatch(word) else "other"
