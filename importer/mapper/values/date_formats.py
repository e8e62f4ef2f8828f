"""Finds the date formats of a column, and whether day and month can be told apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from importer.mapper.data import load_words
from importer.mapper.values.dates import (
    ISO,
    check_format,
    date_reader,
    datetime_reader,
    has_month_name,
    in_english,
    load_zone,
)
from importer.mapper.values.texts import fold, one_line, plain_digits, reads


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormats:
    """
    The formats of a column of dates.

    `formats` are those that a mapping needs to read every value, the most frequent first. Where no
    known formats read them all, it is empty and `kind` is None. `ambiguous` is True if the
    month could also come first, or a year of two digits (except before dots). Then `formats` has
    the day first, `others` has the other readings, and a person has to decide.
    """

    formats: tuple[str, ...] = ()
    kind: Literal["date", "datetime"] | None = None
    ambiguous: bool = False
    others: tuple[tuple[str, ...], ...] = ()


_NUMERIC = re.compile(
    r"(?P<one>[0-9]{1,4})(?P<mark>[/.-])(?P<two>[0-9]{1,2})(?P=mark)(?P<three>[0-9]{1,4})"
    r"(?P<rest>\D.*)?"
)
_TIME = re.compile(
    r"(?P<gap>,? |T)(?P<hour>[0-9]{1,2})(?:(?P<colon>[:.]| ?[hH] ?)(?P<minute>[0-9]{2})"
    r"(?P<second>:[0-9]{2})?(?P<fraction>\.[0-9]{1,6})?)?(?P<space> ?)(?P<word>[^\W\d_].*)?"
)
_NAMED_AND_TIME = re.compile(r"(?P<day>.*[^\W_])(?P<time>,? [0-9]{1,2}(?: ?[:.]| ?[^\W\d_]).*)")
_PRICE = re.compile(r"[0-9]+\.[0-9]+")
_DURATION = re.compile(r"[0-9]+ ?(?:hrs?|hours?)\.?", re.IGNORECASE)
_YEAR = 4
_FAR_YEARS = frozenset({"30", "31"})
_PIVOT = 69  # POSIX strptime: 69 to 99 are 1969 to 1999
_ISO_DAYS = {"iso-day": "%Y-%m-%d", "iso-day-compact": "%Y%m%d"}
_DAY_OF_LENGTH = {10: "%Y-%m-%d", 8: "%Y%m%d"}
# Numbers that are days from 1954 to 2064, and seconds from 2001 to 2033.
_SERIALS = {
    "excel": re.compile(r"[2-5][0-9]{4}(?:\.[0-9]+)?"),
    "unix": re.compile(r"1[0-9]{9}(?:\.[0-9]+)?"),
    "unix-ms": re.compile(r"1[0-9]{12}"),
}
_CLOCK = re.compile(
    r"[0-9]{1,2}(?::| ?[hH] ?)[0-9]{2}(?::[0-9]{2})?|(?<= )[0-9]{1,2}\.[0-9]{2}(?![0-9.])"
)
_OFFSET = re.compile(r":[0-9.]+ ?(?:Z|UTC|GMT|[+-][0-9:]+)$", re.IGNORECASE)
_WORDED_TIME = re.compile("[0-9] ?[時时点點시]")
_UTC = load_zone("UTC")
_iso_date, _iso_datetime = date_reader(), datetime_reader(zone=_UTC)
_Order = Literal["dmy", "mdy", "ymd"]
_ORDERS: tuple[_Order, ...] = ("dmy", "mdy", "ymd")


def find_date_formats(values: Iterable[str]) -> DateFormats:
    """
    Return the formats that read every value of a column. Empty values do not count.

    The column decides as a whole: one `31/05/2024` shows that `05/06/2024` has its day first. Dates
    with dots always have the day first, since no country writes 05.31.2024 (CLDR). Memory does not
    grow with the column.
    """
    alive: dict[_Order, Counter[str]] = {order: Counter() for order in _ORDERS}
    has_time = False
    for value in values:
        if not (written := plain_digits(one_line(value))):
            continue
        by_order = _readings(written)
        alive = {order: counts for order, counts in alive.items() if order in by_order}
        if not alive:
            return DateFormats()
        for order, counts in alive.items():
            counts[by_order[order]] += 1
        has_time |= _has_time(written)
    found = {order: _by_frequency(counts, has_time=has_time) for order, counts in alive.items()}
    formats = next(filter(None, found.values()), ())
    if not formats:
        return DateFormats()
    readings = (found.get("mdy", ()), _year_first(found.get("ymd", ())))
    others = tuple(dict.fromkeys(one for one in readings if one and one != formats))
    return DateFormats(
        formats=formats,
        kind="datetime" if has_time or any(map(_is_hour, formats)) else "date",
        ambiguous=bool(others),
        others=others,
    )


def _by_frequency(counts: Counter[str], *, has_time: bool) -> tuple[str, ...]:
    ordered = [name for name, _ in counts.most_common()]
    # A plain ISO 8601 date among times means midnight, and needs a format of its own.
    plain = [_ISO_DAYS.get(name, name) if has_time else name for name in ordered]
    return tuple(dict.fromkeys(ISO if name in _ISO_DAYS else name for name in plain))


def _is_hour(form: str) -> bool:
    """Return whether a format has an hour without minutes, as in `9 Uhr`."""
    return ("%H" in form or "%I" in form) and "%M" not in form


def _year_first(formats: tuple[str, ...]) -> tuple[str, ...]:
    """Return the formats if a year of two digits may come first: 24-05-31, but not 24.05.31."""
    return formats if any(name.startswith(("%y-", "%y/")) for name in formats) else ()


def _has_time(written: str) -> bool:
    """Return whether a value has a time of day other than midnight, or an offset."""
    times = _CLOCK.findall(written)
    has_clock = any(time.strip("0:hH ") for time in times) or _OFFSET.search(written) is not None
    return has_clock or _WORDED_TIME.search(written) is not None


def _readings(written: str) -> dict[_Order, str]:
    """Return the format that reads a value in each possible order of day and month."""
    if reads(_iso_date, written):
        days = {10: "iso-day", 8: "iso-day-compact"}
        return dict.fromkeys(_ORDERS, days.get(len(written), ISO))
    if reads(_iso_datetime, written):
        return dict.fromkeys(_ORDERS, ISO)
    match = _NUMERIC.fullmatch(written)
    if match is not None:
        return _numeric_readings(match)
    named = None
    if has_month_name(written) or _OF_PARTS.search(written):
        named = _worded_format(written) or _worded_format(in_english(written, "%B"))
    return dict.fromkeys(_ORDERS, named) if named is not None else {}


def is_time(text: str) -> bool:
    """
    Return whether a text is a time of day and can be nothing else.

    >>> [is_time(text) for text in ("09:15", "9h15", "9 Uhr", "9:00 ص", "9.50", "2 hrs", ".")]
    [True, True, True, True, False, False, False]
    """
    written = plain_digits(one_line(text))
    is_other = _PRICE.fullmatch(written) or _DURATION.fullmatch(written)
    return not is_other and _hours_format(f" {written}") is not None


def _numeric_readings(match: re.Match[str]) -> dict[_Order, str]:
    one, mark, two, three, rest = match.groups()
    time = _time_format(rest) if rest else ""
    if time is None:
        return {}
    candidates: dict[_Order, tuple[str, tuple[str, str, str]]]
    if len(one) == _YEAR:
        candidates = dict.fromkeys(_ORDERS, ("%Y{0}%m{0}%d", (one, two, three)))
    else:
        year = "%Y" if len(three) == _YEAR else "%y"
        candidates = {"dmy": (f"%d{{0}}%m{{0}}{year}", (three, two, one))}
        if mark != ".":
            candidates["mdy"] = (f"%m{{0}}%d{{0}}{year}", (three, one, two))
        # 31/05/24 has its day first, since a list of past dates does not reach 2030 and 2031.
        if mark != "/" or one not in _FAR_YEARS:
            candidates["ymd"] = ("%y{0}%m{0}%d", (one, two, three))
    return {
        order: form.format(mark) + time
        for order, (form, parts) in candidates.items()
        if _exists(*parts)
    }


def _time_format(rest: str) -> str | None:
    """Return the format of what stands behind a day: a time, or a word such as `r.` for a year."""
    return rest if rest.strip().casefold() in load_words("dates", "year") else _hours_format(rest)


def _hours_format(rest: str) -> str | None:
    match = _TIME.fullmatch(rest)
    word = match["word"] if match else None
    if match is None or not (match["minute"] or word):
        return None
    form = match["gap"] + _clock(match)
    return form if reads(date_reader((f"%d/%m/%Y{form}",)), f"01/01/2024{rest}") else None


def _exists(year: str, month: str, day: str) -> bool:
    """Return whether a day exists. Its year has two or four digits, its day at most two."""
    if len(year) not in {2, _YEAR} or len(day) > 2:
        return False
    century = 0
    if len(year) != _YEAR:
        century = 2000 if int(year) < _PIVOT else 1900
    try:
        date(century + int(year), int(month), int(day))
    except ValueError:
        return False
    return True


_ISO_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?P<gap>[Tt ])[0-9]{1,2}:[0-9]{2}(?P<second>:[0-9]{2})?"
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
    r"|(?P<offset>[+-](?:0[0-9]|1[0-4]):?[0-9]{2}\b|\bZ\b)|(?P<number>[0-9]+)"
    r"|(?P<word>[^\W\d_]+)(?:[.](?= ))?|(?P<other>.)",
    re.DOTALL,
)
_DAYS = frozenset(["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
_SHORT_DAYS = frozenset(day[:3] for day in _DAYS)
_WHOLE_YEAR = re.compile("[0-9]{4}")
_CLOSE = frozenset("-/.,")


def serial_of(texts: Sequence[str]) -> str | None:
    """Return the name of the serial numbers that all of some texts are, or None."""
    for word, form in _SERIALS.items():
        if texts and all(form.fullmatch(text.strip()) for text in texts):
            return word
    return None


def iso_format(written: str) -> str | None:
    """Return the strptime format of a time in ISO 8601; other texts are days by their length."""
    match = _ISO_TIME.fullmatch(written)
    if match is None:
        return _DAY_OF_LENGTH.get(len(written))
    offset = "%z" if match["offset"] else ""
    return _if_read(f"%Y-%m-%d{match['gap']}{_clock(match)}{offset}", written)


def _worded_format(written: str) -> str | None:
    """
    Return the strptime format of a date that is written with words, or None if there is none.

    The words are the name of a month, or those of Chinese, Japanese and Korean behind year, month
    and day: `2020년 9월 1일`.
    """
    parts = _NAMED_AND_TIME.fullmatch(written)
    time = _time_format(parts["time"]) if parts else None
    day = _if_read("".join(_pieces(parts["day"])), parts["day"]) if parts and time else None
    return f"{day}{time}" if day else _if_read("".join(_pieces(written)), written)


def _pieces(written: str) -> Iterator[str]:
    has_year = _WHOLE_YEAR.search(written) is not None
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
            yield _clock(match)
        elif match["offset"]:
            yield "%z"
        elif number and len(number) == _YEAR:
            yield "%Y"
        elif number:
            yield "%y" if has_day else "%d"
            has_day = True
        elif word and has_month_name(word):
            # A format with %B also reads short names of months, and one with %b long ones.
            beside = written[max(match.start() - 1, 0) : match.start()] + written[match.end() :][:1]
            yield "%B" if has_year and _CLOSE.isdisjoint(beside) else "%b"
        elif word and word.casefold() in _DAYS | _SHORT_DAYS:
            yield "%A" if word.casefold() in _DAYS else "%a"
        else:
            yield match[0].replace("%", "%%")


def _clock(match: re.Match[str]) -> str:
    """Return the format of a time of day from its parts, and of the space and word behind it."""
    parts = match.groupdict()
    word = parts.get("word") or parts.get("half") or ""
    is_hour = fold(word).strip(".") in load_words("dates", "clock")
    form = "%I" if word and not is_hour else "%H"
    form += f"{(parts.get('colon') or ':').lower()}%M" if parts.get("minute", "00") else ""
    form += ":%S" if parts["second"] else ""
    form += ".%f" if parts["fraction"] else ""
    return form + parts["space"] + (word if is_hour else "%p" if word else "")


def _if_read(form: str, written: str) -> str | None:
    return form if reads(check_format, form) and reads(date_reader((form,)), written) else None
