"""Compares the columns a mapping reads with those a source has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from importer.errors import MappingError
from importer.mapper.headers.names import closest, did_you_mean
from importer.mapper.headers.words import same_meaning
from importer.mapper.mapping.model import FieldMap
from importer.mapper.schema.objects import ObjectSchema
from importer.shared import OWN_PREFIX

__all__ = ["column_notices", "header_notices", "key_notices", "unknown_fields"]


def column_notices(mapping: FieldMap, mapped: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return notices for a CSV file's columns. Raises `MappingError` for one that is missing."""
    there = [name for name in columns if not name.startswith(OWN_PREFIX)]
    absent = [name for name in mapped if name not in there]
    if absent:
        raise MappingError(
            "\n".join(
                f"{mapping.name}: the file has no column {name!r}.{_renamed(name, there, mapped)}"
                for name in absent
            ),
            hint=f"The file's columns are {_listed(there)}.",
        )
    unused = [name for name in there if name not in set(mapped)]
    return [f"Columns that are not mapped and not sent: {_listed(unused)}."] if unused else []


def header_notices(
    mapping: FieldMap, mapped: Sequence[str], headers: Mapping[str, Sequence[str]]
) -> list[str]:
    """
    Return notices for lists that lack a mapped column which another list has.

    Raises `MappingError` where such a list has a column of its own in its place.
    """
    notices, faults = [], []
    for list_name, header in headers.items():
        others = {name for other, names in headers.items() if other != list_name for name in names}
        lacking = [name for name in mapped if name not in header and name in others]
        own = [
            name
            for name in header
            if name not in others and name not in mapped and not name.startswith(OWN_PREFIX)
        ]
        if lacking and own:
            faults.append(
                f"{list_name} has no column {_listed(lacking)}, which other lists have and the "
                f"mapping reads; it alone has {_listed(own)}, which the mapping does not read."
            )
        elif lacking:
            notices.append(
                f"{list_name} has no column {_listed(lacking)}: its rows are sent without."
            )
    if faults:
        raise MappingError(
            "\n".join(f"{mapping.name}: {fault}" for fault in faults),
            hint="Give all lists the same header, or name both in one line of the mapping, as in "
            'email = { columns = ["email", "mail box"] }; or import that list by itself.',
        )
    return notices


def _renamed(name: str, there: Sequence[str], mapped: Sequence[str]) -> str:
    """Return a sentence about the column that a missing one may be called now, or nothing."""
    spare = [column for column in there if column not in mapped]
    if closest(name, spare) is not None:
        return did_you_mean(name, spare)
    same = same_meaning(name, spare)
    if same is not None:
        return f" It may be called {same!r} now, which means the same and is not mapped."
    return did_you_mean(name, there)


def key_notices(mapping: FieldMap, mapped: Sequence[str], seen: Collection[str]) -> list[str]:
    """Return notices for the keys of JSONL rows. Raises `MappingError` for one mistyped."""
    # Sorted, since what was seen may come as a set and a message is the same each time.
    keys = sorted(name for name in seen if not name.startswith(OWN_PREFIX))
    absent = [name for name in mapped if not _is_seen(name, keys)]
    # A key that is mapped itself cannot be what another one was meant to be.
    spare = [key for key in keys if key not in mapped]
    mistyped = [name for name in absent if closest(name, spare) is not None]
    if mistyped:
        raise MappingError(
            "\n".join(
                f"{mapping.name}: no row has a key {name!r}.{did_you_mean(name, spare)}"
                for name in mistyped
            ),
            hint=f"The keys seen are {_listed(keys)}.",
        )
    notices = [f"No row has {_listed(absent)}, which the mapping reads."] if absent else []
    paths = {root for name in mapped for root in _roots(name)}
    unused = [key for key in keys if key not in paths and set(_roots(key)).isdisjoint(mapped)]
    if unused:
        notices.append(f"Keys that are not mapped and not sent: {_listed(unused)}.")
    return notices


def _is_seen(name: str, keys: Iterable[str]) -> bool:
    """Keys may be given as they stand at the top of a row, or as dotted paths."""
    roots = set(_roots(name))
    return any(key in roots or key.startswith(f"{name}.") for key in keys)


def _roots(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[: count + 1]) for count in range(len(parts))]


def unknown_fields(mapping: FieldMap, schema: ObjectSchema, fate: str) -> list[str]:
    """Return a sentence for each mapped field that the schema does not know, and its fate."""
    return [
        f"{source.field} is no field known for {schema.name}; {fate}."
        f"{schema.suggestion(source.field)}"
        for source in mapping.fields
        if not schema.knows(source.field)
    ]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"
