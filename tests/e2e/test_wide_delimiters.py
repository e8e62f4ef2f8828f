"""Lists whose cells are apart by more than one character are imported, and their rows exported."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands.inside import vorel_import
from commands.process import lines_of

from importer.sandbox import Sandbox

MAPPING = """
object = "contact"
[fields]
name = "Name"
email = { column = "Email", type = "email" }
"""


@pytest.mark.parametrize("between", [", ", "; ", "||"])
def test_a_list_with_a_wide_delimiter(tmp_path: Path, sandbox: Sandbox, between: str) -> None:
    rows = [("Name", "Email"), ("Ann Sample", "ann@example.com"), ("Bob", "nowhere"), ("Cid", "")]
    text = "".join(f"{between.join(cells)}\n" for cells in rows)
    (tmp_path / "list.csv").write_text(text, "utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}
    call = ("run", "list.csv", "--mapping", "mapping.toml", "--rate", "100000")

    ended = vorel_import(*call, "--delimiter", between, cwd=tmp_path, env=env)

    assert ended.returncode == 1, ended.stderr
    assert {record["fields"]["name"] for record in sandbox.records()} == {"Ann Sample", "Cid"}
    assert any(line["kind"] == "end" for line in lines_of(tmp_path / "list.results.jsonl"))
    assert "Bob" in (tmp_path / "list.failed.csv").read_text("utf-8")
    assert "Cid" in (tmp_path / "list.success.csv").read_text("utf-8")
