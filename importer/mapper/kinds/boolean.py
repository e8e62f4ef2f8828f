"""Reads truth values: yes, no and their like in the languages lists come in."""

from __future__ import annotations

from functools import cache

from importer.core.shared import JsonValue
from importer.mapper.data import load_words
from importer.mapper.values.json_values import from_text_or
from importer.mapper.values.kind import Kind
from importer.mapper.values.texts import BadValue, plain_digits, word_key

_SIGNS = frozenset("✓✔☑✗✘☐")


@cache
def _keys(word: str) -> frozenset[str]:
    return frozenset(map(_key, load_words("booleans", word)))


def _key(word: str) -> str:
    return word if word in _SIGNS else word_key(word)


def read_boolean(text: str) -> bool:
    """Read yes, no and their like in 13 languages, in any case. Raises `BadValue`."""
    key = _key(plain_digits(text).strip())
    if key in _keys("true"):
        return True
    if key in _keys("false"):
        return False
    raise BadValue(
        "is neither yes nor no", 'Map the word: values = { "Active" = true, "*" = false }.'
    )


def _from_json(raw: JsonValue) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw in (0, 1):
        return bool(raw)
    raise BadValue("is neither yes nor no")


BOOLEAN = Kind(
    name="boolean",
    plural="yes-or-no values",
    build=lambda *_: from_text_or(read_boolean, _from_json),
    json_type="boolean",
)
