"""The words for formats; times that are numbers: days of spreadsheets, seconds since 1970."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

__all__ = ["BUDDHIST", "GREGORIAN", "ISO", "SERIALS"]

ISO = "iso"
"""The entry for ISO 8601 in `formats`, which is also the default."""

# ISO 8601 allows years before 1583, the first full year of the Gregorian calendar, only by
# agreement. In a list they are Hijri years (1446 is 2024), or typing errors (0202).
GREGORIAN = 1583

# Thailand counts years from 543 years earlier (CLDR, calendar buddhist): 2567 is 2024.
BUDDHIST = range(2400, 2700)

_NUMBER = re.compile(r"-?[0-9]{1,13}(?:[.,][0-9]{1,20})?")
_SECONDS_A_DAY = 86_400
_FIRST_SERIAL, _NO_DAY, _LAST_SERIAL = 1, 60, 2_958_465  # 1900-01-01 to 9999-12-31


def _number(text: str) -> Decimal:
    """Return the number a text holds. Raises `ValueError`."""
    if not _NUMBER.fullmatch(text):
        raise ValueError("no number")
    return Decimal(text.replace(",", "."))


def _seconds(number: Decimal) -> timedelta:
    return timedelta(seconds=int(number.to_integral_value(ROUND_HALF_UP)))


def _excel(text: str) -> datetime:
    """
    Count days as Excel does on Windows: 1 is 1900-01-01 (ECMA-376, part 1, 18.17.4.1).

    Excel treats 1900 as a leap year, so 60 is a day that does not exist.
    """
    days = _number(text)
    if not _FIRST_SERIAL <= days < _LAST_SERIAL + 1 or int(days) == _NO_DAY:
        raise ValueError("no day")
    epoch = datetime(1899, 12, 31 if days < _NO_DAY else 30)  # noqa: DTZ001 - local time
    return epoch + _seconds(days * _SECONDS_A_DAY)


def _excel_1904(text: str) -> datetime:
    """Count days as Excel on older Macs does: 0 is 1904-01-01."""
    days = _number(text)
    if not 0 <= days < _LAST_SERIAL - 1461:
        raise ValueError("no day")
    return datetime(1904, 1, 1) + _seconds(days * _SECONDS_A_DAY)  # noqa: DTZ001 - local time


def _unix(text: str) -> datetime:
    """Count seconds since 1970-01-01T00:00Z (POSIX)."""
    return datetime(1970, 1, 1, tzinfo=UTC) + _seconds(_number(text))


def _unix_ms(text: str) -> datetime:
    """Count milliseconds since 1970-01-01T00:00Z, as JavaScript does (ECMA-262, 21.4.1)."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=int(_number(text)))


SERIALS: dict[str, Callable[[str], datetime]] = {
    "excel": _excel,
    "excel-1904": _excel_1904,
    "unix": _unix,
    "unix-ms": _unix_ms,
}
"""The name of each in `formats`; they raise `ValueError` for a number out of range."""
