"""Reads texts: nothing visible is lost, and nothing is cut unless the mapping says so."""

from __future__ import annotations

from importer.core.locale.message import Message
from importer.core.shared import JsonValue
from importer.mapper.values.json_values import text_or_json
from importer.mapper.values.kind import Convert, FieldLimits, Kind, Options
from importer.mapper.values.texts import cleaned_change, cut, read_texts
from importer.mapper.values.written import stated


class TextOptions(Options):
    """Whether a text that is too long for its field is cut."""

    truncate: bool = stated("true or false", default=False)


def _build(options: TextOptions, limits: FieldLimits | None) -> Convert:
    if not options.truncate:
        return text_or_json
    longest = limits.max_length if limits is not None else None
    if longest is None:
        raise ValueError(Message("truncate: the field has no limit to cut a text at"))

    def convert_and_cut(raw: JsonValue) -> JsonValue:
        value = text_or_json(raw)
        return cut(value, longest) if isinstance(value, str) else value

    return convert_and_cut


def _change(options: TextOptions, limits: FieldLimits | None, before: str, _: JsonValue) -> str:
    longest = limits.max_length if limits is not None else None
    is_cut = options.truncate and longest is not None and len(before) > longest
    return "cut" if is_cut else cleaned_change(before)


TEXT = Kind(
    name="text",
    plural="texts",
    build=_build,
    options=TextOptions,
    column_reader=lambda _: read_texts,
    change=_change,
    split="list",
)
