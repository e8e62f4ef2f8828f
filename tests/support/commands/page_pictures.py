"""
Takes the pictures of docs/page.md: a list of samples is imported into a sandbox, in a browser.

    python -m commands.page_pictures

It needs a Chromium.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from browsing import browser
from walking import Walk

from importer.sandbox import SandboxConfig, running
from importer.ui.server import serving_page

ROOT = Path(__file__).resolve().parents[3]
_SAMPLE = ROOT / "sample_data" / "outlook-contacts.csv"
_SIZE = {"width": 1000, "height": 760}
_SCALE = 1.12


def main() -> None:
    """Take the pictures of matching and of the result."""
    config = SandboxConfig(rate_limit=90_000, tenant_limit=90_000)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(config) as box,
        serving_page(Path(folder), base_url=box.url) as page,
        browser() as chromium,
    ):
        tab = chromium.new_page(locale="en-GB", viewport=_SIZE, device_scale_factor=_SCALE)
        tab.goto(page.start)
        tab.wait_for_selector("#file")
        walk = Walk(tab)
        walk.list(_SAMPLE)
        walk.press(".matches")
        if tab.locator("#region").count():
            tab.select_option("#region", "AE")
        tab.screenshot(path=str(ROOT / "docs" / "page.png"))
        walk.press(".verdict")
        walk.send(box.api_key)
        tab.screenshot(path=str(ROOT / "docs" / "page-result.png"))


if __name__ == "__main__":
    main()
