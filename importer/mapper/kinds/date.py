"""Reads dates: ISO 8601, or the formats a mapping states."""

from __future__ import annotations

from importer.mapper.values.dates import Formats, convert_dates, date_reader
from importer.mapper.values.kind import Convert, FieldLimits, Kind, Options

__all__ = ["DATE", "DateOptions"]


class DateOptions(Options):
    """The forms a column writes dates in, ISO 8601 where none is stated."""

    formats: Formats = ()


def _build(options: DateOptions, _: FieldLimits | None) -> Convert:
    return convert_dates(date_reader(options.formats), options.formats)


DATE = Kind(
    name="date",
    plural="dates",
    build=_build,
    options=DateOptions,
    json_format="date",
    looks=frozenset({"date", "number"}),
    has_words=True,
    needs_samples=True,
)
