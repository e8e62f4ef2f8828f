"""A folder with a CRM behind it, and the command that a person runs there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from referee import Crm, World, serving


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    crm = Crm()
    folder = tmp_path / "lists"
    folder.mkdir()
    with serving(crm) as url:
        yield World(folder, url, crm, reports=True)
