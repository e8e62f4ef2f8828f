"""Calculates a time from another one and a number of minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from importer.mapper.fields.extract import Read, Values
from importer.mapper.values.durations import read_minutes
from importer.mapper.values.kind import Convert
from importer.mapper.values.text import BadValue
from importer.shared import JsonValue

__all__ = ["minutes_after", "minutes_reader"]


def minutes_reader(start: Read, minutes: Read, default: int | None) -> Read:
    """Return the function that finds the minutes of a row, or None if it has no start."""

    def read(values: Values) -> JsonValue:
        if start(values) is None:
            return None
        raw = minutes(values)
        return default if raw is None else raw

    return read


def minutes_after(start: Read, reading: Callable[[Values], Convert]) -> Callable[[Values], Convert]:
    """Return the function that returns, for a row, the converter of minutes to an end."""

    def choose(values: Values) -> Convert:
        def end(raw: JsonValue) -> str:
            minutes = timedelta(minutes=read_minutes(raw))
            try:
                begun = datetime.fromisoformat(str(reading(values)(start(values))))
            except BadValue as bad:
                raise BadValue("cannot be added to a start that cannot be read", bad.hint) from None
            return (begun + minutes).isoformat()

        return end

    return choose
