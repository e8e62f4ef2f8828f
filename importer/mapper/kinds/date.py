"""Reads dates: ISO 8601, or the formats a mapping states."""

from __future__ import annotations

from typing import TYPE_CHECKING

from importer.mapper.values.dates import Formats, convert_dates, date_reader
from importer.mapper.values.kind import Convert, FieldLimits, Kind, Options

if TYPE_CHECKING:
    from importer.mapper.values.plain.texts import PlainReader

__all__ = ["DATE", "DateOptions"]


class DateOptions(Options):
    """The formats in which a column writes dates, by default ISO 8601."""

    formats: Formats = ()


def _build(options: DateOptions, _: FieldLimits | None) -> Convert:
    return convert_dates(date_reader(options.formats), options.formats)


def _plain(options: DateOptions) -> PlainReader | None:
    from importer.mapper.values.plain.times import plain_dates

    return plain_dates(options.formats)


DATE = Kind(
    name="date",
    plural="dates",
    build=_build,
    plain=_plain,
    options=DateOptions,
    json_format="date",
    looks=frozenset({"date", "number"}),
    has_words=True,
    needs_samples=True,
)
