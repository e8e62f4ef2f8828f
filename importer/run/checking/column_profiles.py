"""Profiles the columns of a source, in little memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import polars as pl

from importer.core.paths import whole_of
from importer.core.shared import shortened
from importer.mapper.schema.object_schema import ObjectSchema
from importer.run.job import Job

_DISTINCT = 10_000
_SAMPLES = 3
_SAMPLE_LENGTH = 60
# What `str.strip` removes; polars strips other characters by itself.
_SPACES = "".join(filter(str.isspace, map(chr, range(0x3001))))


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnProfile:
    """
    The values of one column of a source, over all rows that could be read.

    `filled` counts cells that are not blank, `distinct` their different values; counting stops at
    10,000, and then `distinct_capped` is True. `min_length` and `max_length` are in characters.
    `samples` are the first different values, cut to 60 characters. `fields` are the fields that the
    mapping fills from the column; without any, the column is not imported. `second_for` are those
    of them that it fills only where another column gives nothing.
    """

    column: str
    fields: tuple[str, ...]
    rows: int
    filled: int
    distinct: int
    distinct_capped: bool
    min_length: int
    max_length: int
    samples: tuple[str, ...]
    second_for: tuple[str, ...] = ()


class SourceProfile:
    """Collects the profile of each of `columns`; memory does not grow with the rows."""

    def __init__(self, columns: Sequence[str]) -> None:
        self._columns = [_ColumnCounters(name) for name in columns]
        self._rows = 0

    def add(self, texts: Mapping[str, Sequence[str]] | pl.DataFrame, rows: int) -> None:
        """Count the cells of some rows, column by column. A missing column counts as blank."""
        self._rows += rows
        for column in self._columns:
            if column.name in texts:
                column.add(pl.Series(texts[column.name], dtype=pl.String))

    def result(
        self,
        fields: Mapping[str, tuple[str, ...]],
        second: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> tuple[ColumnProfile, ...]:
        """
        Return the profiles in the order of the columns.

        `fields` has the fields of each column, `second` the columns that are second choices by
        their fields.
        """
        return tuple(
            ColumnProfile(
                column=column.name,
                fields=fields.get(column.name, ()),
                rows=self._rows,
                filled=column.filled,
                distinct=min(column.distinct, _DISTINCT),
                distinct_capped=column.distinct > _DISTINCT,
                min_length=column.min_length or 0,
                max_length=column.max_length,
                samples=tuple(shortened(text, _SAMPLE_LENGTH) for text in column.samples),
                second_for=tuple(name for name, some in second.items() if column.name in some),
            )
            for column in self._columns
        )


class _ColumnCounters:
    """The counters of one column."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.filled = self.distinct = self.max_length = 0
        self.min_length: int | None = None
        self.samples: list[str] = []
        self._hashes: set[int] = set()

    def add(self, cells: pl.Series) -> None:
        table = cells.to_frame("text").select(pl.col("text").str.strip_chars(_SPACES))
        table = table.with_columns(length=pl.col("text").str.len_chars())
        if table["length"].min() == 0:
            table = table.filter(pl.col("length") > 0)
        if table.is_empty():
            return
        self.filled += table.height
        ((shortest, longest),) = table.select(
            pl.col("length").min().alias("least"), pl.col("length").max().alias("most")
        ).rows()
        if self.min_length is None or shortest < self.min_length:
            self.min_length = shortest
        self.max_length = max(self.max_length, longest)
        if self.distinct > _DISTINCT and len(self.samples) >= _SAMPLES:
            return
        texts = table["text"].unique(maintain_order=True).to_list()
        if self.distinct <= _DISTINCT:
            self._hashes.update(map(hash, texts))
            self.distinct = len(self._hashes)
        if self.distinct > _DISTINCT:
            self._hashes.clear()  # not needed any more
        self.samples = [*dict.fromkeys((*self.samples, *texts))][:_SAMPLES]


def fields_of(job: Job) -> dict[str, tuple[str, ...]]:
    """Map each column to the fields it feeds; a JSON object also has those of its nested keys."""
    made_of: dict[str, dict[str, int]] = {}
    for place, source in enumerate(job.mapper.mapping.fields):
        lists = (whole_of(one) for one in source.reads if one not in job.survey.columns)
        for name in (*source.reads, *lists):
            made_of.setdefault(name, {})[source.field] = place
    longest = max(map(len, made_of), default=0)
    found: dict[str, tuple[str, ...]] = {}
    for column in job.survey.columns:
        ends = [at for at, sign in enumerate(column[: longest + 1]) if sign == "."]
        names = [column[:end] for end in (*ends, len(column))]
        fields = {field: at for name in names for field, at in made_of.get(name, {}).items()}
        if fields:
            found[column] = tuple(sorted(fields, key=lambda field: fields[field]))
    return found


def without_secrets(
    columns: Sequence[ColumnProfile], schema: ObjectSchema
) -> tuple[ColumnProfile, ...]:
    """Mask the samples of unmapped columns that hold passwords, ids or account numbers."""
    if all(column.fields for column in columns):
        return tuple(columns)
    from importer.mapper.suggest.columns.choose import choose
    from importer.mapper.suggest.columns.sensitive import mask

    names = [column.column for column in columns]
    choices = choose(names, schema, [column.samples for column in columns])
    return tuple(
        replace(column, samples=tuple(map(mask, column.samples)))
        if choice.sensitive and not column.fields
        else column
        for column, choice in zip(columns, choices, strict=True)
    )
