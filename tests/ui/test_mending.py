"""Problems are mended by pressing buttons and in place; the mapping stays a file to review."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from referee import Crm, refusal, serving
from referee.crm import KEY
from thirteen import FAULTS, LOOKED_AT, write_list
from visitor import Visitor

from importer import ImportConfig, check, load_mapping
from importer.core.resources import data_folder
from importer.sandbox import Sandbox
from importer.suggesting import sampling

pytestmark = pytest.mark.slow

HEADER = "First Name,Last Name,E-mail,Phone,Birthday,Notes"


def people(path: Path, rows: Sequence[str]) -> Path:
    path.write_text("\n".join([HEADER, *rows, ""]), encoding="utf-8")
    return path


def many(faulty: str, count: int = 60) -> list[str]:
    """Return good rows with some faulty ones in between, so few that nothing is left out."""
    rows = [f"Amal,Haddad {n},a{n}@example.com,050 555 {n:04},13/04/1990,x" for n in range(count)]
    return [*rows[:30], faulty, *rows[30:]]


def fix(visitor: Visitor, field: str, name: str, value: str = "") -> Visitor:
    """Press the button of a fix."""
    assert f'name="fix" value="{name}"' in visitor.text
    path = f"{visitor.base}/fix"
    data = {**visitor.form(path), "field": field, "fix": name, "value": value}
    visitor.answer = visitor.client.post(path, data=data)
    return visitor.go("check")


@pytest.mark.parametrize(
    ("faulty", "field", "name", "sent"),
    [
        ("Omar,Nasser,o@example.com,99,13/04/1990,x", "phone", "omit", None),
        ("Omar,Nasser,o@example.com,99,13/04/1990,x", "phone", "keep", "99"),
        ("Omar,Nasser,o@example.com,050 555 0101,13#04#1990,x", "birthday", "omit", None),
    ],
)
def test_a_press_mends_all_rows_with_a_cause(
    faulty: str, field: str, name: str, sent: str | None,
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path,
) -> None:  # fmt: skip
    visitor.upload(people(tmp_path / "list.csv", many(faulty, 200)))
    visitor.matched(region="AE", month_first="day")
    assert "1 row needs a person." in visitor.heading
    fix(visitor, field, name)
    assert "a person" not in visitor.heading
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    assert visitor.go("result").heading.startswith("All ")
    found = next(one for one in sandbox.records() if one["fields"]["last_name"] == "Nasser")
    assert found["fields"].get(field) == sent


@pytest.fixture
def few_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the mapping be drafted by the first rows of a short list alone."""
    monkeypatch.setattr(sampling, "_ROWS", LOOKED_AT - 100)


@pytest.mark.usefixtures("few_looked_at")
def test_a_press_says_how_dates_are_written_further_down(visitor: Visitor, tmp_path: Path) -> None:
    rows = [*many("Omar,Nasser,,,,", LOOKED_AT + 10), "Huda,Nasser,h@example.com,,13.04.1990,x"]
    visitor.upload(people(tmp_path / "list.csv", rows)).matched(region="AE", month_first="day")
    assert "1 row needs a person." in visitor.heading
    fix(visitor, "birthday", "format", "%d.%m.%Y")
    assert "a person" not in visitor.heading


def test_a_column_is_left_out_by_a_press(visitor: Visitor, tmp_path: Path) -> None:
    faulty = "Omar,Nasser,o@example.com,99,13/04/1990,x"
    visitor.upload(people(tmp_path / "list.csv", many(faulty, 200))).matched(region="AE")
    fix(visitor, "phone", "drop")
    assert "a person" not in visitor.heading
    assert "Phone" not in visitor.get(f"{visitor.base}/files/mapping").text.split("# Left out")[0]


def test_the_mapping_is_the_file_that_the_command_line_takes(
    visitor: Visitor, tmp_path: Path
) -> None:
    source = people(tmp_path / "list.csv", many("Omar,Nasser,,99,,", 200))
    visitor.upload(source).matched(region="AE")
    text = visitor.client.get(f"{visitor.base}/files/mapping").text
    path = tmp_path / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    assert load_mapping(path).object == "contact"
    report = check(ImportConfig(sources=source, mapping=path))
    assert f'"count">{report.problems[0].count}<' in visitor.text


