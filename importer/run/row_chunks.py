"""Turns consecutive rows into columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from importer.core.records import Row
from importer.core.shared import JsonValue
from importer.mapper.block import MappedBlock
from importer.mapper.fields.extract import find
from importer.mapper.mapper import Mapper
from importer.reader import Batch
from importer.reader.csv.csv_block import CsvBlock
from importer.writer.exporter import flatten

# Enough rows for working by column to pay off, and few enough to keep memory low.
_ROWS = 16_384


@dataclass(frozen=True, slots=True)
class RowChunk:
    """
    Some rows of a batch, column by column.

    `rows` are their places in the batch, `read` the places of those that could be read, and
    `lines` the physical lines of the latter. `texts` has the columns of the source as text,
    `values` the mapped columns unchanged, both with one value for each row in `read`. If the
    reader has read the rows as a table, both are the same table, with all columns.
    """

    batch: Batch
    rows: range
    read: Sequence[int]
    lines: Sequence[int]
    texts: Mapping[str, Sequence[str]] | pl.DataFrame
    values: Mapping[str, Sequence[JsonValue]] | pl.DataFrame

    def mapped_by(self, mapper: Mapper) -> MappedBlock:
        """Map the rows that could be read."""
        return mapper.map_columns(self.values, len(self.read))

    def only(self, rows: Collection[int]) -> RowChunk:
        """Return the chunk with the values of `rows` only."""
        if len(rows) == len(self.rows):
            return self
        kept = [at for at, row in enumerate(self.read) if row in rows]
        values: Mapping[str, Sequence[JsonValue]] | pl.DataFrame
        if isinstance(self.values, pl.DataFrame):
            values = self.values[kept]
        else:
            values = {name: [column[at] for at in kept] for name, column in self.values.items()}
        return replace(
            self,
            read=[self.read[at] for at in kept],
            lines=[self.lines[at] for at in kept],
            values=values,
        )


def row_chunks(
    batch: Batch, columns: Collection[str], mapped: Collection[str]
) -> Iterator[RowChunk]:
    """
    Yield the rows of a batch in order, some thousand at a time.

    `columns` are the columns of the source (for JSON the paths of its leaves), `mapped` those that
    the mapping reads. A column that a row does not have is blank.
    """
    for start in range(0, len(batch), _ROWS):
        rows = range(start, min(start + _ROWS, len(batch)))
        if isinstance(batch, CsvBlock):
            yield _of_table(batch, rows, {*columns, *mapped})
        else:
            yield _of_rows(batch, rows, columns, mapped)


def _of_table(block: CsvBlock, rows: range, names: Collection[str]) -> RowChunk:
    table = block.table.slice(rows.start, len(rows))
    absent = [pl.lit("").alias(name) for name in names if name not in table.columns]
    texts = table.with_columns(absent)
    lines = block.lines_of()[rows.start : rows.stop]
    return RowChunk(block, rows, rows, lines, texts, texts)


def _of_rows(
    batch: Batch, rows: range, columns: Collection[str], mapped: Collection[str]
) -> RowChunk:
    read = {at: row for at in rows if isinstance(row := batch.row(at), Row)}
    lines = [row.line for row in read.values()]
    objects = [row.values for row in read.values()]
    is_flat = all(isinstance(text, str) for values in objects for text in values.values())
    if is_flat:
        names = {*columns, *mapped}
        texts = {name: [str(values.get(name, "")) for values in objects] for name in names}
        return RowChunk(batch, rows, [*read], lines, texts, texts)
    flat = [dict(flatten(values)) for values in objects]
    texts = {name: [leaves.get(name, "") for leaves in flat] for name in columns}
    values = {name: [find(one, name) for one in objects] for name in mapped}
    return RowChunk(batch, rows, [*read], lines, texts, values)
