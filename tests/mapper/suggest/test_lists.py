"""Made-up lists, each of which stands for a class of real exports: the field of every column."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from lists.suggested import table

from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.columns.choice import Choice
from importer.mapper.suggest.columns.choose import choose

LISTS: list[dict[str, Any]] = tomllib.loads(
    Path(__file__).with_name("lists.toml").read_text(encoding="utf-8")
)["list"]


def shown(choice: Choice) -> str:
    if choice.field is None:
        return ""
    return f"?{choice.field}" if choice.confidence == "unsure" else choice.field


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one["name"])
def test_the_field_of_every_column(one: dict[str, Any]) -> None:
    columns, values = table(one["text"])
    found = choose(columns, load_schema(one["object"]), values, region=one.get("region"))
    assert [shown(choice) for choice in found] == one["fields"], [c.reason for c in found]
