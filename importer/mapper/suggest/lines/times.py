"""Makes times from a day and an hour, from a slot, or from a start and a duration."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from importer.core.locale.message import Message
from importer.mapper.suggest.lines.rehearsal import Table
from importer.mapper.values.durations import read_minutes
from importer.mapper.values.text import BadValue

DEFAULT_MINUTES = 30
_HALF, _CLEARLY, _SHORTEST = 0.5, 0.8, 5
_HOUR = r"[0-9]{1,2}(?:[:.h][0-9]{2}(?::[0-9]{2})?)?(?: ?[AaPp]\.?[Mm]\.?)?"
_TO = r"(?:-|\u2013|\u2014|\bto\b|\bbis\b|\bà\b|\ba\b|\btot\b|\bdo\b)"
_SLOT = re.compile(rf"{_HOUR} *{_TO} *{_HOUR}")
_TIME = re.compile(_HOUR)
# Of "2024-05-31 09:00 - 09:30" the first hour stays, or the second one in its place.
_FIRST = [rf"({_HOUR})\s*{_TO}\s*{_HOUR}$", "$1"]
_SECOND = [rf"{_HOUR}\s*{_TO}\s*({_HOUR})$", "$1"]


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """A column of days, hours or both, what it means, and its values."""

    role: str | None
    column: str
    values: Sequence[str]


def times_of(edge: str, own: Sequence[TimeColumn], starts: Sequence[TimeColumn]) -> Iterator[Table]:
    """
    Yield the lines that may make a start or an end, the most likely first.

    `edge` says which, `own` are its columns, `starts` those of the start: an end that only has an
    hour is on the day of the start.
    """
    roles = {clock.role: clock for clock in (*reversed(starts), *reversed(own))}
    mine = {clock.role: clock for clock in reversed(own)}
    day, hour = roles.get("date"), mine.get(edge) or mine.get("time")
    if day is not None and hour is not None and not set("{}") & {*day.column, *hour.column}:
        template = f"{{{day.column}}} {{{hour.column}}}"
        if _share(_SLOT, hour.values) > _HALF:
            yield {"template": template, "replace": [_FIRST if edge == "start" else _SECOND]}
        elif not any(map(str.strip, hour.values)) or _share(_TIME, hour.values) > _HALF:
            yield {"template": template}
    whole = [clock.column for clock in own if clock.role not in {"date", "time"}]
    columns = whole or [own[0].column]
    yield {"column": columns[0]} if len(columns) == 1 else {"columns": columns}


def end_without_column(start: Table, duration: TimeColumn | None) -> tuple[Table, Message | None]:
    """Return the line of an end time without a column, and what a person should know about it."""
    if start.get("replace") == [_FIRST]:
        return {**start, "replace": [_SECOND]}, None
    after = {"after": "scheduled_start"}
    if duration is not None and _are_minutes(duration.values):
        column = {"column": duration.column}
        is_whole = all(map(str.strip, duration.values)) and duration.values
        more = {} if is_whole else {"default": DEFAULT_MINUTES}
        return {**after, "minutes": {**column, **more}}, None
    decide = Message(
        "no column says when it ends: %(count)s minutes after its start are assumed",
        count=DEFAULT_MINUTES,
    )
    return {**after, "minutes": f"{DEFAULT_MINUTES} min"}, decide


def _are_minutes(values: Sequence[str]) -> bool:
    """Return whether nearly all values are durations, and not hours taken for minutes."""
    given = [text for text in values if text.strip()]
    read = [minutes for text in given if (minutes := _minutes(text)) is not None]
    return bool(read) and len(read) >= _CLEARLY * len(given) and median(read) >= _SHORTEST


def _minutes(text: str) -> int | None:
    try:
        return read_minutes(text)
    except BadValue:
        return None


def _share(pattern: re.Pattern[str], values: Sequence[str]) -> float:
    given = [text.strip() for text in values if text.strip()]
    if not given:
        return 0.0
    return sum(pattern.fullmatch(text) is not None for text in given) / len(given)
