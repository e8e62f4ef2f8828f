"""A list goes from file to records by the page alone, without JavaScript."""

from __future__ import annotations

from pathlib import Path

import pytest
from visitor import Visitor

from importer.core.resources import data_folder
from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

SAMPLES = sorted(
    path for path in data_folder("sample_data").glob("*") if path.suffix in {".csv", ".jsonl"}
)


def test_a_list_goes_from_file_to_records(visitor: Visitor, sandbox: Sandbox) -> None:
    visitor.upload(data_folder("sample_data") / "outlook-contacts.csv")
    assert visitor.heading == "Is the list read correctly?"
    visitor.matched(region="AE")
    assert "6 rows need a person." in visitor.heading
    visitor.key(sandbox.api_key, sandbox.url)
    assert sandbox.records() == []
    visitor.press("pilot")
    assert visitor.heading == "The first rows are sent"
    assert len(sandbox.records()) == 20
    visitor.press("all")
    assert "6 rows need a person." in visitor.go("result").heading
    assert len(sandbox.records()) == 43


def test_ids_of_persons_are_masked_from_the_first_step_on(visitor: Visitor, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "Name,E-mail,Emirates ID\nOmar,omar@example.com,784-1980-1234567-1\n", encoding="utf-8"
    )
    visitor.upload(path)

    assert visitor.heading == "Is the list read correctly?"
    assert "omar@example.com" in visitor.text
    assert "1234567" not in visitor.text


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
def test_each_sample_list_can_be_imported(path: Path, visitor: Visitor, sandbox: Sandbox) -> None:
    visitor.upload(path).matched(region="AE", timezone="Asia/Dubai", month_first="day")
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    assert visitor.go("result").heading.count("in the CRM") == 1
    assert sandbox.records()


def test_the_report_is_in_the_language_of_the_page(visitor: Visitor, sandbox: Sandbox) -> None:
    visitor.upload(data_folder("sample_data") / "outlook-contacts.csv").matched(region="AE")
    visitor.key(sandbox.api_key, sandbox.url).press("all")
    english = visitor.client.get(f"{visitor.base}/files/report")
    assert '<html lang="en"' in english.text
    assert "sandbox" in english.headers["content-security-policy"]
    visitor.get("/").send("/language", code="ar")
    arabic = visitor.client.get(f"{visitor.base}/files/report")
    assert '<html lang="ar"' in arabic.text
