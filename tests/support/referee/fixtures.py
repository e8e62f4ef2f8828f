"""Fixtures of pytest: a folder, a CRM of its own over real HTTP, and the real command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from importer.sender.delivery import breaker
from importer.sender.pacing import backpressure
from referee.crm import Crm, serving
from referee.world import World


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


@pytest.fixture
def world(tmp_path: Path, serve: Callable[[Crm], str]) -> World:
    crm = Crm()
    folder = tmp_path / "lists"
    folder.mkdir()
    return World(folder, serve(crm), crm)
