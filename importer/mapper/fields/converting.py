"""Converts raw values to what is sent: by kind, with the keys `values`, `split` and others."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress

from importer.core.locale.message import Message, joined
from importer.core.shared import JsonValue
from importer.mapper.headers.names import meaning
from importer.mapper.mapping.model import FieldMapping
from importer.mapper.mapping.toml_text import toml_value
from importer.mapper.schema.object_schema import FieldSpec
from importer.mapper.values.json_values import json_text, json_value
from importer.mapper.values.kind import Convert, Kind, Options
from importer.mapper.values.replacing import replacer
from importer.mapper.values.texts import BadValue, fold

_LISTED = 8
_SEPARATORS = (";", "|", ",", "،", "؛")


def converter(
    mapping: FieldMapping, spec: FieldSpec | None, kind: Kind, options: Options
) -> Convert:
    """
    Return the function that converts a raw value to the value of a field; it raises `BadValue`.

    Raises `ValueError` for a mapping that cannot work.
    """
    convert = kind.build(options, spec)
    if mapping.type is None and spec is None:
        convert = _keeping_json(convert)
    return finished(mapping, kind, convert)


def finished(mapping: FieldMapping, kind: Kind, convert: Convert) -> Convert:
    """Return `convert` extended by the keys `replace`, `values` and `split` of the mapping."""
    if mapping.values is not None:
        convert = _through(mapping.values, convert, mapping.codes)
    if mapping.split:
        several = _first_of if kind.split == "first" else _splitting
        convert = several(mapping.split, convert)
    elif kind.json_type == "array":
        convert = _one_item(kind, convert)
    return _replacing(mapping.replace, convert) if mapping.replace else convert


def _replacing(pairs: Sequence[tuple[str, str]], convert: Convert) -> Convert:
    replace = replacer(pairs)

    def replaced(raw: JsonValue) -> JsonValue:
        if not isinstance(raw, str):
            return convert(raw)
        text = replace(raw)
        return convert(text) if text else ""

    return replaced


def _keeping_json(convert: Convert) -> Convert:
    """Pass on values that are not texts: in an unknown field, they may be meant that way."""
    return lambda raw: convert(raw) if isinstance(raw, str) else json_value(raw)


def _through(values: Mapping[str, JsonValue], convert: Convert, codes: str | None) -> Convert:
    """
    Replace a value by its entry in the mapping, or by the entry `*`; without either, it fails.

    An exact entry comes first, then one that differs only in case or accents. `codes` is the name
    of the file that has the entries, if there is one.
    """
    known = {key.strip(): value for key, value in values.items()}
    listed = [key for key in known if key and key != "*"]
    folded = {fold(key): known[key] for key in listed}
    apart = len(folded) == len(listed)  # no two keys differ in case or accents only

    def look_up(raw: JsonValue) -> JsonValue:
        text = raw if isinstance(raw, str) else json_text(raw)
        if text in known and text != "*":
            return convert(known[text])
        if apart and fold(text) in folded:
            return convert(folded[fold(text)])
        if "*" in known:
            return convert(known["*"])
        several = [*listed[:_LISTED], *(["…"] if len(listed) > _LISTED else [])]
        raise BadValue(
            Message("is not among the mapping's values (%(listed)s)", listed=several),
            joined([meaning(text, listed), _how_to_add(text, values, codes)], "sentences"),
        )

    return look_up


def _how_to_add(text: str, values: Mapping[str, JsonValue], codes: str | None) -> Message:
    """Return what to write for a value without an entry: its line in the table, or the key."""
    if codes is not None:
        return Message(
            'Add it to the table %(path)s, or all others as values = { "*" = "…" }.', path=codes
        )
    if len(values) > _LISTED:
        return Message(
            'Add %(text)s = "…" to values, or "*" = "…" for all others.', text=toml_value(text)
        )
    one, others = (toml_value({**values, key: "…"}) for key in (text, "*"))
    return Message(
        "Write values = %(text)s, or for all others values = %(others)s.", text=one, others=others
    )


def _parts(raw: JsonValue, separators: Sequence[str]) -> list[JsonValue]:
    """Return the parts of a text, or the items of a list, that are not empty."""
    parts: Sequence[JsonValue] = raw if isinstance(raw, list) else [raw]
    if isinstance(raw, str):
        parts = re.split("|".join(map(re.escape, separators)), raw)
    stripped = (part.strip() if isinstance(part, str) else part for part in parts)
    return [part for part in stripped if part not in ("", None)]


def _splitting(separators: Sequence[str], convert: Convert) -> Convert:
    def split(raw: JsonValue) -> list[JsonValue]:
        # Empty texts between separators are dropped; an empty cell is looked up in `values`.
        kept = _parts(raw, separators) if raw else [""]
        return [value for value in map(convert, kept) if value != ""]

    return split


def _first_of(separators: Sequence[str], convert: Convert) -> Convert:
    """Return a function that returns the first part that can be read."""

    def first(raw: JsonValue) -> JsonValue:
        # The first fault alone is kept: a cell may have thousands of parts.
        first_part, *others = _parts(raw, separators) or [""]
        try:
            return convert(first_part)
        except BadValue:
            for part in others:
                with suppress(BadValue):
                    return convert(part)
            raise

    return first


def _one_item(kind: Kind, convert: Convert) -> Convert:
    """Read a cell as a list of one item, unless it looks like several without a separator."""
    as_list = _splitting(("\n",), convert)

    def read(raw: JsonValue) -> JsonValue:
        found = next((mark for mark in _SEPARATORS if isinstance(raw, str) and mark in raw), None)
        if found is not None:
            raise BadValue(
                Message("may be several %(kind)s", kind=kind.name),
                Message("Say what separates them in the mapping: split = %(value)s.", value=found),
            )
        return as_list(raw)

    return read
