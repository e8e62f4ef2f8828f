"""Owners of one key whatever happens to them: one sends at a time, and never above the rate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest
from postgres import Server
from takeovers import World, virtual_database

from importer.fleet.database.connecting import Connection
from importer.fleet.journal import appender
from importer.fleet.leases import lease

SEEDS = 4
HELD = "AND owner = %(owner)s AND epoch = %(epoch)s"


@pytest.fixture(scope="module")
def virtual(postgres: Server) -> Iterator[Connection]:
    with closing(virtual_database(postgres)) as connection:
        yield connection


def test_one_owner_sends_at_a_time_and_keeps_the_rate(virtual: Connection) -> None:
    worlds = []
    for seed in range(SEEDS):
        world = World(virtual, seed)
        world.live()
        assert world.broken == [], seed
        worlds.append(world)
    assert sum(len(world.sends) for world in worlds) > 40 * SEEDS
    assert sum(world.takeovers for world in worlds) > 2 * SEEDS
    for name in ("pauses", "deaths", "refused"):
        assert sum(getattr(world, name) for world in worlds), name


MUTANTS: dict[str, list[tuple[object, str, object]]] = {
    "the journal does not tell what was sent": [
        (lease, "_TAKE", lease._TAKE.replace("WHERE job = %(before)s", "WHERE job = -%(before)s"))
    ],
    "what was sent before is not handed on": [
        (lease, "_TAKE", lease._TAKE.replace("unnest(lease.sends)", "unnest('{}'::timestamptz[])"))
    ],
    "requests are counted at once": [(lease, "_COUNTED_SECONDS", -20)],
    # Each of these two would be enough here; a clock that runs much too slowly needs the second.
    "anybody sends": [
        (lease.Lease, "is_valid", lambda _self: True),
        (appender, "_APPEND", appender._APPEND.replace(HELD, "")),
    ],
}


@pytest.mark.parametrize("name", MUTANTS)
def test_each_rule_is_needed(
    virtual: Connection, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for target, attribute, instead in MUTANTS[name]:
        assert getattr(target, attribute) != instead
        monkeypatch.setattr(target, attribute, instead)
    for seed in range(60):
        world = World(virtual, seed)
        world.live()
        if world.broken:
            words = "an owner of before" if name == "anybody sends" else "in the minute"
            assert any(words in one for one in world.broken)
            return
    pytest.fail("nothing was broken")
