"""Finds the countries and time zones that a list may be of, and what of it says so."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import TZPATH

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from importer.mapper.headers.words import load_vocabulary
from importer.mapper.kinds.country import country_of_place
from importer.mapper.regions import as_sent, fitting_regions, regions_of
from importer.mapper.schema.object_schema import fields_of_kind
from importer.mapper.suggest.columns.choice import Choice
from importer.mapper.suggest.lines.phones import countries_in
from importer.suggesting.sampling import Sample

_LIKELY_OF = 0.2
_MOST_CITIES = 200
_NAMED = 4  # that more countries have such numbers says nothing
_LOCALE = ("LC_ALL", "LC_TELEPHONE", "LANG")


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    """A country by its code, a number of the list, and how it is sent if it is of this country."""

    code: str
    number: str
    sent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyCountries:
    """The countries that numbers may be of, the likeliest first."""

    countries: tuple[Country, ...] = ()

    @property
    def only(self) -> str | None:
        """The code of the country, if no other is left."""
        return self.countries[0].code if len(self.countries) == 1 else None


def likely_countries(
    numbers: Sequence[str],
    choices: Sequence[Choice],
    sample: Sample,
    timezone: str | None,
    environ: Mapping[str, str] = os.environ,
) -> LikelyCountries:
    """
    Return the countries in which numbers without a country code may have been written.

    In each of them nearly all `numbers` are valid, or most of them where other numbers have its
    code. They are ranked by what else speaks for them: the numbers with a country code, the columns
    of countries and of cities, the time zone that was stated, and the locale and time zone of this
    computer. If this names countries, only those are returned; `only` is set where it names one, or
    where the numbers are valid in one.
    """
    evidence = [
        _of(_codes(choices, sample)),
        _of(countries_in(_values("country", choices, sample))),
        _of(_of_cities(frozenset(_cities(choices, sample)))),
        {region_of_zone(timezone)},
        {region_of_zone(zone_here(environ)), _of_locale(environ)},
    ]
    named = {region for some in evidence for region in some if region is not None}
    stated = {region for region in evidence[0] if region is not None}
    fits = fitting_regions(numbers, among=named, stated=stated)
    places = [*fits]

    def rank(region: str) -> tuple[int, list[bool], int]:
        votes = [region in some for some in evidence]
        return -sum(votes), [not vote for vote in votes], places.index(region)

    likely = sorted(fits, key=rank)
    if of_list := [region for region in likely if region in named]:
        likely = of_list
    elif len(likely) > _NAMED:
        likely = []
    return LikelyCountries(countries=tuple(_shown(region, numbers) for region in likely[:_NAMED]))


def _shown(region: str, numbers: Sequence[str]) -> Country:
    """Return a country with the first number that is valid in it."""
    for text in numbers:
        sent = as_sent(text, region)
        if sent is not None:
            return Country(code=region, number=text.strip(), sent=sent)
    raise ValueError(f"no number fits {region}")


def _of(counts: Counter[str]) -> set[str | None]:
    """Return the countries that are named often enough not to be an exception."""
    return {code for code, count in counts.items() if count >= _LIKELY_OF * counts.total()}


def _values(field: str, choices: Sequence[Choice], sample: Sample) -> list[str]:
    """Return the values of the columns of a field, or whose headers mean it: a lead has no city."""
    pairs = zip(choices, sample.values, strict=True)
    return [text for choice, values in pairs if _is(choice, field) for text in values if text]


def _is(choice: Choice, field: str) -> bool:
    return choice.field == field or load_vocabulary().parse(choice.column, {}, "").meanings == {
        field
    }


def _codes(choices: Sequence[Choice], sample: Sample) -> Counter[str]:
    numbers = (text for name in fields_of_kind("phone") for text in _values(name, choices, sample))
    return regions_of(numbers)


def _cities(choices: Sequence[Choice], sample: Sample) -> Iterator[str]:
    counts = Counter(text.strip().casefold() for text in _values("city", choices, sample))
    yield from (city for city, _ in counts.most_common(_MOST_CITIES))


@lru_cache(maxsize=16)
def _of_cities(cities: frozenset[str]) -> Counter[str]:
    """Count the cities that countries have: well-known ones, and those of telephone areas."""
    if not cities:
        return Counter()
    known = Counter(filter(None, map(country_of_place, cities)))
    from phonenumbers.geodata import GEOCODE_DATA  # large: for this question alone

    names = {name for names in GEOCODE_DATA.values() for name in names.values()}
    of_name = {name: some for name in names if (some := cities.intersection(_parts(name)))}
    found = {
        (city, prefix[:length])
        for prefix, names in GEOCODE_DATA.items()
        for name in names.values()
        for city in of_name.get(name, ())
        for length in (1, 2, 3)
        if int(prefix[:length]) in COUNTRY_CODE_TO_REGION_CODE
    }
    found_in = (COUNTRY_CODE_TO_REGION_CODE[int(code)] for _, code in found)
    return known + Counter(region for regions in found_in for region in regions)


def _parts(name: str) -> Iterator[str]:
    folded = name.casefold()
    yield folded
    if "," in folded:  # "Paris, TX", "Sharjah, Ajman, Umm Al-Qaiwain"
        yield from (part.strip() for part in folded.split(","))


def _of_locale(environ: Mapping[str, str]) -> str | None:
    """Return the country of the locale: AE for `en_AE.UTF-8`."""
    name = next((environ[key] for key in _LOCALE if environ.get(key)), "")
    _, _, country = name.partition(".")[0].partition("@")[0].partition("_")
    return country or None


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
    text = next(
        (
            path.read_text("utf-8")
            for path in ((Path(folder) / "zone.tab" for folder in TZPATH))
            if path.is_file()
        ),
        None,
    )
    if text is None:
        text = files("tzdata").joinpath(_ZONES, "zone.tab").read_text("utf-8")
    for line in text.splitlines():
        cells = line.split("\t")
        if not line.startswith("#") and len(cells) > 2:
            yield cells[0], cells[2]


def zone_here(environ: Mapping[str, str]) -> str | None:
    """Return the zone of this computer, if it is set by its name: by TZ, or in /etc/localtime."""
    named = environ.get("TZ", "").lstrip(":")
    if not named:
        _, mark, named = os.path.realpath("/etc/localtime").partition(_ZONES)
        if not mark:
            return None
    return named if "/" in named and not named.startswith("Etc/") else None
