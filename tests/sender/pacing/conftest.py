"""A folder of its own for the files that runs on one host share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from stages.sharing import KEY


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "vorel-import"


@pytest.fixture
def notices() -> Iterator[list[str]]:
    told: list[str] = []
    yield told
    assert not any(KEY in notice for notice in told)
