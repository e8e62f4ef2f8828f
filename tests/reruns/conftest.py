"""The referee: a folder, a CRM of its own over real HTTP, and the real command line."""

from __future__ import annotations

import pytest
from referee import World
from referee.fixtures import serve, short_waits, world
from referee.three_people import ADA, BAD_CYD, BO, HEADER, RUN

__all__ = ["serve", "short_waits", "world"]


@pytest.fixture
def imported(world: World) -> World:
    """Two people created, and one refused here for an address that is too long."""
    world.write("people.csv", HEADER + ADA + BO + BAD_CYD)
    world.run(*RUN).ended(1, created=2, invalid=1)
    return world


@pytest.fixture
def two(world: World) -> World:
    """Two people, created."""
    world.write("people.csv", HEADER + ADA + BO)
    world.run(*RUN).ended(0, created=2)
    return world
