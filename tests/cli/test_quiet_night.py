"""A night with nothing to do loads only what it needs: most of its time would go into imports."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from commands.inside import vorel_import

from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

ROWS = 1000
PROGRAM = """
import sys
from importer.cli import cli

code = cli.main(sys.argv[1:], standalone_mode=False)
heavy = {
    "email_validator", "fastexcel", "fsspec", "httpx", "idna", "jinja2", "phonenumbers", "polars",
    "psycopg", "rich", "starlette", "stdnum", "tqdm", "trio", "uvicorn", "xlsxwriter", "yaml",
    "importer.report.facts", "importer.sender.vorel.client",
    "importer.writer.rewriting.superseded",
}
print(f"ended with {code}, loaded {sorted(heavy & set(sys.modules))}")
"""
MAPPING = """\
object = "contact"
[fields]
first_name = "First Name"
email = "E-mail"
phone = "Phone"
birthday = { column = "Born", type = "date" }
"""
JOB = """
[job]
sources = ["people.csv"]
results = "people.results.jsonl"
base_url = "{}"
"""


@pytest.fixture
def folder(tmp_path: Path, sandbox: Sandbox) -> Path:
    """Return a folder with a list all of whose rows were created."""
    rows = "".join(
        f"Omar,p{number}@example.com,+49 30 {9_000_000 + number},19{number % 80 + 10}-03-04,"
        f"{'a note of some length ' * 3}\n"
        for number in range(ROWS)
    )
    (tmp_path / "people.csv").write_text("First Name,E-mail,Phone,Born,Note\n" + rows)
    (tmp_path / "people.toml").write_text(MAPPING + JOB.format(sandbox.url))
    first = vorel_import(
        *("run", "--job", "people.toml", "--rate", "1000000", "--pace", "burst", "--no-input"),
        cwd=tmp_path,
        env={"VOREL_API_KEY": sandbox.api_key},
    )
    assert first.returncode == 0, first.stderr
    assert sandbox.requests == ROWS
    return tmp_path


def test_nothing_is_loaded_that_only_other_nights_need(folder: Path, sandbox: Sandbox) -> None:
    again = ("run", "people.csv", "--mapping", "people.toml", "--base-url", sandbox.url)
    assert (folder / "people.csv").stat().st_size > 100_000

    for words in (
        ("run", "--job", "people.toml"),
        (*again, "--no-input"),
        ("status", "people.results.jsonl"),
    ):
        ended = subprocess.run(
            [sys.executable, "-c", PROGRAM, *words],
            cwd=folder,
            env={**os.environ, "VOREL_API_KEY": sandbox.api_key},
            capture_output=True,
            text=True,
            check=True,
        )
        assert ended.stdout.splitlines()[-1] == "ended with 0, loaded []", (words, ended.stderr)
    assert sandbox.requests == ROWS
