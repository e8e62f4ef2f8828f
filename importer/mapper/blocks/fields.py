"""Builds one field for some rows, converting each distinct cell once."""

from __future__ import annotations

import sys
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

from importer.keys import canonical_text
from importer.mapper.changes import KEPT, NORMALISED, left_out_label, what_changed
from importer.mapper.faults import check_record
from importer.mapper.fields.plan import FieldPlan
from importer.mapper.schema.objects import FieldSpec, ObjectSchema
from importer.mapper.values.kind import Kind
from importer.mapper.values.plain.texts import PlainReader
from importer.mapper.values.text import BadValue, LostValue
from importer.shared import JsonValue

__all__ = ["WORTH_A_TABLE", "FieldBlock", "FieldMaker"]

# If a field has more distinct texts, they are not kept from one block to the next.
_REMEMBERED = 8192
WORTH_A_TABLE = 64
"""Fewer new texts are converted one by one."""


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

    def values(self) -> list[JsonValue]:
        """Return the value that is sent for each row, or None if the field is left out."""
        return list(map(self.memory.values.get, self.cells))


class FieldMaker:
    """Builds one field from whole columns."""

    def __init__(self, plan: FieldPlan, schema: ObjectSchema) -> None:
        self.plan = plan
        self.memory = _Memory()
        self.start = f",{canonical_text(plan.path[-1])}:"
        self.lengths = _lengths(plan.spec, plan.kind)
        self.read_plain = _plain_reader(plan) if self.lengths else None
        self._schema = schema
        self._is_omittable = plan.source.on_error == "omit"
        self._is_kept = plan.source.on_error == "keep"
        self._plain_by_row = _plain_by_row(plan) if self.lengths else None
        self._plain_of: dict[Hashable, PlainReader | None] = {}

    def make(
        self, columns: Mapping[str, Sequence[JsonValue]], rows: int, *, texts: bool
    ) -> FieldBlock:
        """Build the field for `rows` rows. With `texts`, all cells are texts or None."""
        cells = self._cells(columns, rows, texts=texts)
        self.learn(cells, texts=texts)
        return FieldBlock(self.plan, cells, self.memory)

    def learn(self, cells: Sequence[Hashable], *, texts: bool) -> None:
        """
        Convert the cells that are not in the memory yet, which is replaced if it is too large.

        With `texts`, cells of a single column are texts or None.
        """
        if len(self.memory.members) > _REMEMBERED:
            self.memory = _Memory()
        new = set(cells).difference(self.memory.members)
        if self.read_plain is not None and len(new) >= WORTH_A_TABLE:
            new = self._take_plain(new, self.read_plain, texts=texts)
        elif self.reads_by_row and len(new) >= WORTH_A_TABLE:
            new = self._take_by_row(new)
        for one in new:
            self._convert(one)

    @property
    def reads_by_row(self) -> bool:
        """Whether the reader of plain cells depends on the cell of a second column."""
        return self._plain_by_row is not None

    def plain_reader_for(self, other: Hashable) -> PlainReader | None:
        """Return the reader of plain cells beside the cell `other`, or None if there is none."""
        if self._plain_by_row is None:
            return None
        if other not in self._plain_of:
            self._plain_of[other] = self._plain_by_row(self._other_cell(other))
        return self._plain_of[other]

    def _cells(
        self, columns: Mapping[str, Sequence[JsonValue]], rows: int, *, texts: bool
    ) -> Sequence[Hashable]:
        read: list[Sequence[Hashable]] = [
            columns[name] if texts else list(map(_hashable, columns[name]))
            for name in self.plan.reads
        ]
        if len(read) == 1:
            return read[0]
        return list(zip(*read, strict=True)) if read else [()] * rows

    def _take_plain(self, new: set[Hashable], read: PlainReader, *, texts: bool) -> set[Hashable]:
        """Convert the plain cells among the new ones, and return the others."""
        cells = [*(new if texts else filter(_is_text, new))]
        return new - self._take(read, dict(zip(cells, cells, strict=True)))

    def _take_by_row(self, new: set[Hashable]) -> set[Hashable]:
        """Convert the plain cells whose reading depends on a second one, and return the others."""
        groups: dict[Hashable, dict[Hashable, Hashable]] = {}
        for both in new:
            text, other = both if isinstance(both, tuple) else (both, None)
            if _is_text(text) and not isinstance(other, _Alone):
                groups.setdefault(other, {})[text] = both
        taken: set[Hashable] = set()
        for other, cells in groups.items():
            if len(cells) < WORTH_A_TABLE:
                continue
            if (read := self.plain_reader_for(other)) is not None:
                taken |= self._take(read, cells)
        return new - taken

    def _take(self, read: PlainReader, cells: dict[Hashable, Hashable]) -> set[Hashable]:
        """Convert the plain texts among `cells`, and return the cells of the memory for them."""
        texts = pl.Series([*cells], dtype=pl.String)
        table = pl.DataFrame({"text": texts, "value": self.plain_values(read, texts)}).drop_nulls()
        taken = [cells[text] for text in table["text"]]
        memory = self.memory
        values = table["value"].to_list()
        memory.values.update(zip(taken, values, strict=True))
        memory.members.update(zip(taken, self.members_of(table["value"]), strict=True))
        is_changed = table["text"] != table["value"]
        memory.change_labels.update(
            (one, NORMALISED) for one, is_other in zip(taken, is_changed, strict=True) if is_other
        )
        return {*taken}

    def plain_values(self, read: PlainReader, cells: pl.Series) -> pl.Series:
        """Return the value of each plain cell, and null for the others and those that mean none."""
        found = pl.DataFrame({"cell": cells, "value": read(cells)})
        lengths = pl.col("value").str.len_chars()
        is_right = lengths.is_between(self.lengths.start, self.lengths.stop, closed="left")
        if nulls := sorted(self.plan.nulls - {""}):
            is_right &= ~pl.col("cell").is_in(nulls)
        return found.select(value=pl.when(is_right).then("value"))["value"]

    def members_of(self, values: pl.Series) -> pl.Series:
        """Return the members in canonical JSON for texts without control characters."""
        text = pl.col("text")
        for mark in ("\\", '"'):
            text = text.str.replace_all(mark, f"\\{mark}", literal=True)
        member = pl.lit(f'{self.start}"') + text + '"'
        return values.to_frame("text").select(member.alias("member"))["member"]

    def _other_cell(self, other: Hashable) -> str | None:
        """Return the cell that decides how another is read, or None if it is empty."""
        text = other.strip() if isinstance(other, str) else None
        return None if text in self.plan.nulls else text

    def _convert(self, cells: Hashable) -> None:
        """Convert one value as `Mapper.map` does, and keep the result."""
        plan, memory = self.plan, self.memory
        row = self._row(cells)
        raw = plan.read(row)
        if raw is None:
            memory.blank.add(cells)
            self._place(cells, plan.when_empty)
            return
        try:
            value = plan.value(raw, row)
        except BadValue as bad:
            if not self._is_kept:
                self._refuse(cells, raw)
            elif isinstance(bad, LostValue):
                self._leave_out(cells, raw)
            else:
                memory.change_labels[cells] = KEPT
                self._place(cells, plan.kept(raw))
            return
        if value != raw and (what := what_changed(plan, raw, value)) is not None:
            memory.change_labels[cells] = what
        if value in ("", []):
            memory.blank.add(cells)
            value = plan.default
        self._place(cells, value, raw)

    def _row(self, cells: Hashable) -> dict[str, JsonValue]:
        several = cells if isinstance(cells, tuple) else (cells,)
        return {
            name: cell.value if isinstance(cell, _Alone) else cell
            for name, cell in zip(self.plan.reads, several, strict=True)
        }

    def _place(self, cells: Hashable, value: JsonValue, raw: JsonValue = None) -> None:
        memory = self.memory
        if value is None:
            memory.members[cells] = ""
            return
        faulty = self._faulty_fields(value)
        if faulty:
            self._refuse(cells, raw, is_itself=faulty == {self.plan.target})
            return
        memory.members[cells] = self.start + canonical_text(value)
        memory.values[cells] = value

    def _refuse(self, cells: Hashable, raw: JsonValue, *, is_itself: bool = True) -> None:
        """Note that a value cannot be sent, or is left out if the mapping allows that."""
        if self._is_omittable and is_itself:
            self._leave_out(cells, raw)
        else:
            self.memory.members[cells] = ""
            self.memory.refused.add(cells)

    def _leave_out(self, cells: Hashable, raw: JsonValue) -> None:
        self.memory.members[cells] = ""
        self.memory.blank.add(cells)
        self.memory.change_labels[cells] = left_out_label(raw)

    def _faulty_fields(self, value: JsonValue) -> set[str | None]:
        """Return the field if the schema refuses it, and the fields inside it that it refuses."""
        if self.plan.spec is None:  # a field without a schema
            return set()
        if isinstance(value, str) and len(value) in self.lengths:
            return set()
        name = self.plan.target
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
