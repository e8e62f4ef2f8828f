"""Maps rows to records, and reports all faults of a row."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self

from importer.core import keys
from importer.core.errors import MappingError
from importer.core.locale.message import Message, faults_in
from importer.core.records import Record, Rejected, Row, RowError
from importer.core.shared import JsonValue
from importer.mapper.advice import Advice
from importer.mapper.cell import Cell, Change, left_out_label, read_cell
from importer.mapper.columns import (
    column_notices,
    key_notices,
    unknown_fields,
)
from importer.mapper.faults import NO_FIELDS, ONLY_REST, check_record, missing
from importer.mapper.fields.extract import cell_reader, find, set_field
from importer.mapper.fields.field_plan import FieldPlan, plan_field
from importer.mapper.mapping.model import FieldMap, FieldMapping
from importer.mapper.mapping.rest import with_rest
from importer.mapper.schema.extend import extended_schema
from importer.mapper.schema.object_schema import ObjectSchema
from importer.mapper.schema.text_file import WRITES_ONE

if TYPE_CHECKING:
    from importer.mapper.block import MappedBlock
    from importer.mapper.series import Columns, FieldConverter


_ALL_THE_SAME = Message("it is sent all the same")


class Mapper:
    """
    Maps the rows of one source to records of one object.

    `null` are texts that mean "empty", in addition to those in the mapping's `[read]`. `plans` has
    the functions of each field, in the order of the mapping. Raises `MappingError` for a mapping
    that no row could satisfy: one for another object, without a required field, or with a key that
    does not apply to its type. If it is `strict` or the schema is closed, unknown fields are
    refused too.
    """

    def __init__(
        self,
        mapping: FieldMap,
        object_: str,
        *,
        null: Collection[str] = (),
        strict: bool = False,
    ) -> None:
        if mapping.object not in {None, object_}:
            raise MappingError(
                "%(name)s is for the object %(object)s, and the import for %(object_2)s.",
                name=mapping.name,
                object=mapping.object,
                object_2=object_,
                hint=Message(
                    "Use --object %(object)s, or the mapping of %(object_2)s.",
                    object=mapping.object,
                    object_2=object_,
                ),
            )
        self.schema = extended_schema(object_, mapping.own)
        if strict or self.schema.closed:
            self._refuse_unknown_fields(mapping)
        self._nulls = {"", *(word.strip() for word in (*mapping.read.null, *null))}
        self._use(mapping)
        self._check_needed()
        self._check_omittable()

    @classmethod
    def on_record(
        cls, form: Mapping[str, Any], object_: str, *, null: Collection[str]
    ) -> Self | None:
        """Return the mapper of a mapping on record, or None if this version cannot use it."""
        try:
            return cls(FieldMap.from_json(form), object_, null=null)
        except (MappingError, TypeError, KeyError, ValueError):
            return None

    def _use(self, mapping: FieldMap) -> None:
        self.mapping = mapping
        self.plans = _plan(mapping, self.schema, self._nulls)
        vars(self).pop("_converters", None)
        self._sources = {plan.target: plan.source for plan in self.plans}
        self._omittable = {plan.target for plan in self.plans if plan.source.on_error == "omit"}
        self._advice = Advice(self._plan_of, self._needed())

    def _plan_of(self, source: FieldMapping) -> FieldPlan:
        return plan_field(source, self.schema, self._nulls, self._sources)

    def _needed(self) -> frozenset[str]:
        """Return the fields without which no row is sent."""
        known = {*self.schema.any_of} & {plan.path[0] for plan in self.plans}
        only = known if len(known) == 1 else ()
        return frozenset((*self.schema.required, *(self.mapping.identity or ()), *only))

    def _take_rest(self, columns: Sequence[str]) -> None:
        """Map the columns that no line names, as `rest` of the mapping says."""
        if self.mapping.rest is not None:
            self._use(with_rest(self.mapping, self.schema.fields, self.mapped_columns, columns))

    @property
    def mapped_columns(self) -> tuple[str, ...]:
        """The columns that the mapping reads, in its order, each once."""
        return tuple(dict.fromkeys(name for plan in self.plans for name in plan.reads))

    def cells_hash(self, row: Row) -> str | None:
        """Return the hash of the mapped cells, as they are; None without any."""
        cells = {one: cell_reader(one, self._nulls)(row.values) for one in self.mapped_columns}
        given = {column: value for column, value in cells.items() if value is not None}
        with suppress(ValueError):  # such as NaN: no row that was read has it
            return keys.source_hash(given) if given else None
        return None

    def check_columns(self, columns: Sequence[str]) -> list[Message]:
        """
        Compare the mapping with the columns of a CSV file. Returns what a person should know.

        If the mapping has a `rest`, the columns that no line names are mapped from now on.
        Raises `MappingError` if a mapped column is not in the file.
        """
        self._take_rest(columns)
        found = column_notices(self.mapping, self.mapped_columns, columns)
        return found + unknown_fields(self.mapping, self.schema, _ALL_THE_SAME)

    def check_keys(self, seen: Collection[str]) -> list[Message]:
        """
        Compare the mapping with the keys seen in a JSONL file. Returns what a person should know.

        Rows may lack keys, so `MappingError` is raised only for a mapped column that no row has and
        whose name is close to a key that was seen. A `rest` is mapped as in `check_columns`.
        """
        self._take_rest(sorted(seen))
        found = key_notices(self.mapping, self.mapped_columns, seen)
        return found + unknown_fields(self.mapping, self.schema, _ALL_THE_SAME)

    def map_columns(self, columns: Columns, rows: int) -> MappedBlock:
        """
        Map many rows at once: field by field, each distinct value once.

        The result is that of `map`, many times faster. `columns` has the values of each mapped
        column, one for each of the `rows`.
        """
        from importer.mapper.block import MappedBlock

        fields = [one.series(columns, rows) for one in self._converters]
        return MappedBlock(self.schema, self.mapping.identity, fields, rows)

    @cached_property
    def _converters(self) -> list[FieldConverter]:
        from importer.mapper.series import FieldConverter  # polars takes long to load

        return [FieldConverter(plan, self.schema) for plan in self.plans]

    def map_rows(self, rows: Sequence[Row]) -> list[Record | Rejected]:
        """Return the result of `map` for each of some rows, several times faster."""
        if not rows:
            return []
        columns = {name: [find(row.values, name) for row in rows] for name in self.mapped_columns}
        records = self.map_columns(columns, len(rows)).records(dict(enumerate(rows)))
        return [records.get(at) or self.map(row) for at, row in enumerate(rows)]

    def map(self, row: Row) -> Record | Rejected:
        """Return the record of a row, or a `Rejected` with all its faults. A pure function."""
        return self._map(row, [read_cell(plan, row.values) for plan in self.plans])

    def map_readable(self, row: Row) -> Record | None:
        """Return the record of the values of a refused row that are right; None without any."""
        cells = [read_cell(plan, row.values) for plan in self.plans]
        fields = self._fields([Cell(None) if cell.bad is not None else cell for cell in cells])
        for fault in check_record(self.schema, fields, self._sources, frozenset()):
            if fault.field is not None and find(fields, fault.field) is not None:
                _remove(fields, fault.field.split("."))
        if not fields:
            return None
        identity = tuple(find(fields, name) for name in self.mapping.identity or ())
        is_whole = bool(identity) and None not in identity
        return Record(
            row=row,
            object=self.schema.name,
            fields=fields,
            identity=identity if is_whole else None,
        )

    def map_with_changes(self, row: Row) -> tuple[Record | Rejected, list[Change]]:
        """Return the result of `map`, and each value that a record has in another form."""
        cells = [read_cell(plan, row.values) for plan in self.plans]
        mapped = self._map(row, cells)
        labels = dict(mapped.changes) if isinstance(mapped, Record) else {}
        read = zip(self.plans, cells, strict=True)
        return mapped, [
            Change.of(plan, cell, labels[plan.target])
            for plan, cell in read
            if plan.target in labels
        ]

    def _fields(self, cells: Sequence[Cell]) -> dict[str, JsonValue]:
        fields: dict[str, JsonValue] = {}
        for plan, cell in zip(self.plans, cells, strict=True):
            if cell.sent is not None:
                set_field(fields, plan.path, cell.sent)
        return fields

    def _map(self, row: Row, cells: Sequence[Cell]) -> Record | Rejected:
        faults: list[RowError] = []
        left_out: list[RowError] = []
        read = list(zip(self.plans, cells, strict=True))
        for plan, cell in read:
            if cell.bad is not None and not cell.is_kept:
                fault = self._advice.fault(plan, cell.raw, row.values, cell.bad)
                (faults if plan.source.on_error == "refuse" else left_out).append(fault)
        given = {p.target for p, cell in read if not (cell.is_blank or p.source.is_extra)}
        fields = self._fields(cells)
        found = self._faults(fields, faults)
        if broken := [fault for fault in found if fault.field in self._omittable]:
            left_out += broken
            for name in [fault.field or "" for fault in broken]:
                _remove(fields, name.split("."))
                given.discard(name)
            found = self._faults(fields, faults)
        if not given and not faults:
            nothing = NO_FIELDS if all(cell.is_blank for cell in cells) else ONLY_REST
            return self._rejected(row, self._with_hints(fields, left_out) or [nothing])
        if any(fault.field is None for fault in found):  # a field left out may be why
            faults += left_out
        faults += found
        identity, lacking = self._identity(fields, faults)
        if faults or lacking:
            return self._rejected(row, [*self._with_hints(fields, faults), *lacking])
        omitted = {fault.field for fault in left_out}
        labels = [
            (plan.target, left_out_label(cell.raw) if plan.target in omitted else cell.label)
            for plan, cell in read
        ]
        return Record(
            row=row,
            object=self.schema.name,
            fields=fields,
            identity=identity,
            left_out=tuple(plan.target for plan in self.plans if plan.target in omitted),
            kept=tuple(plan.target for plan, cell in read if cell.is_kept),
            changes=tuple(sorted((name, what) for name, what in labels if what is not None)),
        )

    def _rejected(self, row: Row, faults: Sequence[RowError]) -> Rejected:
        return Rejected(
            number=row.number,
            line=row.line,
            source=row.source,
            error=faults[0],
            raw="",
            row=row,
            more=tuple(faults[1:]),
            cells_hash=self.cells_hash(row),
        )

    def _faults(self, fields: dict[str, JsonValue], faults: Sequence[RowError]) -> list[RowError]:
        """Check the values of a row by the schema, and its rules between fields."""
        faulted = {fault.field for fault in faults if fault.field is not None}
        return check_record(self.schema, fields, self._sources, faulted)

    def _with_hints(
        self, fields: Mapping[str, JsonValue], faults: Sequence[RowError]
    ) -> list[RowError]:
        """Return the faults with what to do about each, which depends on the others."""
        good = fields.keys() - {fault.field for fault in faults}
        only = set(self.schema.any_of if good.isdisjoint(self.schema.any_of) else ())
        return [
            self._advice.with_hint(self._sources.get(one.field or ""), one, only) for one in faults
        ]

    def _identity(
        self, fields: Mapping[str, JsonValue], faults: Sequence[RowError]
    ) -> tuple[tuple[JsonValue, ...] | None, list[RowError]]:
        if self.mapping.identity is None:
            return None, []
        values = tuple(find(fields, name) for name in self.mapping.identity)
        reported = {fault.field for fault in faults}
        lacking = [
            missing(self._sources[name], name)
            for name, value in zip(self.mapping.identity, values, strict=True)
            if value is None and name not in reported
        ]
        return values, lacking

    def _refuse_unknown_fields(self, mapping: FieldMap) -> None:
        unknown = unknown_fields(mapping, self.schema, Message("nothing is sent"))
        if unknown:
            raise MappingError(
                faults_in(mapping.name, unknown),
                hint=Message(
                    "Correct the name (`vorel-import schema %(object)s` shows all), or describe a "
                    "field of your own in [schema].",
                    object=self.schema.name,
                ),
            )

    def _check_omittable(self) -> None:
        needed = {*self.schema.required, *(self.mapping.identity or ())} & self._omittable
        if needed:
            name = min(needed)
            raise MappingError(
                "%(name)s: %(key)s: on_error: no row is sent without it, so a bad value cannot be "
                "left out.",
                name=self.mapping.name,
                key=name,
                hint='Remove on_error = "omit" from the line.',
            )

    def _check_needed(self) -> None:
        """Refuse a mapping for which every row would be refused."""
        roots = {plan.path[0] for plan in self.plans}
        named = roots | self._sources.keys()
        lacking = [
            name
            for name in self.schema.required
            if name not in named and name.partition(".")[0] not in self._sources
        ]
        if lacking:
            raise MappingError(
                "%(name)s: every %(object)s needs %(names)s, and nothing is mapped there.",
                name=self.mapping.name,
                object=self.schema.name,
                names=lacking,
                hint=_how_to_add(lacking[0], self.schema),
            )
        if self.schema.any_of and roots.isdisjoint(self.schema.any_of):
            raise MappingError(
                "%(name)s: every %(object)s needs at least one of %(names)s, and nothing is mapped "
                "to any of them.",
                name=self.mapping.name,
                object=self.schema.name,
                names=self.schema.any_of,
                hint=Message(
                    'Add a line to [fields]: %(key)s = "<column>".', key=self.schema.any_of[0]
                ),
            )


def _how_to_add(name: str, schema: ObjectSchema) -> Message:
    spec = schema.spec(name)
    if spec is not None and spec.kind == "datetime":
        return Message(
            "Give map the time zone of times without one, as in --timezone Asia/Dubai, or add a "
            'line to [fields] for each: %(key)s = { column = "<column>", timezone = "Asia/Dubai" '
            "}.",
            key=name,
        )
    return Message('Add a line to [fields] for each: %(key)s = "<column>".', key=name)


def _plan(mapping: FieldMap, schema: ObjectSchema, nulls: set[str]) -> tuple[FieldPlan, ...]:
    plans, faults = [], []
    others = {source.field: source for source in mapping.fields}
    for source in mapping.fields:
        try:
            plans.append(plan_field(source, schema, nulls, others))
        except ValueError as error:
            faults.append(Message("%(field)s: %(fault)s.", field=source.field, fault=error))
    for plan in plans:
        constant = plan.when_empty if plan.source.const is not None else plan.default
        if constant is not None:
            faults += _constant_faults(schema, plan, constant)
    if faults:
        raise MappingError(faults_in(mapping.name, faults), hint=WRITES_ONE)
    return tuple(plans)


def _constant_faults(schema: ObjectSchema, plan: FieldPlan, value: JsonValue) -> list[Message]:
    """Check a constant by the schema, since every row would be refused for a wrong one."""
    if len(plan.path) > 1:
        return []
    constant = {plan.target: value}
    sources: dict[str, FieldMapping] = {}
    faults = check_record(schema, constant, sources, {*schema.required} - {plan.target})
    return [fault.message for fault in faults if fault.field == plan.target]


def _remove(fields: dict[str, Any], path: Sequence[str]) -> None:
    """Remove a value, and the objects around it that are empty then."""
    first, *rest = path
    if rest:
        _remove(fields[first], rest)
    if not rest or not fields[first]:
        del fields[first]
