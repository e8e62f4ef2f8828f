"""The referee: a folder, a CRM of its own over real HTTP, and the real command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from referee import World
from referee.fixtures import begun, serve, short_waits, world
from referee.three_people import ADA, BAD_CYD, BO, HEADER, RUN

__all__ = ["begun", "serve", "short_waits", "world"]


def _import_three(world: World) -> None:
    world.write("people.csv", HEADER + ADA + BO + BAD_CYD)
    world.run(*RUN).ended(1, created=2, invalid=1)


def _import_two(world: World) -> None:
    world.write("people.csv", HEADER + ADA + BO)
    world.run(*RUN).ended(0, created=2)


@pytest.fixture
def imported(world: World, begun: Callable[[World, Any], None]) -> World:
    """Two people created, and one refused here for an address that is too long."""
    begun(world, _import_three)
    return world


@pytest.fixture
def two(world: World, begun: Callable[[World, Any], None]) -> World:
    """Two people, created."""
    begun(world, _import_two)
    return world
