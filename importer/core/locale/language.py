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
_ARABIC = str.maketrans("0123456789,.%", "٠١٢٣٤٥٦٧٨٩٬٫٪")  # noqa: RUF001
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def N_(text: str) -> str:  # noqa: N802 - gettext's name for a text that is translated later
    """Return a text as it is: the call marks it for the catalogues."""
    return text


@dataclass(frozen=True, slots=True)
class Language:
    """
    A language with its texts. Texts without a translation are shown in English.

    The methods with names of gettext's are what jinja2's `i18n` extension needs.
    """

    code: str
    texts: Catalogue

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """The direction of its script, for the `dir` of a page."""
        return "rtl" if self.code == "ar" else "ltr"

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

    def npgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        """Return the form of a text that goes with a number, in a context."""
        found = self.texts.find(singular, context=context, number=number)
        return found or (singular if number == 1 else plural)

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number as it is written here: with separators, and so many decimals."""
        return self.in_digits(f"{value:,.{digits}f}")

    def percent(self, share: float, digits: int = 0) -> str:
        """Return a share of 1 in percent."""
        sign = "%" if self.code == "ar" else " %"
        return self.in_digits(f"{100 * share:,.{digits}f}{sign}")

    def in_digits(self, text: str) -> str:
        """Return a text of digits with the digits and separators that are used here."""
        return text.translate(_ARABIC) if self.code == "ar" else text

    def date(self, day: date) -> str:
        """Return a day with the name of its month."""
        month = self.pgettext("month", _MONTHS[day.month - 1])
        return f"{self.in_digits(str(day.day))} {month} {self.in_digits(str(day.year))}"

    def time(self, at: datetime) -> str:
        """Return the hour and minute of a time."""
        return self.in_digits(f"{at:%H:%M}")

    def moment(self, at: datetime) -> str:
        """Return the day, hour and minute of a time."""
        return (
            f"{self.date(at)}, {self.time(at)}"
            if self.code != "ar"
            else (f"{self.date(at)}، {self.time(at)}")
        )


@cache
def language(code: str) -> Language:
    """Return a language of `LANGUAGES`. Raises `KeyError` for any other."""
    if code not in LANGUAGES:
        raise KeyError(code)
    return Language(code, read_catalogue(sorted((_FOLDER / code).glob("*.po"))))
