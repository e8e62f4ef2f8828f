"""Commands that install one more package fit how the importer was installed."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from importer.core.systems.packages import install_command


@pytest.mark.parametrize(
    ("mark", "begin"),
    [
        ("pipx_metadata.json", ["pipx", "inject", "vorel-importer"]),
        ("uv-receipt.toml", ["uv", "pip", "install", "--python", sys.executable]),
        ("pyvenv.cfg", [sys.executable, "-m", "pip", "install"]),
    ],
)
def test_the_command_is_that_of_the_installer(mark: str, begin: list[str], tmp_path: Path) -> None:
    (tmp_path / mark).touch()

    command = shlex.split(install_command("psycopg[binary]>=3.2.4", prefix=tmp_path))

    assert command == [*begin, "psycopg[binary]>=3.2.4"]


def test_the_command_of_pip_runs() -> None:
    words = shlex.split(install_command("click", "anyio"))

    ended = subprocess.run(
        [*words, "--dry-run", "--no-deps", "--quiet", "--no-index"],
        check=False,
        capture_output=True,
    )

    assert ended.returncode == 0
