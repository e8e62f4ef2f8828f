"""Reads the export of a CRM: its records, with their ids and the values of canonical fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from importer.core.errors import MappingError
from importer.core.keys import canonical_json
from importer.core.locale.message import Message
from importer.core.paths import walk_leaves
from importer.core.records import Row
from importer.core.shared import OWN_PREFIX, JsonValue
from importer.mapper.cell import read_cell
from importer.mapper.fields.extract import find
from importer.mapper.fields.field_plan import FieldPlan
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.mapping.model import FieldMap
from importer.mapper.schema.object_schema import load_schema
from importer.mapper.suggest.propose import Excerpt, propose
from importer.reconciling.creation_days import days_in
from importer.reconciling.ids import IdForms
from importer.reconciling.list_rows import comparables
from importer.run.survey import Survey

_SAMPLED = 5000


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """
    One record of an export: its id, and the same id in the form on record, if it is known.

    `fields` are its values by field, and `texts` their comparable texts. `days` are the days in its
    cells, by column.
    """

    external_id: str
    known: str | None
    fields: Mapping[str, JsonValue]
    texts: Mapping[str, str]
    days: Mapping[str, date]


@dataclass(slots=True)
class Export:
    """
    The export of a CRM and its `name`. Read it with `records`.

    After that, `ids` counts its records, `without_id` the rows without an id, and `refused` the
    rows that could not be read. `ends` has, for each field by which the records are sorted, whether
    they ascend, and the last value.
    """

    survey: Survey
    name: str
    id_column: str
    plans: Sequence[FieldPlan]
    forms: IdForms
    ids: int = 0
    without_id: int = 0
    refused: int = 0
    ends: dict[str, tuple[bool, str]] = field(default_factory=dict)

    @property
    def fields(self) -> frozenset[str]:
        """The fields that it has a column for."""
        return frozenset(plan.target for plan in self.plans)

    def records(self) -> Iterator[ExportRecord]:
        """Yield each record once, also if it has several rows."""
        seen: set[str] = set()
        order = _SortedFields()
        for batch in self.survey.batches():
            for index in range(len(batch)):
                row = batch.row(index)
                if not isinstance(row, Row):
                    self.refused += 1
                    continue
                text = _text(find(row.values, self.id_column))
                if not text:
                    self.without_id += 1
                elif text not in seen:
                    seen.add(text)
                    record = self._record(text, row.values)
                    order.see(record.texts)
                    yield record
        self.ids, self.ends = len(seen), order.ends()

    def _record(self, text: str, values: Mapping[str, JsonValue]) -> ExportRecord:
        fields = {}
        for plan in self.plans:
            cell = read_cell(plan, values)
            value = cell.value if cell.bad is None else cell.raw  # as it is, if it cannot be read
            if value not in (None, "", []):
                fields[plan.target] = value
        return ExportRecord(
            external_id=IdForms.plain(text),
            known=self.forms.known(text),
            fields=fields,
            texts=comparables(fields),
            days=days_in(values),
        )


class _SortedFields:
    """Finds the fields by which records are sorted."""

    def __init__(self) -> None:
        self._last: dict[str, str] = {}
        self._ways: dict[str, set[bool]] = {}

    def see(self, texts: Mapping[str, str]) -> None:
        for name, text in texts.items():
            last = self._last.get(name, text)
            if text != last:
                self._ways.setdefault(name, set()).add(text > last)
            self._last[name] = text

    def ends(self) -> dict[str, tuple[bool, str]]:
        return {
            name: (next(iter(ways)), self._last[name])
            for name, ways in self._ways.items()
            if len(ways) == 1
        }


def _text(value: JsonValue) -> str:
    return "" if value is None or isinstance(value, bool) else str(value).strip()


def mapping_of_export(
    survey: Survey, object_: str, id_column: str, stated: FieldMap | None
) -> Sequence[FieldPlan]:
    """
    Return the mapping of an export: the `stated` one, or one by the words of its headers.

    Raises `MappingError` if the export lacks a column of the stated mapping.
    """
    mapper = (
        _suggested(survey, object_, id_column)
        if stated is None
        else _mapper(survey, object_, stated)
    )
    if survey.has_header:
        mapper.check_columns(survey.columns)
    else:
        mapper.check_keys(survey.paths)
    return [plan for plan in mapper.plans if plan.reads]


def _mapper(survey: Survey, object_: str, mapping: FieldMap) -> Mapper:
    return Mapper(mapping, object_, null=survey.options.null)


def _suggested(survey: Survey, object_: str, id_column: str) -> Mapper:
    columns = [
        name for name in survey.columns if name != id_column and not name.startswith(OWN_PREFIX)
    ]
    leaves = [dict(walk_leaves(row.values)) for row in survey.first_rows(_SAMPLED)]
    cells = [[row.get(column) for row in leaves] for column in columns]
    samples = [[_sample(cell) for cell in column] for column in cells]
    rows = Excerpt(columns=columns, values=samples, cells=cells)
    proposal = propose(load_schema(object_), rows)
    try:
        return _mapper(survey, object_, parse_mapping(proposal.draft.text.encode()))
    except MappingError as error:
        raise MappingError(
            "%(name)s: no column is known by its header to have a value by which an object "
            "%(object)s is recognised",
            name=survey.name,
            object=object_,
            hint=Message(
                "Name the columns in a mapping file, and give it with --mapping. The columns are: "
                "%(columns)s.",
                columns=", ".join(survey.columns),
            ),
        ) from error


def _sample(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return canonical_json(value).decode()
