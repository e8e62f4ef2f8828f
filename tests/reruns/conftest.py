"""The referee: a folder, a CRM of its own over real HTTP, and the real command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from referee import World
from referee.fixtures import serve, short_waits, world
from referee.three_people import ADA, BAD_CYD, BO, HEADER, RUN

__all__ = ["serve", "short_waits", "world"]

PENDING = Path(__file__).with_name("pending.txt")
"""Sequences that do not hold yet, a line each, below the reason why."""


FOUND = (AssertionError, LookupError, OSError, ValueError)
"""What a sequence that does not hold may end with: files and ids that are not there among it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Expect the pending sequences to fail; one that holds has to leave the list."""
    reason, pending = "", {}
    for line in PENDING.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            reason = line[2:]
        else:
            pending[line] = reason
    for item in items:
        name = item.nodeid.rpartition("reruns/")[2]
        if name in pending:
            found = pytest.mark.xfail(strict=True, reason=pending[name], raises=FOUND)
            item.add_marker(found)


@pytest.fixture
def imported(world: World) -> World:
    """Two people created, and one refused here for an address that is too long."""
    world.write("people.csv", HEADER + ADA + BO + BAD_CYD)
    world.run(*RUN).ended(1, created=2, invalid=1)
    return world
