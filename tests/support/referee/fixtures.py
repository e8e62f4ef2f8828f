"""Fixtures of pytest: a folder, a CRM of its own over real HTTP, and the real command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from importer.sender.delivery import breaker
from importer.sender.pacing import backpressure
from referee.crm import Crm, serving
from referee.world import World

Begin = Callable[[World], Any]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait hundredths of a second before another try; what is decided is the same."""
    monkeypatch.setattr(backpressure, "_WAIT_INITIAL", 0.01)
    monkeypatch.setattr(breaker, "_PROBE_WAITS", (0.01,))


@pytest.fixture
def serve() -> Iterator[Callable[[Crm], str]]:
    """Answer for a CRM at one more address, until the test ends."""
    with ExitStack() as stack:
        yield lambda crm: stack.enter_context(serving(crm))


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[World, Begin], Any]]:
    """
    Return what lets a world be as `begin` leaves it, and returns what `begin` did.

    `begin` runs once for all tests; each goes on from there with a copy of the folder, at an
    address where the CRM knows what it knew.
    """
    with ExitStack() as stack:
        kept: dict[Begin, tuple[World, dict[str, Any], Any]] = {}

        def put(world: World, begin: Begin) -> Any:
            if begin not in kept:
                crm = Crm()
                url = stack.enter_context(serving(crm, poll=1))
                first = World(tmp_path_factory.mktemp("begun"), url, crm)
                returned = begin(first)
                kept[begin] = first, crm.state(), returned
            first, state, returned = kept[begin]
            copytree(first.folder, world.folder, dirs_exist_ok=True)
            world.crm, world.url = first.crm, first.url
            world.crm.return_to(state)
            return deepcopy(returned)

        yield put


@pytest.fixture
def world(tmp_path: Path, serve: Callable[[Crm], str]) -> World:
    crm = Crm()
    folder = tmp_path / "lists"
    folder.mkdir()
    return World(folder, serve(crm), crm)
