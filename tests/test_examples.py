"""The examples in docstrings do what they say, and each public function has one."""

from __future__ import annotations

import doctest
import importlib
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import importer
from importer import ReadOptions
from importer.core.settings import ReadOverrides
from importer.sandbox import Sandbox

ROOT = Path(importer.__file__).parent
LIST = "email,name\nrana@example.com,Rana\nomar@example.com,Omar\n"
MAPPING = 'object = "contact"\n[fields]\nemail = "email"\n'


def modules_with_examples() -> Iterator[str]:
    for path in sorted(ROOT.rglob("*.py")):
        if ">>> " in path.read_text(encoding="utf-8"):
            parts = path.relative_to(ROOT.parent).with_suffix("").parts
            yield ".".join(part for part in parts if part != "__init__")


MODULES = list(modules_with_examples())


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("contacts.csv").write_text(LIST, encoding="utf-8")
    Path("contacts.toml").write_text(MAPPING, encoding="utf-8")
    given = {"url": sandbox.url, "key": sandbox.api_key}
    if name == "importer.report.import_status":
        run_examples("importer.run.pipeline", given)
    run_examples(name, given)


def run_examples(name: str, given: dict[str, str]) -> None:
    """Run the examples of a module, to which `given` is known."""
    tests = doctest.DocTestFinder().find(importlib.import_module(name), extraglobs=given)
    results = [doctest.DocTestRunner().run(test) for test in tests]
    assert sum(found.attempted for found in results) > 0
    assert sum(found.failed for found in results) == 0


FUNCTIONS = [name for name in importer.__all__ if inspect.isfunction(getattr(importer, name))]


@pytest.mark.parametrize("name", [*FUNCTIONS, "ImportConfig"])
def test_each_public_function_has_an_example(name: str) -> None:
    assert len(FUNCTIONS) >= 7
    assert ">>> " in (inspect.getdoc(getattr(importer, name)) or "")


def test_each_option_of_reading_can_be_given_as_an_argument() -> None:
    assert ReadOverrides.__annotations__.keys() == ReadOptions.model_fields.keys()
