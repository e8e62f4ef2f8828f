"""The fields that were sent, their columns, and unused columns, by the mapping on record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from importer.core.locale.titles import naming
from importer.mapper import FieldMap
from importer.mapper.mapping.model import FieldMapping
from importer.writer import MappingLine, RunLine

__all__ = ["SentField", "SentFields", "name_columns", "sent_fields"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentField:
    """
    One field: the columns it is made of, and how.

    `how` has the words of the mapping file, such as `type` or `values`; `constant` is the text
    that is sent for each row, if it is one.
    """

    field: str
    columns: Sequence[str]
    how: Sequence[str]
    constant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFields:
    """The fields of a mapping. `not_sent` are the unused columns, or None if not known."""

    fields: Sequence[SentField]
    not_sent: Sequence[str] | None


def sent_fields(line: MappingLine | None, run: RunLine | None) -> SentFields | None:
    """Return the fields of a mapping on record, or None if it cannot be read."""
    if line is None:
        return None
    try:
        mapping = FieldMap.from_json(line.mapping)
    except (TypeError, KeyError, ValueError):
        return None
    used = {name for one in mapping.fields for name in one.reads}
    columns = run.source.columns if run and run.source else ()
    left = [name for name in columns if not _is_used(name, used)] if columns else None
    return SentFields(fields=[_field(one) for one in mapping.fields], not_sent=left)


def name_columns(line: MappingLine | None) -> Sequence[Sequence[str]]:
    """Return groups of columns that name a row, the best first, by the mapping on record."""
    try:
        mapping = FieldMap.from_json(line.mapping) if line is not None else None
    except (TypeError, KeyError, ValueError):
        mapping = None
    return [] if mapping is None else naming(mapping.columns_of_fields)


def _is_used(name: str, used: set[str]) -> bool:
    """Return whether a column is used; in JSON, also as a part of a used object."""
    parts = name.split(".")
    return any(".".join(parts[:end]) in used for end in range(1, len(parts) + 1))


def _field(one: FieldMapping) -> SentField:
    how = [f"type = {one.type}"] if one.type else []
    how += [f"{key} = {value}" for key, value in one.options.items() if isinstance(value, str)]
    stated = {
        "template": one.template,
        "values": one.values,
        "split": one.split,
        "replace": one.replace,
        "default": one.default is not None,
        "after": one.after,
        "join": one.take == "joined",
        "valid_first": one.take == "first valid",
    }
    how += [key for key, value in stated.items() if value]
    how += [f"unless = {list(one.unless)}"] if one.unless else []
    how += [f"on_error = {one.on_error}"] if one.on_error != "refuse" else []
    constant = None if one.const is None else str(one.const)
    return SentField(field=one.field, columns=one.holds, how=how, constant=constant)
