"""Whoever imports on one machine needs nothing of a fleet: it is not even loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from importer.sandbox import Sandbox

pytestmark = pytest.mark.slow

PROGRAM = """
import sys
from importer.cli import cli

code = cli.main(sys.argv[1:], standalone_mode=False)
fleets = ("importer.fleet", "psycopg")
found = [name for name in sys.modules if name.partition(".")[0] in fleets[1:] or name in fleets]
print(f"ended with {code}, loaded {found}")
"""


@pytest.mark.parametrize(
    "words",
    [("check", "people.csv"), ("run", "people.csv"), ("run", "--job", "people.toml")],
    ids=" ".join,
)
def test_nothing_of_a_fleet_is_loaded(
    tmp_path: Path, start_sandbox: Callable[..., Sandbox], words: tuple[str, ...]
) -> None:
    sandbox = start_sandbox()
    people = "first_name,email\nAda,ada@example.com\n"
    (tmp_path / "people.csv").write_text(people, encoding="utf-8")
    (tmp_path / "people.toml").write_text(
        'object = "contact"\n[fields]\nfirst_name = "first_name"\nemail = "email"\n'
        f'[job]\nsources = ["people.csv"]\nbase_url = "{sandbox.url}"\n',
        encoding="utf-8",
    )
    flags = () if "--job" in words else ("--object", "contact", "--base-url", sandbox.url)
    environment = {**os.environ, "VOREL_API_KEY": sandbox.api_key}
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words, *flags],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.splitlines()[-1] == "ended with 0, loaded []", ended.stderr
