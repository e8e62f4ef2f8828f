"""Ways in which people and programs write one and the same thing: names, numbers, ids, dates."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date

__all__ = [
    "DATES",
    "IDS",
    "NAMES",
    "NUMBERS",
    "UNREADABLE_NAMES",
    "Writing",
    "words",
]

Writing = Callable[[str], str]
_WITHOUT_MARK = str.maketrans("øØłŁıİđĐ", "oOlLiIdD") | {ord("ß"): "ss", ord("æ"): "ae"}
_GERMAN = {
    "ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ß": "ss", "ø": "oe",
    "å": "aa",
}  # fmt: skip
_ARABIC = str.maketrans({"ة": "ه", "ي": "ی", "ى": "ي", "أ": "ا", "إ": "ا", "ك": "ک"})
_UNSEEN = {"Cf", "Cc"}
"""Sorts of letters that nobody sees, and that may be left out when a name is sent."""
_TATWEEL = "\u0640"


def words(text: str) -> tuple[str, ...]:
    """Return the words of a name, in an order that does not depend on theirs."""
    seen = "".join(letter for letter in text if unicodedata.category(letter) not in _UNSEEN)
    return tuple(sorted(re.split(r"[\s,]+", unicodedata.normalize("NFC", seen).strip(" ,"))))


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.translate(_WITHOUT_MARK))
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _in_german(text: str) -> str:
    return "".join(_GERMAN.get(letter, letter) for letter in text)


def _mojibake(text: str) -> str:
    """Return UTF-8 that was read as Windows' Latin letters, where each byte is one of them."""
    try:
        return text.encode("utf-8").decode("cp1252")
    except UnicodeDecodeError:
        return text


def _stretched(text: str) -> str:
    """Return an Arabic name with a stroke between its first two letters."""
    return f"{text[0]}{_TATWEEL}{text[1:]}" if "\u0620" <= text[:1] <= "\u064a" else text


def _joined(text: str) -> str:
    return text.replace(" ", "").replace("-", "")


def _with_question_marks(text: str) -> str:
    """Return a name that went through an old program; one of which nothing is left stays."""
    lossy = text.encode("ascii", "replace").decode()
    return lossy if lossy.count("?") <= 2 else text


def _misspelt(text: str) -> str:
    return f"{text[:2]}{text[1:]}"


NAMES: dict[str, Writing] = {
    "names in capitals": str.upper,
    "names in small letters": str.lower,
    "names without accents": _without_accents,
    "names with ue for ü": _in_german,
    "names as mojibake": _mojibake,
    "names with accents apart": lambda text: unicodedata.normalize("NFD", text),
    "names with other Arabic letters": lambda text: text.translate(_ARABIC),
    "names with tatweel": _stretched,
    "names with joined words": _joined,
    "names with question marks": _with_question_marks,
    "names misspelt": _misspelt,
}
UNREADABLE_NAMES = {"names with question marks", "names misspelt"}
"""With these a name agrees with itself in no way that could be computed."""


def _scientific(text: str) -> str:
    """Return a long number as a spreadsheet program shows it: its last digits are lost."""
    digits = text.lstrip("+").replace(" ", "")
    return f"{int(digits):.5E}" if digits.isdecimal() and len(digits) > 11 else text


def _number(text: str) -> str:
    """Return a number as a spreadsheet program reads it: without leading zeros or a plus."""
    digits = text.lstrip("+").replace(" ", "")
    return str(int(digits)) if digits.isdecimal() else text


def _local(text: str) -> str:
    return f"0{text.removeprefix('+971')}" if text.startswith("+971") else text


NUMBERS: dict[str, Writing] = {
    "numbers without zeros": lambda text: _number(_local(text)),
    "numbers as numbers": _number,
    "numbers written locally": _local,
    "numbers with blanks": lambda text: f"{text[:4]} {text[4:6]} {text[6:]}" if text else "",
    "numbers cut": _scientific,
}


IDS: dict[str, Writing] = {"ids without zeros": _number, "ids cut": _scientific}


def _date(shape: str) -> Writing:
    return lambda text: date.fromisoformat(text).strftime(shape) if text else ""


DATES: dict[str, Writing] = {"dates by day": _date("%d/%m/%Y"), "dates in words": _date("%d-%b-%y")}
