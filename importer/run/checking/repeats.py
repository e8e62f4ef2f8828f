"""Finds phone numbers and email addresses that several rows share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from importer.core.objects import PEOPLE
from importer.mapper.mapper import Mapper

_REPEATABLE = ("phone", "email")
_LINES_KEPT = 5
_PARTS = 8  # searched one after the other, which takes less memory
_SCHEMA = {"value": pl.UInt64, "row": pl.UInt32, "line": pl.UInt32}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """
    The number of rows that share a value of this `kind` with an earlier row.

    `lines` are the lines of the first such rows, each with the line of the earlier row.
    """

    kind: str
    count: int
    lines: tuple[tuple[int, int], ...]


def repeatable_fields(mapper: Mapper) -> dict[str, list[str]]:
    """Return the mapped fields to compare between rows, by kind."""
    schema = mapper.schema
    if schema.name not in PEOPLE:
        return {}
    mapped = [source.field for source in mapper.mapping.fields if source.const is None]
    kinds = {name: spec.kind for name in mapped if (spec := schema.spec(name)) is not None}
    found = {kind: [name for name in kinds if kinds[name] == kind] for kind in _REPEATABLE}
    return {kind: fields for kind, fields in found.items() if fields}


class RepeatedValues:
    """
    Finds rows that share a value with an earlier row.

    It keeps 16 bytes for each value: a hash, the number of the row and its line; `result` searches
    them.
    """

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._frames: list[pl.DataFrame] = []

    def add(
        self, values: pl.Series, rows: Sequence[int], lines: Sequence[int], first: int = 0
    ) -> None:
        """
        Add texts, each with the number of its row and its line. A null is skipped.

        Row numbers are relative: `first` is added to each.
        """
        hashes = values.to_frame("text").select(_plain(pl.col("text")).hash())["text"]
        numbers = pl.Series(rows, dtype=pl.UInt32) + first
        columns = {"value": hashes, "row": numbers, "line": pl.Series(lines, dtype=pl.UInt32)}
        self._frames.append(pl.DataFrame(columns, schema=_SCHEMA).filter(values.is_not_null()))

    def result(self) -> Repeated:
        """Return the repeated values."""
        later = pl.concat(_later_rows(self._part(part)) for part in range(_PARTS))
        # A row with several such values counts once.
        rows = later.sort("row", "first_row").unique("row", keep="first", maintain_order=True)
        lines = rows.head(_LINES_KEPT).select("line", "first_line").rows()
        return Repeated(kind=self._kind, count=rows.height, lines=tuple(lines))

    def _part(self, part: int) -> pl.DataFrame:
        is_in = pl.col("value") % _PARTS == part
        empty = pl.DataFrame(schema=_SCHEMA)
        return pl.concat([empty, *(frame.filter(is_in) for frame in self._frames)])


def _later_rows(values: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that share a value with an earlier row, with the first such row."""
    in_order = values.sort("value", "row")
    is_first = pl.col("value").ne_missing(pl.col("value").shift(1))
    return in_order.with_columns(
        pl.when(is_first).then(pl.col("row")).forward_fill().alias("first_row"),
        pl.when(is_first).then(pl.col("line")).forward_fill().alias("first_line"),
    ).filter(pl.col("row") > pl.col("first_row"))


def _plain(text: pl.Expr) -> pl.Expr:
    """Return emails in lower case and phones as digits alone, for comparison."""
    digits = text.str.replace_all(r"\D", "").str.strip_chars_start("0")
    return (
        pl.when(text.str.contains(r"\A\+[0-9]+\z"))  # as phones are sent
        .then(text.str.slice(1))
        .when(text.str.contains("@", literal=True))
        .then(text.str.to_lowercase())
        .when(digits != "")
        .then(digits)
        .otherwise(text)
        .alias("text")
    )
