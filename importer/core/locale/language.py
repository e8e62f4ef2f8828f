"""One language: its texts, its direction, and how it writes numbers, dates and times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Literal

from importer.core.locale.catalogue import Catalogue, read_catalogue

LANGUAGES: Mapping[str, str] = {"en": "English", "ar": "العربية"}
"""The languages there are, each by the name it has for itself."""

_FOLDER = Path(__file__).resolve().parent


def N_(text: str) -> str:  # noqa: N802 - gettext's name for a text that is translated later
    """Return a text as it is: the call marks it for the catalogues."""
    return text


_DIGITS = N_("0123456789,.%")
_MONTHS = (
    N_("January"), N_("February"), N_("March"), N_("April"), N_("May"), N_("June"),
    N_("July"), N_("August"), N_("September"), N_("October"), N_("November"), N_("December"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """
    A language with its texts. Texts without a translation are shown in English.

    How it writes digits, separators and dates, and in which direction, is in its texts too.
    The methods with names of gettext's are what jinja2's `i18n` extension needs.
    """

    code: str
    texts: Catalogue

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """The direction of its script, for the `dir` of a page."""
        return "rtl" if self.pgettext("direction", "ltr") == "rtl" else "ltr"

    def gettext(self, message: str) -> str:
        """Return a text in this language."""
        return self.texts.find(message) or message

    def pgettext(self, context: str, message: str) -> str:
        """Return a text in this language that means something else in other contexts."""
        return self.texts.find(message, context=context) or message

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        """Return the form of a text that goes with a number."""
        found = self.texts.find(singular, number=number)
        return found or (singular if number == 1 else plural)

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number as it is written here: with separators, and so many decimals."""
        return self.in_digits(f"{value:,.{digits}f}")

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share of 1 in percent."""
        text = self.gettext("%(number)s %%") % {"number": f"{100 * share:,.{digits}f}"}
        return self.in_digits(text)

    def in_digits(self, text: str) -> str:
        """Return a text of digits with the digits and separators that are used here."""
        return text.translate(str.maketrans(_DIGITS, self.gettext(_DIGITS)))

    def date(self, day: date) -> str:
        """Return a day with the name of its month."""
        return self.gettext("%(day)s %(month)s %(year)s") % {
            "day": self.in_digits(str(day.day)),
            "month": self.gettext(_MONTHS[day.month - 1]),
            "year": self.in_digits(str(day.year)),
        }

    def time(self, at: datetime) -> str:
        """Return the hour and minute of a time."""
        return self.in_digits(f"{at:%H:%M}")

    def moment(self, at: datetime) -> str:
        """Return the day, hour and minute of a time."""
        return self.gettext(", ").join((self.date(at), self.time(at)))


@cache
def language(code: str) -> Language:
    """Return a language of `LANGUAGES`. Raises `KeyError` for any other."""
    if code not in LANGUAGES:
        raise KeyError(code)
    return Language(code, read_catalogue(sorted((_FOLDER / code).glob("*.po"))))
