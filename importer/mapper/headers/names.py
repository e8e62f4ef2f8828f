"""Compares names: those that differ only in spelling, and those that were probably meant."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable

from importer.core.locale.message import Message

_TYPE = re.compile(r"(?:\.\$\w+)+$")
_KEPT = frozenset("LMN")  # letters, marks (such as Hindi and Arabic vowels) and numbers
_LONGEST = 1000
_CUTOFF = 0.65  # "fone" is close to "phone", "plate" is not close to "last_name"


def normalize_header(header: str) -> str:
    """Return a header without case, spaces, underscores and punctuation: `E-Mail` is `email`."""
    if header.isascii():  # thousands of phrases are compared with each list
        return "".join(filter(str.isalnum, header.lower()))
    folded = unicodedata.normalize("NFKC", header).casefold()
    return "".join(char for char in folded if unicodedata.category(char)[0] in _KEPT)


def without_type(header: str) -> str:
    """
    Return a header without the type of a value that MongoDB's Extended JSON writes behind it.

    >>> without_type("createdAt.$date"), without_type("born.$date.$numberLong")
    ('createdAt', 'born')
    """
    return _TYPE.sub("", header)


def closest(name: str, names: Iterable[str], *, cutoff: float = _CUTOFF) -> str | None:
    """
    Return the one of `names` that `name` was probably meant to be, or None.

    Names that nobody types, of more than a thousand characters, are left out: a list whose header
    is damaged has such, and each comparison would take a second.
    """
    by_form: dict[str, str] = {}
    for candidate in names:
        if len(candidate) > _LONGEST:
            continue
        by_form.setdefault(normalize_header(candidate), candidate)
    form = normalize_header(name)
    if form in by_form:
        return by_form[form]
    close = difflib.get_close_matches(form, by_form, n=1, cutoff=cutoff)
    return by_form[close[0]] if close else None


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a message to append to another, or "" if no name is close enough."""
    meant = meaning(name, names)
    return Message(" %(meant)s", meant=meant) if meant else ""


def meaning(name: str, names: Iterable[str], *, cutoff: float = _CUTOFF) -> str:
    """Return the same as a message by itself."""
    meant = closest(name, names, cutoff=cutoff)
    return Message("Did you mean %(value)s?", value=meant) if meant is not None else ""


def no_such_key(key: str, names: Iterable[str], otherwise: str = "") -> Message:
    """
    Return the fault of a key that a file may not have; `otherwise` follows if none is close.

    What stands before the last dot of a key says where it is.
    """
    meant = did_you_mean(key.rpartition(".")[2], names) or otherwise
    return Message("%(key)s: there is no such key.%(meant)s", key=key, meant=meant)
