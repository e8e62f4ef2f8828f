"""
Reads dates and times: ISO 8601, or the formats a mapping states. Never guesses day or month.

The formats are those of strptime, `iso`, and the names of numbers that are times: days of
spreadsheets, seconds since 1970.
"""

from __future__ import annotations

import re
from calendar import month_abbr, month_name
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from importer.core.locale.message import Message
from importer.core.shared import JsonValue
from importer.mapper.data import load_lines, load_table
from importer.mapper.values.json_values import from_text_or, is_number
from importer.mapper.values.kind import ColumnReader, Convert
from importer.mapper.values.numbers import decimal_text
from importer.mapper.values.texts import BadValue, fold, one_line, plain_digits
from importer.mapper.values.written import Name, checked_by

if TYPE_CHECKING:
    import polars as pl

ISO = "iso"
"""The entry for ISO 8601 in `formats`, which is also the default."""

# ISO 8601 allows years before 1583, the first full year of the Gregorian calendar, only by
# agreement. In a list they are Hijri years (1446 is 2024), or typing errors (0202).
GREGORIAN = 1583

# Thailand counts years from 543 years earlier (CLDR, calendar buddhist): 2567 is 2024.
BUDDHIST = range(2400, 2700)

_SERIAL_NUMBER = re.compile(r"-?[0-9]{1,13}(?:[.,][0-9]{1,20})?")
_SECONDS_A_DAY = 86_400
_FIRST_SERIAL, _NO_DAY, _LAST_SERIAL = 1, 60, 2_958_465  # 1900-01-01 to 9999-12-31


def _serial_number(text: str) -> Decimal:
    """Return the number a text holds. Raises `ValueError`."""
    if not _SERIAL_NUMBER.fullmatch(text):
        raise ValueError("no number")
    return Decimal(text.replace(",", "."))


def _whole_seconds(number: Decimal) -> timedelta:
    return timedelta(seconds=int(number.to_integral_value(ROUND_HALF_UP)))


def _excel(text: str) -> datetime:
    """
    Count days as Excel does on Windows: 1 is 1900-01-01 (ECMA-376, part 1, 18.17.4.1).

    Excel treats 1900 as a leap year, so 60 is a day that does not exist.
    """
    days = _serial_number(text)
    if not _FIRST_SERIAL <= days < _LAST_SERIAL + 1 or int(days) == _NO_DAY:
        raise ValueError("no day")
    epoch = datetime(1899, 12, 31 if days < _NO_DAY else 30)  # noqa: DTZ001 - local time
    return epoch + _whole_seconds(days * _SECONDS_A_DAY)


def _excel_1904(text: str) -> datetime:
    """Count days as Excel on older Macs does: 0 is 1904-01-01."""
    days = _serial_number(text)
    if not 0 <= days < _LAST_SERIAL - 1461:
        raise ValueError("no day")
    return datetime(1904, 1, 1) + _whole_seconds(days * _SECONDS_A_DAY)  # noqa: DTZ001 - local time


def _unix(text: str) -> datetime:
    """Count seconds since 1970-01-01T00:00Z (POSIX)."""
    return datetime(1970, 1, 1, tzinfo=UTC) + _whole_seconds(_serial_number(text))


