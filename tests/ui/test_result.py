"""The result says what happened, who needs a person, and hands out what there is to do next."""

from __future__ import annotations

import re
from pathlib import Path

import fastexcel
import pytest
from referee import Crm, refusal, serving
from referee.crm import KEY
from visitor import Visitor

from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

HEADER = "first_name,last_name,email,phone\n"
ADA = "Ada,Abboud,ada@example.com,+971501110001\n"
CYD = "Cyd,Cohen,cyd@example.com,+971501110003\n"


def imported(visitor: Visitor, path: Path, url: str, content: str) -> Visitor:
    path.write_text(HEADER + content, encoding="utf-8")
    if not visitor.base:
        visitor.get("/").send("/imports/path", path=str(path))
        visitor.opened()
    visitor.matched().key(KEY, url).press("all")
    return visitor.go("result")


def table(visitor: Visitor, kind: str, folder: Path) -> list[dict[str, str]]:
    path = folder / kind
    path.write_bytes(visitor.client.get(f"{visitor.base}/files/{kind}").content)
    sheet = fastexcel.read_excel(path).load_sheet(0, dtypes="string").to_polars()
    return [
        {name: row[name] or "" for name in sheet.columns} for row in sheet.iter_rows(named=True)
    ]


def test_who_needs_a_person_is_named_by_cause(visitor: Visitor, tmp_path: Path) -> None:
    crm = Crm()
    for name in ("Ada", "Cyd"):
        crm.always(name, refusal("validation_error"))
    with serving(crm) as url:
        imported(visitor, tmp_path / "people.csv", url, ADA + CYD + "Bo,Berg,bo@example.com,\n")
    causes = re.findall(r'<details class="cause">.*?</summary>', visitor.text, re.DOTALL)
    assert len(causes) == 1
    for text in (">2</span>", "Ada Abboud", "Cyd Cohen"):
        assert text in causes[0]
    assert "Correct rows" in visitor.text
    assert visitor.text.count(" primary") == 1


def test_what_was_sent_without_a_value_is_no_success_and_opens_its_rows(
    visitor: Visitor, tmp_path: Path
) -> None:
    source = tmp_path / "people.csv"
    dates = ["1980-04-01", "1980-04-02", "31/31/1980"]
    rows = (f"Ada {n},ada{n}@example.com,{date}" for n, date in enumerate(dates))
    source.write_text("\n".join(["name,email,birthday", *rows]), encoding="utf-8")
    with serving(Crm()) as url:
        visitor.upload(source).go("read").send("read", then="match")
        visitor.send("match", then="match")
        visitor.send("match", then="check", **{"option.birthday.on_error": "omit"})
        checked = visitor.text
        visitor.key(KEY, url).press("all").go("result")
    for page in (checked, visitor.text):
        assert 'class="sign warn"' in page
    assert "done-now" not in visitor.text
    assert visitor.figure("without Birthday") == 1
    assert 'files/success.xlsx">without Birthday' in visitor.text
    left_out = [
        row["name"] for row in table(visitor, "success.xlsx", tmp_path) if row["vorel_left_out"]
    ]
    assert left_out == ["Ada 2"]


def test_the_records_to_delete_are_handed_out(visitor: Visitor, tmp_path: Path) -> None:
    crm = Crm()
    with serving(crm) as url:
        imported(visitor, tmp_path / "people.csv", url, ADA + CYD)
    assert f"{visitor.base}/files/undo.xlsx" in visitor.text
    rows = table(visitor, "undo.xlsx", tmp_path)
    assert {row["external_id"] for row in rows} == {
        one.record for name in ("Ada", "Cyd") for one in crm.of(name)
    }


def test_the_changed_records_are_handed_out_with_todays_values(
    visitor: Visitor, tmp_path: Path
) -> None:
    crm = Crm()
    with serving(crm) as url:
        imported(visitor, tmp_path / "people.csv", url, ADA + CYD)
        assert "files/updates" not in visitor.text
        imported(visitor, tmp_path / "people.csv", url, ADA.replace("0001", "0009") + CYD)
    assert f"{visitor.base}/files/updates.xlsx" in visitor.text
    [row] = table(visitor, "updates.xlsx", tmp_path)
    [ada] = crm.of("Ada")
    assert row["external_id"] == ada.record
    assert row["phone"] == "+971501110009"
    assert not row.get("email")


def test_files_that_have_nothing_in_them_are_not_there(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + ADA, encoding="utf-8")
    visitor.upload(path).matched()
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    for kind in ("updates.xlsx", "updates.csv", "unsent.csv", "nothing.csv"):
        assert visitor.client.get(f"{visitor.base}/files/{kind}").status_code == 404


def test_a_row_that_repeats_another_is_shown_beside_it(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + ADA + CYD + ADA, encoding="utf-8")
    visitor.upload(path).matched()
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    assert f"{visitor.base}/repeats" in visitor.go("result").text
    visitor.go("repeats")
    assert visitor.heading == "1 row repeats an earlier row"
    assert visitor.text.count("<bdi>Abboud</bdi>") == 2
    assert "Line 4" in visitor.text
    assert "Line 2" in visitor.text


def test_a_row_that_is_no_table_is_shown_as_it_is(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    good = [ADA.replace("Ada", f"Ada{n}").replace("ada", f"ada{n}") for n in range(9)]
    text = "Eve,Evans,eve@example.com,+971501110009,one,two,more\n"
    path.write_text(HEADER + "".join(good) + text, encoding="utf-8")
    visitor.upload(path).matched().go("rows")
    assert "eve@example.com,+971501110009,one,two,more" in visitor.text


def test_created_rows_lead_to_their_records(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + ADA + CYD, encoding="utf-8")
    visitor.upload(path).matched()
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    assert f"{visitor.base}/created" in visitor.go("result").text
    visitor.go("created")
    for text in ("Ada Abboud", "Cyd Cohen", *(one["record_url"] for one in sandbox.records())):
        assert text in visitor.text


def test_the_report_names_account_and_operator_and_leads_back(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + ADA, encoding="utf-8")
    visitor.upload(path).matched()
    visitor.go("send").send(
        "key", key=sandbox.api_key, url=sandbox.url, account="Seaside Clinic", operator="Amal <H>"
    )
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    report = visitor.client.get(f"{visitor.base}/files/report")
    assert "account <bdi>Seaside Clinic</bdi>" in report.text
    assert "imported by <bdi>Amal &lt;H&gt;</bdi>" in report.text
    assert 'href="../result"' in report.text
    assert "vorel-import undo" not in report.text
    assert "allow-scripts" not in report.headers["content-security-policy"]
    other = tmp_path / "others.csv"
    other.write_text(HEADER + CYD, encoding="utf-8")
    visitor.upload(other).matched()
    assert 'value="Seaside Clinic"' in visitor.go("send").text


def test_a_list_of_which_nothing_can_be_sent_is_not_gone_on_with(
    visitor: Visitor, sandbox: Sandbox, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text(HEADER + ADA, encoding="utf-8")
    visitor.upload(path).matched()
    assert "Continue to sending" in visitor.text
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    visitor.go("check").send("check")
    assert visitor.figure("will be sent") == 0
    assert "Continue to sending" not in visitor.text
    assert "Back to the result" in visitor.text
