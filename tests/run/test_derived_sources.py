"""Whose rows a derived file holds, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from importer.core.errors import ConfigError
from importer.run.derived_sources import refuse_views, results_file_named_by


def test_a_list_names_no_results_file() -> None:
    assert results_file_named_by([("list.csv", {})]) is None


def test_the_results_file_lies_beside_the_source(tmp_path: Path) -> None:
    results = tmp_path / "list.results.jsonl"
    results.touch()
    source = str(tmp_path / "saved as.csv")
    assert results_file_named_by([(source, {results.name: False})]) == results


@pytest.mark.parametrize("name", ["list.results.jsonl", "../list.results.jsonl"])
def test_one_in_another_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "list.results.jsonl").touch()
    (tmp_path / "june").mkdir()
    with pytest.raises(ConfigError, match="not in the same folder"):
        results_file_named_by([(str(tmp_path / "june" / "a.csv"), {name: False})])


def test_rows_of_several_imports_are_refused(tmp_path: Path) -> None:
    for name in ("a.results.jsonl", "b.results.jsonl"):
        (tmp_path / name).touch()
    refs = {"a.results.jsonl": False, "b.results.jsonl": False}
    with pytest.raises(ConfigError, match=r"a\.results\.jsonl, b\.results\.jsonl"):
        results_file_named_by([(str(tmp_path / "both.csv"), refs)])


@pytest.mark.parametrize(
    ("has_objects", "said"), [(True, "import list.failed.jsonl"), (False, "the .jsonl file")]
)
def test_a_view_of_a_json_list_is_refused(tmp_path: Path, has_objects: bool, said: str) -> None:
    if has_objects:
        (tmp_path / "list.failed.jsonl").touch()
    refs = {"list.results.jsonl": True}
    with pytest.raises(ConfigError) as caught:
        refuse_views([(str(tmp_path / "list.failed.csv"), refs)])
    assert said in str(caught.value.hint)
    refuse_views([("list.failed.jsonl", {"list.results.jsonl": False})])
