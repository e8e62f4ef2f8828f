"""Finds the sheet of a workbook that holds the people, where the first list is another one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from importer.errors import UsageError
from importer.mapper import ObjectSchema, load_schema
from importer.mapper.suggest.columns.choose import choose
from importer.mapper.suggest.lines.draft import is_active
from importer.reader.files.compression import container_format
from importer.reader.files.spreadsheet import list_sheets
from importer.suggesting.objects import likely_object
from importer.suggesting.sampling import Sample, take_sample

__all__ = ["sheet_of_people"]

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
    if not others or _makes_records(source, overrides, first, schema):
        return None
    fitting = (name for name in others if _makes_records(source, overrides, name, schema))
    return next(fitting, None)


def _makes_records(
    source: str, overrides: Mapping[str, Any], sheet: str, schema: ObjectSchema | None
) -> bool:
    try:
        sample = take_sample(source, {**overrides, "sheet": sheet})
    except UsageError:  # it has no columns, or a header that cannot be read
        return False
    return _has_what_it_takes(sample, schema or _likely(sample))


def _likely(sample: Sample) -> ObjectSchema:
    return load_schema(likely_object(sample.columns, sample.values))


def _has_what_it_takes(sample: Sample, schema: ObjectSchema) -> bool:
    chosen = filter(is_active, choose(sample.columns, schema, sample.values))
    fields = {choice.field for choice in chosen}
    is_known = not schema.any_of or not fields.isdisjoint(schema.any_of)
    return is_known and fields.issuperset(schema.required)
