"""The examples of docs/nightly.md are read by what they are for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from importer.jobs import load_job
from importer.mapper import load_mapping

TEXT = (Path(__file__).parents[2] / "docs/nightly.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_the_job_file_is_one(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    path = tmp_path / "clinic.toml"
    path.write_text(text, encoding="utf-8")
    assert load_job(path).config().pacing.rate == 120
    assert load_mapping(path).identity == ("external_ref",)


@pytest.mark.parametrize("text", blocks("python"))
def test_the_programs_are_python_of_ten_lines(text: str) -> None:
    tree = ast.parse(text)
    assert "vorel-import" in ast.unparse(tree)
    assert len([line for line in text.splitlines() if line.strip()]) <= 10


def test_every_key_of_the_table_is_one() -> None:
    keys = re.findall(
        r"^\| `(\w+)` \|", TEXT.partition("| key | is |")[2].partition("\n\n")[0], re.MULTILINE
    )
    assert {
        "sources",
        "newest",
        "command",
        "api_key",
        "mapping",
        "results",
        "compact",
        "output",
        "updates",
        "name",
    } == set(keys)
