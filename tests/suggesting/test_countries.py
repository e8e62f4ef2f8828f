"""Countries of phone numbers are ranked by what else the list and this computer say."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.columns.choose import choose
from importer.suggesting.countries import LikelyCountries, likely_countries, region_of_zone
from importer.suggesting.sampling import Sample

EMIRATES = [f"050 {1001357 + at * 7919}" for at in range(20)]
NOWHERE = {"TZ": "UTC"}


def found(
    numbers: list[str],
    *,
    timezone: str | None = None,
    environ: Mapping[str, str] = NOWHERE,
    object_: str = "contact",
    **columns: list[str],
) -> LikelyCountries:
    names = ("Phone", *columns)
    values = (numbers, *columns.values())
    sample = Sample(columns=names, values=values)
    choices = choose(names, load_schema(object_), values)
    return likely_countries(numbers, choices, sample, timezone, environ)


@pytest.mark.parametrize("object_", ["contact", "lead", "deal"])
@pytest.mark.parametrize(
    ("city", "country"),
    [("Dubai", "AE"), ("دبي", "AE"), ("أبوظبي", "AE"), ("Helsinki", "FI"), ("Nairobi", "KE")],
)
def test_the_cities_of_the_list_say_where_it_is_from(object_: str, city: str, country: str) -> None:
    likely = found(EMIRATES, object_=object_, City=[city] * 20)
    assert likely.only == country
    (one,) = likely.countries
    assert (one.code, one.number) == (country, "050 1001357")
    assert one.sent.startswith("+")


def test_each_kind_of_evidence_names_a_country() -> None:
    assert found(EMIRATES, Country=["United Arab Emirates", "?", "?"] * 6 + ["?", "?"]).only == "AE"
    assert found(EMIRATES, timezone="Asia/Dubai").only == "AE"
    assert found(EMIRATES, environ={"TZ": "UTC", "LC_TELEPHONE": "ar_AE.UTF-8"}).only == "AE"
    assert found(EMIRATES, environ={"TZ": "Asia/Dubai"}).only == "AE"
    assert found(EMIRATES, Mobile=["+971501234567"] * 20).only == "AE"


def test_two_countries_are_ranked_and_none_is_the_only_one() -> None:
    likely = found(
        EMIRATES, timezone="Asia/Riyadh", City=["Dubai"] * 20, environ={"TZ": "Asia/Dubai"}
    )
    assert [one.code for one in likely.countries] == ["AE", "SA"]
    assert likely.only is None


@pytest.mark.parametrize("environ", [NOWHERE, {"TZ": "UTC", "LANG": "C.UTF-8"}, {"LANG": "en_US"}])
def test_nothing_is_proposed_where_nothing_says_it(environ: dict[str, str]) -> None:
    assert found(EMIRATES, environ={"TZ": "UTC", **environ}) == LikelyCountries()


def test_a_country_in_which_the_numbers_are_not_valid_is_never_proposed() -> None:
    likely = found(EMIRATES, timezone="Asia/Tokyo", environ={"TZ": "UTC", "LANG": "en_GB"})
    assert likely == LikelyCountries()


def test_a_few_wrong_numbers_do_not_hide_the_country_that_the_others_name() -> None:
    mistyped = [f"059 {1001357 + at * 7919}" for at in range(6)]
    likely = found(mistyped + EMIRATES[:14], Mobile=["+971501234567"] * 20)
    assert likely.only == "AE"
    assert found(mistyped + EMIRATES[:6], Mobile=["+971501234567"] * 12).only != "AE"
    assert found(mistyped + EMIRATES[:14], timezone="Asia/Dubai").only != "AE"


@pytest.mark.parametrize(("zone", "region"), [("Asia/Dubai", "AE"), ("UTC", None), (None, None)])
def test_the_country_of_a_zone(zone: str | None, region: str | None) -> None:
    assert region_of_zone(zone) == region
