"""CONTRIBUTING.md names places that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MADE_UP = {
    "importer/mapper/kinds/iban.py",
    "tests/mapper/kinds/test_iban.py",
    "importer/cli/commands/count.py",
}
MADE_UP |= {"importer/reader/xml/", "tests/reader/xml/"}
PATHS = set(re.findall(r"`((?:importer|tests|docs)/[\w./]+|\w+\.toml)`", TEXT))


def test_paths_are_found_in_the_text() -> None:
    assert len(PATHS) > 20
    assert MADE_UP < PATHS


@pytest.mark.parametrize("path", sorted(PATHS - MADE_UP))
def test_each_place_exists(path: str) -> None:
    assert (ROOT / path).exists()


@pytest.mark.parametrize("path", sorted(MADE_UP))
def test_a_made_up_file_would_have_siblings(path: str) -> None:
    assert not (ROOT / path).exists()
    assert (ROOT / path).parent.is_dir()


@pytest.mark.parametrize(
    "target", sorted(set(re.findall(r"(?:`|^    )make ([a-z-]+)", TEXT, re.MULTILINE)))
)
def test_each_make_target_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, re.MULTILINE)
