"""Says sentences of the importer, which are in English, in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from importer.locale import Language
from importer.ui.words.fields import field_title
from importer.ui.words.said import LOOKS, REASONS, SENTENCES

__all__ = ["translated"]

_HOLE = re.compile(r"%\((\w+)\)s")
_OF_FIELD = re.compile(r"(\w+): (?=\1: )")
_OF_FILE = re.compile(r"([^:]*[./][^:]*): (.+)", re.DOTALL)
_MOST_PARTS = 12


def translated(sentence: str, language: Language) -> str | None:
    """Return a sentence of the importer in another language, or None if that is not known."""
    if language.code == "en":
        return _OF_FIELD.sub("", sentence)
    parts = sentence.split("; ")
    if len(parts) > _MOST_PARTS:
        return _one(sentence, language)
    said: list[str] = []
    while parts:
        # A value in a sentence may have the sign that is between two sentences.
        for count in range(len(parts), 0, -1):
            found = _one("; ".join(parts[:count]), language)
            if found is not None:
                said.append(found)
                del parts[:count]
                break
        else:
            return None
    return "؛ ".join(said)


def _one(sentence: str, language: Language) -> str | None:
    """Return one sentence, which may be about one field of several or about one file."""
    sentence = _OF_FIELD.sub("", sentence, count=1)
    found = _known(sentence, SENTENCES, language)
    if found is not None:
        return found
    of_file = _OF_FILE.fullmatch(sentence)
    rest = _known(of_file[2], SENTENCES, language) if of_file is not None else None
    return f"{of_file[1]}: {rest}" if of_file is not None and rest is not None else None


@cache
def _patterns(messages: Sequence[str]) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(_pattern(message), re.DOTALL), message) for message in messages]


def _pattern(message: str) -> str:
    parts = _HOLE.split(message)
    texts, names = parts[::2], parts[1::2]
    body = re.escape(texts[0])
    for name, text in zip(names, texts[1:], strict=True):
        body += f"(?P<{name}>.+?){re.escape(text)}"
    return body.replace(r"\(column\ ", r"\(columns?\ ")


def _known(sentence: str, messages: Sequence[str], language: Language) -> str | None:
    for pattern, message in _patterns(messages):
        found = pattern.fullmatch(sentence)
        if found is None:
            continue
        shown = language.gettext(message)
        gaps = {name: _gap(name, text, language) for name, text in found.groupdict().items()}
        if shown != message and None not in gaps.values():
            return shown % gaps
    return None


def _gap(name: str, text: str, language: Language) -> str | None:
    """Return what fills a gap: names of fields, kinds of values and reasons are said as well."""
    if name == "looks":
        return language.gettext(text) if text in LOOKS else text
    if name == "what":
        return _known(text, SENTENCES, language)
    if name in {"reason", "why"}:
        return _known(text, REASONS, language) or text
    if name in {"field", "fields"}:
        return "، ".join(field_title(one, language) for one in text.split(", "))
    return text
