"""One field in each row of a block, as columns of polars."""

from __future__ import annotations

import json
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Self

import polars as pl

from importer.mapper.blocks.fields import WORTH_A_TABLE, FieldBlock, FieldMaker
from importer.mapper.changes import NORMALISED
from importer.mapper.fields.plan import FieldPlan
from importer.shared import JsonValue

__all__ = ["FieldSeries", "make_series"]

# Countries whose numbers are read together, each by itself; lists have few.
_MOST_COUNTRIES = 32


@dataclass(frozen=True, slots=True)
class FieldSeries:
    """
    One field in each row of a block.

    `members` are the members in the row's canonical JSON, with a comma before them, or "" if the
    field is left out. `texts` are the values that are sent, null for nothing and for values that
    are not texts. `labels` say how the values differ from the source (`Change.what`), null for
    those that do not. `refused` are the rows that it refuses, `blank` those for which it is not
    enough. The last three are None if there is no such row.
    """

    plan: FieldPlan
    members: pl.Series
    texts: pl.Series
    labels: pl.Series | None = None
    refused: pl.Series | None = None
    blank: pl.Series | None = None

    @classmethod
    def of_block(cls, block: FieldBlock) -> Self:
        """Return a field whose cells are in a list."""
        return cls.of_table(block.plan, _learnt(block, block.cells))

    @classmethod
    def of_table(cls, plan: FieldPlan, table: pl.DataFrame) -> Self:
        """Return the field in a table with a column for each attribute that is not None."""
        return cls(plan, **{name: table[name] for name in _COLUMNS if name in table.columns})

    def values(self, rows: Sequence[int]) -> list[JsonValue]:
        """Return the values in some rows, None where the field is left out."""
        members = self.members[rows]
        texts = self.texts[rows].zip_with(members != "", pl.Series([None], dtype=pl.String))
        values: list[JsonValue] = texts.to_list()
        is_other = texts.is_null() & (members != "")
        for at in is_other.arg_true() if is_other.any() else ():
            values[at] = _value_of(members[at])
        return values

    def to_table(self) -> pl.DataFrame:
        """Return a table with a column for each attribute that is not None."""
        columns = {name: getattr(self, name) for name in _COLUMNS}
        return pl.DataFrame({name: one for name, one in columns.items() if one is not None})


_COLUMNS = {
    "members": pl.String,
    "texts": pl.String,
    "labels": pl.String,
    "refused": pl.Boolean,
    "blank": pl.Boolean,
}


def _value_of(member: str) -> JsonValue:
    """Return the value in a member of canonical JSON with a comma before it."""
    (value,) = json.loads(f"{{{member[1:]}}}", parse_float=Decimal).values()
    return value  # type: ignore[no-any-return]


def make_series(maker: FieldMaker, table: pl.DataFrame) -> FieldSeries:
    """Build a field from the columns of a table, which are texts."""
    # By number, since a column may have any name.
    names = {f"{at}": table[name] for at, name in enumerate(maker.plan.reads)}
    cells = pl.DataFrame(names) if names else table.select(pl.repeat("", pl.len()).alias("0"))
    if not names:
        found = _learnt(maker.make({}, 1, texts=True), [()])
        return FieldSeries.of_table(maker.plan, _repeated(found, cells.height))
    values = _plain_values(maker, cells)
    if values is None:
        return FieldSeries.of_table(maker.plan, _by_distinct(maker, cells))
    is_exact = values.is_null()
    if not is_exact.any():
        return _of_plain(maker, cells["0"], values)
    is_plain = ~is_exact
    plain = _of_plain(maker, cells["0"].filter(is_plain), values.filter(is_plain)).to_table()
    exact = _by_distinct(maker, cells.filter(is_exact))
    order = pl.concat([is_plain.arg_true(), is_exact.arg_true()]).arg_sort()
    both = pl.concat([plain, exact], how="diagonal")[order]
    whole = both.with_columns(pl.col(pl.Boolean).fill_null(value=False))
    return FieldSeries.of_table(maker.plan, whole)


def _plain_values(maker: FieldMaker, cells: pl.DataFrame) -> pl.Series | None:
    """Return the values of the plain cells, and null for others; None if cells mostly repeat."""
    is_plain = maker.read_plain is not None or maker.reads_by_row
    if not is_plain or cells.height < WORTH_A_TABLE or cells["0"].n_unique() * 2 < cells.height:
        return None
    if maker.read_plain is not None:
        return maker.plain_values(maker.read_plain, cells["0"])
    others = cells["1"].unique().to_list()
    if len(others) > _MOST_COUNTRIES:
        return None
    parts, places = [], []
    for other in others:
        is_here = cells["1"] == other
        here = cells["0"].filter(is_here)
        read = maker.plain_reader_for(other)
        nothing = pl.repeat(None, len(here), dtype=pl.String, eager=True)
        parts.append(maker.plain_values(read, here) if read is not None else nothing)
        places.append(is_here.arg_true())
    return parts[0] if len(parts) == 1 else pl.concat(parts)[pl.concat(places).arg_sort()]


def _of_plain(maker: FieldMaker, cells: pl.Series, values: pl.Series) -> FieldSeries:
    is_changed = cells != values
    labels = None
    if is_changed.any():
        table = is_changed.to_frame("is")
        labels = table.select(l=pl.when("is").then(pl.lit(NORMALISED)))["l"]
    return FieldSeries(maker.plan, maker.members_of(values), values, labels)


def _by_distinct(maker: FieldMaker, cells: pl.DataFrame) -> pl.DataFrame:
    """Convert each distinct cell once, or each distinct row of cells."""
    distinct = cells.unique(maintain_order=True)
    known: Sequence[Hashable] = distinct["0"].to_list() if cells.width == 1 else distinct.rows()
    maker.learn(known, texts=True)
    found = _learnt(FieldBlock(maker.plan, known, maker.memory), known)
    if distinct.height == cells.height:
        return found
    if distinct.height == 1:
        return _repeated(found, cells.height)
    keys = distinct.columns
    joined = cells.join(
        pl.concat([distinct, found], how="horizontal"), on=keys, how="left", maintain_order="left"
    )
    return joined.drop(keys)


def _repeated(row: pl.DataFrame, times: int) -> pl.DataFrame:
    return row.select(pl.all().gather(pl.repeat(0, times, dtype=pl.UInt32)))


def _learnt(block: FieldBlock, cells: Sequence[Hashable]) -> pl.DataFrame:
    """Return what the memory has of some cells, as a table with the columns of `FieldSeries`."""
    memory = block.memory
    values: Sequence[JsonValue] = list(map(memory.values.get, cells))
    columns: dict[str, Sequence[str | bool | None]] = {
        "members": list(map(memory.members.__getitem__, cells)),
        "texts": [value if isinstance(value, str) else None for value in values],
    }
    if memory.change_labels:
        columns["labels"] = list(map(memory.change_labels.get, cells))
    if memory.refused and not memory.refused.isdisjoint(cells):
        columns["refused"] = list(map(memory.refused.__contains__, cells))
    if memory.blank and not memory.blank.isdisjoint(cells):
        columns["blank"] = list(map(memory.blank.__contains__, cells))
    return pl.DataFrame(columns, schema={name: _COLUMNS[name] for name in columns})
