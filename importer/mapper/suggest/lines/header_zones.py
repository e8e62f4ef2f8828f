"""Finds the time zone that a header states: `Start (GST)`, `Created (UTC+04:00)`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from importer.mapper.data import load_table
from importer.mapper.values.dates import load_zone

__all__ = ["HeaderZone", "zone_in_header"]

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
    one, several = (load_table("zones")[key] for key in ("one", "several"))
    if text in one:
        return HeaderZone(text=text, zone=one[text])
    if text in several:
        fits = stated is not None and several[text] in _abbreviations(stated)
        return HeaderZone(text=text, zone=stated if fits else None)
    return HeaderZone(text=text, zone=text) if "/" in text and _is_zone(text) else None


def _of_offset(sign: str, hours: int, minutes: str) -> str | None:
    if minutes == "00":
        # In the time zone database the sign of these names is the other way round.
        name = f"Etc/GMT{'-' if sign == '+' else '+'}{hours}" if hours else "UTC"
        return name if _is_zone(name) else None
    fractions: dict[str, str] = load_table("zones")["fractions"]
    return fractions.get(f"{'+' if sign == '+' else '-'}{hours:02}:{minutes}")


def _is_zone(name: str) -> bool:
    try:
        load_zone(name)
    except ValueError:
        return False
    return True


def _abbreviations(zone: str) -> Iterable[str | None]:
    return {moment.replace(tzinfo=load_zone(zone)).tzname() for moment in _HALVES}
