"""The page of a fleet in a real browser: in both languages, light and dark, narrow and wide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from browsing import browser, findings
from fleets import lease_of, noted

from importer.fleet.database.connecting import Connection
from importer.fleet.journal.blocks import add_job
from importer.fleet.page.pages import serving_fleet
from importer.fleet.showing.overview import job_states
from importer.ui.server import Page

pytestmark = pytest.mark.slow

PHONE = {"width": 390, "height": 800}
LONG = "a-tenant-with-a-very-long-name-" * 6
CAUSES = [["validation_error", "email", 120], ["timeout", None, 7], ["x" * 90, None, 1]]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as one:
        yield one


@pytest.fixture
def served(database: str, connection: Connection) -> Iterator[Page]:
    noted(connection, lease_of(connection, "running"), causes=CAUSES)
    with connection.transaction():
        for n in range(120):
            number = add_job(connection, LONG if n == 0 else f"tenant-{n:03}")
            state, why = (("stopped", None), ("ended", "people.csv: no such file"))[n % 2]
            connection.execute(
                "INSERT INTO vorel_fleet.work (job, state, problem) VALUES (%s, %s, %s)",
                (number, state, why),
            )
    with serving_fleet(lambda: job_states(database, ()), every=0.2) as page:
        yield page


@pytest.mark.parametrize(
    ("settings", "direction"),
    [
        ({"locale": "en-GB", "color_scheme": "light"}, "ltr"),
        ({"locale": "ar", "color_scheme": "dark", "viewport": PHONE}, "rtl"),
        ({"locale": "ar", "color_scheme": "light"}, "rtl"),
        ({"locale": "en-GB", "color_scheme": "dark", "viewport": PHONE}, "ltr"),
    ],
)
def test_everybody_can_use_it(
    chromium: Any, served: Page, settings: dict[str, Any], direction: str
) -> None:
    context = chromium.new_context(bypass_csp=True, **settings)
    tab = context.new_page()
    tab.goto(served.start)
    tab.wait_for_selector("#jobs table")
    assert tab.get_attribute("html", "dir") == direction
    tab.goto(f"{served.url}/?still=1")
    wrong = findings(tab)
    with tab.expect_navigation():  # until its style is there, too
        tab.click("#jobs .pager a")
    wrong += findings(tab)
    tab.goto(f"{served.url}/job?name=running&still=1")
    wrong += findings(tab)
    context.close()
    assert wrong == []


def test_what_is_new_is_shown_while_somebody_types(
    chromium: Any, served: Page, connection: Connection
) -> None:
    wrong: list[str] = []
    context = chromium.new_context(locale="en-GB")
    tab = context.new_page()
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    tab.goto(served.start)
    tab.wait_for_selector("#jobs table")
    tab.focus("#q")
    tab.keyboard.type("tenant-0")
    add_job(connection, "another")
    tab.wait_for_selector("text=122 jobs")
    assert tab.input_value("#q") == "tenant-0"
    assert tab.evaluate("document.activeElement.id") == "q"
    tab.keyboard.press("Enter")
    tab.wait_for_selector("text=99 jobs")
    tab.focus("#jobs tbody a")
    connection.execute("UPDATE vorel_fleet.job SET name = 'tenant-0-new' WHERE name = 'another'")
    tab.wait_for_selector("text=100 jobs")
    assert tab.evaluate("document.activeElement.closest('tbody') !== null")
    context.close()
    assert wrong == []


def test_without_script_it_is_renewed_by_itself(
    chromium: Any, served: Page, connection: Connection
) -> None:
    context = chromium.new_context(locale="en-GB", java_script_enabled=False)
    tab = context.new_page()
    tab.goto(served.start)
    tab.wait_for_selector("text=121 jobs")
    add_job(connection, "another")
    tab.wait_for_selector("text=122 jobs", timeout=60_000)
    tab.fill("#q", "running")
    tab.click("form button:has-text('Search')")
    tab.wait_for_selector("text=1 job")
    context.close()
