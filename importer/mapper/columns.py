"""Compares the columns of a mapping with those of a source."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from importer.core.errors import ColumnsMissing, MappingError
from importer.core.shared import OWN_PREFIX
from importer.mapper.headers.names import closest, did_you_mean
from importer.mapper.headers.words import same_meaning
from importer.mapper.mapping.model import FieldMap
from importer.mapper.schema.objects import ObjectSchema

_NAMED = 50


def column_notices(mapping: FieldMap, mapped: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return notices about the columns of a CSV file. Raises `MappingError` for a missing one."""
    there = [name for name in columns if not name.startswith(OWN_PREFIX)]
    known = set(there)
    absent = [name for name in mapped if name not in known]
    used = set(mapped)
    unused = [name for name in there if name not in used]
    if absent:
        named = absent[:_NAMED]
        faults = [
            f"{mapping.name}: the file has no column {name!r}.{_renamed(name, there, unused)}"
            for name in named
        ]
        if len(absent) > len(named):
            faults.append(f"{mapping.name}: the file lacks {len(absent) - _NAMED:,} more columns.")
        raise ColumnsMissing(
            "\n".join(faults),
            hint=f"The file's columns are {_listed(there)}.",
            columns=absent,
            mapped=mapped,
        )
    return [f"Columns that are not mapped and not sent: {_listed(unused)}."] if unused else []


def header_notices(
    mapping: FieldMap, mapped: Sequence[str], headers: Mapping[str, Sequence[str]]
) -> list[str]:
    """
    Return notices for lists that lack a mapped column which another list has.

    Raises `MappingError` if such a list has a column of its own in its place.
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


def _renamed(name: str, there: Sequence[str], spare: Sequence[str]) -> str:
    """
    Return a sentence about the new name that a missing column may have, or nothing.

    `spare` are the columns that are not mapped.
    """
    if closest(name, spare) is not None:
        return did_you_mean(name, spare)
    same = same_meaning(name, spare)
    if same is not None:
        return f" It may be called {same!r} now, which means the same and is not mapped."
    return did_you_mean(name, there)


def key_notices(mapping: FieldMap, mapped: Sequence[str], seen: Collection[str]) -> list[str]:
    """Return notices about the keys of JSONL rows. Raises `MappingError` for a misspelt one."""
    # Sorted, since `seen` may be a set, and a message should be the same each time.
    keys = sorted(name for name in seen if not name.startswith(OWN_PREFIX))
    whole = set(keys)
    longest = max(map(len, mapped), default=0)
    outer = {root for key in keys for root in _roots(key, longest)}
    # Keys may be given as they are at the top level of a row, or as dotted paths.
    absent = [one for one in mapped if one not in outer and whole.isdisjoint(_roots(one))]
    # A key that is mapped itself cannot be the one that a misspelt key was meant to be.
    used = set(mapped)
    spare = [key for key in keys if key not in used]
    mistyped = [name for name in absent if closest(name, spare) is not None]
    if mistyped:
        raise ColumnsMissing(
            "\n".join(
                f"{mapping.name}: no row has a key {name!r}.{did_you_mean(name, spare)}"
                for name in mistyped
            ),
            hint=f"The keys seen are {_listed(keys)}.",
            columns=mistyped,
            mapped=mapped,
        )
    notices = [f"No row has {_listed(absent)}, which the mapping reads."] if absent else []
    paths = {root for name in mapped for root in _roots(name)}
    unused = [key for key in keys if key not in paths and used.isdisjoint(_roots(key, longest))]
    if unused:
        notices.append(f"Keys that are not mapped and not sent: {_listed(unused)}.")
    return notices


def _roots(name: str, longest: int | None = None) -> list[str]:
    """Return a dotted path and the paths of the objects around it, except those too long."""
    ends = [at for at, sign in enumerate(name[: longest and longest + 1]) if sign == "."]
    return [name[:end] for end in (*ends, len(name))]


def unknown_fields(mapping: FieldMap, schema: ObjectSchema, fate: str) -> list[str]:
    """
    Return a sentence for each mapped field that the schema does not know.

    `fate` says what happens to these fields. If there are many, only the first are named.
    """
    unknown = [source.field for source in mapping.fields if not schema.knows(source.field)]
    told = [
        f"{name} is not a known field of {schema.name}; {fate}.{schema.suggestion(name)}"
        for name in unknown[:_NAMED]
    ]
    more = len(unknown) - _NAMED
    return [*told, f"{more:,} more are not known fields of {schema.name}."] if more > 0 else told


def _listed(names: Sequence[str]) -> str:
    return ", ".join(repr(name) for name in names) or "none"
