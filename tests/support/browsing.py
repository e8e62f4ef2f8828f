"""A real browser for tests of the page, and what is looked at on each page it shows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

__all__ = ["WIDTHS", "browser", "find_browser", "findings"]

AXE = Path(__file__).resolve().parents[1] / "ui" / "axe" / "axe.min.js"
WIDTHS = (320, 390, 1280, 1920)
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_OPEN = """() => {
  for (const one of document.querySelectorAll("details:not([open])")) {
    one.open = true;
    one.dataset.opened = "1";
  }
}"""
_CLOSE = """() => {
  for (const one of document.querySelectorAll("[data-opened]")) one.open = false;
}"""
_STAYING = """() => [...document.querySelectorAll("body *")]
  .filter((one) => ["sticky", "fixed"].includes(getComputedStyle(one).position))
  .map((one) => one.outerHTML.slice(0, 80))"""


def find_browser() -> str | None:
    """Return the path of a Chromium: as VOREL_TEST_BROWSER says, else the system's."""
    stated = os.environ.get("VOREL_TEST_BROWSER")
    return stated or next((path for name in _NAMES if (path := shutil.which(name))), None)


@contextmanager
def browser() -> Iterator[Any]:
    """Start a browser without a screen. Without one, the test is skipped."""
    from playwright.sync_api import sync_playwright

    path = find_browser()
    if path is None:
        pytest.skip("there is no Chromium: apt-get install chromium, or set VOREL_TEST_BROWSER")
    with sync_playwright() as playwright:
        # Without a sandbox of its own, it also runs as root, as in containers.
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        try:
            yield started
        finally:
            started.close()


def findings(page: Any) -> list[str]:
    """
    Return what is wrong with the page that is open.

    That is what axe finds, widths that overflow, more than one button that stands out, and what
    stays where it is while the page moves below it: it may hide what has the focus. What can be
    opened is opened first, so that all of it is looked at, and is as it was afterwards.
    """
    primary = page.locator("main .primary:visible").count()
    page.evaluate(_OPEN)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(rules) => axe.run(document, { runOnly: rules })", _RULES)
    wrong = [
        f"{page.url}: {one['id']}: {node['html'][:200]}"
        for one in found["violations"]
        for node in one["nodes"]
    ]
    wrong += [f"{page.url}: {one} stays in its place" for one in page.evaluate(_STAYING)]
    if primary > 1:
        wrong.append(f"{page.url}: {primary} buttons stand out")
    size = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        if over > 0:
            wrong.append(f"{page.url}: {over} px too wide at {width}")
    page.set_viewport_size(size)
    page.evaluate(_CLOSE)
    return wrong
