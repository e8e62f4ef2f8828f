"""Reads dates and times: ISO 8601, or the formats a mapping states. Never guesses day or month."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from importer.mapper.values.date_words import in_english
from importer.mapper.values.json_values import from_text_or, is_number
from importer.mapper.values.kind import Convert, Name, checked_by
from importer.mapper.values.numbers import decimal_text
from importer.mapper.values.serials import BUDDHIST, GREGORIAN, ISO, SERIALS
from importer.mapper.values.text import BadValue, one_line, plain_digits
from importer.shared import JsonValue

__all__ = [
    "Formats",
    "check_format",
    "convert_dates",
    "date_reader",
    "datetime_reader",
    "load_zone",
]

_ISO_DATE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}")
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?")
_ISO_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
    r" ?(?:[Zz]|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)
_WITH_WORDS = re.compile("%[bBp]")
_POINT = re.compile(r"([A-Za-z])\.")
_REMEMBERED = 8192  # dates repeat: a list of people has some 30,000 birthdays at most
_HINT_FORMATS = 'Correct it, or state how the column writes dates: formats = ["…"].'
_HINT_TIMES = 'Correct it, or state how the column writes times: formats = ["…"].'

_HINT_CALENDAR = (
    "Give the date by the Gregorian calendar: 1446-01-01 of the Hijri one is 2024-07-07, and the "
    "year 2567 of the Buddhist one is 2024."
)

_YEARS = ("%Y", "%y", "%G", "%c", "%x")
# Every part differs from every other one, and the hour is past noon.
_PROBE = datetime(2021, 11, 23, 14, 35, 46, tzinfo=UTC)


def check_format(format_: str) -> None:
    """
    Raise `ValueError` that says what is missing for a strptime format without a complete date.

    A format without a time of day means midnight; one with half a time (`%I` without `%p`) fails.
    """
    if format_ == ISO or format_ in SERIALS:
        return
    if "%Z" in format_:
        raise ValueError("%Z cannot be relied on; use %z, or state the timezone")
    has_year = any(part in format_ for part in _YEARS)
    # From Python 3.13 on, strptime warns of a day without a year.
    probed = format_ if has_year else f"%Y {format_}"
    try:
        read = datetime.strptime(_PROBE.strftime(probed), probed)  # noqa: DTZ007
    except re.error:  # strptime makes a pattern, with a group for each part
        raise ValueError("a part of the date or time is in it twice") from None
    except ValueError as error:
        raise ValueError(f"strptime does not take it: {error}") from None
    if not has_year or read.date() != _PROBE.date():
        raise ValueError("it must say day, month and year")
    if read.hour not in {0, _PROBE.hour}:
        raise ValueError("%I needs %p beside it, or use %H")
    if read.hour == 0 and read.minute:
        raise ValueError("it says minutes and no hour")


Formats = Annotated[
    tuple[Annotated[Name, checked_by(check_format)], ...],
    Field(strict=False, min_length=1, description='a list of formats, as in ["%d/%m/%Y"]'),
]
"""The option `formats` of a column of dates."""


def load_zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name. Raises `ValueError` if there is none."""
    try:
        return ZoneInfo(name)
    except (ValueError, KeyError, OSError) as error:
        raise ValueError("unknown time zone; use an IANA name, such as Asia/Dubai") from error


def date_reader(formats: Sequence[str] = ()) -> Callable[[str], str]:
    """
    Return a function from a text to `YYYY-MM-DD`; it raises `BadValue`.

    `formats` are tried in order. Without them `2024-05-31` and `20240531` are read; the former
    may be followed by midnight, which databases and spreadsheets add to dates.
    """

    @lru_cache(maxsize=_REMEMBERED)
    def read(text: str) -> str:
        return _first_reading(text, tuple(formats) or (ISO,), _iso_day).date().isoformat()

    return read


def datetime_reader(
    formats: Sequence[str] = (), zone: ZoneInfo | None = None
) -> Callable[[str], str]:
    """
    Return a function from a text to an RFC 3339 time with its offset; it raises `BadValue`.

    `formats` are tried in order; without them ISO 8601 is read. A time without an offset is
    in `zone`; if it does not exist there, or exists twice, it is refused. A format without a time
    of day means midnight.
    """

    @lru_cache(maxsize=_REMEMBERED)
    def read(text: str) -> str:
        moment = _first_reading(text, tuple(formats) or (ISO,), _iso_moment)
        return _with_offset(moment, zone)

    return read


