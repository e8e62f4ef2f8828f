"""Shows, for the first values of each column, what would be sent of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from importer.core.errors import MappingError
from importer.core.shared import JsonValue
from importer.mapper.cell import read_cell
from importer.mapper.mapper import Mapper
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.schema.own_fields import load_own_fields

if TYPE_CHECKING:
    from importer.mapper.fields.field_plan import FieldPlan
    from importer.suggesting.sampling import Sample
    from importer.ui.store.folder import Import


@dataclass(frozen=True, slots=True)
class Sent:
    """
    What is sent of one value: its text.

    If there is none, `how` says what becomes of it: its row is "held back", or it is "left out".
    """

    text: str
    how: Literal["", "held back", "left out"] = ""


class Preview:
    """
    Maps single values of a sample as the mapping file with this `text` says.

    Of a mapping that no row could satisfy, nothing is sent.
    """

    def __init__(self, text: str, one: Import, sample: Sample) -> None:
        self._plans: Mapping[str, FieldPlan] = {}
        try:
            mapping = parse_mapping(text)
            if one.schema is not None:
                mapping = mapping.with_fields(load_own_fields(one.schema))
            mapper = Mapper(mapping, one.state.object)
        except MappingError:
            pass
        else:
            self._plans = {plan.target: plan for plan in mapper.plans}
        self._columns = dict(zip(sample.columns, sample.cells or sample.values, strict=True))

    def sent(self, field: str, rows: Sequence[int]) -> Iterator[Sent]:
        """Yield what becomes of a field in each of these rows, counted from 0."""
        plan = self._plans.get(field)
        if plan is None:
            return
        for at in rows:
            yield _outcome(plan, {name: self._columns[name][at] for name in plan.reads})


def _outcome(plan: FieldPlan, values: Mapping[str, Any]) -> Sent:
    cell = read_cell(plan, values)
    if cell.bad is not None and not cell.is_kept and plan.source.on_error == "refuse":
        return Sent("", "held back")
    return Sent("", "left out") if cell.sent is None else Sent(_text(cell.sent))


def _text(value: JsonValue) -> str:
    if isinstance(value, list):
        return ", ".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
