"""Each sample list becomes what its .expected.json says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from commands.inside import vorel_import
from commands.process import last_rows

from importer.core.resources import data_folder
from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

SAMPLES = sorted(path.stem for path in data_folder("sample_data").glob("*.toml"))


def test_there_are_samples() -> None:
    assert len(SAMPLES) >= 6


@pytest.mark.parametrize("stem", SAMPLES)
def test_a_sample_becomes_what_it_must(stem: str, tmp_path: Path, sandbox: Sandbox) -> None:
    source, expected = _copied(stem, tmp_path)

    counts, bad = _imported(source, f"{stem}.toml", sandbox)

    assert counts == _given(expected["counts"])
    assert sum(counts.values()) == expected["rows"]
    assert _refused(bad) == _refused(expected["bad"])
    assert len(sandbox.records()) == expected["counts"]["created"]


@pytest.mark.parametrize("stem", SAMPLES)
def test_a_sample_becomes_what_it_must_by_the_suggested_mapping(
    stem: str, tmp_path: Path, sandbox: Sandbox
) -> None:
    source, expected = _copied(stem, tmp_path)
    suggested = expected["suggested"]

    made = vorel_import(
        "map", source.name, "--object", expected["object"], "-o", "suggested.toml",
        *suggested["flags"], cwd=tmp_path,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    checked = vorel_import(
        "check", source.name, "--mapping", "suggested.toml", "--json", cwd=tmp_path
    )
    counts, bad = _imported(source, "suggested.toml", sandbox)

    assert counts == _given(suggested["counts"])
    assert _refused(bad) == _refused(suggested["bad"])
    foreseen = json.loads(checked.stdout)
    assert checked.returncode == 1
    assert foreseen["unsent"] == counts["created"] + counts.get("failed", 0)
    assert foreseen["counts"]["invalid"] == counts["invalid"]
    assert foreseen["counts"]["duplicate"] == counts.get("duplicate", 0)


def _copied(stem: str, folder: Path) -> tuple[Path, dict[str, Any]]:
    """Copy a sample and what belongs to it; return the list, and what it must become."""
    for path in data_folder("sample_data").glob(f"{stem}.*"):
        shutil.copy(path, folder / path.name)
    (source,) = (path for path in folder.glob(f"{stem}.*") if path.suffix in {".csv", ".jsonl"})
    return source, json.loads((folder / f"{stem}.expected.json").read_text(encoding="utf-8"))


def _imported(
    source: Path, mapping: str, sandbox: Sandbox
) -> tuple[dict[str, int], list[dict[str, Any]]]:
    """Run the import; return the counts that are not 0, and the rows that have no record."""
    ended = vorel_import(
        "run", source.name, "--mapping", mapping, "--rate", "1000000", "--json",
        "--max-errors", "100%", cwd=source.parent,
        env={"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url},
    )  # fmt: skip
    bad = [
        {
            "row": line["row"],
            "line": line["line"],
            "status": line["status"],
            "code": (line["error"] or {}).get("code"),
            "field": (line["error"] or {}).get("field"),
        }
        for line in last_rows(source.with_suffix(".results.jsonl")).values()
        if line["status"] != "created"
    ]
    return _given(json.loads(ended.stdout)["counts"]), sorted(bad, key=lambda line: line["row"])


def _given(counts: dict[str, int]) -> dict[str, int]:
    return {status: count for status, count in counts.items() if count}


def _refused(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out duplicates: which of two equal rows comes second is not the list's to say."""
    return [row for row in rows if row["status"] != "duplicate"]
