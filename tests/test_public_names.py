"""The public names are the same for type checkers, for `import *` and when first used."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

import importer

TREE = ast.parse(Path(importer.__file__).read_text(encoding="utf-8"))


def imported(*, lazily: bool) -> dict[str, str]:
    """Return the names that are imported, at once or for type checkers alone, and from where."""
    blocks = [node for node in TREE.body if isinstance(node, ast.If)]
    body = [statement for block in blocks for statement in block.body] if lazily else TREE.body
    return {
        name.name: f"{statement.module}"
        for statement in body
        if isinstance(statement, ast.ImportFrom) and f"{statement.module}".startswith("importer")
        for name in statement.names
    }


def test_a_type_checker_sees_what_is_loaded_when_first_used() -> None:
    homes = {name: f"importer.{home}" for name, home in importer._HOMES.items()}

    assert imported(lazily=True) == homes


def test_the_list_of_public_names_is_complete() -> None:
    assert set(importer.__all__) == imported(lazily=True).keys() | imported(lazily=False).keys()


def test_a_public_name_is_that_of_its_home() -> None:
    homes = {**imported(lazily=True), **imported(lazily=False)}
    for name in importer.__all__:
        module = importlib.import_module(homes[name])
        assert getattr(importer, name) is getattr(module, name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        importer.nothing  # noqa: B018 - the access is what is tested
