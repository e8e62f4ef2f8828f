"""Waits between two tries of the same request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.sender.pacing.backpressure import backoff

chances = st.floats(min_value=0, max_value=1, exclude_max=True)


@given(attempt=st.integers(min_value=1, max_value=10_000), chance=chances)
def test_half_of_a_wait_is_fixed_and_half_is_chance(attempt: int, chance: float) -> None:
    whole = min(30.0, 2.0 ** min(attempt - 1, 20))
    assert whole / 2 <= backoff(attempt, chance) <= whole


@given(attempt=st.integers(min_value=1, max_value=100), chance=chances)
def test_a_later_wait_is_never_shorter_by_the_same_chance(attempt: int, chance: float) -> None:
    assert backoff(attempt, chance) <= backoff(attempt + 1, chance)


@pytest.mark.parametrize(
    ("attempt", "least"), [(1, 0.5), (2, 1), (3, 2), (4, 4), (5, 8), (6, 15), (7, 15), (99, 15)]
)
def test_waits_double_up_to_half_a_minute(attempt: int, least: float) -> None:
    assert backoff(attempt, 0) == least
