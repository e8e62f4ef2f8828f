"""docs/architecture.md names the folders of the package that there are, and no others."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENT = ROOT / "docs" / "architecture.md"


def drawn(text: str) -> Iterator[str]:
    """Yield the paths below `importer/` of the tree that a text draws by indentation."""
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.strip() == "importer/")
    root = _indent(lines[start])
    parents: list[tuple[int, str]] = []
    for line in lines[start + 1 :]:
        if not line.strip() or _indent(line) <= root:
            return
        match = re.match(r" *([\w.]+/?)", line)
        if match is None:
            continue
        while parents and parents[-1][0] >= _indent(line):
            parents.pop()
        path = "".join(name for _, name in parents) + match[1]
        yield path
        if path.endswith("/"):
            parents.append((_indent(line), match[1]))


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def folders(package: Path) -> set[str]:
    """Return the folders that hold modules, as the document writes them."""
    found = {path.parent.relative_to(package) for path in package.rglob("*.py")}
    return {f"{folder.as_posix()}/" for folder in found if folder != Path()}


def differences(text: str, package: Path) -> list[str]:
    named = set(drawn(text))
    missing = folders(package) - named
    gone = [path for path in named if not (package / path).exists()]
    return sorted([f"{path} is not named" for path in missing] + [f"no {path}" for path in gone])


def test_the_document_names_each_folder_and_nothing_that_is_not_there() -> None:
    assert differences(DOCUMENT.read_text(encoding="utf-8"), ROOT / "importer") == []


@pytest.mark.parametrize("stage", ["reader", "mapper", "sender", "writer", "fleet"])
def test_each_folder_of_a_stage_has_its_place_in_the_layers(stage: str) -> None:
    """A folder that no contract of import-linter names may import whatever it likes."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = [
        layer
        for contract in config["tool"]["importlinter"]["contracts"]
        for layer in contract.get("layers", ())
    ]
    named = set(re.findall(rf"importer\.{stage}\.(\w+)", " ".join(layers)))
    inside = folders(ROOT / "importer" / stage)
    assert {folder.split("/")[0] for folder in inside} <= named


@pytest.fixture
def package(tmp_path: Path) -> Path:
    for path in ("keys.py", "reader/__init__.py", "reader/csv/__init__.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    return tmp_path


TREE = """
    importer/
      keys.py    keys
      reader/    rows
        csv/     CSV
    schemas/     objects
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TREE, []),
        (TREE.replace("        csv/     CSV\n", ""), ["reader/csv/ is not named"]),
        (TREE.replace("keys.py    keys", "locks.py   locks"), ["no locks.py"]),
        (TREE.replace("csv/ ", "json/"), ["no reader/json/", "reader/csv/ is not named"]),
        (TREE.replace("  csv/", "csv/"), ["no csv/", "reader/csv/ is not named"]),
    ],
)
def test_a_document_that_differs_is_found(package: Path, text: str, found: list[str]) -> None:
    assert differences(text, package) == found


def test_the_files_in_which_rules_are_exist() -> None:
    named = re.findall(r"`(importer/[\w/]+\.py)`", DOCUMENT.read_text(encoding="utf-8"))
    assert len(named) > 10
    assert [path for path in named if not (ROOT / path).is_file()] == []
