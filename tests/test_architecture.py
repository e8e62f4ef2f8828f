"""Each folder of a stage has its place in the layers, and each part a name of its own."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
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


def test_each_module_and_each_class_has_a_name_of_its_own() -> None:
    """A name that stands for two things is looked up twice; an underscore is no difference."""
    modules, classes = Counter[str](), Counter[str]()
    for path in (ROOT / "importer").rglob("*.py"):
        modules[path.stem] += path.stem not in {"__init__", "__main__"}
        text = path.read_text(encoding="utf-8")
        classes.update(re.findall(r"^class _?(\w+)", text, re.MULTILINE))
    twice = [name for name, times in [*modules.items(), *classes.items()] if times > 1]
    assert twice == []
