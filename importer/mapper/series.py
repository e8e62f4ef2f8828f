"""Converts the cells of one field, column by column: each distinct one once."""

from __future__ import annotations

import json
import sys
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import polars as pl

from importer.core.keys import canonical_text
from importer.core.shared import JsonValue
from importer.mapper.cell import left_out_label, read_cell
from importer.mapper.faults import check_record
from importer.mapper.fields.field_plan import FieldPlan
from importer.mapper.schema.object_schema import FieldSpec, ObjectSchema
from importer.mapper.values.json_values import as_number
from importer.mapper.values.kind import NORMALISED, ColumnReader, Kind

_WORTH_A_TABLE = 64
"""Fewer distinct texts are converted one by one."""

Columns = Mapping[str, Sequence[JsonValue]] | pl.DataFrame
"""The values of each column, one for each row; None or "" if a row has none."""


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

    def values(self, rows: Sequence[int] | None = None) -> list[JsonValue]:
        """Return the values in some rows, or in all for None. It is None if a field is left out."""
        members = self.members if rows is None else self.members[rows]
        texts = self.texts if rows is None else self.texts[rows]
        values: list[JsonValue] = texts.to_list()
        for at in (texts.is_null() & (members != "")).arg_true():
            values[at] = _value_of(members[at])
        return values


_COLUMNS = {
    "members": pl.String,
    "texts": pl.String,
    "labels": pl.String,
    "refused": pl.Boolean,
    "blank": pl.Boolean,
}


class _Converted(NamedTuple):
    """What is sent for the cells of one row, with the attributes of `FieldSeries`."""

    members: str = ""
    texts: str | None = None
    labels: str | None = None
    refused: bool = False
    blank: bool = False


class _Alone:
    """A JSON value that is not a text. It equals nothing else, since 1 would equal true."""

    __slots__ = ("value",)

    def __init__(self, value: JsonValue) -> None:
        self.value = value


def _number(text: str) -> JsonValue:
    return as_number(Decimal(text))


def _value_of(member: str) -> JsonValue:
    """Return the value in a member of canonical JSON with a comma before it."""
    (value,) = json.loads(f"{{{member[1:]}}}", parse_float=_number).values()
    return value  # type: ignore[no-any-return]