def convert_dates(read: Callable[[str], str], formats: Sequence[str]) -> Convert:
    """Return a function that reads dates from texts, and from numbers if `formats` has serials."""
    takes_numbers = not SERIALS.keys().isdisjoint(formats)

    def read_json(raw: JsonValue) -> JsonValue:
        if takes_numbers and is_number(raw):
            return read(decimal_text(raw) if isinstance(raw, float) else str(raw))
        raise BadValue("is not a date in a text", 'Write it as text: "2024-05-31".')

    return from_text_or(read, read_json)


def _first_reading(
    text: str, formats: tuple[str, ...], read_iso: Callable[[str], datetime]
) -> datetime:
    """Return the time that the first matching format reads from a text."""
    moment = _read_first(plain_digits(one_line(text)), formats, read_iso)
    if moment.year < GREGORIAN or moment.year in BUDDHIST:
        raise BadValue(
            "is of another calendar than the Gregorian one, or of a mistyped year", _HINT_CALENDAR
        )
    return moment


def _read_first(
    written: str, formats: tuple[str, ...], read_iso: Callable[[str], datetime]
) -> datetime:
    if formats == (ISO,):
        return read_iso(written)
    for format_ in formats:
        try:
            return read_iso(written) if format_ == ISO else _by_format(written, format_)
        except ValueError:  # a BadValue is one
            continue
    stated = " or ".join(formats)
    raise BadValue(f"is not a date in the form {stated}", "Correct it, or add its form to formats.")


def _by_format(written: str, format_: str) -> datetime:
    """Return the time in a text, read by one format. Raises `ValueError`."""
    if format_ in SERIALS:
        try:
            return SERIALS[format_](written)
        except OverflowError as error:
            raise ValueError("beyond the calendar") from error
    try:
        return datetime.strptime(written, format_)  # noqa: DTZ007 - the zone is added after
    except ValueError:
        if _WITH_WORDS.search(format_) is None:
            raise
    # Names of months in other languages, and abbreviations with a point: 31 janv. 2024.
    words = in_english(written, format_)
    try:
        return datetime.strptime(words, format_)  # noqa: DTZ007
    except ValueError:
        return datetime.strptime(_POINT.sub(r"\1", words), format_)  # noqa: DTZ007


def _iso_day(written: str) -> datetime:
    match = _ISO_DATE.match(written)
    if match is None:
        raise BadValue("is not a date in the form YYYY-MM-DD", _HINT_FORMATS)
    rest = written[match.end() :]
    if rest and not _MIDNIGHT.fullmatch(rest):
        raise BadValue("is more than a date", _HINT_FORMATS)
    return _from_iso(match[0])


def _iso_moment(written: str) -> datetime:
    if _ISO_DATETIME.fullmatch(written):
        return _from_iso(written.replace(",", ".").upper())
    if _ISO_DATE.fullmatch(written):
        raise BadValue("has no time of day", _HINT_TIMES)
    raise BadValue("is not a time in the form YYYY-MM-DDTHH:MM", _HINT_TIMES)


def _from_iso(text: str) -> datetime:
    day, time = text[:10], text[11:].replace(" ", "")  # a space before the offset is common
    time = time.replace("UTC", "Z").replace("GMT", "Z")
    try:
        return datetime.fromisoformat(f"{day}T{time}" if time else day)
    except ValueError:
        raise BadValue("is not a day or time that exists") from None


def _with_offset(moment: datetime, zone: ZoneInfo | None) -> str:
    if moment.tzinfo is None:
        if zone is None:
            raise BadValue("does not say its offset", 'Add timezone = "Asia/Dubai", or yours.')
        moment = _localize(moment, zone)
    offset = moment.utcoffset() or timedelta()
    if offset % timedelta(minutes=1):
        # RFC 3339 has no seconds in an offset; local mean times before about 1920 have them.
        raise BadValue(
            "is from before time zones were a whole number of minutes from UTC",
            "Write it with an offset.",
        )
    return moment.isoformat()


def _localize(moment: datetime, zone: ZoneInfo) -> datetime:
    first, second = moment.replace(tzinfo=zone), moment.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
        hint = "Write it with an offset, as +02:00."
        if back == moment:
            raise BadValue("comes twice that day: the clocks change", hint)
        raise BadValue("does not exist that day: the clocks change", hint)
    return first
