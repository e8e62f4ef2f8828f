"""Reads ids of other systems: texts, but not those that a spreadsheet has rounded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from importer.mapper.kinds.text import TEXT
from importer.mapper.values.json_values import text_or_json
from importer.mapper.values.kind import Convert, FieldLimits, Kind, Options
from importer.mapper.values.text import BadValue
from importer.shared import JsonValue

if TYPE_CHECKING:
    from importer.mapper.values.plain.texts import PlainReader

__all__ = ["REF"]

# With a sign behind the E, as spreadsheet programs write it: 12E4 may be an id.
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+[0-9]+")
_HINT = "Its last digits are lost, so two people may have it. Export the column as Text."


def read_ref(raw: JsonValue) -> JsonValue:
    """
    Return an id as a text. Raises `BadValue` for one that a spreadsheet has rounded.

    >>> read_ref(" C-17 "), read_ref("12E4")
    ('C-17', '12E4')
    """
    value = text_or_json(raw)
    if isinstance(value, str) and _ROUNDED.fullmatch(value):
        raise BadValue("was rounded by a spreadsheet", _HINT)
    return value


def _build(_: Options, __: FieldLimits | None) -> Convert:
    return read_ref


def _plain(_: Options) -> PlainReader:
    from importer.mapper.values.plain.texts import plain_texts_without

    return plain_texts_without(_ROUNDED.pattern)


def _change(_: Options, limits: FieldLimits | None, before: str, after: JsonValue) -> str:
    return TEXT.change(TEXT.options(), limits, before, after)


REF = Kind(
    name="ref",
    plural="ids",
    build=_build,
    plain=_plain,
    change=_change,
    is_type=False,
)
