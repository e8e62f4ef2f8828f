"""The documents about mapping: tables that agree with the schemas, examples that load."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from importer.core.shared import OBJECTS
from importer.mapper.kinds import TYPES
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.schema.object_schema import ObjectSchema, load_schema
from importer.mapper.values.numbers import read_decimal
from importer.mapper.values.texts import BadValue

DOCS = Path(__file__).parents[2] / "docs"
MAPPING = (DOCS / "mapping.md").read_text(encoding="utf-8")
FIELDS = (DOCS / "fields.md").read_text(encoding="utf-8")
CODES = re.search(r"```csv\n(.*?)```", MAPPING, re.DOTALL)
EXAMPLES = re.findall(r"```toml\n(.*?)```", MAPPING + FIELDS, re.DOTALL)


def described(schema: ObjectSchema) -> list[str]:
    """Return a line for each kind of field: the names, with what is needed of them."""
    kinds: dict[str, list[str]] = {}
    for spec in schema.fields.values():
        needs = ["required"] if spec.name in schema.required else []
        needs += [spec.limits] if spec.limits else []
        shown = f"`{spec.name}`" + (f" ({'; '.join(needs)})" if needs else "")
        kinds.setdefault(spec.kind, []).append(shown)
    return [f"- **{kind}**: {', '.join(names)}" for kind, names in kinds.items()]


@pytest.mark.parametrize("name", OBJECTS)
def test_the_lists_of_fields_agree_with_the_schemas(name: str) -> None:
    schema = load_schema(name)
    section = FIELDS.partition(f"\n## {schema.title}\n")[2].partition("\n## ")[0]
    joined = section.replace("\n  ", " ")
    assert [line for line in joined.splitlines() if line.startswith("- ")] == described(schema)


@pytest.mark.parametrize("source", ["vendor", "convention"])
def test_the_document_says_whose_names_they_are(source: str) -> None:
    of_source = [
        schema.title
        for schema in map(load_schema, OBJECTS)
        if {spec.evidence for spec in schema.fields.values()} == {source}
    ]
    [line] = re.findall(rf"- \*\*{source}\*\* \(([^)]*)\)", FIELDS)
    assert line == ", ".join(of_source)


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
    assert len(rows) == 4
    for written, *cells in rows:
        for mark, cell in zip((None, ".", ","), cells, strict=True):
            try:
                read = f"`{read_decimal(written, mark)}`"
            except BadValue:
                read = "refused"
            assert cell.partition(":")[0] == read, (written, mark)


def test_every_type_is_described() -> None:
    table = MAPPING.partition("\n## Types\n")[2].partition("\n\n**Dates.**")[0]
    described = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    assert described == list(TYPES)
