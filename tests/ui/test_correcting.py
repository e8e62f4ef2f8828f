"""A row that was corrected on the page is sent like that, never as it stands in the list."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from referee import Crm, refusal, serving
from referee.crm import KEY, who
from visitor import Visitor

from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

HOLDING_BACK = {"region": "AE", "option.phone.on_error": ""}
HEADER = "First Name,Last Name,E-mail,Phone,Notes"


def people(path: Path, *faulty: str, count: int = 30) -> Path:
    rows = [f"Amal,Haddad {n},a{n}@example.com,050 555 {n:04},x" for n in range(count)]
    path.write_text("\n".join([HEADER, *rows[:5], *faulty, *rows[5:], ""]), encoding="utf-8")
    return path


def phones(sandbox: Sandbox, email: str) -> list[Any]:
    fields = [record["fields"] for record in sandbox.records()]
    return [one.get("phone") for one in fields if one.get("email") == email]


def keep_phones_as_written(visitor: Visitor) -> Visitor:
    """Choose something with which the faulty rows could be sent as they stand in the list."""
    return visitor.go("match").send("match", **{"option.phone.on_error": "keep"}, then="check")


def correct(visitor: Visitor, row: int, column: int, text: str) -> Visitor:
    """Type another text into a cell of a refused row."""
    return visitor.go("rows").send("rows", **{f"cell.{row}.{column}": text}, then="check")


@pytest.mark.parametrize("twins", [1, 3])
def test_a_corrected_row_is_sent_and_not_the_one_in_the_list(
    twins: int, visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    faulty = ["Omar,Nasser,o@example.com,99,x"] * twins
    visitor.upload(people(tmp_path / "list.csv", *faulty)).matched(**HOLDING_BACK)
    correct(visitor, 0, 3, "050 777 0001")
    assert ("2 rows need a person." in visitor.heading) is (twins > 1)
    keep_phones_as_written(visitor)
    assert "+971507770001" in visitor.text  # exactly as it will be sent
    visitor.key(sandbox.api_key, sandbox.url).press("pilot")
    assert phones(sandbox, "o@example.com") in ([], ["99"] if twins > 1 else [])
    visitor.press("all")
    found = Counter(phones(sandbox, "o@example.com"))
    assert found["+971507770001"] == 1
    assert found["99"] == (1 if twins > 1 else 0)  # equal rows are one record
    assert visitor.go("result").heading.startswith("All ")
    assert visitor.figure("rows in the list") == 30 + twins


def test_a_corrected_row_that_the_crm_had_refused_is_sent_with_all_others(
    visitor: Visitor, tmp_path: Path
) -> None:
    crm = Crm()
    crm.always("Omar", refusal("validation_error"))
    source = people(tmp_path / "list.csv", "Omar,Nasser,o@example.com,050 888 0001,x")
    with serving(crm) as url:
        visitor.upload(source).matched(**HOLDING_BACK).key(KEY, url).press("all")
        assert "1 row needs a person." in visitor.go("result").heading
        correct(visitor, 0, 3, "050 777 0001")
        visitor.key(KEY, url).press("all")  # it is refused again
        assert [one.fields["phone"] for one in crm.requests if who(one.fields) == "Omar"] == [
            "+971508880001",
            "+971507770001",
        ]
        crm.always("Omar", None)
        visitor.key(KEY, url).press("all")  # still with what was typed
        assert visitor.go("result").heading.startswith("All ")
    assert [made.fields["phone"] for made in crm.of("Omar")] == ["+971507770001"]


def test_from_a_corrected_row_one_way_leads_to_sending(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    source = people(tmp_path / "list.csv", "Omar,Nasser,o@example.com,99,x")
    visitor.upload(source).matched(**HOLDING_BACK).key(sandbox.api_key, sandbox.url).press("all")
    assert "Save and check again" in visitor.go("rows").text
    assert correct(visitor, 0, 3, "050 777 0001").step == "check"
    visitor.key(sandbox.api_key, sandbox.url)
    assert "1 of 31 people can be sent" in visitor.text
    assert re.findall(r'name="what" value="(\w+)"', visitor.text) == ["corrected"]
    assert visitor.press("corrected").heading.startswith("All 31 ")


def test_rows_with_the_same_address_are_named(visitor: Visitor, tmp_path: Path) -> None:
    source = people(tmp_path / "list.csv", "Omar,Nasser,a0@example.com,050 777 0001,x")
    visitor.upload(source).matched(**HOLDING_BACK)
    assert "Rows that may be one person" in visitor.text
    assert "Email: 1 row has that of an earlier row" in visitor.text
    assert "line 7 as line 2" in visitor.text


def test_a_correction_can_be_taken_back(visitor: Visitor, tmp_path: Path) -> None:
    source = people(tmp_path / "list.csv", "Omar,Nasser,o@example.com,99,x")
    visitor.upload(source).matched(**HOLDING_BACK)
    correct(visitor, 0, 3, "98")
    assert "1 row needs a person." in visitor.heading
    assert 'value="98"' in visitor.go("rows").text
    correct(visitor, 0, 3, "050 777 0001")
    assert "It can be sent as it stands here." in visitor.go("rows").text
    correct(visitor, 0, 3, "99")
    assert "1 row needs a person." in visitor.heading
    assert "corrected" not in visitor.go("rows").text


@pytest.mark.parametrize("ending", ["jsonl", "json"])
def test_a_row_of_a_json_list_is_corrected_in_place(
    ending: str, visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    people: list[dict[str, Any]] = [
        {
            "name": f"Amal {n}",
            "reach": {"email": f"a{n}@example.com"},
            "phone": f"+9715055500{n:02}",
        }
        for n in range(30)
    ]
    people.insert(3, {"name": "Omar", "reach": {"email": "o@example.com"}, "phone": 99})
    lines = [json.dumps(one) for one in people]
    source = tmp_path / f"list.{ending}"
    source.write_text("\n".join(lines) if ending == "jsonl" else f"[{','.join(lines)}]")
    visitor.upload(source).matched(**HOLDING_BACK)
    assert "1 row needs a person." in visitor.heading
    rows = visitor.go("rows").text
    assert 'value="o@example.com"' in rows
    at = re.search(r'name="cell.0.(\d+)" value="99"', rows)
    assert at is not None
    correct(visitor, 0, int(at[1]), "+971507770001")
    assert "a person" not in visitor.heading
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    assert visitor.go("result").heading.startswith("All ")
    assert phones(sandbox, "o@example.com") == ["+971507770001"]
    assert len(sandbox.records()) == 31


def test_what_is_typed_into_an_old_page_is_kept(visitor: Visitor, tmp_path: Path) -> None:
    source = people(tmp_path / "list.csv", "Omar,Nasser,o@example.com,99,x")
    visitor.upload(source).matched(**HOLDING_BACK)
    path = f"{visitor.base}/rows"
    old = {**visitor.go("rows").form(path), "cell.0.3": "050 777 0001", "then": "check"}
    visitor.go("match").send("match", **{"option.phone.on_error": "omit"}, then="check")
    assert "a person" not in visitor.heading  # so the row is not refused any more
    visitor.answer = visitor.client.post(path, data=old)
    visitor.go("check")
    assert "1 row corrected by hand" in visitor.text
    assert "+971507770001" in visitor.text


def test_two_tabs_that_correct_one_cell_are_told(visitor: Visitor, tmp_path: Path) -> None:
    source = people(tmp_path / "list.csv", "Omar,Nasser,o@example.com,99,x")
    visitor.upload(source).matched(**HOLDING_BACK)
    path = f"{visitor.base}/rows"
    old = {**visitor.go("rows").form(path), "cell.0.3": "050 777 0002", "cell.0.4": "y"}
    correct(visitor, 0, 3, "050 777 0001")
    visitor.answer = visitor.client.post(path, data=old)
    assert visitor.heading == "Some of it was changed in the meantime"
    assert "050 777 0001" in visitor.text
    assert "050 777 0002" in visitor.text
    assert "All else that you typed is saved." in visitor.text
    visitor.send("rows", then="rows")
    assert 'value="050 777 0002"' in visitor.text
    assert 'value="y"' in visitor.text


def test_what_is_typed_for_a_row_that_was_sent_is_shown(visitor: Visitor, tmp_path: Path) -> None:
    crm = Crm()
    crm.always("Omar", refusal("validation_error"))
    source = people(tmp_path / "list.csv", "Omar,Nasser,o@example.com,050 888 0001,x")
    with serving(crm) as url:
        visitor.upload(source).matched(**HOLDING_BACK).key(KEY, url).press("all")
        path = f"{visitor.base}/rows"
        old = {**visitor.go("rows").form(path), "cell.0.3": "050 777 0001"}
        crm.always("Omar", None)
        visitor.key(KEY, url).press("all")
        visitor.answer = visitor.client.post(path, data=old)
    assert "not among the rows with problems any more" in visitor.text
    assert "050 777 0001" in visitor.text
    assert [made.fields["phone"] for made in crm.of("Omar")] == ["+971508880001"]
