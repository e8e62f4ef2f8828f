"""Corrected rows are imported in place of the rows of the list that they stand for."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from importer import ImportConfig, check, run_import
from importer.core.settings import ErrorLimit
from importer.run.checking import dry_run
from importer.sandbox import Sandbox

LIST = """Name,E-mail,Phone
Amal,a@example.com,
Omar,o@example.com,99
Omar,o@example.com,99
Zed,z@example.com,98
"""
MAPPING = """object = "contact"
[fields]
name = "Name"
email = "E-mail"
phone = { column = "Phone", type = "phone", region = "AE" }
"""


@pytest.fixture
def config(tmp_path: Path, sandbox: Sandbox) -> ImportConfig:
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    return ImportConfig(
        sources=tmp_path / "list.csv",
        mapping=tmp_path / "mapping.toml",
        base_url=sandbox.url,
        api_key=sandbox.api_key,
        rate=100_000,
        max_errors=ErrorLimit(count=100),
    )


def corrected(config: ImportConfig, folder: Path, **phones: str) -> ImportConfig:
    """Correct rows of the failed file of a check: `row2` has the new phone of the second row."""
    failed = folder / "check-failed.csv"
    dry_run.check(config, failed_file=failed)
    with failed.open(encoding="utf-8", newline="") as stream:
        rows = [*csv.DictReader(stream)]
    path = folder / "corrected.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(
            stream, ["Name", "E-mail", "Phone", "vorel_ref"], extrasaction="ignore"
        )
        table.writeheader()
        for row in rows:
            if (text := phones.get(f"row{row['vorel_row']}")) is not None:
                table.writerow({**row, "Phone": text})
    return config.replace(corrections=path)


def sent(sandbox: Sandbox) -> list[Any]:
    return sorted((one["fields"]["name"], one["fields"].get("phone")) for one in sandbox.records())


async def test_a_check_and_a_run_take_the_corrected_row(
    config: ImportConfig, tmp_path: Path, sandbox: Sandbox
) -> None:
    config = corrected(config, tmp_path, row2="050 777 0001")
    report = check(config)
    assert (report.read, report.to_send, report.refused, report.before) == (4, 2, 2, 0)
    assert {"name": "Omar", "email": "o@example.com", "phone": "+971507770001"} in [
        one["fields"] for one in report.samples
    ]
    summary = await run_import(config)
    assert summary.read == 4
    assert (summary.counts["created"], summary.counts["invalid"]) == (2, 2)
    assert sent(sandbox) == [("Amal", None), ("Omar", "+971507770001")]


async def test_without_the_corrections_it_is_not_sent_again(
    config: ImportConfig, tmp_path: Path, sandbox: Sandbox
) -> None:
    with_corrections = corrected(config, tmp_path, row2="050 777 0001")
    await run_import(with_corrections)
    summary = await run_import(config)
    assert (summary.before, summary.counts["duplicate"], summary.requests) == (2, 1, 0)
    summary = await run_import(with_corrections)
    assert (summary.before, summary.counts["created"], summary.requests) == (3, 0, 0)
    assert len(sandbox.records()) == 2


async def test_a_corrected_row_that_is_refused_too_is_in_the_failed_file_as_corrected(
    config: ImportConfig, tmp_path: Path, sandbox: Sandbox
) -> None:
    config = corrected(config, tmp_path, row4="97")
    report = dry_run.check(config, failed_file=tmp_path / "again.csv")
    assert report.refused == 3
    summary = await run_import(config)
    assert summary.failed_file is not None
    for path in (tmp_path / "again.csv", Path(summary.failed_file)):
        with path.open(encoding="utf-8", newline="") as stream:
            rows = {row["vorel_row"]: row for row in csv.DictReader(stream)}
        assert [rows[number]["Phone"] for number in "234"] == ["99", "99", "97"]
        assert rows["4"]["vorel_line"] == "5"
        assert "'97'" in rows["4"]["vorel_error_message"]
    assert sent(sandbox) == [("Amal", None)]


async def test_the_corrected_row_counts_among_equal_ones_even_if_the_list_is_sent_as_written(
    config: ImportConfig, tmp_path: Path, sandbox: Sandbox
) -> None:
    config = corrected(config, tmp_path, row3="050 777 0001")
    (tmp_path / "mapping.toml").write_text(
        MAPPING.replace('"AE" }', '"AE", on_error = "keep" }'), encoding="utf-8"
    )
    report = check(config)
    assert (report.to_send, report.refused) == (4, 0)
    await run_import(config)
    assert sent(sandbox) == [
        ("Amal", None), ("Omar", "+971507770001"), ("Omar", "99"), ("Zed", "98"),
    ]  # fmt: skip


async def test_rows_of_a_json_list_keep_their_types(
    config: ImportConfig, tmp_path: Path, sandbox: Sandbox
) -> None:
    rows = [{"Name": "Amal", "E-mail": "a@example.com"}, {"Name": "Omar", "Phone": 99, "No": 1.5}]
    source = tmp_path / "list.jsonl"
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    config = config.replace(sources=source)
    dry_run.check(config, failed_file=tmp_path / "failed.csv")
    [line] = (tmp_path / "failed.jsonl").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "corrected.jsonl"
    path.write_text(line.replace('"Phone":99', '"Phone":"050 777 0001"') + "\n", encoding="utf-8")
    config = config.replace(corrections=path)
    assert check(config).to_send == 2
    await run_import(config)
    assert sent(sandbox) == [("Amal", None), ("Omar", "+971507770001")]
