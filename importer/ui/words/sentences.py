"""Says sentences of the importer, which are in English, in the language of the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from importer.locale import Language
from importer.ui.words.fields import N_, field_title

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
    N_("%(field)s: %(value)s (column %(column)s) is not a phone number."),
    N_("%(field)s: %(value)s (column %(column)s) is not a phone number: it has letters."),
    N_("%(field)s: %(value)s (column %(column)s) is not an email address: %(why)s."),
    N_("%(field)s: %(value)s (column %(column)s) holds more than one address."),
    N_("%(field)s: %(value)s (column %(column)s) is not a date in the form %(form)s."),
    N_("%(field)s: %(value)s (column %(column)s) is not a day or time that exists."),
    N_("%(field)s: %(value)s (column %(column)s) is not a time in the form %(form)s."),
    N_("%(field)s: %(value)s (column %(column)s) does not say its offset."),
    N_("%(field)s: %(value)s (column %(column)s) is not a number."),
    N_("%(field)s: %(value)s (column %(column)s) may be thousands or a fraction."),
    N_("%(field)s: %(value)s (column %(column)s) was rounded by a spreadsheet."),
    N_("%(field)s: %(value)s (column %(column)s) is not a web address."),
    N_("%(field)s: %(value)s (column %(column)s) %(reason)s."),
    N_("%(field)s: every %(object)s needs it, and there is no value (column %(column)s)."),
    N_("Every %(object)s needs at least one of %(fields)s, and the row has none."),
    N_("The row is empty: no mapped column has a value."),
    N_("%(expected)s cells expected, as in the header, and %(found)s found"),
    N_("Columns that are not mapped and not sent: %(columns)s."),
    N_("%(name)s: no such file"),
    N_("no file was chosen, or it is empty"),
    N_(
        "%(results)s is the results file of an import that has created %(created)s of the "
        "%(rows)s rows of %(name)s"
    ),
    N_("continue %(results)s"),
    N_("create all rows once more"),
    N_("it is the same import: continue it"),
    N_("it is another import: set the old results file aside"),
    N_("api_key: the key has characters that no API key has (spaces, line ends, …)"),
)
"""What the importer says of columns and values; each gap holds a value of the list or a word."""
_LOOKS: Sequence[str] = (
    N_("email addresses"),
    N_("web addresses"),
    N_("UUIDs"),
    N_("dates"),
    N_("times of day"),
    N_("phone numbers"),
    N_("numbers"),
    N_("other text"),
)
"""What values may look like."""


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
    parts = [_one(part, language) for part in sentence.split("; ")]
    return None if None in parts else "؛ ".join(part for part in parts if part)


def _one(sentence: str, language: Language) -> str | None:
    for pattern, message in _patterns():
        found = pattern.fullmatch(sentence)
        if found is not None:
            shown = language.gettext(message)
            gaps = {name: _gap(name, text, language) for name, text in found.groupdict().items()}
            return None if shown == message else shown % gaps
    return None


def _gap(name: str, text: str, language: Language) -> str:
    """Return what fills a gap: names of fields and kinds of values are said as well."""
    if name == "looks":
        return language.gettext(text) if text in _LOOKS else text
    if name in {"field", "fields"}:
        return "، ".join(field_title(one, language) for one in text.split(", "))
    return text
