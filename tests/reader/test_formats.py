"""The table of formats is complete: settings, flags, documents and readers name the same ones."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import click
import pytest

from importer.cli import cli
from importer.core.settings import ReadOptions
from importer.core.shared import FORMAT_SUFFIXES, FormatName
from importer.reader import batches, detect_layout, find_sources, open_source
from importer.reader.formats import FORMATS

DOCS = Path(__file__).parents[2] / "docs"
FORMAT_NAMES = get_args(FormatName)

# The same two rows in each format; a new one is added here.
SAMPLES = {
    "csv": "name,city\nRana,Dubai\nOmar,Cairo\n",
    "jsonl": '{"name": "Rana", "city": "Dubai"}\n{"name": "Omar", "city": "Cairo"}\n',
    "json": '[{"name": "Rana", "city": "Dubai"},\n {"name": "Omar", "city": "Cairo"}]\n',
}


def read(path: Path, options: ReadOptions) -> tuple[str, list[object]]:
    [file] = find_sources((str(path),))
    layout = detect_layout(file, options)
    with open_source(file, layout, options) as reader:
        rows = [batch.row(n) for batch in batches(reader) for n in range(len(batch))]
    return layout.format, [getattr(row, "values", row) for row in rows]


def test_every_format_that_can_be_stated_is_in_the_table_once() -> None:
    assert sorted(format_.name for format_ in FORMATS) == sorted(FORMAT_NAMES)
    assert set(FORMAT_SUFFIXES) == set(FORMAT_NAMES) == set(SAMPLES)


@pytest.mark.parametrize("name", FORMAT_NAMES)
@pytest.mark.parametrize("is_stated", [False, True])
def test_a_format_is_read_when_stated_and_when_found(
    tmp_path: Path, name: FormatName, is_stated: bool
) -> None:
    path = tmp_path / "list.txt"
    path.write_text(SAMPLES[name])
    options = ReadOptions(format=name if is_stated else None)
    assert read(path, options) == (
        name,
        [{"name": "Rana", "city": "Dubai"}, {"name": "Omar", "city": "Cairo"}],
    )


@pytest.mark.parametrize("command", ["run", "check", "map", "export"])
def test_the_flag_has_all_formats(command: str) -> None:
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    [flag] = [option for option in found.params if "--format" in option.opts]
    assert isinstance(flag.type, click.Choice)
    assert tuple(flag.type.choices) == FORMAT_NAMES


@pytest.mark.parametrize("name", FORMAT_NAMES)
def test_the_documents_name_all_formats(name: str) -> None:
    [options] = re.findall(r"`format` \(([^)]*)\)", (DOCS / "mapping.md").read_text())
    assert f'`"{name}"`' in options


@pytest.mark.parametrize(
    ("name", "suffix"),
    [(name, end) for name, ends in FORMAT_SUFFIXES.items() for end in sorted(ends)],
)
def test_a_folder_stands_for_the_lists_of_every_format(
    tmp_path: Path, name: str, suffix: str
) -> None:
    (tmp_path / f"list{suffix}").write_text(SAMPLES[name])
    [file] = find_sources((str(tmp_path),))
    assert detect_layout(file, ReadOptions()).format == name
