"""Maps headers that are exactly a field's name or one of its aliases; anything less is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from importer.errors import MappingError
from importer.mapper.headers.names import did_you_mean, normalize_header
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.mapping.model import Mapping
from importer.mapper.schema.extend import extended_schema
from importer.mapper.schema.objects import ObjectSchema
from importer.mapper.schema.own_fields import OwnFields
from importer.shared import OWN_PREFIX

__all__ = ["automatic_mapping"]


def automatic_mapping(
    columns: Sequence[str], object_: str, own: OwnFields | None = None
) -> Mapping:
    """
    Return the mapping of a source whose every header is exactly a field's name or alias.

    Case, spaces, underscores and punctuation do not count; columns that begin `vorel_` are left
    out. `own` are fields beside the object's. Raises `MappingError`, with a mapping file to start
    from, where a header matches nothing or two match one field.
    """
    schema = extended_schema(object_, [own] if own else [])
    there = [name for name in columns if not _is_left_out(name, columns)]
    matches = {name: match_header(name, schema) for name in there}
    faults = _faults(matches, schema)
    skeleton = _skeleton(matches, schema)
    if faults or not there:
        raise MappingError(
            "\n".join(faults or ["The source has no columns to map."]),
            hint=f"Write a mapping file and give it with --mapping; docs/mapping.md shows how."
            f" To start from:\n\n{skeleton}",
        )
    return parse_mapping(skeleton.encode())


def _is_left_out(name: str, columns: Sequence[str]) -> bool:
    """Leave out the importer's own columns, and an object that other rows show the inside of."""
    return name.startswith(OWN_PREFIX) or any(other.startswith(f"{name}.") for other in columns)


def match_header(header: str, schema: ObjectSchema) -> str | None:
    """Return the field a header names exactly, or None. `attributes.bedrooms` names itself."""
    root, dot, rest = header.partition(".")
    if dot and rest and root in schema.fields and schema.knows(header):
        return header
    known = _forms(tuple((spec.name, spec.aliases) for spec in schema.fields.values()))
    return known.get(normalize_header(header))


@lru_cache(maxsize=16)
def _forms(fields: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    """Return what each name and alias is called apart from its looks, with its field."""
    forms: dict[str, str] = {}
    for name, aliases in fields:
        for one in (name, *aliases):
            forms.setdefault(normalize_header(one), name)
    return forms


def _faults(matches: dict[str, str | None], schema: ObjectSchema) -> list[str]:
    faults = [
        f"The column {name!r} is no field of {schema.name} by name or alias."
        f"{did_you_mean(name, schema.fields)}"
        for name, target in matches.items()
        if target is None
    ]
    for target, names in _by_field(matches).items():
        if len(names) > 1:
            listed = " and ".join(map(repr, names))
            faults.append(f"The columns {listed} are both {target}; only one can be.")
    return faults


def _by_field(matches: dict[str, str | None]) -> dict[str, list[str]]:
    by_field: dict[str, list[str]] = {}
    for name, target in matches.items():
        if target is not None:
            by_field.setdefault(target, []).append(name)
    return by_field


def _skeleton(matches: dict[str, str | None], schema: ObjectSchema) -> str:
    """Return a mapping file with every sure match, and a comment for each column to decide on."""
    lines = [f'object = "{schema.name}"', "", "[fields]"]
    for target, names in _by_field(matches).items():
        columns = ", ".join(map(_quoted, names))
        source = f"{{ columns = [{columns}] }}" if len(names) > 1 else columns
        note = "  # the first that is not empty" if len(names) > 1 else ""
        lines.append(f"{_key(target)} = {source}{note}")
    open_columns = [name for name, target in matches.items() if target is None]
    lines += [f"# ??? = {_quoted(name)}" for name in open_columns]
    return "\n".join(lines) + "\n"


def _key(target: str) -> str:
    return _quoted(target) if "." in target else target


def _quoted(text: str) -> str:
    """Return a TOML basic string: JSON's escapes are TOML's, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
