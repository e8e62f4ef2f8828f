"""A list without problems takes few presses and little reading, in both languages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from browsing import findings
from walking import Walk

from importer.sandbox import Sandbox
from importer.ui.server import serving_page

pytestmark = pytest.mark.slow

CLICKS, WORDS_A_STEP, WORDS = 8, 120, 500


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """More rows than are tried first."""
    header = "First name,Last name,Email,Phone,Company,City"
    rows = [
        f"Amal,Haddad {n},a{n}@example.com,+9715055501{n:02},Company {n % 7},Dubai"
        for n in range(22)
    ]
    path = tmp_path / "people.csv"
    path.write_text("\n".join([header, *rows]), encoding="utf-8")
    return path


@pytest.mark.parametrize(("language", "width"), [("en-GB", 1280), ("ar", 390)])
def test_few_presses_and_little_reading(
    language: str,
    width: int,
    chromium: Any,
    people: Path,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VOREL_BASE_URL", sandbox.url)
    wrong: list[str] = []
    with serving_page(tmp_path / "kept") as page:
        context = chromium.new_context(
            locale=language, viewport={"width": width, "height": 800}, bypass_csp=True
        )
        tab = context.new_page()
        tab.goto(page.start)
        tab.wait_for_selector("#file")
        tab.wait_for_load_state()  # its script hides what is for pages without one
        walk = Walk(tab, lambda _: wrong.extend(findings(tab)))
        walk.list(people)
        walk.check()
        walk.send(sandbox.api_key)
        context.close()
    assert len(sandbox.records()) == 22
    assert walk.clicks <= CLICKS, walk.clicks
    assert max(walk.words.values()) <= WORDS_A_STEP, walk.words
    assert sum(walk.words.values()) <= WORDS, walk.words
    assert wrong == []
