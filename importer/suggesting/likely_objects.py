"""Finds what the rows of a list probably are, and where in its file they are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from importer.core.errors import SeveralLists, UsageError
from importer.core.objects import object_facts
from importer.core.shared import OBJECTS, ObjectName
from importer.mapper.headers.words import load_vocabulary
from importer.mapper.schema.object_schema import ObjectSchema, load_schema
from importer.mapper.suggest.columns.choose import choose
from importer.mapper.suggest.lines.draft import is_active
from importer.reader.files.compression import container_format
from importer.reader.files.spreadsheet import list_sheets
from importer.suggesting.sampling import Sample, take_sample

_VALUES, _FEWEST, _CELLS = 200, 20, 20_000
"""How many values of a column are looked at; of very many columns, fewer of each."""


def likely_object(columns: Sequence[str], samples: Sequence[Sequence[str]]) -> ObjectName:
    """Return the object whose fields most columns are; of several the first of `OBJECTS`."""
    most = max(_FEWEST, min(_VALUES, _CELLS // max(1, len(columns))))
    values = [column[:most] for column in samples]

    def fit(object_: ObjectName) -> float:
        schema = load_schema(object_)
        found = {one.field: one.score for one in choose(columns, schema, values) if is_active(one)}
        lacking = {*schema.required}.difference(found)
        if "scheduled_start" in found:
            lacking.discard("scheduled_end")  # which is worked out from the start
        return sum(found.values()) - 2 * len(lacking)

    return max(OBJECTS, key=fit)


_WORKBOOKS = frozenset({"xlsx", "xls", "ods"})


def sheet_of_people(
    source: str, overrides: Mapping[str, Any], schema: ObjectSchema | None
) -> str | None:
    """
    Return the sheet to read instead of the first list, or None if that is the right one.

    It is the first sheet whose columns make a record of `schema` (or of any object for None), if
    the first list makes none. `overrides` are as those of `take_sample`.
    """
    if "sheet" in overrides or not Path(source).is_file():
        return None
    if container_format(Path(source)) not in _WORKBOOKS:
        return None
    first, *others = list_sheets(Path(source)) or [""]
    if not others or _makes_records(source, {**overrides, "sheet": first}, schema):
        return None
    fitting = (
        name for name in others if _makes_records(source, {**overrides, "sheet": name}, schema)
    )
    return next(fitting, None)


def list_in_object(
    source: str, overrides: Mapping[str, Any], schema: ObjectSchema
) -> tuple[str, tuple[str, ...]] | None:
    """
    Return the list to read of those in a JSON object, and the other ones; None if that is open.

    It is the only one that is called what the records of `schema` are, as `events` are
    appointments. `overrides` are as those of `take_sample`.
    """
    if "record_path" in overrides or "format" in overrides or not Path(source).is_file():
        return None
    try:
        take_sample(source, overrides)
    except SeveralLists as several:
        called = [path for path in several.paths if _is_called(path.rpartition(".")[2], schema)]
        if len(called) == 1 < len(several.paths):
            return called[0], tuple(path for path in several.paths if path != called[0])
    except UsageError:  # said when it is read
        pass
    return None


def _is_called(name: str, schema: ObjectSchema) -> bool:
    """Return whether a name, in the plural perhaps, is a word for the records of an object."""
    words = {*object_facts(schema.name).record_words.split()}
    vocabulary = load_vocabulary()
    singular = re.sub("ies$", "y", name) if name.endswith("ies") else name.removesuffix("s")
    meant = (vocabulary.parse(one, {}, schema.name) for one in (name, singular))
    return any(one.meanings and one.meanings <= words and not one.unknown for one in meant)


def _makes_records(source: str, overrides: Mapping[str, Any], schema: ObjectSchema | None) -> bool:
    try:
        sample = take_sample(source, overrides)
    except UsageError:  # it has no columns, or a header that cannot be read
        return False
    return _has_what_it_takes(
        sample, schema or load_schema(likely_object(sample.columns, sample.values))
    )


def _has_what_it_takes(sample: Sample, schema: ObjectSchema) -> bool:
    chosen = filter(is_active, choose(sample.columns, schema, sample.values))
    fields = {choice.field for choice in chosen}
    is_known = not schema.any_of or not fields.isdisjoint(schema.any_of)
    return is_known and fields.issuperset(schema.required)
