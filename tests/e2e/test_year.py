"""Nights of a small list, with each accident once. `make nights` runs a year of 10,000 rows."""

from __future__ import annotations

from pathlib import Path

import pytest
from nights import ACCIDENTS, Year
from referee import Crm, World, serving

_DAYS = 9 + 2 * len(ACCIDENTS) + 3


@pytest.mark.nightly
def test_each_accident_is_stopped_or_told_and_nobody_is_twice(tmp_path: Path) -> None:
    crm = Crm()
    with serving(crm) as url:
        year = Year.of(
            World(tmp_path, url, crm), seed=1, rows=200, days=_DAYS, accidents=len(ACCIDENTS)
        )
        nights = list(year.run(_DAYS))

    assert year.failures == []
    assert year.false_stops == 0
    assert {night.accident for night in nights} >= ACCIDENTS.keys()
    assert len(crm.records) > 200


def test_a_revoked_key_is_no_accident_in_a_night_with_nothing_to_send(tmp_path: Path) -> None:
    crm = Crm()
    with serving(crm) as url:
        year = Year.of(World(tmp_path, url, crm), seed=1, rows=100, days=7, accidents=0)
        year.planted[5] = "a revoked key"  # nobody is registered at the weekend
        revoked = next(night for night in year.run(7) if night.accident)

    assert (revoked.requests, revoked.exit_code) == (0, 6)
    assert year.failures == []
