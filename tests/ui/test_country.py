"""The page asks for the country of phone numbers, and guesses none."""

from __future__ import annotations

from pathlib import Path

import pytest
from visitor import Visitor

pytestmark = pytest.mark.slow

PHONES = [f"050 {1001357 + at * 7919}" for at in range(40)]


def _list(folder: Path, cities: tuple[str, ...] = ("Qwx", "Zrt")) -> Path:
    path = folder / "people.csv"
    rows = (
        f"Ann Sample{at},{phone},{cities[at % len(cities)]}\n" for at, phone in enumerate(PHONES)
    )
    path.write_text("Name,Phone,City\n" + "".join(rows), "utf-8")
    return path


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    for name in ("LC_ALL", "LC_TELEPHONE", "LANG"):
        monkeypatch.delenv(name, raising=False)


def test_no_country_is_chosen_before_a_person_does(visitor: Visitor, tmp_path: Path) -> None:
    visitor.upload(_list(tmp_path)).matched()
    assert visitor.step == "match", "nothing is checked before"
    assert "Choose the country they are from" in visitor.text
    assert visitor.form(f"{visitor.base}/match")["region"] == ""
    visitor.send("match", then="check", region="AE")
    assert visitor.heading.startswith(
        "All 40 people can be sent: all with a name, all with a phone"
    )


def test_the_country_that_the_cities_name_is_chosen_and_its_number_shown(
    visitor: Visitor, tmp_path: Path
) -> None:
    visitor.upload(_list(tmp_path, ("Dubai", "Sharjah"))).go("match")
    assert visitor.form(f"{visitor.base}/match")["region"] == "AE"
    assert "United Arab Emirates: 050 1001357 → +971 50 100 1357" in visitor.text
    visitor.send("match", then="check")
    assert visitor.heading.startswith(
        "All 40 people can be sent: all with a name, all with a phone"
    )


def test_who_does_not_know_the_country_may_go_on(visitor: Visitor, tmp_path: Path) -> None:
    visitor.upload(_list(tmp_path)).matched(region="unknown")
    assert visitor.step == "check"
    assert visitor.go("match").form(f"{visitor.base}/match")["region"] == "unknown"


def test_a_few_numbers_without_a_country_need_no_answer(visitor: Visitor, tmp_path: Path) -> None:
    path = _list(tmp_path)
    path.write_text(path.read_text("utf-8").replace(",050 ", ",+44 20 7946 0", 30), "utf-8")
    visitor.upload(path).matched()
    assert visitor.step == "check"
