"""Rows with problems are a grid: by cause, with find and replace, and with a way back."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from visitor import Visitor

from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

HEADER = "First Name,Last Name,E-mail,Phone"


@pytest.fixture
def rows(visitor: Visitor, tmp_path: Path) -> Visitor:
    """Three addresses have no @, and one phone has letters."""
    good = [f"Amal,Haddad {n},a{n}@example.com,050 555 {n:04}" for n in range(20)]
    bad = [f"Omar,Nasser {n},o{n}(at)example.com,050 666 {n:04}" for n in range(3)]
    bad.append("Mona,Karim,m@example.com,ring me")
    path = tmp_path / "people.csv"
    path.write_text("\n".join([HEADER, *good, *bad]), encoding="utf-8")
    refusing = {"option.phone.on_error": "", "option.email.on_error": ""}
    return visitor.upload(path).matched(region="AE", **refusing).go("rows")


def emails(visitor: Visitor) -> list[str]:
    return re.findall(r'name="cell\.\d+\.2" value="([^"]*)"', visitor.text)


def test_rows_are_shown_by_cause(rows: Visitor) -> None:
    assert len(emails(rows)) == 4
    links = re.findall(r'href="(\?code=[^"]+)"[^>]*>([^<]+) <', rows.text)
    [email] = [link for link, title in links if title == "Email: not email addresses"]
    rows.get(f"{rows.base}/rows{email.replace('&amp;', '&')}")
    assert len(emails(rows)) == 3
    assert 'aria-current="true">Email: not email addresses' in rows.text
    assert rows.text.count('aria-invalid="true"') == 3
    assert "it has no @" in rows.text  # the reason is beside the cell


def test_a_text_is_replaced_in_a_column_of_all_rows_and_put_back(
    rows: Visitor, sandbox: Sandbox
) -> None:
    rows.send("rows", column="2", find="(at)", by="@", then="replace")
    assert "3 rows saved" in rows.text
    assert emails(rows)[:3] == [f"o{n}@example.com" for n in range(3)]
    rows.send("rows", column="1", find="Nasser", by="Naser", then="replace")
    rows.send("rows", then="undo")
    assert "3 rows are as they were before" in rows.text
    assert "Nasser 0" in rows.text
    assert emails(rows)[:3] == [f"o{n}@example.com" for n in range(3)]
    rows.send("rows", then="check")
    assert "1 row needs a person." in rows.heading
    rows.key(sandbox.api_key, sandbox.url).press("all")
    sent = {record["fields"]["email"] for record in sandbox.records()}
    assert {f"o{n}@example.com" for n in range(3)} <= sent
    assert "Undo the last change" not in rows.go("rows").text


def test_all_corrections_of_a_page_are_put_back_at_once(rows: Visitor) -> None:
    before = emails(rows)
    rows.send("rows", **{"cell.0.2": "a@example.com", "cell.1.2": "b@example.com"}, then="rows")
    assert emails(rows)[:2] == ["a@example.com", "b@example.com"]
    rows.send("rows", then="undo")
    assert emails(rows) == before
    assert "Undo the last change" not in rows.text
    assert "corrected" not in rows.text


def test_empty_cells_of_a_column_are_filled(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    lines = [f"Amal {n},a{n}@example.com,Called twice" for n in range(9)]
    path.write_text("\n".join(["Name,E-mail,Notes", *lines, ",,Wants to know"]), encoding="utf-8")
    visitor.upload(path).matched()
    assert "1 row needs a person." in visitor.heading
    visitor.go("rows").send("rows", column="0", find="", by="Nameless", then="replace")
    assert 'value="Nameless"' in visitor.text


def test_a_column_that_is_not_there_changes_nothing(rows: Visitor) -> None:
    before = emails(rows)
    for column in ("99", "-1", "x", ""):
        rows.send("rows", column=column, find="o", by="0", then="replace")
        assert emails(rows) == before


def test_ids_of_persons_are_masked_in_the_grid(visitor: Visitor, tmp_path: Path) -> None:
    good = [f"Amal {n},a{n}@example.com,784-1980-{n:07}-1" for n in range(9)]
    bad = "Omar,o(at)example.com,784-1980-7654321-1"
    path = tmp_path / "people.csv"
    path.write_text("\n".join(["Name,E-mail,Emirates ID", *good, bad]), encoding="utf-8")
    visitor.upload(path).matched(**{"option.email.on_error": ""}).go("rows")
    assert "o(at)example.com" in visitor.text
    assert "Emirates ID" in visitor.text
    assert "7654321" not in visitor.text
    visitor.send("rows", **{"cell.0.1": "o@example.com"}, then="rows")
    assert "7654321" not in visitor.text
