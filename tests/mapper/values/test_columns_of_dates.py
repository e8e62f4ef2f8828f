"""Dates and times that are read as a column are what the exact readers return for them."""

from __future__ import annotations

import random
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.mapper.values.dates import (
    date_column_reader,
    date_reader,
    datetime_column_reader,
    datetime_reader,
)

FORMATS = [
    "%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d.%m.%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%Y/%m/%d %H:%M",
    "iso", "%d-%m-%Y, %H:%M", "%Y-%m-%dT%H:%M",
]  # fmt: skip
LEFT_TO_THE_EXACT_READER = ["%Y%m%d", "%d %B %Y", "%d/%m/%y", "%d/%m/%Y %I:%M %p", "excel", "%j %Y"]
ZONES = ["UTC", "Asia/Dubai", "Europe/Berlin", "America/Sao_Paulo", "Africa/Casablanca"]


def written(chance: random.Random) -> str:
    """Return a time somehow written, often one that does not exist."""
    year = chance.choice([*range(1965, 2030), 1446, 202, 1583, 9999])
    numbers = [f"{chance.randint(0, most):0{chance.randint(1, 2)}}" for most in (13, 32)]
    one, other = chance.choice("/-. "), chance.choice(["T", " ", ", "])
    day = [*numbers, f"{year:04}"] if chance.random() < 0.5 else [f"{year:04}", *numbers]
    clock = [f"{chance.randint(0, most):0{chance.randint(1, 2)}}" for most in (24, 60, 60)]
    time = ":".join(clock[: chance.randint(2, 3)])
    offset = chance.choice(["", "", "Z", "+04:00", "-03:30", "-00:00", "+24:00", " +02:00", ".5"])
    whole = one.join(day) + chance.choice(["", other + time + offset])
    return chance.choice(["", "", "", " "]) + whole


def assert_same(cells: list[str], formats: tuple[str, ...], zone: ZoneInfo | None) -> int:
    """Hold what is read at once against the exact readers. Returns how many cells that was."""
    pairs = [
        (date_column_reader(formats), date_reader(formats)),
        (datetime_column_reader(formats, zone), datetime_reader(formats, zone)),
    ]
    read = 0
    for plain, exact in pairs:
        values = plain(pl.DataFrame({"cell": cells})) if plain is not None else [None] * len(cells)
        for cell, value in zip(cells, values, strict=True):
            if value is not None:
                assert value == exact(cell), (cell, formats)
                read += 1
    return read


@settings(max_examples=examples(60), deadline=None)
@given(
    seed=st.integers(0, 10**6),
    formats=st.lists(st.sampled_from(FORMATS), max_size=2).map(tuple),
    zone=st.sampled_from([*map(ZoneInfo, ZONES), None]),
)
def test_times_that_may_exist(seed: int, formats: tuple[str, ...], zone: ZoneInfo | None) -> None:
    chance = random.Random(seed)

    assert_same([written(chance) for _ in range(60)], formats, zone)


@pytest.mark.slow
@pytest.mark.parametrize("zone", ZONES)
def test_every_half_hour_of_a_year_whose_clocks_change(zone: str) -> None:
    cells = [
        f"{day:02}/{month:02}/2017 {half // 2:02}:{half % 2 * 30:02}"
        for month in range(1, 13)
        for day in range(1, 29)
        for half in range(48)
    ]

    assert assert_same(cells, ("%d/%m/%Y %H:%M",), ZoneInfo(zone)) > 0.9 * len(cells)


@pytest.mark.parametrize(
    ("formats", "cell"),
    [
        ((), "2024-05-31 09:30:15"), ((), "2024-05-31T09:30Z"), ((), "2024-05-31T09:30:00-05:00"),
        ((), "2024-05-31 9:30:00+04:00"),
        (("%m/%d/%Y %H:%M",), "5/31/2024 9:05"), (("iso", "%d.%m.%Y"), "2024-05-31T09:30"),
    ],
)  # fmt: skip
def test_times_as_they_mostly_are(formats: tuple[str, ...], cell: str) -> None:
    assert assert_same([cell], formats, ZoneInfo("Asia/Dubai"))


@pytest.mark.parametrize("format_", LEFT_TO_THE_EXACT_READER)
def test_formats_that_are_left_to_the_exact_reader(format_: str) -> None:
    assert date_column_reader([format_]) is None
    assert datetime_column_reader([format_], ZoneInfo("UTC")) is None
