"""Finds what the rows of a list probably are: contacts, leads, deals, appointments or cases."""

from __future__ import annotations

from collections.abc import Sequence

from importer.mapper import load_schema
from importer.mapper.suggest.columns.choose import choose
from importer.mapper.suggest.lines.draft import is_active
from importer.shared import OBJECTS, ObjectName

__all__ = ["likely_object"]

_VALUES, _FEWEST, _CELLS = 200, 20, 20_000
"""How many values of a column are looked at; of very many columns, fewer of each."""


def likely_object(columns: Sequence[str], samples: Sequence[Sequence[str]]) -> ObjectName:
    """Return the object whose fields most columns are; of several the first of `OBJECTS`."""
    most = max(_FEWEST, min(_VALUES, _CELLS // max(1, len(columns))))
    values = [column[:most] for column in samples]

    def fit(object_: ObjectName) -> float:
        schema = load_schema(object_)
        found = {one.field: one.score for one in choose(columns, schema, values) if is_active(one)}
        lacking = sum(name not in found for name in schema.required)
        return sum(found.values()) - 2 * lacking

    return max(OBJECTS, key=fit)
