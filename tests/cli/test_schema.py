"""The command `schema`: objects, fields and JSON on standard output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from importer.cli.commands.schema import schema
from importer.core.shared import OBJECTS
from importer.mapper.schema.object_schema import load_schema


def run(*arguments: str, width: int = 120) -> Result:
    return CliRunner(env={"COLUMNS": str(width)}).invoke(schema, arguments)


def test_without_an_object_it_lists_all() -> None:
    result = run()
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert [line.split()[0] for line in lines[1 : 1 + len(OBJECTS)]] == list(OBJECTS)
    assert "22      one of 6" in lines[1]


@pytest.mark.parametrize("name", OBJECTS)
def test_every_field_has_its_line(name: str) -> None:
    result = run(name)
    assert result.exit_code == 0
    for spec in load_schema(name).fields.values():
        line = next(one for one in result.stdout.splitlines() if one.startswith(f"{spec.name}  "))
        assert spec.kind in line
        assert spec.limits in line
        assert spec.evidence in line


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_first_aliases_are_shown_and_wrapped_to_the_terminal(width: int) -> None:
    result = run("contact", width=width)
    joined = " ".join(result.stdout.split())
    for alias in load_schema("contact").fields["email"].aliases[:6]:
        assert alias.split("-")[0] in joined
    if width == 200:
        assert max(map(len, result.stdout.splitlines())) <= width


def test_rules_between_fields_are_told() -> None:
    assert "scheduled_end must be after scheduled_start." in run("appointment").stdout
    assert "at least one of email, phone" in run("contact").stdout


def test_json_is_the_schema_itself() -> None:
    one = json.loads(run("lead", "--json").stdout)
    assert one["properties"]["status"]["enum"] == [
        "new",
        "qualified",
        "booked",
        "converted",
        "lost",
    ]
    everything = json.loads(run("--json").stdout)
    assert list(everything) == list(OBJECTS)
    assert everything["lead"] == one


def test_an_unknown_object_is_a_mistake_in_the_call() -> None:
    result = run("leads")
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "Did you mean 'lead'?" in result.stderr


def test_fields_of_ones_own_are_shown_among_the_others(tmp_path: Path) -> None:
    mapping, fields = tmp_path / "m.toml", tmp_path / "own.json"
    mapping.write_text('[fields]\nname = "N"\n[schema.properties]\ntier = { enum = ["gold"] }')
    fields.write_text('{"properties": {"tier": {"maxLength": 9}, "visits": {"type": "integer"}}}')
    lines = run("lead", "--mapping", str(mapping), "--schema", str(fields)).stdout.splitlines()
    assert next(one for one in lines if one.startswith("tier ")).split()[1:6] == [
        *("enum", "one", "of", "gold", "own")
    ]
    assert any(one.startswith("visits ") for one in lines)
    shown = json.loads(run("lead", "--schema", str(fields), "--json").stdout)
    assert shown["properties"]["visits"]["x-kind"] == "integer"


def test_fields_of_ones_own_belong_to_an_object(tmp_path: Path) -> None:
    fields = tmp_path / "own.json"
    fields.write_text('{"properties": {"tier": {}}}')
    result = run("--schema", str(fields))
    assert result.exit_code == 2
    assert "vorel-import schema contact" in result.stderr
    fields.write_text("[]")
    result = run("lead", "--schema", str(fields))
    assert result.exit_code == 2
    assert f"{fields}: it must be a table" in result.stderr
