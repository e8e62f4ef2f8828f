"""Builds one field for a block of rows, converting each distinct cell once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from importer.keys import canonical_text
from importer.mapper.changes import KEPT, LEFT_OUT, NORMALISED, what_changed
from importer.mapper.faults import check_record
from importer.mapper.fields.plan import FieldPlan
from importer.mapper.schema.objects import FieldSpec, ObjectSchema
from importer.mapper.values.kind import Kind
from importer.mapper.values.plain import PlainReader
from importer.mapper.values.text import BadValue
from importer.shared import JsonValue

__all__ = ["FieldBlock", "FieldMaker"]

# If a field has more distinct texts, they are not kept from one block to the next.
_REMEMBERED = 8192
# Fewer new texts are converted one by one.
_WORTH_A_TABLE = 64


_PlainOf = Callable[[str | None], PlainReader | None]


class _Alone:
    """A JSON value that is not a text. It equals nothing else, since 1 would equal true."""

    __slots__ = ("value",)

    def __init__(self, value: JsonValue) -> None:
        self.value = value


@dataclass(slots=True)
class _Memory:
    """
    The results of one field's converter by the cell, or the cells, that the field is made from.

    `members` are the members in the canonical JSON of `fields`, with a comma before them, or "" if
    the field is left out. `values` are the values that are sent, `change_labels` say how they
    differ from the source. `refused` cells cannot be sent; `blank` cells are not enough for a row.
    """

    members: dict[Hashable, str] = field(default_factory=dict)
    values: dict[Hashable, JsonValue] = field(default_factory=dict)
    change_labels: dict[Hashable, str] = field(default_factory=dict)
    refused: set[Hashable] = field(default_factory=set)
    blank: set[Hashable] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class FieldBlock:
    """One field in each row of a block."""

    plan: FieldPlan
    cells: Sequence[Hashable]
    memory: _Memory

    def members(self) -> list[str]:
        """Return the member in the canonical JSON of each row, or "" if the field is left out."""
        return list(map(self.memory.members.__getitem__, self.cells))

    def values(self) -> list[JsonValue]:
        """Return the value that is sent for each row, or None if the field is left out."""
        return list(map(self.memory.values.get, self.cells))

    @property
    def has_changes(self) -> bool:
        """Whether any of its values may differ from the source."""
        return bool(self.memory.change_labels)

    def change_labels(self) -> list[str | None]:
        """Return how the value of each row differs from the source (`Change.what`), or None."""
        return list(map(self.memory.change_labels.get, self.cells))

    def among(self, those: set[Hashable], rows: Iterable[int]) -> list[int]:
        """Return the rows of `rows` whose cells are in `those`."""
        return [row for row in rows if self.cells[row] in those] if those else []


class FieldMaker:
    """Builds one field from whole columns."""

    def __init__(self, plan: FieldPlan, schema: ObjectSchema) -> None:
        self._plan = plan
        self._schema = schema
        self._reads = plan.reads
        self._start = f",{canonical_text(plan.path[-1])}:"
        self._lengths = _lengths(plan.spec, plan.kind)
        self._is_omittable = plan.source.on_error == "omit"
        self._is_kept = plan.source.on_error == "keep"
        self._read_plain = _plain_reader(plan) if self._lengths else None
        self._plain_by_row = _plain_by_row(plan) if self._lengths else None
        self._plain_of: dict[Hashable, PlainReader | None] = {}
        self._memory = _Memory()

    def make(
        self, columns: Mapping[str, Sequence[JsonValue]], rows: int, *, texts: bool
    ) -> FieldBlock:
        """Build the field for `rows` rows. With `texts`, all cells are texts or None."""
        cells = self._cells(columns, rows, texts=texts)
        if len(self._memory.members) > _REMEMBERED:
            self._memory = _Memory()
        new = set(cells).difference(self._memory.members)
        if self._read_plain is not None and len(new) >= _WORTH_A_TABLE:
            new = self._take_plain(new, self._read_plain, texts=texts)
        elif self._plain_by_row is not None and len(new) >= _WORTH_A_TABLE:
            new = self._take_by_row(new, self._plain_by_row)
        for one in new:
            self._convert(one)
        return FieldBlock(self._plan, cells, self._memory)

    def _cells(
        self, columns: Mapping[str, Sequence[JsonValue]], rows: int, *, texts: bool
    ) -> Sequence[Hashable]:
        read: list[Sequence[Hashable]] = [
            columns[name] if texts else list(map(_hashable, columns[name])) for name in self._reads
        ]
        if len(read) == 1:
            return read[0]
        return list(zip(*read, strict=True)) if read else [()] * rows

    def _take_plain(self, new: set[Hashable], read: PlainReader, *, texts: bool) -> set[Hashable]:
        """Convert the plain cells among the new ones, and return the others."""
        cells = new.difference(self._plan.nulls)
        plain = read(cells if texts else filter(_is_text, cells), self._start, self._lengths)
        memory = self._memory
        memory.values.update(zip(plain.cells, plain.values, strict=True))
        memory.members.update(zip(plain.cells, plain.members, strict=True))
        memory.change_labels.update(dict.fromkeys(plain.changed, NORMALISED))
        return new.difference(plain.cells)

    def _take_by_row(self, new: set[Hashable], plain_of: _PlainOf) -> set[Hashable]:
        """Convert the plain cells whose reading depends on a second one, and return the others."""
        groups: dict[Hashable, dict[Hashable, Hashable]] = {}
        for both in new:
            text, other = both if isinstance(both, tuple) else (both, None)
            if _is_text(text) and text not in self._plan.nulls and not isinstance(other, _Alone):
                groups.setdefault(other, {})[text] = both
        taken: set[Hashable] = set()
        memory = self._memory
        for other, cells in groups.items():
            if len(cells) < _WORTH_A_TABLE:
                continue
            if other not in self._plain_of:
                self._plain_of[other] = plain_of(self._other_cell(other))
            if (read := self._plain_of[other]) is None:
                continue
            plain = read(cells, self._start, self._lengths)
            keys = [cells[text] for text in plain.cells]
            memory.values.update(zip(keys, plain.values, strict=True))
            memory.members.update(zip(keys, plain.members, strict=True))
            memory.change_labels.update((cells[text], NORMALISED) for text in plain.changed)
            taken.update(keys)
        return new - taken

    def _other_cell(self, other: Hashable) -> str | None:
        """Return the cell that decides how another is read, or None if it is empty."""
        text = other.strip() if isinstance(other, str) else None
        return None if text in self._plan.nulls else text

    def _convert(self, cells: Hashable) -> None:
        """Convert one value as `Mapper.map` does, and keep the result."""
        plan, memory = self._plan, self._memory
        row = self._row(cells)
        raw = plan.read(row)
        if raw is None:
            memory.blank.add(cells)
            self._place(cells, plan.when_empty)
            return
        try:
            value = plan.value(raw, row)
        except BadValue:
            if self._is_kept:
                memory.change_labels[cells] = KEPT
                self._place(cells, plan.kept(raw))
            else:
                self._refuse(cells)
            return
        if value != raw and (what := what_changed(plan, raw, value)) is not None:
            memory.change_labels[cells] = what
        if value in ("", []):
            memory.blank.add(cells)
            value = plan.default
        self._place(cells, value)

    def _row(self, cells: Hashable) -> dict[str, JsonValue]:
        several = cells if isinstance(cells, tuple) else (cells,)
        return {
            name: cell.value if isinstance(cell, _Alone) else cell
            for name, cell in zip(self._reads, several, strict=True)
        }

    def _place(self, cells: Hashable, value: JsonValue) -> None:
        memory = self._memory
        if value is None:
            memory.members[cells] = ""
            return
        faulty = self._faulty_fields(value)
        if faulty:
            self._refuse(cells, is_itself=faulty == {self._plan.target})
            return
        memory.members[cells] = self._start + canonical_text(value)
        memory.values[cells] = value

    def _refuse(self, cells: Hashable, *, is_itself: bool = True) -> None:
        """Note that a value cannot be sent, or is left out if the mapping allows that."""
        memory = self._memory
        memory.members[cells] = ""
        if self._is_omittable and is_itself:
            memory.blank.add(cells)
            memory.change_labels[cells] = LEFT_OUT
        else:
            memory.refused.add(cells)

    def _faulty_fields(self, value: JsonValue) -> set[str | None]:
        """Return the field if the schema refuses it, and the fields inside it that it refuses."""
        if self._plan.spec is None:  # a field without a schema
            return set()
        if isinstance(value, str) and len(value) in self._lengths:
            return set()
        name = self._plan.target
        others = {
            other
            for other in self._schema.fields
            if other != name and not other.startswith(f"{name}.")
        }
        return {fault.field for fault in check_record(self._schema, {name: value}, {}, others)}


def _lengths(spec: FieldSpec | None, kind: Kind) -> range:
    """
    Return the lengths of text that a field takes, or no lengths if it has other limits too.

    The form of dates and times is no other limit, if the values are of that `kind`.
    """
    if spec is not None and not spec.has_length_only and not _has_form_only(spec, kind):
        return range(0)
    shortest = spec.min_length if spec is not None else None
    longest = spec.max_length if spec is not None else None
    return range(shortest or 0, sys.maxsize if longest is None else longest + 1)


def _has_form_only(spec: FieldSpec, kind: Kind) -> bool:
    is_time = kind.json_format in {"date", "date-time"} and kind.json_format == spec.format
    return is_time and spec.json_type == "string" and not (spec.enum or spec.pattern)


def _plain_reader(plan: FieldPlan) -> PlainReader | None:
    """Return the reader of plain values for a field that is one unchanged column, or None."""
    if len(plan.reads) != 1 or not _is_unchanged(plan):
        return None
    return plan.kind.plain(plan.options) if plan.kind.plain is not None else None


def _plain_by_row(plan: FieldPlan) -> _PlainOf | None:
    """Return what finds the reader of plain values for a cell of the column that decides."""
    by_column = plan.kind.by_row(plan.options) if plan.kind.by_row is not None else None
    if by_column is None or not _is_unchanged(plan):
        return None
    has_both = len(plan.reads) == 2 and plan.reads[1] == by_column.column
    return by_column.plain if has_both else None


def _is_unchanged(plan: FieldPlan) -> bool:
    source = plan.source
    is_more = source.values or source.split or source.replace or source.after or source.labelled
    return len(source.holds) == 1 and bool(source.columns) and not is_more and not source.unless


def _is_text(cell: Hashable) -> bool:
    return isinstance(cell, str)


def _hashable(value: JsonValue) -> Hashable:
    return value if value is None or isinstance(value, str) else _Alone(value)
