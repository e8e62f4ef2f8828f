"""Some of the random stories that `make stories` plays, and faults that they have to notice."""

from __future__ import annotations

import pytest
from simulation.mutants import mutated
from stories import kind_of, play

pytestmark = pytest.mark.slow

STORIES = (25, 72)
"""In these, most of what can happen in a story in which anything may change happens."""
WEEKS = (12, 13, 15, 16, 18, 19, 20, 21)
"""A story of each other kind in which much happens."""
SHORT = 8
KILLED = 6
FOUND_BY = {
    "created rows are sent again": 0,
    "contact points are not compared": 0,
    "an unclear request counts as refused": 80,
}
"""A story that shows each of these faults."""


@pytest.mark.parametrize("seed", [*STORIES, *WEEKS])
def test_nobody_is_made_twice_or_lost(seed: int) -> None:
    """`make stories STORIES=1 START=…` plays a story that fails alone."""
    ended = play(seed, kills=False)
    assert ended.fault is None, str(ended)


def test_each_kind_has_its_stories() -> None:
    assert {kind_of(seed) for seed in (*STORIES, *WEEKS)} == {kind_of(seed) for seed in range(11)}


def test_a_story_is_the_same_each_time() -> None:
    one, other = (play(SHORT) for _ in range(2))
    assert one.told == other.told
    assert one.counts == other.counts


def test_a_story_in_which_a_process_is_killed() -> None:
    ended = play(KILLED)
    assert ended.fault is None, str(ended)
    assert ended.kills


@pytest.mark.parametrize("fault", FOUND_BY)
def test_a_broken_importer_is_found_out(fault: str) -> None:
    with mutated(fault):
        ended = play(FOUND_BY[fault], kills=False)
    assert ended.fault is not None
    assert "TWICE" in ended.fault
