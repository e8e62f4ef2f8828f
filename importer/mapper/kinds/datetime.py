"""Reads dates with a time: ISO 8601, or the formats in a mapping; sent with their offset."""

from __future__ import annotations

from typing import Annotated

from importer.mapper.values.dates import (
    Formats,
    convert_dates,
    datetime_column_reader,
    datetime_reader,
    load_zone,
)
from importer.mapper.values.kind import (
    ColumnReader,
    Convert,
    FieldLimits,
    Kind,
    Options,
)
from importer.mapper.values.written import Name, checked_by, stated


class DatetimeOptions(Options):
    """The formats in which a column writes times, and the time zone of those without offset."""

    formats: Formats = ()
    timezone: Annotated[Name, checked_by(load_zone)] | None = stated(
        'a time zone, as in "Asia/Dubai"'
    )


def _build(options: DatetimeOptions, _: FieldLimits | None) -> Convert:
    zone = load_zone(options.timezone) if options.timezone is not None else None
    return convert_dates(datetime_reader(options.formats, zone), options.formats)


def _column_reader(options: DatetimeOptions) -> ColumnReader | None:
    zone = load_zone(options.timezone) if options.timezone is not None else None
    return datetime_column_reader(options.formats, zone)


DATETIME = Kind(
    name="datetime",
    plural="datetimes",
    build=_build,
    column_reader=_column_reader,
    options=DatetimeOptions,
    json_format="date-time",
    looks=frozenset({"date", "time", "number"}),
    has_words=True,
    needs_samples=True,
)
