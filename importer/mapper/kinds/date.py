"""Reads dates: ISO 8601, or the formats a mapping states."""

from __future__ import annotations

from importer.mapper.values.dates import (
    Formats,
    convert_dates,
    date_column_reader,
    date_reader,
)
from importer.mapper.values.kind import ColumnReader, Convert, FieldLimits, Kind, Options


class DateOptions(Options):
    """The formats in which a column writes dates, by default ISO 8601."""

    formats: Formats = ()


def _build(options: DateOptions, _: FieldLimits | None) -> Convert:
    return convert_dates(date_reader(options.formats), options.formats)


def _column_reader(options: DateOptions) -> ColumnReader | None:
    return date_column_reader(options.formats)


DATE = Kind(
    name="date",
    plural="dates",
    build=_build,
    column_reader=_column_reader,
    options=DateOptions,
    json_format="date",
    looks=frozenset({"date", "number"}),
    has_words=True,
    needs_samples=True,
)
