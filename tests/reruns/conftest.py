"""The referee: a folder, a CRM of its own over real HTTP, and the real command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from referee import Crm, World, serving

from importer.sender.delivery import breaker
from importer.sender.pacing import backoff


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait hundredths of a second before another try; what is decided is the same."""
    monkeypatch.setattr(backoff, "_WAIT_INITIAL", 0.01)
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
