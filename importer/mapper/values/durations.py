"""Reads how long something takes: minutes, hours and minutes, ISO 8601."""

from __future__ import annotations

import re
from decimal import Decimal

from importer.core.shared import JsonValue
from importer.mapper.values.texts import BadValue, one_line, plain_digits

# The beginnings of the words for hour and minute in the languages of lists.
_HOUR = (
    r"(?:h|hr|hrs|hour|hours|std\w*|stunden?|heures?|horas?|or[ae]|uur|godz\w*|ч|час\w*|saat"
    r"|ساع\w+)"
)
_MINUTE = r"(?:m|min|mins|minut\w*|мин\w*|dk|dakika|دقي\w+|دقائق|')"
_AMOUNT = r"[0-9]+(?:[.,][0-9]+)?"
_WORDED = re.compile(
    rf"(?:(?P<hours>{_AMOUNT}) ?{_HOUR}\.?)?[ ,]*(?:and|und|et|y|e|و)? ?"
    rf"(?:(?P<minutes>{_AMOUNT})(?: ?{_MINUTE}\.?)?)?",
    re.IGNORECASE,
)
_CLOCK = re.compile(r"(?P<hours>[0-9]{1,2}):(?P<minutes>[0-5][0-9])(?::00)?")
_ISO = re.compile(r"PT(?:(?P<hours>[0-9]+)H)?(?:(?P<minutes>[0-9]+)M)?(?:0S)?", re.IGNORECASE)
_HINT = "Write it in minutes, or as 1:30."


def read_minutes(raw: JsonValue) -> int:
    """
    Return a duration in minutes; a plain number is in minutes. Raises `BadValue`.

        >>> read_minutes("1 h 30 min"), read_minutes("0:45"), read_minutes("PT2H")
        (90, 45, 120)
    """
    text = one_line(plain_digits(raw)) if isinstance(raw, str) else str(raw)
    for pattern in (_CLOCK, _ISO, _WORDED):
        match = pattern.fullmatch(text)
        if match is not None and (match["hours"] or match["minutes"]):
            hours, minutes = (_number(match[part]) for part in ("hours", "minutes"))
            return _whole(hours * 60 + minutes)
    raise BadValue("is not a number of minutes", _HINT)


def _number(text: str | None) -> Decimal:
    return Decimal((text or "0").replace(",", "."))


def _whole(minutes: Decimal) -> int:
    if minutes != int(minutes):
        raise BadValue("is not a whole number of minutes", _HINT)
    if minutes <= 0:
        raise BadValue("is not longer than nothing", _HINT)
    if minutes > 60 * 24 * 366:
        raise BadValue("is longer than a year", _HINT)
    return int(minutes)
