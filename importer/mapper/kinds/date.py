"""Reads dates: ISO 8601, or the formats a mapping states."""

from __future__ import annotations

from importer.mapper.values.dates import (
    Formats,
    convert_dates,
    date_column_reader,
    date_reader,
)
from importer.mapper.values.kind import Kind, Options


class DateOptions(Options):
    """The formats in which a column writes dates, by default ISO 8601."""

    formats: Formats = ()


DATE = Kind(
    name="date",
    plural="dates",
    build=lambda options, _: convert_dates(date_reader(options.formats), options.formats),
    column_reader=lambda options: date_column_reader(options.formats),
    options=DateOptions,
    json_format="date",
    looks=frozenset({"date", "number"}),
    has_words=True,
    needs_samples=True,
)
