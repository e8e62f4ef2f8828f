"""Which loop a test runs on, for modules that mix stepped and virtual time: import both names."""

from __future__ import annotations

from typing import Any

import pytest

__all__ = ["anyio_backend", "pytest_generate_tests"]


@pytest.fixture
def anyio_backend(request: pytest.FixtureRequest, virtual_backend: tuple[str, Any]) -> Any:
    """Both loops where time is only stepped; virtual time where tasks run side by side."""
    return virtual_backend if "virtual_clock" in request.fixturenames else request.param


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "anyio_backend" in metafunc.fixturenames:
        virtual = "virtual_clock" in metafunc.fixturenames
        metafunc.parametrize(
            "anyio_backend", ["virtual"] if virtual else ["asyncio", "trio"], indirect=True
        )