def _unix_ms(text: str) -> datetime:
    """Count milliseconds since 1970-01-01T00:00Z, as JavaScript does (ECMA-262, 21.4.1)."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(_serial_number(text)))


SERIALS: dict[str, Callable[[str], datetime]] = {
    "excel": _excel,
    "excel-1904": _excel_1904,
    "unix": _unix,
    "unix-ms": _unix_ms,
}
"""The name of each in `formats`; they raise `ValueError` for a number out of range."""


_ISO_DATE = re.compile(r"[0-9]{4}-?[0-9]{2}-?[0-9]{2}")
_MIDNIGHT = re.compile(r"[T ]00:00(?::00(?:\.0+)?)?")
_ISO_DATETIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
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
        raise ValueError(Message("%Z cannot be relied on; use %z, or state the timezone"))
    has_year = any(part in format_ for part in _YEARS)
    # From Python 3.13 on, strptime warns of a day without a year.
    probed = format_ if has_year else f"%Y {format_}"
    try:
        read = datetime.strptime(_PROBE.strftime(probed), probed)  # noqa: DTZ007
    except re.error:  # strptime makes a pattern, with a group for each part
        raise ValueError(Message("a part of the date or time is in it twice")) from None
    except ValueError as error:
        raise ValueError(Message("strptime does not take it: %(reason)s", reason=error)) from None
    if not has_year or read.date() != _PROBE.date():
        raise ValueError(Message("it must say day, month and year"))
    if read.hour not in {0, _PROBE.hour}:
        raise ValueError(Message("%I needs %p beside it, or use %H"))
    if read.hour == 0 and read.minute:
        raise ValueError(Message("it says minutes and no hour"))


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
        raise ValueError(
            Message("unknown time zone; use an IANA name, such as Asia/Dubai")
        ) from error


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
    raise BadValue(
        Message("is not a date in the form %(form)s", form=[_example(one) for one in formats]),
        "Write it like that, or add its form to formats in the mapping.",
    )


def _example(format_: str) -> str:
    """
    Return a day written in a format.

    >>> _example("%d.%m.%y"), _example("iso")
    ('31.12.24', '2024-12-31')
    """
    if format_ in SERIALS:
        return format_
    return "2024-12-31" if format_ == ISO else datetime(2024, 12, 31, 14, 30).strftime(format_)  # noqa: DTZ001


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
    time = f"0{time}" if time[1:2] == ":" else time  # some programs write 9:05
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


@lru_cache(maxsize=1)
def _months() -> dict[str, int]:
    return {fold(name): int(number) for number, *names in load_lines("months") for name in names}


@lru_cache(maxsize=1)
def _half_days() -> dict[str, str]:
    return {
        fold(word.replace("_", " ")): half
        for half, words in load_table("dates")["half_days"].items()
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


WITHOUT_YEAR = "^-{0,2}[0-9]{1,2}[-/.][0-9]{1,2}[.]?$"
"""A day of any year, in digits: 05/14, 03-08, 14.5., and --05-14 as in address books."""


def in_english(text: str, format_: str) -> str:
    """Return a text with month and half of the day in the English words that strptime reads."""
    names = month_name if "%B" in format_ else month_abbr
    text = fold(text)
    if "%B" in format_ or "%b" in format_:
        text = _any_of("months").sub(lambda found: names[_months()[found[0]]], text, count=1)
    if "%p" in format_:
        text = _any_of("halves").sub(lambda found: _half_days()[found[0]], text, count=1)
    return text


# Whole columns. Only the first of several formats is read there, and only if it has nothing but
# numbers. A time without an offset gets the one that its zone has all day long. All else is left
# to the readers above: other formats, and times on days on which the clocks change. strptime needs
# some 10 µs for a time, this a twentieth of that.
_COLUMN_PARTS = {
    "%Y": r"(?<Y>[0-9]{4})",
    "%m": "(?<m>0?[1-9]|1[0-2])",
    "%d": "(?<d>0?[1-9]|[12][0-9]|3[01])",
    "%H": "(?<H>[01]?[0-9]|2[0-3])",
    "%M": "(?<M>[0-5]?[0-9])",
    "%S": "(?<S>[0-5]?[0-9])",
}
_BETWEEN_PARTS = frozenset(("/", "-", ".", ":", " ", "T", ", "))
_DIRECTIVE = re.compile("%.")
_ISO_DAY_COLUMN = r"(?<Y>[0-9]{4})-(?<m>0[1-9]|1[0-2])-(?<d>0[1-9]|[12][0-9]|3[01])"
_ISO_TIME_COLUMN = (
    _ISO_DAY_COLUMN + "[T ](?<H>[01]?[0-9]|2[0-3]):(?<M>[0-5][0-9])(?::(?<S>[0-5][0-9]))?"
    r"(?<offset>Z|\+(?:0[0-9]|1[0-3]):[0-5][0-9]|-(?:0[1-9]|1[0-3]):[0-5][0-9])?"
)
_LAST_YEAR = 9998  # the day after a day must be one, too
_HOURS_OF_DAY = (0, 6, 12, 18, 24)
"""When a day's offset is asked for: no zone changes its clocks twice within six hours."""


