"""
Prints the requirements of dependency groups of pyproject.toml, for versions of pip before 25.1.

    python tools/group.py dev bench > dev.txt
    pip install --requirement dev.txt --editable .

From 25.1 on, pip itself knows them: pip install --group dev --editable .
"""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def requirements(text: str, names: list[str]) -> list[str]:
    """Return the requirements of groups in the text of a pyproject.toml. Raises `KeyError`."""
    groups = tomllib.loads(text)["dependency-groups"]
    return [one for name in names for one in groups[name]]


if __name__ == "__main__":
    found = requirements(PROJECT.read_text(encoding="utf-8"), sys.argv[1:])
    sys.stdout.write("\n".join(found) + "\n")
