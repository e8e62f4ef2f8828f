"""
Finds the format of one date that is written with words, or by ISO 8601.

The words are the name of a month, or those of Chinese, Japanese and Korean behind year, month and
day: `2020年9月1日`, `2020년 9월 1일`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from importer.mapper.values.date_words import has_month_name
from importer.mapper.values.dates import check_format, date_reader
from importer.mapper.values.text import BadValue

__all__ = ["has_words_for_parts", "iso_format", "worded_format"]

_ISO = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?P<gap>[Tt ])[0-9]{2}:[0-9]{2}(?P<second>:[0-9]{2})?"
    r"(?P<fraction>\.[0-9]{1,6})?(?P<space> ?)(?P<offset>[Zz]|[+-][0-9]{2}:?[0-9]{2})?"
)
# What stands behind a number in Chinese, Japanese and Korean: year, month, day, hour and so on.
_BEHIND = {
    **dict.fromkeys("年년", "%Y"), **dict.fromkeys("月월", "%m"), **dict.fromkeys("日号號일", "%d"),
    **dict.fromkeys("時时点點시", "%H"), **dict.fromkeys("分분", "%M"),
    **dict.fromkeys("秒초", "%S"),
}  # fmt: skip
_OF_PARTS = re.compile(r"[0-9]{4} ?[年년] ?[0-9]{1,2} ?[月월]")
_PART = re.compile(
    rf"(?P<part>[0-9]+ ?)(?P<behind>[{''.join(_BEHIND)}])"
    r"|(?P<time>[0-9]{1,2}:[0-9]{2}(?P<second>:[0-9]{2})?(?P<fraction>\.[0-9]{1,6})?"
    r"(?P<space> ?)(?P<half>[AaPp]\.?[Mm]\b\.?)?)"
    r"|(?P<offset>[+-][0-9]{2}:?[0-9]{2}\b|\bZ\b)|(?P<number>[0-9]+)|(?P<word>[^\W\d_]+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_DAYS = frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
_SHORT_DAYS = frozenset(day[:3] for day in _DAYS)
_SHORT_MONTH = 4
_YEAR = 4


def iso_format(written: str) -> str | None:
    """Return the strptime format of a time in ISO 8601, or None for anything else."""
    match = _ISO.fullmatch(written)
    if match is None:
        return None
    time = "%H:%M" + (":%S" if match["second"] else "")
    time += ".%f" if match["fraction"] else ""
    time += f"{match['space']}%z" if match["offset"] else ""
    return _if_read(f"%Y-%m-%d{match['gap']}{time}", written)


def has_words_for_parts(written: str) -> bool:
    """Return whether a text has a year and a month with their words, as in `2020年9月1日`."""
    return _OF_PARTS.search(written) is not None


def worded_format(written: str) -> str | None:
    """
    Return the strptime format of a date that is written with words, or None if there is none.

        >>> worded_format("16 Apr, 2021 00:02:00"), worded_format("2020年09月01日 10:30")
        ('%d %b, %Y %H:%M:%S', '%Y年%m月%d日 %H:%M')
    """
    return _if_read("".join(_pieces(written)), written)


def _pieces(written: str) -> Iterator[str]:
    has_day = False
    for match in _PART.finditer(written):
        number, word = match["number"], match["word"]
        if match["behind"]:
            is_year = len(match["part"].strip()) == _YEAR
            form = _BEHIND[match["behind"]]
            # A year of an era, such as 令和2年, is none of the Gregorian calendar.
            fits = is_year == (form == "%Y")
            yield form + match[0][len(match["part"].strip()) :] if fits else match[0]
        elif match["time"]:
            yield _time(match)
        elif match["offset"]:
            yield "%z"
        elif number and len(number) == _YEAR:
            yield "%Y"
        elif number:
            yield "%y" if has_day else "%d"
            has_day = True
        elif word and has_month_name(word):
            yield "%b" if len(word) <= _SHORT_MONTH else "%B"
        elif word and word.casefold() in _DAYS | _SHORT_DAYS:
            yield "%A" if word.casefold() in _DAYS else "%a"
        else:
            yield match[0].replace("%", "%%")


def _time(match: re.Match[str]) -> str:
    form = ("%I" if match["half"] else "%H") + ":%M"
    form += ":%S" if match["second"] else ""
    form += ".%f" if match["fraction"] else ""
    return form + match["space"] + ("%p" if match["half"] else "")


def _if_read(form: str, written: str) -> str | None:
    try:
        check_format(form)
        date_reader((form,))(written)
    except (BadValue, ValueError):
        return None
    return form
