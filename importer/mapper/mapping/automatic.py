"""Maps headers that are exactly the name or an alias of a field, and refuses all others."""

from __future__ import annotations

from collections.abc import Sequence

from importer.errors import MappingError
from importer.mapper.headers.names import did_you_mean
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.mapping.model import FieldMap
from importer.mapper.mapping.toml_text import toml_key, toml_value
from importer.mapper.schema.exact import match_header
from importer.mapper.schema.extend import extended_schema
from importer.mapper.schema.objects import ObjectSchema
from importer.mapper.schema.own_fields import OwnFields
from importer.shared import OWN_PREFIX

__all__ = ["automatic_mapping"]


def automatic_mapping(
    columns: Sequence[str], object_: str, own: OwnFields | None = None
) -> FieldMap:
    """
    Return the mapping of a source whose headers are all names or aliases of fields.

    Case, spaces, underscores and punctuation are ignored; columns that begin with `vorel_` are left
    out. `own` are fields in addition to those of the object. Raises `MappingError`, with a mapping
    file to start from, if a header matches no field, or two match the same one.
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
    """Return whether a column is the importer's own, or an object whose members are columns too."""
    return name.startswith(OWN_PREFIX) or any(other.startswith(f"{name}.") for other in columns)


def _faults(matches: dict[str, str | None], schema: ObjectSchema) -> list[str]:
    faults = [
        f"The column {name!r} is not a name or an alias of a field of {schema.name}."
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
    """Return a mapping file with every certain match, and a comment for each other column."""
    lines = [f'object = "{schema.name}"', "", "[fields]"]
    for target, names in _by_field(matches).items():
        columns = ", ".join(map(toml_value, names))
        source = f"{{ columns = [{columns}] }}" if len(names) > 1 else columns
        note = "  # the first that is not empty" if len(names) > 1 else ""
        lines.append(f"{toml_key(target)} = {source}{note}")
    open_columns = [name for name, target in matches.items() if target is None]
    lines += [f"# ??? = {toml_value(name)}" for name in open_columns]
    return "\n".join(lines) + "\n"