def date_column_reader(formats: Sequence[str]) -> ColumnReader | None:
    """Return the reader of dates that are written in the first format, or None."""
    pattern = _ISO_DAY_COLUMN if not formats or formats[0] == ISO else _pattern(formats[0])
    if pattern is None:
        return None

    def read(table: pl.DataFrame) -> pl.Series:
        return _parts(table, pattern).select(value=_day().dt.to_string("iso"))["value"]

    return read


def datetime_column_reader(formats: Sequence[str], zone: ZoneInfo | None) -> ColumnReader | None:
    """Return the reader of times that are written in the first format, or None."""
    is_iso = not formats or formats[0] == ISO
    pattern = _ISO_TIME_COLUMN if is_iso else _pattern(formats[0])
    if pattern is None or (zone is None and not is_iso):
        return None
    offset_of = _offsets(zone) if zone is not None else None

    def read(table: pl.DataFrame) -> pl.Series:
        import polars as pl

        parts = _parts(table, pattern).with_columns(day=_day())
        offset = pl.lit(None, pl.String)
        if offset_of is not None:
            days = parts["day"].unique().drop_nulls()
            known = [offset_of(day) for day in days]
            offset = pl.col("day").replace_strict(
                days, pl.Series(known, dtype=pl.String), default=None, return_dtype=pl.String
            )
        if "offset" in parts.columns:
            offset = pl.coalesce(pl.col("offset").replace("Z", "+00:00"), offset)
        clock = [
            pl.col(part).fill_null("0").str.zfill(2) if part in parts.columns else pl.lit("00")
            for part in "HMS"
        ]
        value = pl.format("{}T{}:{}:{}{}", pl.col("day").dt.to_string("iso"), *clock, offset)
        return parts.select(value=value)["value"]

    return read


def _pattern(format_: str) -> str | None:
    """Return the pattern of a format of numbers with signs between them, else None."""
    directives = _DIRECTIVE.findall(format_)
    between = _DIRECTIVE.split(format_)
    if not set(directives) <= _COLUMN_PARTS.keys() or len({*directives}) < len(directives):
        return None
    # Python reads any spaces for one, and `one_line` leaves single ones.
    if between[0] or between[-1] or not {*between[1:-1]} <= _BETWEEN_PARTS:
        return None
    return _DIRECTIVE.sub(lambda found: _COLUMN_PARTS[found[0]], format_.replace(".", "[.]"))


def _parts(table: pl.DataFrame, pattern: str) -> pl.DataFrame:
    import polars as pl

    parts = pl.col("cell").str.extract_groups(rf"\A{pattern}\z")
    return table.select(parts.alias("parts")).unnest("parts")


def _day() -> pl.Expr:
    """Return the day, or null if there is none or it is of another calendar."""
    import polars as pl

    text = pl.concat_str(pl.col("Y"), pl.col("m").str.zfill(2), pl.col("d").str.zfill(2))
    day = text.str.to_date("%Y%m%d", strict=False)
    year = day.dt.year()
    is_gregorian = year.is_between(GREGORIAN, _LAST_YEAR)
    is_buddhist = year.is_between(BUDDHIST[0], BUDDHIST[-1])
    return pl.when(is_gregorian & ~is_buddhist).then(day)


def _offsets(zone: ZoneInfo) -> Callable[[date], str | None]:
    @cache
    def offset_of(day: date) -> str | None:
        """Return the offset of all times of a day, or None if it changes."""
        start = datetime.combine(day, time())
        moments = [start + timedelta(hours=hours) for hours in _HOURS_OF_DAY]
        both = [one.replace(fold=fold, tzinfo=zone) for one in moments for fold in (0, 1)]
        offsets = {one.utcoffset() for one in both}
        text = both[0].isoformat()[19:]
        return text if len(offsets) == 1 and len(text) == len("+00:00") else None

    return offset_of
