"""Maps the columns that no line of a mapping names: to `attributes`, or into `notes`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from importer.core.errors import MappingError
from importer.core.shared import OWN_PREFIX
from importer.mapper.headers.kept_back import is_technical_header, sensitive_header
from importer.mapper.headers.words import load_vocabulary
from importer.mapper.mapping.model import FieldMap, FieldMapping

_WORDS = re.compile(r"[^\W_]+")


def with_rest(
    mapping: FieldMap, known: Collection[str], mapped: Collection[str], columns: Sequence[str]
) -> FieldMap:
    """
    Return the mapping with lines for the other columns, as its `rest` says.

    `known` are the fields of the schema, `mapped` the columns that lines read. Columns in
    `leave_out` are left out, and so are those whose headers name passwords, payment cards, bank
    accounts, ids of persons, or what a web server notes of a visitor. Raises `MappingError` if the
    line of `notes` cannot take columns.
    """
    there = {*mapped, *mapping.leave_out}
    unnamed = [name for name in columns if not _is_named(name, there, columns)]
    spare = [one for one in unnamed if not (_is_secret(one, columns) or is_technical_header(one))]
    if not spare:
        return mapping
    if mapping.rest == "notes":
        return _with_notes(mapping, spare)
    taken = {*known, *(field.field for field in mapping.fields)}
    added = []
    for column in spare:
        target = attribute_name(column, taken)
        taken.add(target)
        added.append(FieldMapping(field=target, columns=(column,), is_extra=True))
    return replace(mapping, fields=(*mapping.fields, *added))


def attribute_name(column: str, taken: Collection[str] = ()) -> str:
    """
    Return the field in `attributes` for a column: `Property Type` is `attributes.property_type`.

    A number is added if the name is `taken`.
    """
    words = "_".join(_WORDS.findall(column.casefold())) or "column"
    name = f"attributes.{words}"
    count = 2
    while name in taken:
        name, count = f"attributes.{words}_{count}", count + 1
    return name


def _is_named(name: str, named: Collection[str], columns: Sequence[str]) -> bool:
    """Return whether a column, or an object around or inside it, has a line of its own."""
    parts = name.split(".")
    roots = {".".join(parts[: count + 1]) for count in range(len(parts))}
    is_object = any(other.startswith(f"{name}.") for other in columns)
    return name.startswith(OWN_PREFIX) or is_object or not roots.isdisjoint(named)


def _is_secret(name: str, columns: Sequence[str]) -> bool:
    vocabulary = load_vocabulary()
    votes = vocabulary.languages(columns)
    return sensitive_header(vocabulary.parse(name, votes, "")) is not None


def _with_notes(mapping: FieldMap, spare: Sequence[str]) -> FieldMap:
    line = next((one for one in mapping.fields if one.field == "notes"), None)
    if line is None:
        line = FieldMapping(field="notes", take="joined", is_extra=True)
    is_plain = line.take == "joined" or len(line.columns) == 1
    if not is_plain or line.template or line.values or line.split or line.replace:
        raise MappingError(
            "%(name)s: rest: notes has a line to which columns cannot be added.",
            name=mapping.name,
            hint='Write that line as notes = { join = ["Remarks", "Area"] }, or remove rest.',
        )
    joined = replace(
        line,
        columns=(*line.columns, *spare),
        take="joined",
        separator="\n",
        labelled=(*line.labelled, *spare),
    )
    others = [one for one in mapping.fields if one.field != "notes"]
    return replace(mapping, fields=(*others, joined))
