"""Countries of phone numbers that have no country code."""

from __future__ import annotations

import pytest

from importer.mapper.regions import fitting_regions, misplaced

GERMAN = [f"0171 23456{n:02}" for n in range(20)]
CODED = [f"+49 171 23456{n:02}" for n in range(20)]


def test_numbers_that_fit_another_country_are_told_with_it() -> None:
    assert misplaced(GERMAN, "AE") == "most numbers are not of AE, but are written as in DE"


@pytest.mark.parametrize(
    ("numbers", "region"),
    [
        (GERMAN, "DE"),
        (GERMAN[:3], "AE"),  # too few to tell
        (CODED, "AE"),  # need no region
        ([*CODED, *GERMAN[:8]], "AE"),  # most have a country code
        (["12", "34", "56", "78", "90"], "AE"),  # no country has such numbers
        ([], "AE"),
    ],
)
def test_numbers_that_say_nothing_against_a_region(numbers: list[str], region: str) -> None:
    assert misplaced(numbers, region) is None


def test_a_region_that_refuses_numbers_is_not_named_as_one_that_fits() -> None:
    local = [f"462 {n:04}" for n in range(1000, 1040)]  # of Antigua, which shares a code with US
    told = misplaced(local, "US") or ""
    assert "US" not in told.partition(", but ")[2]


@pytest.mark.parametrize(
    ("prefix", "form"), [("050", "{} {:07}"), ("052", "{}-{:07}"), ("055", "{}{:07}")]
)
def test_a_country_fits_however_its_numbers_are_spaced(prefix: str, form: str) -> None:
    numbers = [form.format(prefix, 1001357 + n * 7919) for n in range(60)]
    assert "AE" in fitting_regions(numbers)
