"""The failed rows of a JSON Lines list are objects again, and import as what they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pydantic import SecretStr

from importer import ImportConfig, read_rows, run_import
from importer.core.keys import source_hash_of
from importer.sandbox import Sandbox

pytestmark = pytest.mark.anyio
MAPPING = """\
object = "contact"
[fields]
first_name = "name.first"
email = "email"
tags = "tags"
"""
GOOD = {"name": {"first": "Rana"}, "email": "r@example.com", "tags": ["a", "b; c"]}
BAD = {
    "tags": ["x; y", "z"],
    "email": "not an address",
    "name": {"first": "Bo"},
    "n": 12345678901234567890,
}


async def imported(sandbox: Sandbox, path: Path) -> dict[str, int]:
    config = ImportConfig(
        sources=(str(path),),
        mapping=path.parent / "mapping.toml",
        results=path.parent / "people.results.jsonl",
        base_url=sandbox.url,
        api_key=SecretStr(sandbox.api_key),
        rate=1_000_000,
    )
    counts = (await run_import(config)).counts
    return {status: count for status, count in counts.items() if count}


async def test_a_corrected_failed_row_becomes_the_record_it_would_have_been(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING)
    source = tmp_path / "people.jsonl"
    source.write_text(f'{json.dumps(GOOD)}\n{json.dumps(BAD)}\n{{"torn": \n')

    assert await imported(sandbox, source) == {"created": 1, "failed": 1, "invalid": 1}
    failed = tmp_path / "people.failed.jsonl"
    assert [source_hash_of(row) for row in read_rows(failed)] == [
        source_hash_of(row) for row in list(read_rows(source))[1:]
    ]
    assert '"vorel_error_code":"validation_error"' in failed.read_text()

    lines = [json.loads(line) for line in failed.read_text().splitlines()]
    assert lines[1]["vorel_raw"] == '{"torn": '
    lines[0]["email"] = "bo@example.com"
    lines[1]["name"] = {"first": "Mona"}
    failed.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert await imported(sandbox, failed) == {"created": 2}

    records = {record["fields"]["first_name"]: record["fields"] for record in sandbox.records()}
    assert records["Bo"]["tags"] == ["x; y", "z"]
    assert set(records) == {"Rana", "Bo", "Mona"}


async def test_failed_rows_of_a_list_within_an_object_import_with_the_same_mapping(
    tmp_path: Path, sandbox: Sandbox
) -> None:
    mapping = MAPPING + '[read]\nrecord_path = "data.people"\n'
    (tmp_path / "mapping.toml").write_text(mapping)
    source = tmp_path / "people.json"
    plain = {"name": {"first": "Bo"}, "email": "not an address"}
    source.write_text(json.dumps({"total": 2, "data": {"people": [GOOD, plain]}}, indent=2))

    assert await imported(sandbox, source) == {"created": 1, "failed": 1}
    failed = tmp_path / "people.failed.jsonl"
    failed.write_text(failed.read_text().replace("not an address", "bo@example.com"))
    assert await imported(sandbox, failed) == {"created": 1}
    assert len(sandbox.records()) == 2
