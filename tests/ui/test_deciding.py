"""Possible duplicates are shown beside what they resemble, and decided with a press."""

from __future__ import annotations

from pathlib import Path

import pytest
from referee import Crm
from referee.crm import KEY
from visitor import Visitor

pytestmark = pytest.mark.slow

HEADER = "first_name,last_name,email,phone\n"
ADA = "Ada,Abboud,ada@example.com,+971501110001\n"
CYD = "Cyd,Cohen,cyd@example.com,+971501110003\n"
ZOE = "Zoe,Zander,cyd@example.com,+971509990003\n"


@pytest.fixture
def held(visitor: Visitor, url: str, tmp_path: Path) -> Visitor:
    """Ada's row has changed, and Zoe has the address of Cyd, whose row is gone."""
    path = tmp_path / "people.csv"
    path.write_text(HEADER + ADA + CYD, encoding="utf-8")
    visitor.get("/").send("/imports/path", path=str(path))
    visitor.opened()
    visitor.matched().key(KEY, url).press("all")
    path.write_text(HEADER + ADA.replace("0001", "0009") + ZOE, encoding="utf-8")
    visitor.matched().key(KEY, url).press("all")
    return visitor.go("result")


def ref(visitor: Visitor) -> str:
    return visitor.text.split('name="ref" value="')[1].split('"')[0]


def decide(visitor: Visitor, said: str) -> Visitor:
    fields = {**visitor.form(f"{visitor.base}/decide"), "ref": ref(visitor), "said": said}
    visitor.answer = visitor.client.post(f"{visitor.base}/decide", data=fields)
    return visitor


def test_changes_and_possible_duplicates_are_shown_apart(held: Visitor, crm: Crm) -> None:
    [made] = crm.of("Cyd")

    assert "1 has changed since it was sent, so its record needs an update." in held.heading
    assert "1 row needs a person." in held.heading
    assert "The changes are dealt with" in held.text
    assert "Are they one and the same?" in held.text
    assert f"<bdi>{made.record}</bdi>" in held.text
    assert "<bdi>Zander</bdi>" in held.text
    assert "Its own row is not in the list any more" in held.text
    assert "Another person" in held.text


def test_the_same_is_dealt_with(held: Visitor, crm: Crm) -> None:
    decide(held, "same")

    assert held.heading.startswith("All 2 people are in the CRM")
    assert held.heading.endswith("1 has changed since it was sent, so its record needs an update.")
    assert "Are they one and the same?" not in held.text
    held.send("decide", said="changes")
    assert "changed" not in held.heading
    assert "changed, dealt with" in held.text
    assert len(crm.records) == 2


def test_another_person_is_sent_next(held: Visitor, url: str, crm: Crm) -> None:
    decide(held, "new")

    assert "1 row is not sent yet." in held.heading
    held.key(KEY, url).go("send").press("all")
    assert len(crm.of("Zoe")) == 1
    assert "1 has changed since it was sent" in held.go("result").heading


def test_a_row_that_was_decided_in_another_tab_is_not_decided_again(held: Visitor) -> None:
    first = ref(held)
    fields = {**held.form(f"{held.base}/decide"), "ref": first.replace("#", "#0")}
    fields["said"] = "same"

    answer = held.client.post(f"{held.base}/decide", data=fields)

    assert answer.status_code == 400
    assert "vorel_ref" in answer.text


def test_the_other_row_is_shown_where_it_is_in_the_list(
    visitor: Visitor, url: str, tmp_path: Path
) -> None:
    rows = "first_name,company,Shelf\nAda,Acme,one\nAda,Acme,two\nBo,Berg,one\n"
    (tmp_path / "people.csv").write_text(rows, encoding="utf-8")
    visitor.upload(tmp_path / "people.csv").matched(**{"field.2": ""})
    assert "1 row needs a person." in visitor.heading
    visitor.key(KEY, url).press("all")
    visitor.go("result")

    assert "Are they one and the same?" in visitor.text
    assert 'class="differs"' in visitor.text
    assert "<bdi>one</bdi>" in visitor.text
    assert "<bdi>two</bdi>" in visitor.text
