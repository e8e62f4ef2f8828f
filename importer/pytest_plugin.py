"""
Gives tests a local Vorel: the fixture `vorel_sandbox`. Pytest finds it by itself.

Nothing is loaded before a test asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from importer.sandbox import Sandbox

_NO_LIMIT = 1_000_000
_MARK = "vorel_sandbox(**settings): settings of the local Vorel (importer.sandbox.SandboxConfig)"


def pytest_configure(config: pytest.Config) -> None:
    """Make the mark known."""
    config.addinivalue_line("markers", _MARK)


@pytest.fixture
def vorel_sandbox(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Sandbox]:
    """
    Run a local Vorel for one test, on a free port, with nothing in it.

    `url` is its address, `api_key` its key; both are in the environment too (`VOREL_BASE_URL`,
    `VOREL_API_KEY`), so that no import of the test reaches the real service. `records()` are the
    records that were made. The mark `vorel_sandbox` gives it other settings, of which `faults` may
    be written as in a faults file. There is no limit of requests a minute unless the mark has one.
    """
    from importer.sandbox import SandboxConfig, running
    from importer.sandbox.injected_faults import parse

    mark = request.node.get_closest_marker("vorel_sandbox")
    given: dict[str, Any] = {} if mark is None else dict(mark.kwargs)
    if isinstance(given.get("faults"), dict):
        given["faults"] = parse(given["faults"])
    settings = {"rate_limit": _NO_LIMIT, "tenant_limit": _NO_LIMIT, **given}
    with running(SandboxConfig(**settings)) as sandbox:
        monkeypatch.setenv("VOREL_BASE_URL", sandbox.url)
        monkeypatch.setenv("VOREL_API_KEY", sandbox.api_key)
        yield sandbox
