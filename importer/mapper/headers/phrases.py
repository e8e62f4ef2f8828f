"""Reads `schemas/words.toml`: the phrases that headers are made of, by meaning and language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from importer.resources import data_folder

__all__ = ["Phrase", "exact_phrases", "load_phrases", "split_phrases"]

_NOT_EXACT = "~"


class Phrase(NamedTuple):
    """A phrase, and whether a header that is just this phrase is a field's exactly."""

    text: str
    is_exact: bool


@lru_cache(maxsize=1)
def load_phrases() -> Mapping[str, Mapping[str, str]]:
    """Return the phrases of each meaning by language, as the file lists them. It is read once."""
    text = data_folder("schemas").joinpath("words.toml").read_text(encoding="utf-8")
    document: dict[str, dict[str, str]] = tomllib.loads(text)
    return document


def split_phrases(listed: str) -> Iterator[Phrase]:
    """Yield the phrases of a list as the file has it: commas between them, `~` before some."""
    for part in listed.split(","):
        if text := part.strip():
            yield Phrase(text.removeprefix(_NOT_EXACT), not text.startswith(_NOT_EXACT))


def exact_phrases(meaning: str) -> Iterator[str]:
    """Yield the phrases that are exact headers of the fields with this meaning, English first."""
    for listed in load_phrases()[meaning].values():
        yield from (phrase.text for phrase in split_phrases(listed) if phrase.is_exact)
