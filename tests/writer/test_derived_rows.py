"""Derived files are read as the exporter has written them."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.core.records import Row
from importer.writer.derived_rows import DerivedFile
from importer.writer.exporter import ExportDialect, Exporter


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_rows_are_read_though_the_name_of_a_column_has_a_line_end(
    tmp_path: Path, delimiter: str
) -> None:
    values = {"Name": "Ada, or Eva", "Phone\n(home)": "a;b\nc"}
    row = Row(number=1, line=3, source="list.csv", values=values)
    dialect = ExportDialect(delimiter=delimiter)
    with Exporter(tmp_path, [*values], dialect, results="list.results.jsonl") as exporter:
        exporter.add(row, ("0" * 64, 1), None)
        [made] = exporter.finish()
        path = made.path.rename(tmp_path / "list.unsent.csv")

        [found] = DerivedFile(path, "utf-8").rows()

    assert found.values == values
    assert found.said["vorel_line"] == "3"
    assert found.ref == f"list.results.jsonl#{'0' * 64}-1"
