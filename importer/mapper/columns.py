"""Compares the columns of a mapping with those of a source."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from importer.core.errors import ColumnsMissing, MappingError
from importer.core.locale.message import Message, faults_in, joined
from importer.core.shared import OWN_PREFIX
from importer.mapper.headers.names import closest, did_you_mean
from importer.mapper.headers.words import same_meaning
from importer.mapper.mapping.field_table import key_of_line
from importer.mapper.mapping.model import FieldMap
from importer.mapper.schema.object_schema import ObjectSchema

_NAMED = 50


def column_notices(
    mapping: FieldMap, mapped: Sequence[str], columns: Sequence[str]
) -> list[Message]:
    """Return notices about the columns of a CSV file. Raises `MappingError` for a missing one."""
    there = [name for name in columns if not name.startswith(OWN_PREFIX)]
    known = set(there)
    absent = [name for name in mapped if name not in known]
    used = set(mapped)
    unused = [name for name in there if name not in used]
    if absent:
        named = absent[:_NAMED]
        keys = {one.columns[0]: one.field for one in mapping.fields if len(one.columns) == 1}
        faults = [
            Message(
                "%(name)s: the file has no column %(column)s.%(meant)s",
                name=mapping.name,
                column=name,
                meant=_renamed(name, there, unused) or _if_key(keys.get(name, "")),
            )
            for name in named
        ]
        if len(absent) > len(named):
            faults.append(
                Message(
                    "%(name)s: the file lacks %(count)s more columns.",
                    name=mapping.name,
                    count=f"{len(absent) - _NAMED:,}",
                )
            )
        raise ColumnsMissing(
            joined(faults, "lines"),
            hint=Message("The file's columns are %(columns)s.", columns=there),
            columns=absent,
            mapped=mapped,
        )
    notices = second_choice_notices(mapping, known)
    if unused:
        text = "Columns that are not mapped and not sent: %(columns)s."
        notices.append(Message(text, columns=unused))
    return notices


def second_choices(mapping: FieldMap) -> dict[str, list[str]]:
    """
    Return by field the columns that are sent only where a column before them gives nothing.

    Columns that another line reads are sent in any case.
    """
    read = Counter(name for line in mapping.fields for name in line.holds)
    lines = (line for line in mapping.fields if line.take in {"first", "first valid"})
    found = {line.field: [name for name in line.columns[1:] if read[name] == 1] for line in lines}
    return {field: names for field, names in found.items() if names}


def second_choice_notices(mapping: FieldMap, there: Collection[str]) -> list[Message]:
    """Return a notice for each field of which some columns `there` are only second choices."""
    first = {line.field: line.columns[0] for line in mapping.fields if line.columns}
    return [
        Message(
            "Sent only where %(column)s gives no %(key)s: %(columns)s.",
            column=first[field],
            key=field,
            columns=given,
        )
        for field, names in second_choices(mapping).items()
        if (given := [name for name in names if name in there])
    ]


def header_notices(
    mapping: FieldMap, mapped: Sequence[str], headers: Mapping[str, Sequence[str]]
) -> list[Message]:
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
                Message(
                    "%(name)s has no column %(columns)s, which other lists have and the mapping "
                    "reads; it alone has %(columns_2)s, which the mapping does not read.",
                    name=list_name,
                    columns=lacking,
                    columns_2=own,
                )
            )
        elif lacking:
            notices.append(
                Message(
                    "%(name)s has no column %(columns)s: its rows are sent without.",
                    name=list_name,
                    columns=lacking,
                )
            )
    if faults:
        raise MappingError(
            faults_in(mapping.name, faults),
            hint="Give all lists the same header, or name both in one line of the mapping, as in "
            'email = { columns = ["email", "mail box"] }; or import that list by itself.',
        )
    return notices


def _if_key(field: str) -> str:
    """Return a sentence about a key of a line that was written as if it was a field, or nothing."""
    key = key_of_line(field)
    return Message(" %(meant)s", meant=key) if key else ""


def _renamed(name: str, there: Sequence[str], spare: Sequence[str]) -> str:
    """
    Return a sentence about the new name that a missing column may have, or nothing.

    `spare` are the columns that are not mapped.
    """
    if closest(name, spare) is not None:
        return did_you_mean(name, spare)
    same = same_meaning(name, spare)
    if same is not None:
        return Message(
            " It may be called %(column)s now, which means the same and is not mapped.", column=same
        )
    return did_you_mean(name, there)


def key_notices(mapping: FieldMap, mapped: Sequence[str], seen: Collection[str]) -> list[Message]:
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
            joined(
                [
                    Message(
                        "%(name)s: no row has a key %(column)s.%(meant)s",
                        name=mapping.name,
                        column=name,
                        meant=did_you_mean(name, spare),
                    )
                    for name in mistyped
                ],
                "lines",
            ),
            hint=Message("The keys seen are %(columns)s.", columns=keys or ["none"]),
            columns=mistyped,
            mapped=mapped,
        )
    notices = second_choice_notices(mapping, outer)
    if absent:
        notices.append(Message("No row has %(columns)s, which the mapping reads.", columns=absent))
    paths = {root for name in mapped for root in _roots(name)}
    unused = [key for key in keys if key not in paths and used.isdisjoint(_roots(key, longest))]
    if unused:
        notices.append(
            Message("Keys that are not mapped and not sent: %(columns)s.", columns=unused)
        )
    return notices


def _roots(name: str, longest: int | None = None) -> list[str]:
    """Return a dotted path and the paths of the objects around it, except those too long."""
    ends = [at for at, sign in enumerate(name[: longest and longest + 1]) if sign == "."]
    return [name[:end] for end in (*ends, len(name))]


def unknown_fields(mapping: FieldMap, schema: ObjectSchema, fate: Message) -> list[Message]:
    """
    Return a sentence for each mapped field that the schema does not know.

    `fate` says what happens to these fields. If there are many, only the first are named.
    """
    unknown = [source.field for source in mapping.fields if not schema.knows(source.field)]
    told = [
        Message(
            "%(key)s is not a known field of %(object)s; %(what)s.%(meant)s",
            key=name,
            object=schema.name,
            what=fate,
            meant=schema.suggestion(name),
        )
        for name in unknown[:_NAMED]
    ]
    more = len(unknown) - _NAMED
    if more > 0:
        text = "%(count)s more are not known fields of %(object)s."
        told.append(Message(text, count=f"{more:,}", object=schema.name))
    return told
