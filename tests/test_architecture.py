"""Each folder of a stage has its place in the layers that import-linter checks."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAGES = ("reader", "mapper", "sender", "writer", "fleet")


def test_each_folder_of_a_stage_has_its_place_in_the_layers() -> None:
    """A folder that no contract of import-linter names may import whatever it likes."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = " ".join(
        layer
        for contract in config["tool"]["importlinter"]["contracts"]
        for layer in contract.get("layers", ())
    )
    for stage in STAGES:
        package = ROOT / "importer" / stage
        folders = {path.relative_to(package).parts[0] for path in package.glob("*/**/*.py")}
        assert folders <= set(re.findall(rf"importer\.{stage}\.(\w+)", layers)), stage
