"""Reads the values of fields that only take a few words."""

from __future__ import annotations

from importer.core.locale.message import Message
from importer.core.shared import JsonValue
from importer.mapper.values.json_values import text_or_json
from importer.mapper.values.kind import Convert, FieldLimits, Kind, Options
from importer.mapper.values.texts import word_key


def _build(_: Options, limits: FieldLimits | None) -> Convert:
    if limits is None or not limits.enum:
        raise ValueError(
            Message('type: the field has no list of words; use values, or type = "text"')
        )
    words = {word_key(word): word for word in limits.enum}

    def convert(raw: JsonValue) -> JsonValue:
        text = text_or_json(raw)
        # Any other word is passed on, and reported together with the field's other limits.
        return words.get(word_key(text), text) if isinstance(text, str) else text

    return convert


ENUM = Kind(name="enum", plural="words", build=_build, needs_samples=True)
