"""Reads ids of other systems: texts, but not those that a spreadsheet has rounded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from importer.core.shared import JsonValue
from importer.mapper.kinds.text import TEXT, TextOptions
from importer.mapper.values.json_values import text_or_json
from importer.mapper.values.kind import Convert, FieldLimits, Kind
from importer.mapper.values.numbers import CUT, is_cut
from importer.mapper.values.texts import LostValue, read_texts

if TYPE_CHECKING:
    import polars as pl


_HINT = "Its last digits are lost, so two people may have it. Export the column as Text."


def read_ref(raw: JsonValue) -> JsonValue:
    """
    Return an id as a text. Raises `LostValue` for one that a spreadsheet has rounded.

    >>> read_ref(" C-17 "), read_ref("12E4")
    ('C-17', '12E4')
    """
    value = text_or_json(raw)
    if isinstance(value, str) and is_cut(value):
        raise LostValue("was rounded by a spreadsheet", _HINT)
    return value


def _read_refs(table: pl.DataFrame) -> pl.Series:
    """Return `read_ref` of each `cell` that it leaves as it is, and null for all others."""
    import polars as pl

    text = pl.col("text")
    texts = read_texts(table).to_frame("text")
    return texts.select(ref=pl.when(~text.str.contains(rf"\A(?:{CUT})\z")).then(text))["ref"]


REF = Kind(
    name="ref",
    plural="ids",
    build=lambda *_: read_ref,
    column_reader=lambda _: _read_refs,
    change=lambda _, *values: TEXT.change(TEXT.options(), *values),
    is_type=False,
)


def _build_text(options: TextOptions, limits: FieldLimits | None) -> Convert:
    convert = TEXT.build(options, limits)
    return lambda raw: read_ref(convert(raw))


NUMBER_AS_WRITTEN = replace(TEXT, build=_build_text, column_reader=lambda _: _read_refs)
"""The kind text for phone numbers that a mapping does not read: those that were cut are refused."""
