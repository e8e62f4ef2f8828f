"""Says sentences of the importer, which are in English, in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from importer.core.locale.language import Language
from importer.core.locale.said import (
    KINDS,
    LOOKS,
    OTHER_KIND,
    OTHER_REASON,
    REASONS,
    SENTENCES,
)
from importer.core.locale.titles import field_title, word_title

__all__ = ["translated"]

_HOLE = re.compile(r"%\((\w+)\)s")
_OF_FIELD = re.compile(r"(\w+): (?=\1: )")
_OF_FILE = re.compile(r"([^:]*[./][^:]*): (.+)", re.DOTALL)
_MOST_PARTS = 12
_INSIDE = {"meanings": "[^;]+?", "date": r"[\d-]+"}
"""What is in a gap that other sentences may follow; other values may have any sign in them."""


def translated(sentence: str, language: Language) -> str | None:
    """
    Return a sentence of the importer in another language, or None if that is not known.

    Of a sentence that is known up to its reason, the reason is said in general. What a service has
    added to a sentence that is known is left out.
    """
    if language.code == "en":
        return _OF_FIELD.sub("", sentence)
    parts = sentence.split("; ")
    if len(parts) > _MOST_PARTS:
        return _one(sentence, language, is_exact=False)
    # A value in a sentence may have the sign that is between two sentences: longest first.
    longest_first = [*range(len(parts), 0, -1)]
    exact = _joined(parts, longest_first, language, is_exact=True)
    about = _joined(parts, longest_first[::-1], language, is_exact=False)
    return exact or about or _without_end(sentence, language)


def _without_end(sentence: str, language: Language) -> str | None:
    """Return a sentence that is known up to what a service has added to it."""
    known, added, _ = sentence.rpartition(": ")
    return _one(known, language, is_exact=True) or _without_end(known, language) if added else None


def _joined(
    parts: Sequence[str], counts: Sequence[int], language: Language, *, is_exact: bool
) -> str | None:
    said: list[str] = []
    at = 0
    while at < len(parts):
        for count in counts:
            if at + count > len(parts):
                continue
            found = _one("; ".join(parts[at : at + count]), language, is_exact=is_exact)
            if found is not None:
                said.append(found)
                at += count
                break
        else:
            return None
    return "؛ ".join(said)


def _one(sentence: str, language: Language, *, is_exact: bool) -> str | None:
    """Return one sentence, which may be about one field of several or about one file."""
    sentence = _OF_FIELD.sub("", sentence, count=1)
    found = _known(sentence, SENTENCES, language, is_exact=is_exact)
    if found is not None:
        return found
    of_file = _OF_FILE.fullmatch(sentence)
    if of_file is None:
        return None
    rest = _known(of_file[2], SENTENCES, language, is_exact=is_exact)
    return None if rest is None else f"{of_file[1]}: {rest}"


@cache
def _patterns(messages: Sequence[str]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(_pattern(message), re.DOTALL), message) for message in messages]


def _pattern(message: str) -> str:
    parts = _HOLE.split(message)
    texts, names = parts[::2], parts[1::2]
    body = re.escape(texts[0])
    for name, text in zip(names, texts[1:], strict=True):
        body += f"(?P<{name}>{_INSIDE.get(name, '.+?')}){re.escape(text)}"
    return body.replace(r"\(column\ ", r"\(columns?\ ")


def _known(
    sentence: str, messages: Sequence[str], language: Language, *, is_exact: bool
) -> str | None:
    for pattern, message in _patterns(messages):
        found = pattern.fullmatch(sentence)
        if found is None:
            continue
        shown = language.gettext(message)
        gaps = {
            name: _gap(name, text, language, is_exact=is_exact)
            for name, text in found.groupdict().items()
        }
        if shown != message and None not in gaps.values():
            return shown % gaps
    return None


def _gap(name: str, text: str, language: Language, *, is_exact: bool) -> str | None:
    """Return what fills a gap: names of fields, kinds of values and reasons are said as well."""
    say = _GAPS.get(name)
    if say is not None:
        return say(text, language)
    if name == "what":
        return _known(text, SENTENCES, language, is_exact=is_exact)
    if name in {"reason", "why"}:
        known = _known(text, REASONS, language, is_exact=True)
        return known if known is not None or is_exact else language.gettext(OTHER_REASON)
    return text


def _looks(text: str, language: Language) -> str:
    return language.gettext(text) if text in LOOKS else text


def _kind(text: str, language: Language) -> str:
    return language.gettext(text if text in KINDS else OTHER_KIND)


def _nothing(_text: str, _language: Language) -> str:
    return ""


def _words(text: str, language: Language) -> str:
    return ", ".join(word_title(one, language) for one in text.split(", "))


def _fields(text: str, language: Language) -> str:
    return "، ".join(field_title(one, language) for one in text.split(", "))


_GAPS: Mapping[str, Callable[[str, Language], str]] = {
    "looks": _looks,
    "looked": _looks,
    "kind": _kind,
    "place": _nothing,  # the code of a country
    "meanings": _nothing,  # words of the importer's own vocabulary
    "words": _words,
    "field": _fields,
    "fields": _fields,
}
