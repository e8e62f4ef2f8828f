"""A value that cannot be read and is sent as written is told, before the run and after it."""

from __future__ import annotations

from pathlib import Path

from commands.inside import vorel_import
from commands.process import lines_of

from importer.sandbox import Sandbox

MAPPING = """
[fields]
name = "Name"
phone = { column = "Phone", type = "phone", on_error = "keep" }
"""
PEOPLE = "Name,Phone\nLina,ask Maria\nOmar,+971501234567\n"


def test_check_shows_it_and_the_results_name_its_field(tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "people.csv").write_text(PEOPLE, "utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    call = ("people.csv", "--object", "contact", "--mapping", "mapping.toml")
    env = {"VOREL_API_KEY": sandbox.api_key, "VOREL_BASE_URL": sandbox.url}

    shown = vorel_import("check", *call, cwd=tmp_path).stdout
    assert "phone: sent as written, line 2, e.g. ask Maria" in shown
    vorel_import("run", *call, "--rate", "100000", cwd=tmp_path, env=env)
    rows = [line for line in lines_of(tmp_path / "people.results.jsonl") if line["kind"] == "row"]
    assert [(line["status"], line.get("kept")) for line in rows] == [
        ("created", ["phone"]),
        ("created", None),
    ]
