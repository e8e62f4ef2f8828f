"""The tables of words, codes and forms are read, and each says what it should, once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from importer.mapper.data import load_lines, load_table, load_words
from importer.mapper.headers.tokens import tokenize
from importer.mapper.headers.words import load_phrases
from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.columns import context
from importer.mapper.values.dates import load_zone
from importer.mapper.values.texts import word_key

NAMES = sorted(one.name for one in files("importer.mapper.data").iterdir())
TABLES = [name.removesuffix(".toml") for name in NAMES if name.endswith(".toml")]
COUNTRIES = {line[0] for line in load_lines("countries")[1:]}


def lists_of(value: Any) -> Iterator[list[Any]]:
    """Yield each list of a table, also those that are words with spaces between them."""
    if isinstance(value, dict):
        for one in value.values():
            yield from lists_of(one)
    elif isinstance(value, str):
        yield value.split()
    elif isinstance(value, list):
        yield value


@pytest.mark.parametrize("name", TABLES)
def test_no_list_is_empty_or_has_an_entry_twice(name: str) -> None:
    table = load_table(name)
    assert table
    for one in lists_of(table):
        assert one
        assert [entry for entry, count in Counter(one).items() if count > 1] == []


def test_all_files_are_tables() -> None:
    others = {name for name in NAMES if not name.endswith((".toml", ".tsv"))}
    assert others <= {"__init__.py", "__pycache__"}


@pytest.mark.parametrize("name", ["countries", "months"])
def test_lines_have_a_key_and_names(name: str) -> None:
    lines = load_lines(name)
    assert all(len(line) > 2 and line[0] for line in lines)
    assert len({line[0] for line in lines}) == len(lines)


def test_no_word_means_both_yes_and_no() -> None:
    yes, no = ({word_key(one) for one in load_words("booleans", key)} for key in ("true", "false"))
    assert yes & no <= {""}, "signs have no letters"


@pytest.mark.parametrize("key", ["names", "places"])
def test_names_and_places_are_those_of_known_countries(key: str) -> None:
    table = load_table("countries")[key]
    assert table.keys() <= COUNTRIES
    keys = [word_key(name) for names in table.values() for name in names]
    assert all(keys)


def test_names_are_those_of_known_currencies() -> None:
    codes = load_words("currencies", "codes")
    assert all(re.fullmatch("[A-Z]{3}", code) for code in codes)
    assert load_table("currencies")["names"].keys() <= codes


@pytest.mark.parametrize("key", ["guardians", "others", "helpers"])
def test_words_for_persons_are_single_words_of_headers(key: str) -> None:
    assert [word for word in load_words("persons", key) if len(tokenize(word)) != 1] == []


@pytest.mark.parametrize("key", ["one", "fractions"])
def test_zones_exist(key: str) -> None:
    for zone in load_table("zones")[key].values():
        assert load_zone(zone).key == zone


def test_post_codes_are_those_of_countries() -> None:
    assert load_table("post_codes").keys() <= COUNTRIES
    assert {*load_table("post_codes").values()} <= {*range(3, 11)}


@pytest.mark.parametrize("key", ["words", "inside"])
def test_forms_of_companies_are_patterns_that_need_a_sign(key: str) -> None:
    for pattern in load_table("companies")[key]:
        assert re.compile(pattern).search("") is None


def test_rules_make_roles_of_meanings_that_there_are() -> None:
    places = {"@record", "@person", "@person-only", "@places", "-"}
    for objects, role, needs, may, weight, times in load_lines("rules"):
        assert {*needs.split()} <= load_phrases().keys(), needs
        assert {*may.split()} - places <= load_phrases().keys(), may
        assert 0 < float(weight) <= 1
        assert times in {"once", "numbered"}
        for one in objects.split():
            assert load_schema(one).field_of(role) or role in context._SPECIAL, (one, role)
