"""A page that is really served, and what visits it as a browser would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from visitor import Visitor, served


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture
def visitor(folder: Path) -> Iterator[Visitor]:
    with served(folder) as one:
        yield one
