"""Countries of phone numbers that have no country code."""

from __future__ import annotations

import pytest

from importer.mapper.regions import misplaced

GERMAN = [f"0171 23456{n:02}" for n in range(20)]
CODED = [f"+49 171 23456{n:02}" for n in range(20)]


def test_numbers_that_fit_another_country_are_told_with_it() -> None:
    assert misplaced(GERMAN, "AE") == "most numbers are not of AE, but fit DE"


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
