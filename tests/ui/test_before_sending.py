"""Repeats and possible duplicates are decided about beside what they are like, before sending."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from commands.inside import vorel_import
from referee import Crm
from referee.crm import KEY
from visitor import Visitor

pytestmark = pytest.mark.slow

HEADER = "first_name,company,Shelf\n"
TWINS = HEADER + "Ada,Acme,one\nAda,Acme,two\nBo,Berg,one\n"
PEOPLE = "first_name,last_name,email,phone\n"
ADA = "Ada,Abboud,ada@example.com,+971501110001\n"
CYD = "Cyd,Cohen,cyd@example.com,+971501110003\n"


def checked(visitor: Visitor, path: Path, content: str, **fields: str) -> Visitor:
    path.write_text(content, encoding="utf-8")
    return visitor.upload(path).matched(**fields)


def decide(visitor: Visitor, said: str, kind: str = "possible") -> Visitor:
    """Press a button beside the first row."""
    visitor.go(f"pairs?kind={kind}")
    ref = re.search(r'name="ref" value="([^"]+)"', visitor.text)
    assert ref is not None
    return visitor.send("pairs", ref=ref[1].replace("&#39;", "'"), said=said)


def test_a_possible_duplicate_is_beside_the_row_it_resembles(
    visitor: Visitor, tmp_path: Path
) -> None:
    checked(visitor, tmp_path / "people.csv", TWINS, **{"field.2": ""})
    assert f"{visitor.base}/pairs?kind=possible" in visitor.text
    visitor.go("pairs?kind=possible")
    assert visitor.heading == "Are they one and the same?"
    for text in ("Line 3", "Line 2", "<bdi>one</bdi>", "<bdi>two</bdi>", "Another person"):
        assert text in visitor.text
    assert visitor.text.count('class="differs"') == 1


@pytest.mark.parametrize(("said", "records"), [("same", 1), ("new", 2)])
def test_what_is_decided_before_sending_is_done(
    said: str, records: int, visitor: Visitor, url: str, crm: Crm, tmp_path: Path
) -> None:
    checked(visitor, tmp_path / "people.csv", TWINS, **{"field.2": ""})
    decide(visitor, said)
    assert "What you decide is on record." in visitor.text
    visitor.go("check")
    assert "a person" not in visitor.heading
    assert crm.requests == []
    visitor.key(KEY, url).press("all")
    assert len(crm.of("Ada")) == records
    assert visitor.go("result").heading.startswith("All ")
    visitor.go("check").send("check")
    assert visitor.figure("will be sent") == 0


def test_a_decision_can_be_changed(visitor: Visitor, url: str, crm: Crm, tmp_path: Path) -> None:
    checked(visitor, tmp_path / "people.csv", TWINS, **{"field.2": ""})
    decide(visitor, "new")
    visitor.go("check")
    assert "another person: is sent" in visitor.go("pairs?kind=possible").text
    decide(visitor, "same")
    visitor.go("check")
    assert "counts as the same" in visitor.go("pairs?kind=possible").text
    visitor.key(KEY, url).press("all")
    assert len(crm.of("Ada")) == 1


def test_a_repeat_is_sent_if_it_is_another_person(
    visitor: Visitor, url: str, crm: Crm, tmp_path: Path
) -> None:
    checked(visitor, tmp_path / "people.csv", PEOPLE + ADA + CYD + ADA)
    visitor.go("pairs?kind=repeats")
    assert "Line 4" in visitor.text
    assert "Line 2" in visitor.text
    assert 'value="same"' not in visitor.text
    decide(visitor, "new", "repeats")
    assert visitor.go("check").figure("will be sent") == 3
    visitor.key(KEY, url).press("all")
    assert len(crm.of("Ada")) == 2
    assert visitor.go("check").send("check").figure("will be sent") == 0


def test_a_repeat_stays_one_after_a_change_of_mind(visitor: Visitor, tmp_path: Path) -> None:
    checked(visitor, tmp_path / "people.csv", PEOPLE + ADA + CYD + ADA)
    decide(visitor, "new", "repeats")
    visitor.go("check")
    decide(visitor, "same", "repeats")
    assert visitor.go("check").figure("will be sent") == 2


def test_a_record_is_shown_that_an_earlier_list_has_made(
    visitor: Visitor, url: str, crm: Crm, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE + ADA + CYD, encoding="utf-8")
    visitor.get("/").send("/imports/path", path=str(path))
    visitor.opened().matched().key(KEY, url).press("all")
    changed = "Zoe,Zander,ada@example.com,+971501110001\n"
    path.write_text(PEOPLE + changed + CYD, encoding="utf-8")
    visitor.matched()
    assert "1 row needs a person." in visitor.heading
    visitor.go("pairs")
    [ada] = crm.of("Ada")
    for text in ("<bdi>Zander</bdi>", "<bdi>Abboud</bdi>", str(ada.record)):
        assert text in visitor.text
    decide(visitor, "new")
    visitor.go("check")
    visitor.key(KEY, url).press("all")
    assert len(crm.of("Zoe")) == 1
    assert visitor.go("result").heading.startswith("All ")


def test_rows_that_are_sent_without_a_value_can_be_corrected(
    visitor: Visitor, url: str, crm: Crm, tmp_path: Path
) -> None:
    rows = "".join(f"P{n},Q,p{n}@example.com,+97150111{n:04}\n" for n in range(30))
    odd = "Eve,Evans,eve@example.com,call me\n"
    path = tmp_path / "people.csv"
    checked(visitor, path, PEOPLE + rows + odd, **{"option.phone.on_error": "omit"})
    assert "without Phone" in visitor.text
    visitor.go("rows?code=left_out&field=phone")
    assert "Phone: left out, since it cannot be read" in visitor.text
    place = re.search(r'name="cell\.0\.(\d+)" value="call me"', visitor.text)
    assert place is not None
    visitor.send("rows", **{f"cell.0.{place[1]}": "+971501119999"}, then="rows")
    assert "It will be checked." in visitor.text
    assert 'class="faulty"' not in visitor.text
    assert "without Phone" not in visitor.go("check").text
    visitor.key(KEY, url).press("all")
    [eve] = crm.of("Eve")
    assert eve.fields["phone"] == "+971501119999"


def test_many_rows_are_shown_page_by_page(visitor: Visitor, tmp_path: Path) -> None:
    odd = "".join(f"P{n},Q,p{n}@example.com,no {n}\n" for n in range(25))
    content = (
        PEOPLE + CYD + odd + "".join(f"Ada,Abboud,,+9715011100{n % 12:02}\n" for n in range(24))
    )
    checked(visitor, tmp_path / "people.csv", content, **{"option.phone.on_error": ""})
    visitor.go("rows?from=20")
    assert "Rows before" in visitor.text
    assert "Further rows" in visitor.go("rows").text
    assert "1 to 10 of 12" in visitor.go("pairs?kind=repeats").text
    assert "Rows before" in visitor.go("pairs?kind=repeats&from=10").text


def test_the_commands_read_what_was_decided_before_the_first_run(
    visitor: Visitor, folder: Path, tmp_path: Path
) -> None:
    checked(visitor, tmp_path / "people.csv", TWINS, **{"field.2": ""})
    decide(visitor, "new")
    (results,) = folder.rglob("*.results.jsonl")
    assert "No run has begun yet" in vorel_import("status", results, cwd=tmp_path).stdout
    assert "nothing to undo" in vorel_import("undo", results, cwd=tmp_path).stdout
