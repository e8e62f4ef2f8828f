"""Tries lines of a mapping on the rows that were read."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from importer.core.locale.message import Message
from importer.mapper.cell import CUT_OFF, KEPT, LEFT_OUT
from importer.mapper.data import load_table
from importer.mapper.fields.extract import reader
from importer.mapper.fields.field_plan import plan_field
from importer.mapper.mapping.field_table import read_field
from importer.mapper.mapping.model import FieldMapping
from importer.mapper.schema.object_schema import ObjectSchema
from importer.mapper.series import FieldConverter, FieldSeries
from importer.mapper.values.json_values import json_text
from importer.mapper.values.replacing import replacer
from importer.mapper.values.texts import plain_digits

Table = Mapping[str, Any]
"""The keys of a line of `[fields]`, as TOML has them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTally:
    """
    The counts from trying a line on rows: how many values are sent as written, changed, and so on.

    `left_out` and `kept` are values that cannot be read, but for which the line has `on_error`;
    `cut` of those left out are numbers that a spreadsheet has cut. `refused` values refuse their
    rows. `examples` are all these, as they are in the source, the commonest form first.
    """

    rows: int
    as_written: int = 0
    changed: int = 0
    left_out: int = 0
    cut: int = 0
    kept: int = 0
    refused: int = 0
    examples: tuple[str, ...] = ()
    sent: Mapping[Hashable, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def read(self) -> int:
        """How many rows have a value that can be read."""
        return self.as_written + self.changed

    @property
    def filled(self) -> int:
        """How many rows have a value."""
        return self.read + self.bad

    @property
    def bad(self) -> int:
        """How many values cannot be read, including those left out or kept."""
        return self.left_out + self.kept + self.refused

    def keeps(self, other: LineTally, but_for: Sequence[str] = ()) -> bool:
        """Return whether what `other` could send is the same here, but for cells with a mark."""
        return all(
            self.sent.get(cell) == value or any(mark in _text(cell) for mark in but_for)
            for cell, value in other.sent.items()
        )


@dataclass(frozen=True, slots=True)
class TriedField:
    """The cells that a line reads in each row, and what they become."""

    cells: Sequence[Hashable]
    series: FieldSeries


class Rehearsal:
    """Tries lines on rows. `cells` has the values of each column, one for each row."""

    def __init__(
        self,
        schema: ObjectSchema,
        columns: Sequence[str],
        cells: Sequence[Sequence[Any]],
        *,
        texts: bool,
    ) -> None:
        self.schema = schema
        self.rows = len(cells[0]) if cells else 0
        self.nulls: AbstractSet[str] = {""}
        self._columns = dict(zip(columns, cells, strict=True))
        self._fields: dict[Hashable, TriedField | None] = {}
        self.is_text = texts

    def read(self, target: str, table: Table) -> FieldMapping | None:
        """Return a line as a mapping file has it, or None if it cannot be one."""
        faults: list[Message] = []
        return None if (one := read_field(target, dict(table), faults)) is None or faults else one

    def field(
        self, target: str, table: Table, others: Mapping[str, Table] | None = None
    ) -> TriedField | None:
        """Return the field of a line for every row, or None if the line is not valid."""
        if others:
            return self._made(target, table, others)
        key = (target, repr(sorted(table.items())), frozenset(self.nulls))
        if key not in self._fields:  # lines are tried again with what was found of others
            self._fields[key] = self._made(target, table, {})
        return self._fields[key]

    def _made(self, target: str, table: Table, others: Mapping[str, Table]) -> TriedField | None:
        line = self.read(target, table)
        if line is None:
            return None
        known = {name: self.read(name, one) for name, one in others.items()}
        lines = {name: one for name, one in known.items() if one is not None}
        try:
            plan = plan_field(line, self.schema, self.nulls, lines)
        except ValueError:
            return None
        columns = {name: self._columns[name] for name in plan.reads}
        converter = FieldConverter(plan, self.schema)
        cells = converter.cells(columns) if columns else [()] * self.rows
        return TriedField(cells, converter.series(columns, self.rows))

    def texts(self, target: str, table: Table) -> list[str]:
        """Return the text that a line reads from each row, before converting it; "" for nothing."""
        line = self.read(target, {key: table[key] for key in table if key in _SOURCES})
        if line is None:
            return []
        read, replace = reader(line, self.nulls), replacer(line.replace)
        names = line.reads
        found = []
        for cells in zip(*(self._columns[name] for name in names), strict=True):
            raw = read(dict(zip(names, cells, strict=True)))
            text = "" if raw is None else raw if isinstance(raw, str) else json_text(raw)
            found.append(replace(text) if line.replace else text)
        return found

    def tally(
        self, target: str, table: Table, others: Mapping[str, Table] | None = None
    ) -> LineTally | None:
        """Return the counts for a line, or None if the line is not valid."""
        field = self.field(target, table, others)
        return _count(field) if field is not None else None


_SOURCES = frozenset(
    {"column", "columns", "template", "join", "separator", "valid_first", "replace"}
)


def _count(tried: TriedField) -> LineTally:
    series = tried.series
    labels, refused, blank = (
        one.to_list() if one is not None else [None] * len(tried.cells)
        for one in (series.labels, series.refused, series.blank)
    )
    values = series.values()
    counts: Counter[str] = Counter()
    examples: list[tuple[str, int]] = []
    sent: dict[Hashable, Any] = {}
    times = Counter(tried.cells)
    for cells, at in {one: at for at, one in enumerate(tried.cells)}.items():
        label, count = labels[at], times[cells]
        if refused[at] or label in {LEFT_OUT, CUT_OFF, KEPT}:
            counts["refused" if refused[at] else str(label)] += count
            examples.append((_text(cells), count))
        elif blank[at] is not True and values[at] is not None:
            counts["changed" if label is not None else "as_written"] += count
            sent[cells] = values[at]
    return LineTally(
        rows=len(tried.cells),
        as_written=counts["as_written"],
        changed=counts["changed"],
        left_out=counts[LEFT_OUT] + counts[CUT_OFF],
        cut=counts[CUT_OFF],
        kept=counts[KEPT],
        refused=counts["refused"],
        examples=tuple(_commonest_first(examples)),
        sent=sent,
    )


def _commonest_first(found: Sequence[tuple[str, int]]) -> list[str]:
    """Return texts in the order of how often their forms are found."""
    forms: Counter[str] = Counter()
    for text, count in found:
        forms[_form(text)] += count
    return sorted((text for text, _ in found), key=lambda text: -forms[_form(text)])


def _form(text: str) -> str:
    """Return how a text is written: with 0 for its numbers and a for its words."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"[0-9]+", "0", plain_digits(text)))


def _text(cells: Hashable) -> str:
    several = cells if isinstance(cells, tuple) else (cells,)
    return next((one.strip() for one in several if isinstance(one, str) and one.strip()), "")


_FEWEST = 1
_SHORTEST = 6  # of numbers that stand for themselves
_RARELY = 0.02


def split_where_it_helps(rehearsal: Rehearsal, target: str, table: Table) -> Table:
    """
    Return a line with the separators at which more of its values can be read.

    A separator is added if it occurs in a value that cannot be read, if more values are sent with
    it, and if it does not change any value that could be read before: only of several values in a
    cell it may find another one first. It is none if it often cuts a number in two.
    """
    tally = rehearsal.tally(target, table)
    found: list[str] = []
    for mark in load_table("values")["separators"]:
        if tally is None or not tally.bad:
            break
        is_list = mark == "," and not rehearsal.is_text  # of which JSON needs no separator
        if not is_list and not any(mark in text for text in tally.examples):
            continue
        tried = rehearsal.tally(target, _with(table, [*found, mark]))
        if tried is None or tried.read < tally.read + _FEWEST or not tried.keeps(tally, found):
            continue
        gained = [_text(cell) for cell in tried.sent.keys() - tally.sent.keys()]
        if sum(_is_cut(text, mark) for text in gained) <= _RARELY * len(gained):
            found.append(mark)
            tally = tried
    return _with(table, found) if found else table


def _is_cut(text: str, mark: str) -> bool:
    """Return whether what is before a mark is only the beginning of a number: `0151 2345678`."""
    first, found, _ = text.partition(mark)
    digits = sum(map(str.isdigit, first))
    return bool(found) and 0 < digits < _SHORTEST and not any(map(str.isalpha, first))


def _with(table: Table, marks: list[str]) -> dict[str, Any]:
    return {**table, "split": marks[0] if len(marks) == 1 else marks}
