"""Some of the random stories that `make stories` plays, and faults that they have to notice."""

from __future__ import annotations

import pytest
from simulation.mutants import mutated
from stories import play

STORIES = (17, 19, 35, 63)
"""In these, most of what can happen in a story happens."""
KILLED = 6
FOUND_BY = {
    "created rows are sent again": 0,
    "contact points are not compared": 0,
    "an unclear request counts as refused": 7,
}
"""A story that shows each of these faults."""


@pytest.mark.parametrize("seed", STORIES)
def test_nobody_is_made_twice_or_lost(seed: int) -> None:
    """`make stories STORIES=1 START=…` plays a story that fails alone."""
    ended = play(seed, kills=False)
    assert ended.fault is None, str(ended)


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
