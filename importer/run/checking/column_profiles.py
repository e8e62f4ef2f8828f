"""Profiles the columns of a source, in little memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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


class ColumnCounts:
    """Counts the cells of a column; memory does not grow with the rows."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows = self._filled = self._distinct = self._max_length = 0
        self._min_length: int | None = None
        self._samples: list[str] = []
        self._hashes: set[int] = set()

    def add(self, texts: Mapping[str, Sequence[str]] | pl.DataFrame, rows: int) -> None:
        """Count the cells of some rows; `texts` has those of each column that is not blank."""
        self._rows += rows
        if self._name not in texts:
            return
        cells = pl.Series("text", texts[self._name], dtype=pl.String).str.strip_chars(_SPACES)
        filled = cells.filter(cells != "")
        if filled.is_empty():
            return
        lengths = filled.str.len_chars().sort()
        self._filled += len(filled)
        self._min_length = min(lengths[0], self._min_length or lengths[0])
        self._max_length = max(lengths[-1], self._max_length)
        if self._distinct > _DISTINCT and len(self._samples) >= _SAMPLES:
            return
        different = filled.unique(maintain_order=True).to_list()
        if self._distinct <= _DISTINCT:
            self._hashes.update(map(hash, different))
            self._distinct = len(self._hashes)
        if self._distinct > _DISTINCT:
            self._hashes.clear()  # not needed any more
        self._samples = [*dict.fromkeys((*self._samples, *different))][:_SAMPLES]

    def result(
        self, fields: Mapping[str, tuple[str, ...]], second: Mapping[str, Sequence[str]]
    ) -> ColumnProfile:
        """
        Return the profile.

        `fields` has the fields of each column, `second` the columns that are second choices by
        their fields.
        """
        return ColumnProfile(
            column=self._name,
            fields=fields.get(self._name, ()),
            rows=self._rows,
            filled=self._filled,
            distinct=min(self._distinct, _DISTINCT),
            distinct_capped=self._distinct > _DISTINCT,
            min_length=self._min_length or 0,
            max_length=self._max_length,
            samples=tuple(shortened(text, _SAMPLE_LENGTH) for text in self._samples),
            second_for=tuple(name for name, some in second.items() if self._name in some),
        )


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
