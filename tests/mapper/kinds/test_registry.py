"""The registry of kinds: each kind has its file, its test and its place in the documents."""

from __future__ import annotations

import re
import time
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from importer.core.errors import MappingError
from importer.core.records import Row
from importer.mapper import kinds
from importer.mapper.kinds import KINDS, OPTIONS, TYPES
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.mapping.model import FieldMap, FieldMapping
from importer.mapper.values.kind import Kind

ROOT = Path(__file__).parents[3]
EACH = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


@EACH
def test_each_kind_is_what_its_file_exports(kind: Kind) -> None:
    module = import_module(f"importer.mapper.kinds.{kind.name}")
    assert getattr(module, kind.name.upper()) is kind


def test_each_file_is_a_kind() -> None:
    files = {path.stem for path in Path(kinds.__file__).parent.glob("*.py")}
    assert files - {"__init__"} == set(KINDS)


@EACH
def test_each_kind_has_a_test(kind: Kind) -> None:
    assert Path(__file__).with_name(f"test_{kind.name}.py").exists()


@EACH
def test_each_kind_is_in_the_document_about_values(kind: Kind) -> None:
    text = (ROOT / "docs/values.md").read_text(encoding="utf-8")
    headings = re.findall(r"^## .*$", text, re.MULTILINE)
    assert any(f"`{kind.name}`" in heading for heading in headings)


def with_key(key: str) -> set[str]:
    if key == "split":
        return {kind.name for kind in KINDS.values() if kind.split is not None}
    return {kind.name for kind in KINDS.values() if key in kind.options.model_fields}


@pytest.mark.parametrize("key", [*OPTIONS, "split"])
def test_the_document_about_mappings_says_what_each_key_goes_with(key: str) -> None:
    text = (ROOT / "docs/mapping.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \| (`[a-z_`, ]+`) \|", text, re.MULTILINE)
    named = [types for keys, types in rows if f"`{key}`" in keys]
    assert set(re.findall(r"`(\w+)`", " ".join(named))) == with_key(key)


@pytest.mark.parametrize(
    ("type_", "key"),
    [(type_, key) for key in (*OPTIONS, "split") for type_ in TYPES if type_ not in with_key(key)],
)
def test_a_key_of_other_types_is_refused_and_they_are_named(type_: str, key: str) -> None:
    given: dict[str, Any] = {"split": ";"} if key == "split" else {"options": {key: "x"}}
    field = FieldMapping(field="name", columns=("N",), type=type_, **given)
    with pytest.raises(MappingError) as caught:
        Mapper(FieldMap(fields=(field,), sha256=""), "lead")
    needed = " or ".join(f'type = "{name}"' for name in TYPES if name in with_key(key))
    assert f"{key}: it does not go with the type {type_}, only with {needed}." in str(caught.value)


def test_a_key_means_the_same_in_each_kind_that_has_it() -> None:
    for kind in KINDS.values():
        for key, field in kind.options.model_fields.items():
            first = OPTIONS[key].model_fields[key]
            assert field.description, key
            assert repr(field) == repr(first), key


LONG = ("x", "(", "-", "/", "#", "a1", "1111x", "x ", "1,", "a.", "may ", "1:1 ", "a@", "'")
NEEDED = {"phone": 'region = "AE"', "datetime": 'timezone = "UTC"', "money": 'currency = "*"'}


@pytest.mark.parametrize("type_", [one for one in TYPES if one not in {"enum", "object"}])
def test_a_long_cell_is_read_in_proportion_to_its_length(type_: str) -> None:
    """A pattern that is tried anew at each letter takes 3 to 30 seconds for one of these texts."""
    options = ", ".join(filter(None, [f'type = "{type_}"', NEEDED.get(type_)]))
    fields = f'name = "N"\n"attributes.a" = {{ column = "A", {options} }}\n'
    mapper = Mapper(parse_mapping(f"[fields]\n{fields}".encode()), "lead")

    def seconds(length: int) -> float:
        began = time.process_time()
        for part in LONG:
            for text in (part * (length // len(part)), f"a{part * (length // len(part))}1"):
                mapper.map(Row(number=1, line=1, source="s", values={"N": "x", "A": text}))
        return time.process_time() - began

    seconds(100)  # what is loaded once
    assert seconds(20_000) < 20 * seconds(2_000) + 0.1  # usually less than ten times
