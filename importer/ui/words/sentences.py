"""Says sentences of the importer, which are in English, in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

from importer.locale import Language
from importer.ui.words.fields import N_

__all__ = ["translated"]

_HOLE = re.compile(r"%\((\w+)\)s")

SENTENCES: Sequence[str] = (
    N_("the field's own name"),
    N_("a known header of the field"),
    N_("a header you gave the field"),
    N_("chosen by you"),
    N_("left out by you"),
    N_("no field has this meaning"),
    N_("the header has no meaning"),
    N_("the values look like %(looks)s"),
    N_("its words mean %(words)s"),
    N_("misspelt, but its words mean %(words)s"),
    N_("unknown words: %(words)s"),
    N_("no field for %(what)s"),
    N_("one of the importer's own columns"),
    N_("it is about another person than the row's"),
    N_("the header means %(secret)s: not sent unless you map it"),
    N_("the values are %(secret)s: not sent unless you map it"),
    N_("the header means %(field)s, but the values look like %(looks)s"),
    N_("the header does not say so, but the values look like %(looks)s"),
    N_("second choice for %(field)s, used where %(column)s is empty"),
    N_("another address: %(column)s is %(field)s already, and two must not be mixed"),
    N_("%(column)s fits %(field)s better"),
)
"""What the importer says of columns and values; each gap holds a value of the list or a word."""


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    found = []
    for sentence in SENTENCES:
        parts = _HOLE.split(sentence)
        texts, names = parts[::2], parts[1::2]
        body = re.escape(texts[0])
        for name, text in zip(names, texts[1:], strict=True):
            body += f"(?P<{name}>.+?){re.escape(text)}"
        found.append((re.compile(body, re.DOTALL), sentence))
    return found


def translated(sentence: str, language: Language) -> str | None:
    """Return a sentence of the importer in another language, or None if that is not known."""
    if language.code == "en":
        return sentence
    parts = [_one(part, language.gettext) for part in sentence.split("; ")]
    return None if None in parts else "؛ ".join(part for part in parts if part)


def _one(sentence: str, gettext: Callable[[str], str]) -> str | None:
    for pattern, message in _patterns():
        found = pattern.fullmatch(sentence)
        if found is not None:
            shown = gettext(message)
            return None if shown == message else shown % found.groupdict()
    return None