class FieldConverter:
    """
    Converts the cells of one field.

    The reader of whole columns that the kind has takes those that are plainly written, and
    `read_cell` the others, one by one. A field depends only on the cells that it is read from, and
    cells repeat, so each distinct one is converted once.
    """

    def __init__(self, plan: FieldPlan, schema: ObjectSchema) -> None:
        self.plan = plan
        self._schema = schema
        self._start = f",{canonical_text(plan.path[-1])}:"
        self._lengths = _lengths(plan.spec, plan.kind)
        self._read = _column_reader(plan) if self._lengths else None

    def series(self, columns: Columns, rows: int) -> FieldSeries:
        """Return the field in each of `rows` rows; `columns` has at least those that it reads."""
        read = [_as_texts(columns[name]) for name in self.plan.reads]
        texts = [one for one in read if one is not None]
        if texts and len(texts) == len(read):
            table = self._of_texts(pl.DataFrame({str(at): one for at, one in enumerate(texts)}))
        else:
            cells = self.cells(columns) if read else [()] * rows
            table = self._converted(cells)
        return FieldSeries(
            self.plan, **{name: table[name] for name in _COLUMNS if name in table.columns}
        )

    def cells(self, columns: Columns) -> Sequence[Hashable]:
        """Return the cells of each row: alone, or those of several columns in a tuple."""
        read = [list(map(_hashable, columns[name])) for name in self.plan.reads]
        return read[0] if len(read) == 1 else list(zip(*read, strict=True))

    def _of_texts(self, cells: pl.DataFrame) -> pl.DataFrame:
        """Return what rows of texts become, as a table with the columns of `FieldSeries`."""
        if 2 * cells["0"].n_unique() >= cells.height:  # hardly any of them is there twice
            return self._of_distinct(cells)
        distinct = cells.unique(maintain_order=True)
        found = self._of_distinct(distinct)
        keys = distinct.columns
        both = pl.concat([distinct, found], how="horizontal")
        return cells.join(both, on=keys, how="left", maintain_order="left").drop(keys)

    def _of_distinct(self, cells: pl.DataFrame) -> pl.DataFrame:
        if self._read is None or cells.height < _WORTH_A_TABLE:
            return self._one_by_one(cells)
        values = self._plain_values(self._read, cells)
        is_exact = values.is_null()
        if not is_exact.any():
            return self._plain(cells["0"], values)
        is_plain = ~is_exact
        plain = self._plain(cells["0"].filter(is_plain), values.filter(is_plain))
        exact = self._one_by_one(cells.filter(is_exact))
        order = pl.concat([is_plain.arg_true(), is_exact.arg_true()]).arg_sort()
        both = pl.concat([plain, exact], how="diagonal")[order]
        return both.with_columns(pl.col(pl.Boolean).fill_null(value=False))

    def _plain_values(self, read: ColumnReader, cells: pl.DataFrame) -> pl.Series:
        """Return the value of each plain cell, and null for the others and those that mean none."""
        nulls = sorted(self.plan.nulls - {""})
        table = cells.rename({"0": "cell"})
        if "1" in cells.columns:
            other = pl.col("1").str.strip_chars()
            is_given = ~other.is_in(["", *nulls])
            table = table.select("cell", other=pl.when(is_given).then(other))
        found = pl.DataFrame({"cell": cells["0"], "value": read(table)})
        lengths = pl.col("value").str.len_chars()
        is_right = lengths.is_between(self._lengths.start, self._lengths.stop, closed="left")
        if nulls:
            is_right &= ~pl.col("cell").is_in(nulls)
        return found.select(value=pl.when(is_right).then("value"))["value"]

    def _plain(self, cells: pl.Series, values: pl.Series) -> pl.DataFrame:
        """Return what plain cells become: texts without control characters."""
        text = pl.col("texts")
        for mark in ("\\", '"'):
            text = text.str.replace_all(mark, f"\\{mark}", literal=True)
        members = (pl.lit(f'{self._start}"') + text + '"').alias("members")
        table = values.to_frame("texts").select(members, "texts")
        is_changed = cells != values
        if not is_changed.any():
            return table
        labels = is_changed.to_frame("is").select(one=pl.when("is").then(pl.lit(NORMALISED)))
        return table.with_columns(labels=labels["one"])

    def _one_by_one(self, cells: pl.DataFrame) -> pl.DataFrame:
        return self._converted(cells["0"].to_list() if cells.width == 1 else cells.rows())

    def _converted(self, cells: Sequence[Hashable]) -> pl.DataFrame:
        places = {one: at for at, one in enumerate(dict.fromkeys(cells))}
        rows = list(map(self._convert, places))
        columns = zip(*rows, strict=True) if rows else [()] * len(_COLUMNS)
        given = {
            name: values
            for name, values in zip(_COLUMNS, columns, strict=True)
            if name in {"members", "texts"} or any(values)
        }
        table = pl.DataFrame(given, schema={name: _COLUMNS[name] for name in given})
        return table[[places[one] for one in cells]] if len(rows) < len(cells) else table

    def _convert(self, cells: Hashable) -> _Converted:
        plan = self.plan
        several = cells if isinstance(cells, tuple) else (cells,)
        values = (one.value if isinstance(one, _Alone) else one for one in several)
        cell = read_cell(plan, dict(zip(plan.reads, values, strict=True)))
        if cell.bad is not None and not cell.is_kept and plan.source.on_error == "refuse":
            return _REFUSED
        if cell.sent is None:
            return _Converted(labels=cell.label, blank=cell.is_blank)
        faulty = self._faulty_fields(cell.sent)
        if faulty:
            is_itself = plan.source.on_error == "omit" and faulty == {plan.target}
            left_out = _Converted(labels=left_out_label(cell.raw), blank=True)
            return left_out if is_itself else _REFUSED
        return _Converted(
            members=self._start + canonical_text(cell.sent),
            texts=cell.sent if isinstance(cell.sent, str) else None,
            labels=cell.label,
            blank=cell.is_blank,
        )

    def _faulty_fields(self, value: JsonValue) -> set[str | None]:
        """Return the field if the schema refuses it, and the fields inside it that it refuses."""
        if self.plan.spec is None:  # a field without a schema
            return set()
        if isinstance(value, str) and len(value) in self._lengths:
            return set()
        name = self.plan.target
        others = {
            other
            for other in self._schema.fields
            if other != name and not other.startswith(f"{name}.")
        }
        return {fault.field for fault in check_record(self._schema, {name: value}, {}, others)}


_REFUSED = _Converted(refused=True)


def _as_texts(values: Sequence[JsonValue] | pl.Series) -> pl.Series | None:
    """Return a column of texts, or None if it has other values or what UTF-8 cannot hold."""
    if isinstance(values, pl.Series):
        return values
    try:
        return pl.Series(values, dtype=pl.String, strict=True).fill_null("")
    except (TypeError, UnicodeEncodeError):
        return None


def _hashable(value: JsonValue) -> Hashable:
    return value if value is None or isinstance(value, str) else _Alone(value)


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


def _column_reader(plan: FieldPlan) -> ColumnReader | None:
    """Return the reader of whole columns for a field that is one unchanged column, or None."""
    source = plan.source
    is_more = source.values or source.split or source.replace or source.after or source.labelled
    is_changed = is_more or len(source.holds) != 1 or not source.columns or source.unless
    reads = (*source.columns, *source.deciding)
    if is_changed or plan.reads != reads or plan.kind.column_reader is None:
        return None
    return plan.kind.column_reader(plan.options)
