"""The page in a real browser: with the mouse, by keyboard, in both directions, without script."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from browsing import findings

from importer.core.resources import data_folder
from importer.sandbox import Sandbox
from importer.sandbox.injected_faults import Fault, Faults, Rate
from importer.ui.server import Page

pytestmark = pytest.mark.slow

SLOWLY = Faults(rates=(Rate(Fault(kind="latency", seconds=0.05), 1),))
OUTLOOK = data_folder("sample_data") / "outlook-contacts.csv"


@pytest.fixture
def tab(chromium: Any, served: Page) -> Iterator[Callable[..., Any]]:
    """Open a tab at the page. Errors of its script or its policy fail the test."""
    wrong: list[str] = []
    contexts = []

    def open_tab(**settings: Any) -> Any:
        context = chromium.new_context(**{"bypass_csp": True, **settings})
        contexts.append(context)
        one = context.new_page()
        one.on("pageerror", lambda error: wrong.append(str(error)))
        one.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
        one.goto(served.start)
        one.wait_for_selector("#file")
        one.wait_for_load_state("load")  # the script of the page has run, so a drop is taken
        return one

    yield open_tab
    for context in contexts:
        context.close()
    assert wrong == []


def step(tab: Any, name: str) -> Any:
    """Open a step of the import, even while the page that is open is going elsewhere."""
    from playwright.sync_api import Error

    address = "/".join(tab.url.split("/")[:6]) + f"/{name}"
    for _ in range(5):
        with suppress(Error):
            tab.goto(address)
            return tab
    raise AssertionError(f"{address} cannot be opened")


def result(tab: Any) -> Any:
    """Open the result, which is there once all rows are sent; until then the page moves away."""
    from playwright.sync_api import Error

    for _ in range(600):
        step(tab, "result")
        with suppress(Error):
            if tab.query_selector(".files"):
                return tab
        tab.wait_for_timeout(100)
    raise AssertionError("the rows are not sent yet")


def test_a_list_goes_from_file_to_records_with_the_mouse(
    tab: Callable[..., Any], start_sandbox: Callable[..., Sandbox]
) -> None:
    sandbox = start_sandbox(faults=SLOWLY)
    one = tab(locale="en-GB", viewport={"width": 1280, "height": 900})
    wrong = findings(one)
    one.set_input_files("#file", OUTLOOK)
    one.wait_for_selector("input[name=object]")
    wrong += findings(one)
    one.click("button[value=match]")
    one.wait_for_selector(".matches")
    one.select_option("#region", label="United Arab Emirates")
    wrong += findings(one)
    one.click("button[value=check]")
    one.wait_for_selector(".figures")
    wrong += findings(one)
    one.click("text=Correct rows >> nth=1")
    one.wait_for_selector(".sheet")
    wrong += findings(one)
    wrong += findings(step(one, "remove")) + findings(step(one, "send"))
    one.fill("#key", sandbox.api_key)
    one.click("text=another address or pace")
    one.fill("#url", sandbox.url)
    one.fill("#rate", "6000")
    one.click("button.primary")
    one.wait_for_selector(".figures, .ready")  # another address: the list is checked again
    step(one, "send")
    wrong += findings(one)
    one.click("button[value=pilot]")
    one.wait_for_selector("#live")
    one.wait_for_selector(".ready")  # the script has shown the progress, and then the end
    wrong += findings(one)
    assert len(sandbox.records()) == 20
    one.route("**/events", lambda route: route.fulfill(status=204))  # so that the page stays
    one.click("button[value=all]")
    one.wait_for_selector("#live")
    wrong += findings(one)
    wrong += findings(result(one))
    assert "6 rows need a person." in one.inner_text("h1")
    assert len(sandbox.records()) == 43
    assert wrong == []


def press(tab: Any, selector: str, *keys: str) -> None:
    """Move to an element by Tab alone, and press keys there."""
    for _ in range(300):
        tab.keyboard.press("Tab")
        if tab.evaluate("(one) => document.activeElement.matches(one)", selector):
            break
    else:
        raise AssertionError(f"{selector} cannot be reached by keyboard")
    for key in keys:
        tab.keyboard.press(key)


def choose_file(tab: Any, source: Path) -> None:
    """Open the dialogue of the browser for a file, and choose one."""
    with tab.expect_file_chooser() as opened:
        press(tab, "#file", "Space")
    opened.value.set_files(source)


def type_path(tab: Any, source: Path) -> None:
    press(tab, "summary", "Enter")
    press(tab, "#path")
    tab.keyboard.type(str(source))
    tab.keyboard.press("Enter")


@pytest.mark.parametrize(
    ("language", "take", "rows", "verdict"),
    [
        ("en-GB", choose_file, "30", "All 30 people are in the CRM"),
        ("ar", type_path, "٣٠", "الكل في نظام CRM: ٣٠ شخصًا"),
    ],
)
def test_a_list_goes_from_file_to_report_by_keyboard_alone(
    language: str,
    take: Callable[[Any, Path], None],
    rows: str,
    verdict: str,
    tab: Callable[..., Any],
    sandbox: Sandbox,
    tmp_path: Path,
) -> None:
    source = tmp_path / "عملاء.csv"
    lines = [f"شخص {n},p{n}@example.com,050 555 01{n:02}" for n in range(30)]
    source.write_text("\n".join(["الاسم,البريد الإلكتروني,الهاتف", *lines]), encoding="utf-8")
    one = tab(locale=language, color_scheme="dark", viewport={"width": 390, "height": 800})
    assert one.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
    wrong = findings(one)
    take(one, source)
    one.wait_for_selector("input[name=object]")
    wrong += findings(one)
    press(one, "button[value=match]", "Enter")
    one.wait_for_selector(".matches")
    press(one, "#region")
    for _ in range(300):
        one.keyboard.press("ArrowDown")
        if one.input_value("#region") == "AE":
            break
    wrong += findings(one)
    press(one, "button[value=check]", "Enter")
    one.wait_for_selector(".figures")
    assert rows in one.inner_text(".figures")
    wrong += findings(one)
    press(one, "a.primary", "Enter")
    one.wait_for_selector("#key")
    press(one, "#key")
    one.keyboard.type(sandbox.api_key)
    press(one, "summary", "Enter")
    press(one, "#url", "Control+a")
    one.keyboard.type(sandbox.url)
    press(one, "#rate", "Control+a")
    one.keyboard.type("60000")
    one.keyboard.press("Enter")
    one.wait_for_selector(".figures")  # another address: the list is checked again
    press(one, "a.primary", "Enter")
    one.wait_for_selector(".ready")
    wrong += findings(one)
    press(one, "button[value=all]", "Enter")
    one.wait_for_url("**/result")  # the page has gone there by itself
    wrong += findings(one)
    assert verdict in one.inner_text("h1")
    found = Counter(record["fields"]["phone"] for record in sandbox.records())
    assert found == Counter(f"+9715055501{n:02}" for n in range(30))
    press(one, "a.primary", "Enter")
    one.wait_for_url("**/files/report")
    assert verdict in one.inner_text("body")
    assert wrong == []


def test_a_dropped_list_is_taken_at_once(tab: Callable[..., Any]) -> None:
    one = tab(locale="en-GB", bypass_csp=False)
    one.evaluate(
        """() => {
            const data = new DataTransfer();
            data.items.add(new File(["Name,E-mail\\nAmal,amal@example.com\\n"], "dropped.csv"));
            document.dispatchEvent(new DragEvent("drop", { dataTransfer: data, bubbles: true }));
        }"""
    )
    one.wait_for_selector("input[name=object]")
    assert "dropped.csv" in one.inner_text("nav")


def test_without_script_the_page_asks_again_by_itself(tab: Callable[..., Any]) -> None:
    one = tab(java_script_enabled=False, bypass_csp=False, locale="en-GB")
    one.set_input_files("#file", OUTLOOK)
    one.click("#upload .unscripted")
    one.wait_for_selector("input[name=object]", timeout=20_000)
    one.click("button[value=match]")
    one.click("button[value=check]")
    one.wait_for_selector(".figures", timeout=20_000)


def test_long_values_fit_on_a_narrow_page(tab: Callable[..., Any], tmp_path: Path) -> None:
    source = tmp_path / "long.csv"
    rows = [f"Amal {n},a{n}@example.com" for n in range(100)]
    rows[50] = f"{'Z' * 200},{'x' * 300}.example.com"
    source.write_text("\n".join(["Name,E-mail", *rows]), encoding="utf-8")
    one = tab(locale="ar", viewport={"width": 390, "height": 800})
    one.set_input_files("#file", source)
    one.wait_for_selector("input[name=object]")
    one.click("button[value=match]")
    one.click("button[value=check]")
    one.wait_for_selector(".figures")
    assert one.query_selector(".problem") is not None
    wrong = findings(one)
    wrong += findings(step(one, "rows"))
    assert wrong == []
