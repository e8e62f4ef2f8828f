"""Each accident of a nightly import in one night: nothing wrong is sent, and somebody is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from effort import NIGHTLY
from nights import ACCIDENTS, Before, honest_nights, play
from referee import World

pytestmark = pytest.mark.slow

ROWS = 150
TOLD = {
    "an empty file": "people.csv is empty",
    "the header lost": "has none of the 8 columns of the mapping: has it lost its first row, or is",
    "an error page": "if it tells of an error, export the list again",
    "an encoding without accents": "it is not in UTF-8 any more, as the last one was",
    "ids renumbered": "external_ref: ",
    "a list that is there twice": "was it exported twice?",
    "an old list again": "is it an old export?",
    "a mapping that swaps names": "first_name is from Last Name (it was from First Name)",
    "a lost results file": "people.results.jsonl is not there; nothing was sent",
    "the results file of last night": "does not know records that were made; nothing was sent",
    "no file": "people.csv: no such file",
    "a revoked key": "the API key",
}
"""What the message of an accident has to say, for those that no other test holds to it."""
PLAYED = [name for at, name in enumerate(ACCIDENTS) if NIGHTLY or name in TOLD or at % 4 == 0]
"""`make accidents` plays all of them."""


def night_before(world: World) -> Before:
    return honest_nights(world, rows=ROWS, honest=1)


@pytest.mark.parametrize("name", PLAYED)
def test_it_sends_nothing_wrong_and_is_told(
    name: str, world: World, begun: Callable[[World, Any], Before]
) -> None:
    before = begun(world, night_before)

    seen = play(world, name, before)

    assert [*seen.failures] == [], seen
    assert TOLD.get(name, "") in seen.told, seen.told
    if seen.exit_code == 7 and "results file" not in name:
        ways = "If the list is wrong, export it again, then: vorel-import run --job "
        is_asked = "differs too much from the last list (" in seen.told
        assert not is_asked or ways in seen.told, seen.told
