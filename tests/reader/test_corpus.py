"""Each file of the corpus has the rows and errors that are written down beside it."""

from __future__ import annotations

import json
from itertools import groupby
from pathlib import Path

import pytest

from importer import Rejected, read_rows
from importer.core.settings import ReadOptions
from importer.reader import detect_layout, find_sources, open_source

CORPUS = Path(__file__).parent.parent / "corpus"
EXPECTED = sorted(CORPUS.glob("*/*.json"))


def source_of(expected: Path) -> Path:
    [source] = [path for path in expected.parent.glob(f"{expected.stem}.*") if path != expected]
    return source


def test_the_corpus_is_large_enough() -> None:
    assert len(EXPECTED) >= 200
    assert {path.parent.name for path in EXPECTED} >= {
        "compression", "csv-module", "delimiter", "encoding", "header", "jsonl", "line-ends",
        "quoting", "structure",
    }  # fmt: skip


@pytest.mark.parametrize("path", EXPECTED, ids=[f"{p.parent.name}/{p.stem}" for p in EXPECTED])
def test_a_file_has_the_rows_and_errors_beside_it(path: Path) -> None:
    expected = json.loads(path.read_text(encoding="utf-8"))
    source, options = source_of(path), expected["options"]

    read = list(read_rows(source, **options))

    rows = [row for row in read if not isinstance(row, Rejected)]
    are_objects = any(isinstance(values, dict) for _, values in expected["rows"])
    found = [[row.line, row.values if are_objects else [*row.values.values()]] for row in rows]
    assert found == expected["rows"]
    assert [[row.line, row.error.code] for row in read if isinstance(row, Rejected)] == expected[
        "errors"
    ]
    for _, of_file in groupby(read, key=lambda row: row.source):
        numbers = [row.number for row in of_file]
        assert numbers == list(range(1, len(numbers) + 1))
    if "columns" in expected:
        [file] = find_sources((str(source),))
        layout = detect_layout(file, ReadOptions(**options))
        with open_source(file, layout, ReadOptions(**options)) as reader:
            assert reader.columns == expected["columns"]
