"""Fixtures of pytest: a folder, a CRM of its own over real HTTP, and the real command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import replace
from functools import partial
from inspect import signature
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from importer.sender.delivery import breaker
from importer.sender.pacing import backpressure
from referee.crm import Crm, serving
from referee.world import World

Begin = Callable[..., Any]
Begun = Callable[..., Any]
"""What the fixture `begun` is."""


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
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Begun]:
    """
    Return what lets a world be as `begin` leaves it, and returns what `begin` did.

    `begin` runs once for all tests; each goes on from there with a copy of the folder, at an
    address where the CRM knows what it knew. `call` calls it, where it needs more than a world.
    """
    with ExitStack() as stack:
        kept: dict[Begin, tuple[World, dict[str, Any], Any]] = {}

        def put(world: World, begin: Begin, call: Begin | None = None) -> Any:
            if begin not in kept:
                crm = Crm()
                url = stack.enter_context(serving(crm, poll=1))
                first = replace(world, folder=tmp_path_factory.mktemp("begun"), url=url, crm=crm)
                returned = (call or begin)(first)
                kept[begin] = first, crm.state(), returned
            first, state, returned = kept[begin]
            copytree(first.folder, world.folder, dirs_exist_ok=True)
            vars(world).update(vars(first) | {"folder": world.folder})
            world.crm.return_to(state)
            return deepcopy(returned)

        yield put


def beginning(begin: Begin) -> Any:
    """
    Return a fixture: the world as `begin` leaves it, or what it returns.

    It runs once, and each test goes on with a copy:

        @beginning
        def imported(world: World) -> None:
            world.write("people.csv", PEOPLE)
            world.run(*RUN)
    """

    def of_function(world: World, begun: Begun) -> Any:
        returned = begun(world, begin)
        return world if returned is None else returned

    def of_method(self: Any, world: World, begun: Begun) -> Any:
        returned = begun(world, begin, partial(begin, self))
        return world if returned is None else returned

    is_method = "self" in signature(begin).parameters
    return pytest.fixture(of_method if is_method else of_function, name=begin.__name__)


@pytest.fixture
def world(tmp_path: Path, serve: Callable[[Crm], str]) -> World:
    crm = Crm()
    folder = tmp_path / "lists"
    folder.mkdir()
    return World(folder, serve(crm), crm)
