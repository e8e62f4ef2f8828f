"""Finds the time zone that a header states: `Start (GST)`, `Created (UTC+04:00)`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from importer.mapper.values.dates import load_zone

__all__ = ["HeaderZone", "zone_in_header"]

# Abbreviations that one zone has, by the time zone database, or by custom where it has none.
_ONE = {
    "GST": "Asia/Dubai", "PKT": "Asia/Karachi", "JST": "Asia/Tokyo", "KST": "Asia/Seoul",
    "HKT": "Asia/Hong_Kong", "SGT": "Asia/Singapore", "MYT": "Asia/Kuala_Lumpur",
    "WIB": "Asia/Jakarta", "ICT": "Asia/Bangkok", "MSK": "Europe/Moscow",
    "TRT": "Europe/Istanbul", "SAST": "Africa/Johannesburg", "EAT": "Africa/Nairobi",
    "WAT": "Africa/Lagos", "CAT": "Africa/Maputo", "AWST": "Australia/Perth",
    "NZST": "Pacific/Auckland", "NZDT": "Pacific/Auckland", "BRT": "America/Sao_Paulo",
    "ART": "America/Argentina/Buenos_Aires",
}  # fmt: skip
# Those of zones that change their clocks at other times, or not at all; IST is India's, Israel's
# and Ireland's. The second is how the time zone database writes it.
_SEVERAL = {
    **{name: name for name in (
        "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST", "PDT", "CET", "CEST", "EET", "EEST",
        "WET", "WEST", "BST", "IST", "AST", "ADT", "AEST", "AEDT", "ACST", "ACDT",
    )},
    "ET": "EST", "CT": "CST", "MT": "MST", "PT": "PST", "MEZ": "CET", "MESZ": "CEST",
}  # fmt: skip
# Offsets of a fraction of an hour, and a zone that has had no other for fifty years.
_FRACTIONS = {
    "+04:30": "Asia/Kabul", "+05:30": "Asia/Kolkata", "+05:45": "Asia/Kathmandu",
    "+06:30": "Asia/Yangon", "+09:30": "Australia/Darwin",
}  # fmt: skip
_HALVES = (datetime(2024, 1, 15), datetime(2024, 7, 15))  # noqa: DTZ001 - in whichever zone

_IN_BRACKETS = re.compile(r"[(\[]\s*([^()\[\]]+?)\s*[)\]]\s*$")
_UTC_WORD = re.compile(r"(?:^|[\s_.-])(?:UTC|utc|GMT|gmt)$|[a-z](?:UTC|GMT)$")
_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+\u2212-])\s*([0-9]{1,2})(?::?([0-9]{2}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderZone:
    """What a header states, and the zone that is: None if there are several of this name."""

    text: str
    zone: str | None


def zone_in_header(header: str, stated: str | None = None) -> HeaderZone | None:
    """
    Return the time zone that a header names, or None if it names none.

    `stated` is the zone that a person has stated for the list: it decides if the header has an
    abbreviation that several zones use, and it is one of them.

    >>> zone_in_header("Start (GST)")
    HeaderZone(text='GST', zone='Asia/Dubai')
    >>> zone_in_header("Start (EST)", "America/New_York")
    HeaderZone(text='EST', zone='America/New_York')
    >>> zone_in_header("Start (EST)", "Asia/Dubai")
    HeaderZone(text='EST', zone=None)
    """
    bracketed = _IN_BRACKETS.search(header)
    if bracketed is None:
        is_utc = _UTC_WORD.search(header.strip()) is not None
        return HeaderZone(text="UTC", zone="UTC") if is_utc else None
    text = bracketed[1]
    name = text.upper()
    if name in {"UTC", "GMT", "Z"}:
        return HeaderZone(text=text, zone="UTC")
    if offset := _OFFSET.fullmatch(text):
        return HeaderZone(text=text, zone=_of_offset(offset[1], int(offset[2]), offset[3] or "00"))
    if text in _ONE:
        return HeaderZone(text=text, zone=_ONE[text])
    if text in _SEVERAL:
        fits = stated is not None and _SEVERAL[text] in _abbreviations(stated)
        return HeaderZone(text=text, zone=stated if fits else None)
    return HeaderZone(text=text, zone=text) if "/" in text and _is_zone(text) else None


def _of_offset(sign: str, hours: int, minutes: str) -> str | None:
    if minutes == "00":
        # In the time zone database the sign of these names is the other way round.
        name = f"Etc/GMT{'-' if sign == '+' else '+'}{hours}" if hours else "UTC"
        return name if _is_zone(name) else None
    return _FRACTIONS.get(f"{'+' if sign == '+' else '-'}{hours:02}:{minutes}")


def _is_zone(name: str) -> bool:
    try:
        load_zone(name)
    except ValueError:
        return False
    return True


def _abbreviations(zone: str) -> Iterable[str | None]:
    return {moment.replace(tzinfo=load_zone(zone)).tzname() for moment in _HALVES}
