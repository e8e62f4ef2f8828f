"""A page that is really served, what visits it as a browser would, and a CRM to send to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import visitor as visiting
from browsing import browser
from referee import Crm, serving

from importer.ui.server import Page, serving_page


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "kept"


@pytest.fixture
def visitor(folder: Path) -> Iterator[visiting.Visitor]:
    with visiting.served(folder) as one:
        yield one


@pytest.fixture
def served(folder: Path) -> Iterator[Page]:
    with serving_page(folder) as page:
        yield page


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as one:
        yield one


@pytest.fixture
def crm() -> Crm:
    return Crm()


@pytest.fixture
def url(crm: Crm) -> Iterator[str]:
    with serving(crm) as address:
        yield address
