"""Counts the values that are sent in another form than in the source."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from itertools import islice
from typing import Literal

import polars as pl

from importer.core.records import Rejected, Row, RowIdentity
from importer.core.verdict import LINES_KEPT, LackCounts
from importer.mapper.block import MappedBlock
from importer.mapper.cell import UNREAD
from importer.mapper.mapper import Mapper
from importer.run.checking.check_report import Changes
from importer.run.checking.shown_rows import LackingRow, ShownRows
from importer.run.row_chunks import RowChunk

_Key = tuple[str, str, str]


class ChangeCounts:
    """
    Counts changes of values by field and kind of change, and keeps the first of each.

    `lacks` counts values that are left out or sent unread; their rows are put into `shown`.
    """

    def __init__(self, mapper: Mapper, shown: ShownRows | None = None) -> None:
        self.lacks = LackCounts()
        self._shown = shown
        self._mapper = mapper
        self._found: dict[_Key, Changes] = {}

    def add(
        self, chunk: RowChunk, mapped: MappedBlock, where: Callable[[int], RowIdentity]
    ) -> None:
        """Count the changes of the rows of a chunk; `where` identifies one by its place."""
        new: list[tuple[int, int, _Key, int]] = []
        for order, block in enumerate(mapped.fields):
            if block.labels is None:
                continue
            for what, first, count in _counted(block.labels):
                if what in UNREAD:
                    unread = (block.labels == what).arg_true()
                    lines = [chunk.lines[at] for at in unread[:LINES_KEPT]]
                    self.lacks.add_several(block.plan.target, UNREAD[what], count, lines)
                    places = (chunk.read[at] for at in unread)
                    self._show(chunk, places, block.plan.target, UNREAD[what], where)
                key = block.plan.target, block.plan.kind.name, what
                if key in self._found:
                    self._found[key].count += count
                else:
                    new.append((first, order, key, count))
        for at, _, key, count in sorted(new):
            self._found[key] = self._first(chunk.batch.row(chunk.read[at]), key, count)

    def _show(
        self,
        chunk: RowChunk,
        places: Iterator[int],
        field: str,
        what: Literal["left_out", "kept"],
        where: Callable[[int], RowIdentity],
    ) -> None:
        """Show the rows of a batch in which a field was left out, or sent unread."""
        if self._shown is None:
            return
        for at in islice(places, self._shown.has_room(field, what)):
            row = chunk.batch.row(at)
            if isinstance(row, Row):
                self._shown.lacks(LackingRow(row=row, where=where(at), field=field, what=what))

    def _first(self, row: Row | Rejected, key: _Key, count: int) -> Changes:
        assert isinstance(row, Row)  # noqa: S101 - it was sent
        changes = self._mapper.map_with_changes(row)[1]
        first = next(one for one in changes if (one.field, one.kind, one.what) == key)
        return Changes(**asdict(first), count=count)

    def result(self) -> tuple[Changes, ...]:
        """Return the changes, the most frequent first."""
        return tuple(sorted(self._found.values(), key=lambda one: -one.count))


def _counted(labels: pl.Series) -> list[tuple[str, int, int]]:
    """Return each label with its first place and its count."""
    table = labels.to_frame("label").with_row_index("at").drop_nulls()
    counted = table.group_by("label").agg(pl.col("at").min(), pl.len().alias("count"))
    return counted.sort("at").rows()
