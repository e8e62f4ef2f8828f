"""Each sample list becomes what its .expected.json says."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command import last_rows, vorel_import

from importer.resources import data_folder
from importer.sandbox import Sandbox

SAMPLES = sorted(path.stem for path in data_folder("sample_data").glob("*.toml"))


def test_there_are_samples() -> None:
    assert len(SAMPLES) >= 6


@pytest.mark.parametrize("stem", SAMPLES)
def test_a_sample_becomes_what_it_must(stem: str, tmp_path: Path, sandbox: Sandbox) -> None:
    for path in data_folder("sample_data").glob(f"{stem}.*"):
        shutil.copy(path, tmp_path / path.name)
    (source,) = (path for path in tmp_path.glob(f"{stem}.*") if path.suffix in {".csv", ".jsonl"})
    expected = json.loads((tmp_path / f"{stem}.expected.json").read_text(encoding="utf-8"))

    ended = vorel_import(
        "run", source, "--mapping", f"{stem}.toml", "--rate", "1000000", "--json",
        "--max-errors", "100%", cwd=tmp_path,
        env={"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url},
    )  # fmt: skip

    summary = json.loads(ended.stdout)
    assert summary["read"] == expected["rows"]
    assert {k: n for k, n in summary["counts"].items() if n} == {
        k: n for k, n in expected["counts"].items() if n
    }
    bad = [
        {
            "row": line["row"],
            "line": line["line"],
            "status": line["status"],
            "code": (line["error"] or {}).get("code"),
            "field": (line["error"] or {}).get("field"),
        }
        for line in last_rows(tmp_path / f"{stem}.results.jsonl").values()
        if line["status"] != "created"
    ]
    by_row = sorted(bad, key=lambda line: line["row"])
    assert [line for line in by_row if line["status"] != "duplicate"] == [
        line for line in expected["bad"] if line["status"] != "duplicate"
    ]
    assert len(sandbox.records()) == expected["counts"]["created"]
