"""Finds the day on which a record was created, in an export."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, timedelta

from importer.core.clock import instant
from importer.core.paths import walk_leaves
from importer.core.shared import JsonValue

_DAY = re.compile(r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})(?![0-9])")
_ZONES = timedelta(days=1)
"""An export may have the days of another time zone."""


def days_in(values: Mapping[str, JsonValue]) -> dict[str, date]:
    """Return the day at the beginning of each cell that has one, year first, by column."""
    found = {}
    for column, value in walk_leaves(values):
        match = _DAY.match(value.strip()) if isinstance(value, str) else None
        if match is not None:
            with suppress(ValueError):
                found[column] = date(*map(int, match.groups()))
    return found


def day_of(at: str | None) -> date | None:
    """Return the day of a time in a results file, in UTC."""
    time = instant(at)
    return None if time is None else time.astimezone(UTC).date()


class CreationDays:
    """
    Finds the columns with the day on which a record was created, or last changed.

    In such a column each known record has its day of creation or a later one. A record with an
    earlier day was there before.
    """

    def __init__(self) -> None:
        self._columns: set[str] | None = None

    def see(self, days: Mapping[str, date], made: date | None) -> None:
        """Take the days of a known record, and the day on which it was created."""
        if made is None:
            return
        fitting = {column for column, day in days.items() if day >= made - _ZONES}
        self._columns = fitting if self._columns is None else self._columns & fitting

    def was_there(self, days: Mapping[str, date], before: date | None) -> bool:
        """Return whether a record existed before a day, by one of these columns."""
        if before is None:
            return False
        return any(days[one] < before - _ZONES for one in self._columns or () if one in days)
