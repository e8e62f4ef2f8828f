"""How values of a list, numbers and times are shown on the page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any

from markupsafe import Markup

from importer.core.locale import N_, Language
from importer.core.locale.gaps import Form
from importer.core.locale.message import Message
from importer.core.locale.titles import field_title, object_title, word_title
from importer.core.shared import HIDDEN
from importer.core.verdict import Verdict

_LONGEST_LABEL = 80
_SIGNS = {"\n": "⏎", "\r": "", "\t": "⇥"}


def harmless(text: str) -> str:
    """Return a text with each invisible character that changes what is shown as a visible sign."""
    return HIDDEN.sub(lambda found: _SIGNS.get(found[0], f"⟨{ord(found[0]):04X}⟩"), text)


_EXAMPLE = datetime(2024, 12, 31, 14, 30)  # noqa: DTZ001 - it is of no place
_ISO = "YYYY-MM-DD"
_FORM = re.compile(r"%[aAbBdHIjmMpSyYz](?:[^\w%]*%[aAbBdHIjmMpSyYz])+")
_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z`\u0600-\u06ff])")
_AND_AGAIN = re.compile(r",? (?:and|then) run the same command again\.|, then run the .*")
# Flags, variables, commands and files, for which the page has buttons.
_COMMAND = re.compile(
    r"--[a-z]|\b[A-Z]+_[A-Z_]+\b|vorel-import|\bcommands?\b|`|\bREF\b|failed file|toml| = "
)
_OF_A_ROW = ("value", "found", "text")
"""The gaps with something of one row: a value, a number of cells, words of the service."""
_FLAG = re.compile(r"--([a-z]+(?:-[a-z]+)*)")
_CONTROLS = {
    "encoding": N_("Encoding (if letters look wrong)"),
    "delimiter": N_("Cells are separated by"),
    "skip-lines": N_("Lines above the header"),
    "header-rows": N_("Rows of the header (0: there is none)"),
    "no-header": N_("Rows of the header (0: there is none)"),
    "sheet": N_("Sheet of a spreadsheet"),
    "record-path": N_("Where in JSON the list is"),
    "region": N_("Phone numbers without a country code are from"),
    "timezone": N_("Times are in the time zone of"),
}
"""What the page has in place of a flag of the command line, by its label."""


def _shown(form: Form, value: object) -> str | None:
    """Return a file without where the page keeps it, and the form of a date as an example."""
    if form is Form.FILE:
        return PurePath(str(value)).name
    if form is Form.DATE:
        return _FORM.sub(lambda found: _EXAMPLE.strftime(found[0]), str(value))
    return None


def _has_value(message: str) -> bool:
    """Return whether a message has something of one row, so that it is an example for others."""
    if not isinstance(message, Message):
        return False
    return any(message.value_of(name) is not None for name in _OF_A_ROW)


class Show:
    """Shows values in one language, as filters and functions of templates."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def filters(self) -> Mapping[str, Callable[..., Any]]:
        """Return the filters by their names in templates."""
        return {
            "n": self._language.number,
            "digits": lambda number: self._language.in_digits(str(number)),
            "percent": self._language.percent,
            "cell": self.cell,
            "plain": lambda text: harmless(text[:_LONGEST_LABEL]),
            "pretty": self.pretty,
            "field": lambda name: field_title(name, self._language),
            "object": lambda name: object_title(name, self._language),
            "example": _EXAMPLE.strftime,
            "word": lambda word: word_title(word, self._language),
            "moment": self.moment,
            "duration": self.duration,
            "size": self.size,
            "said": self.said,
            "has_value": _has_value,
            "hint": self.hint,
            "verdict": self.verdict,
        }

    def cell(self, text: Any, longest: int = 80) -> Markup:
        """Return a value of a list: isolated, harmless, and cut if it is long."""
        shown = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False, default=str)
        if len(shown) > longest:
            shown = shown[: longest - 1] + "…"
        return Markup("<bdi>{}</bdi>").format(harmless(shown))

    def pretty(self, value: Any) -> str:
        """Return JSON as it is sent, with line ends for people."""
        text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
        return "\n".join(harmless(line) for line in text.split("\n"))

    def verdict(self, form: Any) -> str:
        """Return a verdict that was kept as JSON, in words."""
        found = Verdict.from_json(form)
        if found is None:
            return ""
        return harmless(found.words(self._language))

    def said(self, message: str | None) -> Markup:
        """Return a message in this language; what has no code is shown as it is."""
        if not message:
            return Markup()
        if not isinstance(message, Message) or not message.is_in(self._language):
            return Markup('<bdi lang="en">{}</bdi>').format(harmless(message))
        return Markup("{}").format(
            harmless(self._with_controls(message.words(self._language, _shown)))
        )

    def hint(self, message: str | None) -> Markup:
        """
        Return what the importer proposes, without sentences for the command line alone.

        A hint that has no words in this language is left out.
        """
        if not isinstance(message, Message) or not message.is_in(self._language):
            return Markup()
        text = _AND_AGAIN.sub(", then continue.", message.words(self._language, _shown))
        sentences = (self._with_controls(one) for one in _END.split(text))
        said = [harmless(one) for one in sentences if not _COMMAND.search(one)]
        return Markup("{}").format(" ".join(said))

    def _with_controls(self, text: str) -> str:
        """Return a text with what there is on the page in place of flags and forms of dates."""
        text = text.replace(_ISO, _EXAMPLE.strftime("%Y-%m-%d"))
        return _FLAG.sub(
            lambda flag: (
                f"“{self._language.gettext(_CONTROLS[flag[1]])}”"
                if flag[1] in _CONTROLS
                else flag[0]
            ),
            text,
        )

    def moment(self, text: str | None) -> str:
        """Return an instant of a file as the time that it is here."""
        return "" if not text else self._language.moment(datetime.fromisoformat(text).astimezone())

    def duration(self, seconds: float) -> str:
        """Return how long something takes."""
        minutes = round(seconds / 60)
        if seconds < 90:
            count = max(0, round(seconds))
            text = self._language.ngettext("%(number)s second", "%(number)s seconds", count)
        elif minutes < 120:
            count = minutes
            text = self._language.ngettext("%(number)s minute", "%(number)s minutes", count)
        else:
            count = round(minutes / 60)
            text = self._language.ngettext("%(number)s hour", "%(number)s hours", count)
        return text % {"number": self._language.number(count)}

    def size(self, count: int) -> str:
        """Return the size of a file."""
        if count < 1_000_000:
            return self._language.gettext("%(number)s KB") % {
                "number": self._language.number(max(1, count // 1000))
            }
        number = self._language.number(count / 1_000_000, 1)
        return self._language.gettext("%(number)s MB") % {"number": number}
