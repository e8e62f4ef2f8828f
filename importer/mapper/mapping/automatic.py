"""Maps headers that are exactly the name or an alias of a field, and refuses all others."""

from __future__ import annotations

from collections.abc import Sequence

from importer.core import systems
from importer.core.errors import MappingError
from importer.core.locale.message import Message, joined
from importer.core.shared import OWN_PREFIX
from importer.mapper.headers.names import did_you_mean
from importer.mapper.mapping.file import parse_mapping
from importer.mapper.mapping.model import FieldMap
from importer.mapper.mapping.toml_text import toml_line
from importer.mapper.schema.extend import extended_schema
from importer.mapper.schema.object_schema import ObjectSchema, match_header
from importer.mapper.schema.own_fields import OwnFields


def automatic_mapping(
    columns: Sequence[str],
    object_: str,
    own: OwnFields | None = None,
    *,
    source: str = "SOURCE",
) -> FieldMap:
    """
    Return the mapping of a source whose headers are all names or aliases of fields.

    Case, spaces, underscores and punctuation are ignored; columns that begin with `vorel_` are left
    out. `own` are fields in addition to those of the object. Raises `MappingError`, with the
    command that suggests a mapping for `source`, if a header matches no field, or two the same one.
    """
    schema = extended_schema(object_, [own] if own else [])
    there = [name for name in columns if not _is_left_out(name, columns)]
    matches = {name: match_header(name, schema) for name in there}
    faults = _faults(matches, schema)
    if faults or not there:
        words = ["vorel-import", "map", source, "--object", object_, "-o", "mapping.toml"]
        raise MappingError(
            joined(faults or [Message("The source has no columns to map.")], "lines"),
            hint=Message(
                "Have a mapping suggested, read it, and give it with --mapping mapping.toml:\n  "
                "%(command)s",
                command=systems.current.command_line(words),
            ),
        )
    return parse_mapping(_written(matches, object_).encode())


def _is_left_out(name: str, columns: Sequence[str]) -> bool:
    """Return whether a column is the importer's own, or an object whose members are columns too."""
    return name.startswith(OWN_PREFIX) or any(other.startswith(f"{name}.") for other in columns)


def _faults(matches: dict[str, str | None], schema: ObjectSchema) -> list[Message]:
    faults = [
        Message(
            "The column %(column)s is not a name or an alias of a field of %(object)s.%(meant)s",
            column=name,
            object=schema.name,
            meant=did_you_mean(name, schema.fields),
        )
        for name, target in matches.items()
        if target is None
    ]
    by_field: dict[str, list[str]] = {}
    for name, target in matches.items():
        by_field.setdefault(target or "", []).append(name)
    faults += (
        Message(
            "The columns %(both)s are both %(field)s; only one can be.", both=names, field=target
        )
        for target, names in by_field.items()
        if target and len(names) > 1
    )
    return faults


def _written(matches: dict[str, str | None], object_: str) -> str:
    """Return the mapping file of headers that are all names of fields."""
    lines = [
        toml_line(target, {"column": name})
        for name, target in matches.items()
        if target is not None
    ]
    return "\n".join([f'object = "{object_}"', "", "[fields]", *lines]) + "\n"
