"""Imports that crash anywhere, on a bad disk and against a bad server, keep all promises."""

from __future__ import annotations

import pytest
from effort import some
from simulation.report import Failure
from simulation.seeds import try_seed
from simulation.world import simulate

pytestmark = pytest.mark.slow

SEEDS = 20
"""`make simulate` runs 2,000, each night and before a release."""

BLOCK = 10


@pytest.mark.parametrize("start", range(0, SEEDS, BLOCK))
def test_no_seed_breaks_a_promise(start: int) -> None:
    """`make simulate SEEDS=1 START=…` runs a seed that fails alone."""
    outcomes = [try_seed(seed) for seed in range(start, start + BLOCK)]

    assert [str(outcome) for outcome in outcomes if isinstance(outcome, Failure)] == []
    assert sum(o.deaths for o in outcomes if not isinstance(o, Failure)) > BLOCK / 2


def test_a_seed_is_the_same_each_time() -> None:
    assert [simulate(seed) for seed in range(3)] == [simulate(seed) for seed in range(3)]


@pytest.mark.nightly
@pytest.mark.parametrize(
    "seed",
    [
        1026035, 2094207, 30013567, 30020464, 30021883,
        31006059, 31007855, 31009291, 34012523,
        34017007, 34017852, 37003557, 37004603, 37004732, 38022823, 40006463,
        40010159, 42005194, 42044818, 47004772, 48013401, 48024072, 49044660,
        49056701, 55067395,
    ],
)  # fmt: skip
def test_a_seed_that_once_broke_a_promise_keeps_it_now(seed: int) -> None:
    """
    1026035: requests that only timed out had told of a slow way, and the pace relied on it.
    2094207: where most rows were cut short, the header was read by another delimiter.
    30013567, 30020464: a check took records for one person's that a first mapping, of first names
    alone, could not tell from those of others.
    30021883: a check did not know a request that was finished from a row edited meanwhile.
    31006059, 31007855, 31009291: a copy of a row held back for what it means was sent.
    34012523: a check took a record for unclear that was on record when its process died.
    34017007: a check looked at the outcome of an equal row that had been deleted.
    34017852: a row edited since took a record from the duplicate of its row by an earlier mapping.
    37003557: no row of a list was whole, so its header was not taken for that of its columns.
    37004603: a check did not know a request that had not left when its process died.
    37004732: of two records that a row might take, only the first one's owner was known in time.
    38022823: a copy, once skipped, kept the record of somebody else whom it had been counted for.
    40006463: a check did not know that a duplicate keeps the record of a row that is gone.
    40010159: an equal row edited in a column that was mapped until then was sent once more.
    42005194: a check did not know which of two requests with one key had made its record.
    42044818: a row had given up its record for that of an equal row, and was sent once more.
    47004772: as 40010159, while no row had the content of any record.
    48013401: a row whose request had no clear answer was a change of its equal's record.
    48024072: a run ended by itself where a row was compared with one that was only held back.
    49044660: a copy was sent although a request without a clear answer may have been for it.
    49056701: a row was held back for its own request and for that of another row, which was sent.
    55067395: a check did not know that a rejected row may wait for the lost answer of a namesake.
    """
    assert not isinstance(try_seed(seed), Failure)


FOUND = (
    191, 263, 292, 1144, 2338, 10202, 10255, 10306, 10325, 21480, 21945, 22120, 22916, 23148, 23438,
    100733, 202322, 880098, 6000238, 6000556, 6001099, 6100037, 6500396, 6500921,
    20001672, 21002095, 28008405, 28200070, 29000301, 29000847, 30000332, 31001570,
    54840438, 54840681, 54851007, 54852825, 54853743, 54873400, 54933250,
)  # fmt: skip
"""Each showed how somebody could be made twice, or be lost, when mappings change between runs."""


@pytest.mark.parametrize("seed", some(FOUND[::-1], len(FOUND) // 2))
def test_what_a_seed_has_found_stays_mended(seed: int) -> None:
    assert not isinstance(try_seed(seed), Failure)
