"""
The tables that the mapper reads: words, codes and forms, in a file for each subject.

Lists of words are texts with spaces between them, lines of a `.tsv` have tabs between their cells.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def load_table(name: str) -> dict[str, Any]:
    """Return a `.toml` file of this folder. It is read once, when first needed."""
    text = files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def load_words(name: str, key: str) -> frozenset[str]:
    """
    Return the words of one key of a `.toml` file.

    >>> "mrs" in load_words("people", "forms_of_address")
    True
    """
    return frozenset(load_table(name)[key].split())


def load_lines(name: str) -> list[list[str]]:
    """Return the cells of each line of a `.tsv` file that is no comment."""
    text = files(__name__).joinpath(f"{name}.tsv").read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
