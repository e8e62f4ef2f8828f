"""
Prints what the suite needs, with each requirement of the package in its lowest allowed version.

    python tools/lowest_versions.py > lowest.txt
    pip install --requirement lowest.txt
    pip install --no-deps --editable .

The tools of the group `dev` keep their pinned versions. `make lowest` runs the suite on these.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def lowest_versions(text: str) -> list[str]:
    """Return pip requirements. Raises `ValueError` for one of the package without a lower bound."""
    document = tomllib.loads(text)
    project = document["project"]
    extras = project["optional-dependencies"]
    pinned = {}
    optional = [one for name in ("fleet", "zstd") for one in extras[name]]
    for requirement in [*project["dependencies"], *optional]:
        name, bound, rest = re.split(r"(>=|$)", requirement, maxsplit=1)
        if not bound:
            raise ValueError(f"{requirement} has no lower bound")
        pinned[name] = f"{name}=={rest}"
    tools = [
        one
        for one in document["dependency-groups"]["dev"]
        if re.split(r"[=;]", one)[0] not in pinned
    ]
    return [*pinned.values(), *tools]


if __name__ == "__main__":
    sys.stdout.write("\n".join(lowest_versions(PROJECT.read_text(encoding="utf-8"))) + "\n")
