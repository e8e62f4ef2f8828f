"""Hands out rows in batches, each read the fast way where that is proven to be the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Protocol

from importer.keys import source_hash_of
from importer.reader.csv import CsvReader
from importer.reader.fast import Block, read_block, regular_end
from importer.reader.jsonl import JsonlReader
from importer.reader.regions import Regions
from importer.records import Rejected, Row

__all__ = ["Batch", "batches"]

_BATCH_ROWS = 4096


class Batch(Protocol):
    """Rows that follow each other: their source hashes at once, each row where it is asked for."""

    def __len__(self) -> int:
        """Return how many rows there are."""
        ...

    @property
    def hashes(self) -> Sequence[str]:
        """The source hash of each row."""
        ...

    def row(self, index: int) -> Row | Rejected:
        """Return one row."""
        ...


class _Rows:
    """A batch of rows that were read one by one."""

    def __init__(self, rows: Sequence[Row | Rejected]) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @cached_property
    def hashes(self) -> list[str]:
        return [source_hash_of(row) for row in self._rows]

    def row(self, index: int) -> Row | Rejected:
        return self._rows[index]


def batches(reader: CsvReader | JsonlReader) -> Iterator[Batch]:
    """
    Yield all rows of `reader` in batches, in order.

    They are the same rows that iterating over it yields, whichever way a batch was read.
    """
    regions = reader.regions if isinstance(reader, CsvReader) else None
    rows: list[Row | Rejected] = []
    records = iter(reader)
    while True:
        if regions is not None and isinstance(reader, CsvReader) and reader.between_rows():
            if rows and regions.used_up():
                yield _Rows(rows)
                rows = []
            while block := _next_block(reader, regions):
                yield block
        row = next(records, None)
        if row is not None:
            rows.append(row)
        if rows and (row is None or len(rows) >= _BATCH_ROWS):
            yield _Rows(rows)
            rows = []
        if row is None:
            return


def _next_block(reader: CsvReader, regions: Regions) -> Block | None:
    """Return the next region's rows where it is regular, and move the reader behind it."""
    if not reader.is_plain() or not regions.used_up():
        return None
    region = regions.peek()
    end = regular_end(region)
    if not end:
        return None
    place = reader.place
    block = read_block(
        region[:end],
        source=place.source,
        number=place.number,
        line=place.line,
        header=reader.columns,
        delimiter=place.delimiter,
        encoding=regions.encoding,
        max_row_bytes=place.max_row_bytes,
        outside=(place.header, place.comment),
    )
    if block is not None:
        regions.skip(end)
        reader.move_on(rows=len(block), lines=block.lines)
    return block