def test_rows_are_corrected_before_and_after_they_are_sent(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    rows = [*many("Omar,Nasser,o@example.com,99,13/04/1990,x", 200), ",,,,,nobody", ",,,,,no one"]
    visitor.upload(people(tmp_path / "list.csv", rows)).matched(region="AE", month_first="day")
    assert "3 rows need a person." in visitor.heading
    visitor.go("rows")
    visitor.send("rows", **{"cell.1.0": "Huda"}, then="check")
    assert "1 row corrected by hand." in visitor.text
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    assert len(sandbox.records()) == 201
    assert "2 rows need a person." in visitor.go("result").heading
    visitor.go("rows")
    visitor.send("rows", **{"cell.0.3": "+971505550199", "cell.1.1": "Saleh"}, then="rows")
    assert "2 rows saved." in visitor.text
    assert "2 rows are corrected" in visitor.go("result").text
    visitor.key(sandbox.api_key, sandbox.url).press("corrected")
    assert visitor.go("result").heading.startswith("All ")
    names = [one["fields"].get("last_name", "") for one in sandbox.records()]
    assert len(names) == 203
    assert {"Nasser", "Saleh"} <= {*names}


def test_rows_that_the_crm_refused_are_corrected_until_it_takes_them(
    visitor: Visitor, tmp_path: Path
) -> None:
    crm = Crm()
    crm.always("Omar", refusal("validation_error"))
    crm.always("Zed", refusal("validation_error"))
    rows = many("Omar,Nasser,o@example.com,050 888 0001,13/04/1990,x")
    rows.append("Zed,Zaki,z@example.com,050 888 0002,13/04/1990,x")
    with serving(crm) as url:
        visitor.upload(people(tmp_path / "list.csv", rows)).matched(region="AE", month_first="day")
        visitor.key(KEY, url).press("all")
        visitor.go("rows").send("rows", **{"cell.0.3": "050 777 0001"}, then="check")
        assert "1 row corrected by hand." in visitor.text
        visitor.key(KEY, url).press("corrected")
        assert "2 rows need a person." in visitor.go("result").heading
        crm.always("Omar", None)
        crm.always("Zed", None)
        visitor.go("rows")
        visitor.send("rows", **{"cell.0.3": "050 777 0002", "cell.1.3": "050 777 0003"})
        visitor.key(KEY, url).press("corrected")
        assert visitor.go("result").heading.startswith("All ")
    assert [made.fields["phone"] for made in (*crm.of("Omar"), *crm.of("Zed"))] == [
        "+971507770002",
        "+971507770003",
    ]


def test_what_is_read_can_be_changed(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes("Name;E-mail\nZoë;z@example.com\n".encode("utf-16"))
    visitor.upload(path)
    assert "UTF-16" in visitor.text
    assert "Zoë" in visitor.text
    visitor.send("read", delimiter="|", then="read")
    assert "Name;E-mail" in visitor.text
    visitor.send("read", delimiter="", then="read")
    assert "Name;E-mail" not in visitor.text


def test_a_list_that_cannot_be_read_says_why(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
    visitor.upload(path)
    assert 'role="alert"' in visitor.text
    assert "PDF" in visitor.text


def test_a_constant_and_a_required_field(visitor: Visitor, sandbox: Sandbox) -> None:
    visitor.upload(data_folder("sample_data") / "outlook-contacts.csv")
    visitor.go("read").send("read", then="match")
    visitor.send("match", constant="source", constant_text="fair 2026", then="match")
    assert "fair 2026" in visitor.text
    visitor.send("match", then="check", region="AE")
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    assert {one["fields"]["source"] for one in sandbox.records()} == {"fair 2026"}


@pytest.mark.usefixtures("few_looked_at")
def test_thirteen_kinds_of_problems_are_mended_by_buttons_alone(
    visitor: Visitor, tmp_path: Path
) -> None:
    assert sum(map(len, FAULTS.values())) == 13
    faulty = write_list(tmp_path / "list.csv", LOOKED_AT + 40)
    visitor.upload(tmp_path / "list.csv")
    visitor.matched(region="AE", timezone="Asia/Dubai", month_first="day")
    assert f"{faulty} rows need a person." in visitor.heading
    presses = 0
    while "a person" in visitor.heading and presses < 10:
        field = next(one for one in FAULTS if f'name="field" value="{one}"' in visitor.text)
        fix(visitor, field, "omit")
        presses += 1
    assert "a person" not in visitor.heading
    assert presses <= len(FAULTS)


def test_a_wide_list_is_matched_page_by_page(visitor: Visitor, tmp_path: Path) -> None:
    names = [f"Field {number}" for number in range(130)]
    rows = [names, *([f"{name} of row {row}" for name in names] for row in range(5))]
    text = "\n".join(",".join(row) for row in rows)
    (tmp_path / "wide.csv").write_text(text, encoding="utf-8")
    visitor.upload(tmp_path / "wide.csv")
    visitor.go("read").send("read", then="match")
    assert "Field 39" in visitor.text
    assert "Field 40<" not in visitor.text
    visitor.get(f"{visitor.base}/match?from=120")
    visitor.send("match", **{"field.129": "notes"}, then="match")
    assert 'notes = "Field 129"' in visitor.get(f"{visitor.base}/files/mapping").text


def test_fields_of_the_persons_own_are_offered_and_checked(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    visitor.upload(people(tmp_path / "list.csv", many("Omar,Nasser,o@example.com,,,x", 5)))
    visitor.go("read").send("read", then="match")
    visitor.send("schema", {"file": ("own.json", b"{")})
    assert 'role="alert"' in visitor.text
    assert "own.json" in visitor.text
    remark = {"type": "string", "maxLength": 20, "x-aliases": ["Notes"]}
    schema: dict[str, Any] = {"properties": {"remark": remark}}
    visitor.go("match").send("schema", {"file": ("own.json", json.dumps(schema).encode())})
    assert "own.json: properties.remark.x-aliases" in visitor.text  # it is another field's header
    del remark["x-aliases"]
    visitor.go("match").send("schema", {"file": ("own.json", json.dumps(schema).encode())})
    assert '<option value="remark">' in visitor.text
    visitor.send("match", **{"field.5": "remark"}, then="check", region="AE")
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    assert {one["fields"].get("remark") for one in sandbox.records()} == {"x"}
    visitor.go("match").send("schema", {"file": ("", b"")}, remove="1")
    assert '<option value="remark"' not in visitor.text


def test_the_first_records_are_shown_with_the_values_of_their_attributes(
    visitor: Visitor, tmp_path: Path
) -> None:
    source = tmp_path / "leads.csv"
    source.write_text(
        "Title,E-mail,attributes.bedrooms\nVilla,amal@example.com,four of them\n", encoding="utf-8"
    )
    visitor.upload(source).send("read", object="lead", then="match")
    visitor.send("match", then="check")
    assert "bedrooms: four of them" in re.sub("<[^>]+>", "", visitor.text)
