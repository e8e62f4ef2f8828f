"""The report in a real browser: nothing is wrong with it in either language, at any width."""

from __future__ import annotations

import re

import pytest
from browsing import browser, findings
from referee import World, refusal

pytestmark = pytest.mark.slow


@pytest.fixture
def imported(world: World) -> World:
    """Two runs of a list: with rows that were created, refused by both sides, and repeated."""
    rows = [f"Ada{n},Abboud,ada{n}@example.com,05011100{n:02}\n" for n in range(12)]
    header = "first_name,last_name,email,phone\n"
    world.write("people.csv", header + "".join([*rows, rows[3], "Cyd,Cohen,,12\n"]))
    world.crm.script("Ada2", refusal("validation_error", 422))
    world.run("people.csv", "--object", "contact", "--limit", "5")
    world.again()
    return world


def test_nothing_is_wrong_with_the_report(imported: World) -> None:
    for lang in ("en", "ar"):
        imported.command("report", "people.results.jsonl", "-o", f"{lang}.html", "--lang", lang)
    wrong = []
    # The browser has an event loop in this thread, in which no command could be run.
    with browser() as chromium:
        for lang, scheme in (("en", "light"), ("ar", "dark")):
            tab = chromium.new_page(color_scheme=scheme, viewport={"width": 1280, "height": 900})
            tab.goto((imported.folder / f"{lang}.html").as_uri())
            assert tab.get_attribute("html", "dir") == ("rtl" if lang == "ar" else "ltr")
            wrong += findings(tab)
    assert wrong == []


def test_a_report_with_300_errors_prints_on_a_few_pages(world: World) -> None:
    rows = [f"Ada{n},Abboud,ada{n}(at)example.com,05011100{n:02}\n" for n in range(100)]
    rows += [f"Bo{n},Berg,bo{n}@example.com,{n}9\n" for n in range(100)]
    rows += [f"Cyd{n},Cohen,cyd{n}@example,05013300{n:02}\n" for n in range(100)]
    rows += [f"Dee{n},Dietz,dee{n}@example.com,05014{n:05}\n" for n in range(60)]
    world.write("people.csv", "first_name,last_name,email,phone\n" + "".join(rows))
    world.write(
        "people.toml",
        '[fields]\nfirst_name = "first_name"\nlast_name = "last_name"\n'
        'email = { column = "email", type = "email" }\n'
        'phone = { column = "phone", type = "phone", region = "AE" }\n',
    )
    world.run("people.csv", "--object", "contact", "--mapping", "people.toml",
              "--max-errors", "400")  # fmt: skip
    for lang in ("en", "ar"):
        world.command("report", "people.results.jsonl", "-o", f"{lang}.html", "--lang", lang)
    with browser() as chromium:
        tab = chromium.new_page()
        for lang in ("en", "ar"):
            tab.goto((world.folder / f"{lang}.html").as_uri())
            named = set(re.findall(r"<bdi>((?:Ada|Bo|Cyd)\d+ \w+)</bdi>", tab.content()))
            assert len(named) == 200
            printed = tab.pdf(format="A4")
            assert 1 <= len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= 4
