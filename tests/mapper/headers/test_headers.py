"""The suggestion held against header rows as real software exports them, headers alone."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from importer.core.shared import OBJECTS
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.columns.choose import suggest_mapping
from importer.mapper.suggest.propose import Excerpt, propose

HERE = Path(__file__).parent
ROWS: list[dict[str, Any]] = [
    row
    for path in sorted(HERE.glob("*.json"))
    for row in json.loads(path.read_text(encoding="utf-8"))
]
LANGUAGES = {"en", "ar", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "ru", "ur", "hi"}
PARTS = {"tuned": False, "held out": True}


@dataclass
class Score:
    columns: int = 0
    mapped: int = 0
    covered: int = 0
    suggested: int = 0
    wrong: int = 0
    certain: int = 0
    certain_wrong: int = 0

    @property
    def figures(self) -> tuple[float, float, float]:
        return (
            self.covered / self.mapped,
            self.certain_wrong / self.certain,
            self.wrong / self.suggested,
        )


@cache
def score(*, held_out: bool) -> Score:
    total = Score()
    for row in ROWS:
        if row["held_out"] is not held_out:
            continue
        columns = [column for column, _ in row["columns"]]
        found = suggest_mapping(columns, row["object"])
        for (_, wanted), one in zip(row["columns"], found, strict=True):
            right = one.field == wanted
            total.columns += 1
            total.mapped += wanted is not None
            total.covered += wanted is not None and right
            total.suggested += one.field is not None
            total.wrong += one.field is not None and not right
            certain = one.field is not None and one.confidence == "certain"
            total.certain += certain
            total.certain_wrong += certain and not right
    return total


def test_the_sets_are_what_they_say() -> None:
    assert len(ROWS) >= 60
    assert sum(row["held_out"] for row in ROWS) >= 20
    assert {row["language"] for row in ROWS} == LANGUAGES
    assert {row["object"] for row in ROWS} == set(OBJECTS)
    for row in ROWS:
        known = load_schema(row["object"]).fields
        assert {field for _, field in row["columns"] if field} <= known.keys(), row["name"]


@pytest.mark.parametrize("part", PARTS)
def test_coverage_and_wrong_ones(part: str) -> None:
    coverage, certain_wrong, wrong = score(held_out=PARTS[part]).figures
    assert coverage >= 0.95
    assert certain_wrong <= 0.01
    assert wrong <= 0.02


def test_the_document_states_these_figures() -> None:
    text = (HERE.parents[2] / "benchmarks" / "suggestions.md").read_text(encoding="utf-8")
    for part, held_out in PARTS.items():
        one = score(held_out=held_out)
        rows = sum(row["held_out"] is held_out for row in ROWS)
        coverage, certain_wrong, wrong = one.figures
        line = (
            f"| {part} | {rows} | {one.columns} | {coverage:.3f} | {certain_wrong:.3f} |"
            f" {wrong:.3f} |"
        )
        assert re.search(re.escape(line), text), line


@pytest.mark.slow
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_every_header_row_gives_a_mapping_that_loads(row: dict[str, Any]) -> None:
    columns = [column for column, _ in row["columns"]]
    rows = Excerpt(columns=columns, values=[[]] * len(columns))
    draft = propose(load_schema(row["object"]), rows, source="list.csv").draft
    mapping = parse_mapping(draft.text.encode())
    if not any(one.startswith("every ") for one in draft.decisions):
        mapper = Mapper(mapping, row["object"])
        mapper.check_columns(columns)
        assert set(mapper.mapped_columns) <= set(columns)
