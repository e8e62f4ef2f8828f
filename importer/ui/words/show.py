"""How values of a list, numbers and times are shown on the page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import PurePath
from typing import Any

from markupsafe import Markup

from importer.core.locale.gaps import TextForm
from importer.core.locale.message import Message
from importer.core.locale.titles import word_title
from importer.core.shared import HIDDEN, shortened
from importer.core.verdict import Verdict
from importer.report.report_words import Words

_LONGEST_LABEL = 80
_SIGNS = {"\n": "⏎", "\r": "", "\t": "⇥"}


def harmless(text: str) -> str:
    """Return a text with each invisible character that changes what is shown as a visible sign."""
    return HIDDEN.sub(lambda found: _SIGNS.get(found[0], f"⟨{ord(found[0]):04X}⟩"), text)


_EXAMPLE = datetime(2024, 12, 31, 14, 30)  # noqa: DTZ001 - it is of no place
_FORM = re.compile(r"%[aAbBdHIjmMpSyYz](?:[^\w%]*%[aAbBdHIjmMpSyYz])+")
_GAP = re.compile(r"%\((\w+)\)s")
_OF_A_ROW = ("value", "found", "text")
"""The gaps with something of one row: a value, a number of cells, words of the service."""


def _shown(form: TextForm, value: object) -> str | None:
    """Return a file without where the page keeps it, and the form of a date as an example."""
    if form is TextForm.FILE:
        return PurePath(str(value)).name
    if form is TextForm.DATE:
        return _FORM.sub(lambda found: _EXAMPLE.strftime(found[0]), str(value))
    return None


def _begins_with_words(message: Message) -> bool:
    """Return whether a message begins with words of the importer, and not with a name."""
    found = _GAP.match(message.code)
    if found is None:
        return True
    value = message.values.get(found[1])
    first = value[0] if isinstance(value, list) and value else value
    return isinstance(first, Message) and _begins_with_words(first)


def _has_value(message: str) -> bool:
    """Return whether a message has something of one row, so that it is an example for others."""
    if not isinstance(message, Message):
        return False
    return any(message.value_of(name) is not None for name in _OF_A_ROW)


class Show(Words):
    """Shows values in one language, as filters and functions of templates."""

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        """Return the filters by their names in templates."""
        return {
            "n": self.language.number,
            "digits": lambda number: self.language.in_digits(str(number)),
            "percent": self.language.percent,
            "cell": self.cell,
            "plain": lambda text: harmless(text[:_LONGEST_LABEL]),
            "field": self.field,
            "object": self.object,
            "example": _EXAMPLE.strftime,
            "word": lambda word: word_title(word, self.language),
            "moment": self.moment,
            "duration": self.duration,
            "size": self.size,
            "said": self.said,
            "sentence": self.sentence,
            "has_value": _has_value,
            "hint": self.hint,
            "verdict": self.verdict,
        }

    def cell(self, text: Any, longest: int = 80) -> Markup:
        """Return a value of a list: isolated, harmless, and cut if it is long."""
        shown = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False, default=str)
        return Markup("<bdi>{}</bdi>").format(harmless(shortened(shown, longest)))

    def verdict(self, form: Any) -> str:
        """Return a verdict that was kept as JSON, in words."""
        found = Verdict.from_json(form)
        if found is None:
            return ""
        why = None if found.why is None else found.why.plain()
        return harmless(replace(found, why=why).words(self.language))

    def said(self, message: str | None) -> Markup:
        """Return a message in this language; what has no words in it is shown as it is."""
        found = message.plain() if isinstance(message, Message) else message
        if not found or (isinstance(found, Message) and found.is_in(self.language)):
            return self.hint(message)
        return Markup('<bdi lang="en">{}</bdi>').format(harmless(found))

    def sentence(self, message: str | None) -> Markup:
        """Return a message as `said`, with a capital unless it begins with a name."""
        said = self.said(message)
        if isinstance(message, Message) and _begins_with_words(message.plain()):
            return said[:1].upper() + said[1:]
        return said

    def hint(self, message: str | None) -> Markup:
        """
        Return what the importer proposes, without what is about commands alone.

        A hint that has no words in this language is left out.
        """
        found = message.plain() if isinstance(message, Message) else None
        if found is None or not found.is_in(self.language):
            return Markup()
        return Markup("{}").format(harmless(found.words(self.language, _shown)))

    def size(self, count: int) -> str:
        """Return the size of a file."""
        if count < 1_000_000:
            return self.language.gettext("%(number)s KB") % {
                "number": self.language.number(max(1, count // 1000))
            }
        number = self.language.number(count / 1_000_000, 1)
        return self.language.gettext("%(number)s MB") % {"number": number}
