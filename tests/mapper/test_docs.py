"""The documents about mapping: tables that agree with the schemas, examples that load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from importer.mapper import FieldSpec, Mapper, load_schema, parse_mapping
from importer.mapper.kinds import TYPES
from importer.mapper.values.numbers import read_decimal
from importer.mapper.values.text import BadValue
from importer.shared import OBJECTS

DOCS = Path(__file__).parents[2] / "docs"
MAPPING = (DOCS / "mapping.md").read_text(encoding="utf-8")
FIELDS = (DOCS / "fields.md").read_text(encoding="utf-8")
CODES = re.search(r"```csv\n(.*?)```", MAPPING, re.DOTALL)
EXAMPLES = re.findall(r"```toml\n(.*?)```", MAPPING + FIELDS, re.DOTALL)


def table_row(spec: FieldSpec, *, needed: bool) -> str:
    name = f"`{spec.name}`" + (" (required)" if needed else "")
    return f"| {name} | {spec.kind} | {spec.limits or '-'} | {spec.evidence} | {spec.description} |"


@pytest.mark.parametrize("name", OBJECTS)
def test_the_field_tables_agree_with_the_schemas(name: str) -> None:
    schema = load_schema(name)
    rows = [table_row(spec, needed=spec.name in schema.required) for spec in schema.fields.values()]
    section = FIELDS.partition(f"\n## {schema.title}\n")[2].partition("\n## ")[0]
    assert [line for line in section.splitlines() if line.startswith("| `")] == rows


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_is_a_mapping(
    example: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert CODES is not None
    (tmp_path / "stages.csv").write_text(CODES[1], "utf-8")
    monkeypatch.chdir(tmp_path)
    whole = "[fields]" in example
    mapping = parse_mapping((example if whole else f"[fields]\n{example}").encode())
    assert mapping.fields
    if mapping.object is not None:
        assert Mapper(mapping, mapping.object).mapped_columns


def test_the_table_of_decimals_is_what_is_read() -> None:
    rows = re.findall(r"^\| `([\d.,٬٫١-٩]+)` \| (.+?) \| (.+?) \| (.+?) \|$", MAPPING, re.MULTILINE)
    assert len(rows) == 7
    for written, *cells in rows:
        for mark, cell in zip((None, ".", ","), cells, strict=True):
            try:
                read = f"`{read_decimal(written, mark)}`"
            except BadValue:
                read = "refused"
            assert cell.partition(":")[0] == read, (written, mark)


def test_every_type_is_described() -> None:
    described = re.findall(r"^### `(\w+)`", MAPPING, re.MULTILINE)
    assert described == list(TYPES)
