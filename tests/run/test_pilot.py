"""A pilot is a few rows of the list, spread over it, and each is sent once all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer import ImportConfig, read_rows, run_import
from importer.core.records import Row
from importer.run.pilot import write_pilot
from importer.sandbox import Sandbox


def people(path: Path, rows: int) -> Path:
    lines = [f'"Person ""{n}""";p{n}@example.com' for n in range(rows)]
    lines[0] = ";"  # a row that cannot be sent
    path.write_text("\r\n".join(["Name;E-mail", *lines, ""]), encoding="utf-8")
    return path


def settings(source: Path, sandbox: Sandbox) -> ImportConfig:
    mapping = source.with_suffix(".toml")
    mapping.write_text('object = "contact"\n[fields]\nname = "Name"\nemail = "E-mail"\n[read]\n'
                       'delimiter = ";"\n')  # fmt: skip
    return ImportConfig(
        sources=source,
        mapping=mapping,
        results=source.with_suffix(".results.jsonl"),
        base_url=sandbox.url,
        api_key=sandbox.api_key,
        rate=100_000,
    )


def test_its_rows_are_spread_over_the_whole_list(tmp_path: Path, sandbox: Sandbox) -> None:
    config = settings(people(tmp_path / "list.csv", 100), sandbox)
    pilot = write_pilot(config, tmp_path, rows=5)
    found = list(read_rows(pilot.path, **pilot.read.model_dump(exclude_unset=True)))
    names = [row.values["Name"] for row in found if isinstance(row, Row)]
    assert names == ['Person "1"', 'Person "20"', 'Person "40"', 'Person "60"', 'Person "80"']
    assert pilot.rows == 5


def test_a_short_list_is_its_own_pilot(tmp_path: Path, sandbox: Sandbox) -> None:
    config = settings(people(tmp_path / "list.csv", 4), sandbox)
    assert write_pilot(config, tmp_path, rows=20).rows == 3


@pytest.mark.parametrize("name", ["list.csv", "list.jsonl"])
async def test_the_list_does_not_send_the_rows_of_its_pilot_again(
    name: str, tmp_path: Path, sandbox: Sandbox
) -> None:
    source = people(tmp_path / "list.csv", 30)
    config = settings(source, sandbox)
    if name.endswith(".jsonl"):
        rows = (
            f'{{"Name": "P {n}", "E-mail": "p{n}@example.com", "No": {n}.50}}\n' for n in range(30)
        )
        (tmp_path / name).write_text("".join(rows), encoding="utf-8")
        config = config.replace(sources=tmp_path / name)
    pilot = write_pilot(config, tmp_path, rows=7)
    first = await run_import(config.replace(sources=pilot.path, read=pilot.read))
    second = await run_import(config)
    assert first.counts["created"] == 7
    assert second.before == 7
    assert second.list is not None
    emails = [record["fields"]["email"] for record in sandbox.records()]
    assert len(emails) == len({*emails}) == second.list["created"]
