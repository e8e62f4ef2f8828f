"""Keys and values as TOML: what is written is read back the same."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.mapper.mapping.toml_text import toml_key, toml_value

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))


@given(name=TEXTS, value=TEXTS | st.lists(TEXTS) | st.integers(-(2**63), 2**63 - 1))
def test_what_is_written_is_read_back(name: str, value: str | int | list[str]) -> None:
    assert tomllib.loads(f"{toml_key(name)} = {toml_value(value)}") == {name: value}


@pytest.mark.parametrize(
    ("name", "key"), [("email", "email"), ("attributes.beds", '"attributes.beds"'), ("", '""')]
)
def test_a_key_is_in_quotes_only_where_it_must_be(name: str, key: str) -> None:
    assert toml_key(name) == key
