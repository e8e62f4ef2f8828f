"""It stays easy to find one's way: short functions, short files, small folders."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINES_OF_A_FUNCTION = 50
LINES_OF_A_FILE = 350
MODULES_OF_A_FOLDER = 18
REGISTRIES = {"mapper/kinds", "cli/commands"}
"""Folders with one file for each entry of a registry: they grow with it."""


def long_functions(folder: Path) -> Iterator[str]:
    """Yield each function longer than the limit, without its decorators and its docstring."""
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                text = node.body[0] if ast.get_docstring(node) else None
                lines = _height(node) - (_height(text) if text else 0)
                if lines > LINES_OF_A_FUNCTION:
                    yield f"{path.relative_to(folder)}: {node.name} has {lines} lines"


def _height(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def long_files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        lines = len(path.read_bytes().splitlines())
        if lines > LINES_OF_A_FILE:
            yield f"{path.relative_to(folder)} has {lines} lines"


def large_folders(folder: Path) -> Iterator[str]:
    for one in sorted({path.parent for path in folder.rglob("*.py")}):
        modules = len(list(one.glob("*.py")))
        is_registry = one.relative_to(folder).as_posix() in REGISTRIES
        if modules > MODULES_OF_A_FOLDER and not is_registry:
            yield f"{one.relative_to(folder)} has {modules} modules"


RULES: list[Callable[[Path], Iterator[str]]] = [long_functions, long_files, large_folders]


@pytest.mark.parametrize("rule", RULES)
def test_the_package_keeps_the_rule(rule: Callable[[Path], Iterator[str]]) -> None:
    assert list(rule(ROOT / "importer")) == []


@pytest.mark.parametrize("rule", [long_functions, long_files])
def test_the_tests_keep_the_rule(rule: Callable[[Path], Iterator[str]]) -> None:
    assert list(rule(ROOT / "tests")) == []


def test_a_function_that_is_too_long_is_found(tmp_path: Path) -> None:
    body = "    pass\n" * (LINES_OF_A_FUNCTION - 1)
    head = "class A:\n    @property\n    def fits(self):\n        'Doc.'\n"
    text = f"{head}{body.replace('    ', '        ')}"
    (tmp_path / "fits.py").write_text(text)
    assert list(long_functions(tmp_path)) == []
    (tmp_path / "long.py").write_text(text.replace("fits", "longer") + "        pass\n")
    assert list(long_functions(tmp_path)) == ["long.py: longer has 51 lines"]


def test_a_file_that_is_too_long_is_found(tmp_path: Path) -> None:
    (tmp_path / "fits.py").write_text("x = 1\n" * LINES_OF_A_FILE)
    assert list(long_files(tmp_path)) == []
    (tmp_path / "long.py").write_text("x = 1\n" * (LINES_OF_A_FILE + 1))
    assert list(long_files(tmp_path)) == ["long.py has 351 lines"]


def test_a_folder_with_too_many_modules_is_found(tmp_path: Path) -> None:
    room = tmp_path / "room"
    room.mkdir()
    for number in range(MODULES_OF_A_FOLDER):
        (room / f"m{number}.py").touch()
    assert list(large_folders(tmp_path)) == []
    (room / "one_more.py").touch()
    assert list(large_folders(tmp_path)) == ["room has 19 modules"]
