"""Mappings as they are suggested for a list in a text, and what they send."""

from __future__ import annotations

import csv
import io
from typing import Any

from importer.core.records import Record, Row
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.propose import Excerpt, MappingDraft, Stated, propose


def table(text: str) -> tuple[list[str], list[list[str]]]:
    header, *rows = csv.reader(io.StringIO(text.strip()))
    return header, [list(column) for column in zip(*rows, strict=True)]


def proposed(
    text: str, object_: str, *, is_whole: bool = True, shows_samples: bool = False, **stated: Any
) -> MappingDraft:
    columns, values = table(text)
    rows = Excerpt(columns=columns, values=values, is_whole=is_whole)
    return propose(load_schema(object_), rows, Stated(**stated), shows_samples=shows_samples).draft


def sent(text: str, object_: str, **hints: Any) -> list[dict[str, Any] | None]:
    """Return the fields that each row is sent with by its suggested mapping; None if refused."""
    columns, values = table(text)
    mapper = Mapper(parse_mapping(proposed(text, object_, **hints).text.encode()), object_)
    mapper.check_columns(columns)
    found: list[dict[str, Any] | None] = []
    for cells in zip(*values, strict=True):
        row = dict(zip(columns, cells, strict=True))
        mapped = mapper.map(Row(number=1, line=2, source="l.csv", values=row))
        found.append(dict(mapped.fields) if isinstance(mapped, Record) else None)
    return found
