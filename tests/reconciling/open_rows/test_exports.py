"""Which exports of the CRM can be read, and what is said of those that cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from referee import World
from referee.open_rows import (
    RESULTS,
    export,
    findings,
    id_of,
    reconcile,
)
from referee.workbook import save_workbook

from importer.cli.terminal_text import printable


def test_the_columns_can_be_named(world: World) -> None:
    text = world.read(export(world)).replace("Record ID", "Nummer").replace("Email", "Feld 7")
    world.write("export.csv", text)
    world.write("columns.toml", 'object = "contact"\n[fields]\nemail = "Feld 7"\n')
    flags = ("--mapping", "columns.toml", "--id-column", "Nummer")
    code, found = reconcile(world, "export.csv", *flags)
    assert (code, found["fields"], found["id_column"]) == (1, ["email"], "Nummer")
    assert findings(world)["Cyd"][0] == "found"
    code, _, err = world.command("reconcile", RESULTS, "export.csv", "--id-column", "No")
    assert (code, "no column 'No'" in err) == (2, True)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("Record ID,Email\n", "no column has any of the ids on record"),
        ("Record ID,Owner\n{0},Omar\n", "no column is known by its header"),
        ("Record ID,Other ID,Email\n{0},{0},x\n", "may be in 'Record ID' or in 'Other ID'"),
    ],
)
def test_an_export_that_cannot_be_used_is_named_with_what_to_do(
    world: World, text: str, words: str
) -> None:
    before = world.read(RESULTS)
    world.write("odd.csv", text.format(next(iter(world.crm.records))))
    code, _, err = world.command("reconcile", RESULTS, "odd.csv", "--apply")
    assert code == 2
    assert words in err
    assert world.read(RESULTS) == before


def test_a_workbook_is_read_too(world: World) -> None:
    save_workbook(world.read(export(world)), world.folder / "export.xlsx")
    code, found = reconcile(world, "export.xlsx", "--apply")
    assert (code, found["recorded"]) == (0, 2)


def test_an_export_of_json_lines_is_read_too(world: World) -> None:
    lines = [
        json.dumps({"id": one, "properties": {**made.fields}})
        for one, made in world.crm.records.items()
    ]
    world.write("export.jsonl", "\n".join([*lines, ""]))
    _, found = reconcile(world, "export.jsonl")
    assert found["id_column"] == "id"
    assert findings(world)["Cyd"] == ("found", id_of(world, "Cyd"))


def test_what_it_prints_names_the_file_and_what_to_do(world: World) -> None:
    code, out, _ = world.command("reconcile", RESULTS, export(world))
    assert code == 1
    assert "4 of the 4 records on record are in it" in out
    assert "people.reconcile.csv" in out
    assert "--apply" in out
    assert out == printable(out)
    assert (Path(world.folder) / "people.reconcile.csv").stat().st_mode & 0o777 == 0o600
