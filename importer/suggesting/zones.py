"""Finds the time zones of a country, the country of a zone, and the zone of this computer."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH

__all__ = ["likely_zones", "region_of_zone", "zone_here"]

_ZONES = "zoneinfo/"


def likely_zones(region: str | None) -> list[str]:
    """
    Return time zones that a list is likely in: those of its country, or else this computer's.

    The zones of a country stand in the order of the time zone database: the one where most people
    live comes first.
    """
    own = [name for code, name in _table() if code == region]
    here = zone_here(os.environ)
    if not own:
        return [here] if here else []
    return sorted(own, key=lambda name: name != here)


def region_of_zone(name: str | None) -> str | None:
    """
    Return the country of a time zone, or None for one of no country.

    >>> region_of_zone("Asia/Dubai")
    'AE'
    """
    return next((code for code, zone in _table() if zone == name), None) if name else None


def _table() -> Iterator[tuple[str, str]]:
    """Yield country and zone from zone.tab of the time zone database (RFC 6557)."""
    text = next((path.read_text("utf-8") for path in _tables() if path.is_file()), None)
    if text is None:
        text = files("tzdata").joinpath(_ZONES, "zone.tab").read_text("utf-8")
    for line in text.splitlines():
        cells = line.split("\t")
        if not line.startswith("#") and len(cells) > 2:
            yield cells[0], cells[2]


def _tables() -> Iterator[Path]:
    return (Path(folder) / "zone.tab" for folder in TZPATH)


def zone_here(environ: Mapping[str, str]) -> str | None:
    """Return the zone of this computer, if it is set by its name: by TZ, or in /etc/localtime."""
    named = environ.get("TZ", "").lstrip(":")
    if not named:
        _, mark, named = os.path.realpath("/etc/localtime").partition(_ZONES)
        if not mark:
            return None
    return named if "/" in named and not named.startswith("Etc/") else None
