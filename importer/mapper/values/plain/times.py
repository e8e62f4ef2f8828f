"""
Reads many plainly written dates and times at once, with polars, as `dates` reads one.

Only the first of several formats is read here, and only if it has nothing but numbers. A time
without an offset gets the one that Python's time zone has all day long. All else is left to the
exact readers: other formats, and times on days on which the clocks change.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl

from importer.mapper.values.plain.texts import PlainReader
from importer.mapper.values.serials import BUDDHIST, GREGORIAN, ISO

__all__ = ["plain_dates", "plain_datetimes"]

_NUMBERS = {
    "%Y": r"(?<Y>[0-9]{4})",
    "%m": "(?<m>0?[1-9]|1[0-2])",
    "%d": "(?<d>0?[1-9]|[12][0-9]|3[01])",
    "%H": "(?<H>[01]?[0-9]|2[0-3])",
    "%M": "(?<M>[0-5]?[0-9])",
    "%S": "(?<S>[0-5]?[0-9])",
}
_DIRECTIVE = re.compile("%.")
_ISO_DAY = r"(?<Y>[0-9]{4})-(?<m>0[1-9]|1[0-2])-(?<d>0[1-9]|[12][0-9]|3[01])"
_ISO_TIME = (
    _ISO_DAY + "[T ](?<H>[01][0-9]|2[0-3]):(?<M>[0-5][0-9])(?::(?<S>[0-5][0-9]))?"
    r"(?<offset>Z|\+(?:0[0-9]|1[0-3]):[0-5][0-9]|-(?:0[1-9]|1[0-3]):[0-5][0-9])?"
)
_LAST_YEAR = 9998  # the day after a day must be one, too
_HOURS_OF_DAY = (0, 6, 12, 18, 24)
"""When a day's offset is asked for: no zone changes its clocks twice within six hours."""


def plain_dates(formats: Sequence[str]) -> PlainReader | None:
    """Return the reader of dates that are written in the first format, or None."""
    pattern = _ISO_DAY if not formats or formats[0] == ISO else _pattern(formats[0])
    if pattern is None:
        return None

    def read(cells: pl.Series) -> pl.Series:
        return _parts(cells, pattern).select(_day().dt.to_string("iso").alias("value"))["value"]

    return read


def plain_datetimes(formats: Sequence[str], zone: ZoneInfo | None) -> PlainReader | None:
    """Return the reader of times that are written in the first format, or None."""
    is_iso = not formats or formats[0] == ISO
    pattern = _ISO_TIME if is_iso else _pattern(formats[0])
    if pattern is None or (zone is None and not is_iso):
        return None
    offset_of = _offsets(zone) if zone is not None else None

    def read(cells: pl.Series) -> pl.Series:
        parts = _parts(cells, pattern).with_columns(day=_day())
        offset = pl.lit(None, pl.String)
        if offset_of is not None:
            days = parts["day"].unique().drop_nulls()
            known = [offset_of(day) for day in days]
            offset = pl.col("day").replace_strict(
                days, pl.Series(known, dtype=pl.String), default=None, return_dtype=pl.String
            )
        if "offset" in parts.columns:
            given = pl.col("offset").replace("Z", "+00:00")
            offset = pl.when(given.is_null()).then(offset).otherwise(given)
        clock = [_two_digits(part, parts.columns) for part in "HMS"]
        value = pl.concat_str(
            pl.col("day").dt.to_string("iso"), pl.lit("T"), clock[0], pl.lit(":"), clock[1],
            pl.lit(":"), clock[2], offset,
        )  # fmt: skip
        return parts.select(value.alias("value"))["value"]

    return read


def _pattern(format_: str) -> str | None:
    """Return the pattern of a format of numbers with signs between them, else None."""
    directives = _DIRECTIVE.findall(format_)
    between = _DIRECTIVE.split(format_)
    if not set(directives) <= _NUMBERS.keys() or len({*directives}) < len(directives):
        return None
    # Python reads any spaces for one, and `one_line` leaves single ones.
    if between[0] or between[-1] or any(not one or one.isalnum() for one in between[1:-1]):
        return None
    if not all(one in {"/", "-", ".", ":", " ", "T", ", "} for one in between[1:-1]):
        return None
    return _DIRECTIVE.sub(lambda found: _NUMBERS[found[0]], format_.replace(".", "[.]"))


def _parts(cells: pl.Series, pattern: str) -> pl.DataFrame:
    parts = pl.col("cell").str.extract_groups(rf"\A{pattern}\z")
    return cells.to_frame("cell").select(parts.alias("parts")).unnest("parts")


def _day() -> pl.Expr:
    """Return the day, or null if there is none or it is of another calendar."""
    text = pl.concat_str(pl.col("Y"), pl.col("m").str.zfill(2), pl.col("d").str.zfill(2))
    day = text.str.to_date("%Y%m%d", strict=False)
    year = day.dt.year()
    is_gregorian = year.is_between(GREGORIAN, _LAST_YEAR)
    is_buddhist = year.is_between(BUDDHIST[0], BUDDHIST[-1])
    return pl.when(is_gregorian & ~is_buddhist).then(day)


def _two_digits(part: str, columns: Sequence[str]) -> pl.Expr:
    return pl.col(part).fill_null("0").str.zfill(2) if part in columns else pl.lit("00")


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
