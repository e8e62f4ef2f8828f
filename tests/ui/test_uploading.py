"""An upload shows its progress and can be cancelled, and the end of sending is told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from importer.sandbox import Sandbox
from importer.ui.server import Page

pytestmark = pytest.mark.slow

PEOPLE = "Name,E-mail\n" + "".join(f"Amal {n},a{n}@example.com\n" for n in range(12))
SLOW = 200_000
"""Bytes a second, so that an upload of 2 MB takes its time."""


@pytest.fixture
def tab(chromium: Any, served: Page) -> Iterator[Any]:
    context = chromium.new_context(locale="en-GB", permissions=["notifications"])
    one = context.new_page()
    one.goto(served.start)
    one.wait_for_selector("#file")
    one.wait_for_load_state("load")
    yield one
    context.close()


def slowly(tab: Any) -> None:
    tab.context.new_cdp_session(tab).send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": SLOW},
    )


def test_an_upload_shows_its_progress_and_can_be_cancelled(tab: Any, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE + "x" * 2_000_000, encoding="utf-8")
    slowly(tab)
    tab.set_input_files("#file", path)
    tab.wait_for_selector(".uploading [data-share]:not(:empty)")
    assert "people.csv" in tab.inner_text(".uploading")
    assert "%" in tab.inner_text(".uploading")
    tab.click(".uploading .cancel")
    tab.wait_for_selector(".drop")
    assert not tab.is_visible(".uploading")
    assert not tab.is_visible(".imports")
    tab.reload()
    assert tab.query_selector(".imports") is None


def test_what_is_wrong_with_an_upload_is_said_where_it_was_chosen(tab: Any, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_bytes(b"")
    tab.set_input_files("#file", path)
    tab.wait_for_selector(".uploading [role=alert]:visible")
    assert "No file was chosen, or it is empty" in tab.inner_text(".uploading")
    path.write_text(PEOPLE, encoding="utf-8")
    tab.set_input_files("#file", path)
    tab.wait_for_selector("input[name=object]")


def test_the_end_of_sending_is_told_to_who_looks_elsewhere(
    tab: Any,
    sandbox: Sandbox,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VOREL_BASE_URL", sandbox.url)
    told: list[str] = []

    def take(said: str) -> None:
        told.append(said)

    tab.expose_function("told", take)
    tab.add_init_script(
        "window.Notification = class { static permission = 'granted';"
        " constructor(title, said) { window.told(said.body); } };"
        "document.hasFocus = () => false;"
    )
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    tab.set_input_files("#file", path)
    wait: Callable[[str], Any] = tab.wait_for_selector
    wait("input[name=object]")
    for following in (".matches", ".verdict", "#key"):
        tab.click("main .primary:visible")
        wait(following)
    tab.fill("#key", sandbox.api_key)
    tab.click("main .primary:visible")
    wait(".ready")
    tab.click("main .primary:visible")
    wait(".done-now")
    assert told == ["Sending has ended: people.csv"]
