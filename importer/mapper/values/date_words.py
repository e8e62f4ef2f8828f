"""Month names and words for the halves of the day, in the languages lists come in."""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from functools import lru_cache
from importlib.resources import files

from importer.mapper.values.text import fold

__all__ = ["has_month_name", "in_english"]

# The day periods of CLDR, and other forms that people write.
_HALVES = {
    "am": "am a.m. a.m a._m. ص صباحا صباحاً öö sabah du_matin vorm. до_полудня पूर्वाह्न صبح",
    "pm": "pm p.m. p.m p._m. م مساء مساءً ös akşam du_soir nachm. после_полудня अपराह्न شام",
}


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    table = files("importer.mapper.values").joinpath("months.tsv").read_text(encoding="utf-8")
    months: dict[str, int] = {}
    for line in table.splitlines():
        if not line.startswith("#"):
            number, *names = line.split("\t")
            months |= {fold(name): int(number) for name in names}
    return months


@lru_cache(maxsize=1)
def _half_days() -> dict[str, str]:
    return {
        fold(word.replace("_", " ")): half
        for half, words in _HALVES.items()
        for word in words.split()
    }


@lru_cache(maxsize=4)
def _any_of(kind: str) -> re.Pattern[str]:
    words = _months() if kind == "months" else _half_days()
    longest_first = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    return re.compile(rf"(?<![^\W\d_])(?:{longest_first})(?![^\W\d_])")


def has_month_name(text: str) -> bool:
    """Return whether a text names a month, in any of the languages."""
    return _any_of("months").search(fold(text)) is not None


def in_english(text: str, format_: str) -> str:
    """Return a text with month and half of the day in the English words that strptime reads."""
    names = month_name if "%B" in format_ else month_abbr
    text = fold(text)
    if "%B" in format_ or "%b" in format_:
        text = _any_of("months").sub(lambda found: names[_months()[found[0]]], text, count=1)
    if "%p" in format_:
        text = _any_of("halves").sub(lambda found: _half_days()[found[0]], text, count=1)
    return text
