"""A packed list and its derived files have one name."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from importer import ImportConfig
from importer.run.file_names import results_path
from importer.writer.index_file import output_stem


@pytest.mark.parametrize(
    ("name", "stem"),
    [
        ("list.csv", "list"),
        ("list.csv.gz", "list"),
        ("list.JSONL.ZIP", "list"),
        ("list.gz", "list"),
        ("list.2024.gz", "list.2024"),
        ("a.b.csv", "a.b"),
    ],
)
def test_files_are_named_after_the_list(tmp_path: Path, name: str, stem: str) -> None:
    source = tmp_path / name
    source.write_bytes(gzip.compress(b"first_name\nRana\n"))
    results = results_path(ImportConfig(sources=(str(source),)))
    assert results == tmp_path / f"{stem}.results.jsonl"
    assert output_stem(results) == stem


def test_a_results_file_of_the_earlier_name_is_gone_on_with(tmp_path: Path) -> None:
    source = tmp_path / "list.csv.gz"
    source.write_bytes(gzip.compress(b"first_name\nRana\n"))
    earlier = tmp_path / "list.csv.results.jsonl"
    earlier.touch()
    assert results_path(ImportConfig(sources=(str(source),))) == earlier
    assert output_stem(earlier) == "list.csv"


@pytest.mark.parametrize(("named", "folder"), [(".", "lists/new"), ("..", "lists")])
def test_the_folder_of_the_command_is_a_source_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str, folder: str
) -> None:
    (tmp_path / "lists" / "new").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "lists" / "new")
    expected = tmp_path / f"{folder}.results.jsonl"
    assert results_path(ImportConfig(sources=(named,))) == expected
