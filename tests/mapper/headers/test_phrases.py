"""Header words stand in one file, which exact matches and suggestions share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from importer.core.resources import data_folder
from importer.core.shared import OBJECTS
from importer.mapper.headers.names import normalize_header
from importer.mapper.headers.words import Phrase, exact_phrases, load_phrases, split_phrases
from importer.mapper.schema.object_schema import load_schema

SCHEMAS = data_folder("schemas")
FILES = [*(f"{name}.json" for name in OBJECTS), "words.toml"]


def definitions(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    document = json.loads(SCHEMAS.joinpath(f"{name}.json").read_text(encoding="utf-8"))
    yield from document["properties"].items()


def exact_forms(definition: dict[str, Any]) -> set[str]:
    meanings = definition.get("x-words", ())
    return {normalize_header(one) for meaning in meanings for one in exact_phrases(meaning)}


@pytest.mark.parametrize("file", FILES)
def test_no_line_is_too_long_to_read(file: str) -> None:
    lines = SCHEMAS.joinpath(file).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 120] == []


def test_a_list_of_phrases() -> None:
    assert list(split_phrases("Phone, ~ph,\n Tel no\n,")) == [
        Phrase("Phone", is_exact=True),
        Phrase("ph", is_exact=False),
        Phrase("Tel no", is_exact=True),
    ]
    assert not any("~" in one or "," in one for one in exact_phrases("phone"))


@pytest.mark.parametrize("name", OBJECTS)
def test_a_field_is_known_by_the_phrases_of_its_meanings(name: str) -> None:
    schema = load_schema(name)
    for field, definition in definitions(name):
        known = {normalize_header(alias) for alias in schema.fields[field].aliases}
        left_out = {normalize_header(one) for one in definition.get("x-words-except", ())}
        assert known >= exact_forms(definition) - left_out - {normalize_header(field)}
        assert known.isdisjoint(left_out)


@pytest.mark.parametrize("name", OBJECTS)
def test_no_schema_repeats_a_phrase(name: str) -> None:
    for field, definition in definitions(name):
        aliases = {normalize_header(alias) for alias in definition["x-aliases"]}
        assert aliases.isdisjoint(exact_forms(definition)), field


@pytest.mark.parametrize("name", OBJECTS)
def test_each_exception_is_a_phrase_of_the_field_s_meanings(name: str) -> None:
    for field, definition in definitions(name):
        assert set(definition.get("x-words", ())) <= load_phrases().keys(), field
        left_out = {normalize_header(one) for one in definition.get("x-words-except", ())}
        assert left_out <= exact_forms(definition), field


def test_a_phrase_stands_once_in_a_language() -> None:
    for meaning, languages in load_phrases().items():
        for language, listed in languages.items():
            phrases = [phrase.text.casefold() for phrase in split_phrases(listed)]
            twice = {one for one in phrases if phrases.count(one) > 1}
            assert not twice, f"{meaning}.{language}"
