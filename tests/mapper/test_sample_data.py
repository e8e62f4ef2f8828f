"""The sample files: what the mapper makes of them is what their `expected.json` says."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from importer.core.records import Rejected, Row
from importer.core.resources import data_folder
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import load_mapping

SAMPLES = sorted(path.stem for path in data_folder("sample_data").glob("*.toml"))


def source_of(name: str) -> Path:
    folder = data_folder("sample_data")
    return next(path for path in folder.glob(f"{name}.*") if path.suffix in {".csv", ".jsonl"})


def rows(path: Path, mapper: Mapper) -> Iterator[Row]:
    """Read what is well-formed, without the project's own reader."""
    options = mapper.mapping.read
    with path.open(encoding=options.encoding or "utf-8-sig", newline="") as stream:
        if path.suffix == ".jsonl":
            for number, text in enumerate(stream, 1):
                try:
                    values = json.loads(text)
                except ValueError:
                    continue
                yield Row(number=number, line=number, source=path.name, values=values)
            return
        reader = csv.reader(stream, delimiter=options.delimiter or ",")
        header = next(reader)
        mapper.check_columns(header)
        number, line = 0, reader.line_num + 1
        for cells in reader:
            number += bool(cells)
            if len(cells) == len(header):
                values = dict(zip(header, cells, strict=True))
                yield Row(number=number, line=line, source=path.name, values=values)
            line = reader.line_num + 1


def expected(name: str) -> dict[str, Any]:
    text = data_folder("sample_data").joinpath(f"{name}.expected.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@pytest.mark.parametrize("name", SAMPLES)
def test_the_mapper_refuses_what_it_should(name: str) -> None:
    path = source_of(name)
    mapping = load_mapping(path.with_suffix(".toml"))
    wanted = expected(name)
    mapper = Mapper(mapping, wanted["object"])
    refused = [
        result for row in rows(path, mapper) if isinstance(result := mapper.map(row), Rejected)
    ]
    found = [(one.number, one.line, one.error.code, one.error.field) for one in refused]
    assert found == [
        (bad["row"], bad["line"], bad["code"], bad["field"])
        for bad in wanted["bad"]
        if bad["status"] == "invalid" and bad["code"] != "malformed_row"
    ]


def test_the_expectations_add_up() -> None:
    assert len(SAMPLES) == 6
    sendable = 0
    for name in SAMPLES:
        wanted = expected(name)
        counts = wanted["counts"]
        assert sum(counts.values()) == wanted["rows"]
        for status in ("duplicate", "invalid", "failed"):
            assert counts[status] == sum(bad["status"] == status for bad in wanted["bad"])
        sendable += counts["created"] + counts["failed"]
    assert sendable <= 230  # the demo sends them all at 200 a minute
