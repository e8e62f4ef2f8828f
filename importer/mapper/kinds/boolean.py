"""Reads truth values: yes, no and their like in the languages lists come in."""

from __future__ import annotations

from importer.mapper.values.json_values import from_text_or
from importer.mapper.values.kind import Kind
from importer.mapper.values.text import BadValue, plain_digits, word_key
from importer.shared import JsonValue

__all__ = ["BOOLEAN", "read_boolean"]

# English, Arabic, German, French, Spanish, Portuguese, Italian, Dutch, Polish, Turkish, Russian,
# Urdu, Hindi: yes and no, true and false, and what spreadsheets and CRMs write for a tick.
_TRUE = """
true yes y 1 on t checked ✓ ✔ ☑
نعم صحيح صح ja j wahr oui vrai si s verdadero sim verdadeiro vero waar tak prawda evet e doğru
да д истина ہاں جی درست हाँ हां जी सत्य
"""
_FALSE = """
false no n 0 off f unchecked ✗ ✘ ☐
لا خطأ خاطئ nein falsch non faux falso não nao nee onwaar nie fałsz hayır h yanlış
нет н ложь نہیں غلط नहीं असत्य
"""
_SIGNS = frozenset("✓✔☑✗✘☐")


def _keys(words: str) -> frozenset[str]:
    return frozenset(word if word in _SIGNS else word_key(word) for word in words.split())


_YES, _NO = _keys(_TRUE), _keys(_FALSE)


def read_boolean(text: str) -> bool:
    """Read yes, no and their like in 13 languages, in any case. Raises `BadValue`."""
    word = plain_digits(text).strip()
    key = word if word in _SIGNS else word_key(word)
    if key in _YES:
        return True
    if key in _NO:
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
