"""The command `schema`: shows the canonical fields of the five objects."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from importer.cli.help import HelpfulCommand
from importer.cli.setting_options import setting_options
from importer.cli.terminal_text import aligned, say
from importer.core.errors import MappingError
from importer.core.shared import OBJECTS

if TYPE_CHECKING:
    from importer.mapper.schema.object_schema import ObjectSchema
    from importer.mapper.schema.own_fields import OwnFields

_ALIASES_SHOWN = 6


@click.command(cls=HelpfulCommand)
@click.argument("object_", metavar="[OBJECT]", required=False)
@setting_options("schema_file")
@click.option(
    "--mapping",
    type=click.Path(),
    metavar="FILE",
    help="A mapping file whose [schema] describes fields of your own.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the JSON Schema instead of a table.")
def schema(
    object_: str | None, *, schema_file: str | None, mapping: str | None, as_json: bool
) -> None:
    """
    Show the canonical fields of OBJECT: contact, lead, deal, appointment or case.

    Each field has its type, its limits, the headers that are recognised, and its source: vendor
    (Vorel itself uses the name), convention (most CRMs do) or own. Without OBJECT, the objects are
    listed.
    """
    try:
        say(_shown(object_, _own_fields(schema_file, mapping), as_json=as_json))
    except MappingError as error:
        raise click.UsageError(f"{error.message}\n{error.hint}") from error


def _shown(object_: str | None, own: Sequence[OwnFields], *, as_json: bool) -> str:
    from importer.mapper.schema.extend import extended_document, extended_schema

    if own and object_ is None:
        raise click.UsageError(
            "Say which object your fields belong to:"
            " vorel-import schema contact (or lead, deal, appointment, case)."
        )
    names = [object_] if object_ else OBJECTS
    if as_json:
        documents = {name: extended_document(name, own) for name in names}
        shown = documents if object_ is None else documents[object_]
        return json.dumps(shown, ensure_ascii=False, indent=2)
    if object_:
        return _describe(extended_schema(object_, own), shutil.get_terminal_size().columns)
    return _overview([extended_schema(name, own) for name in names])


def _own_fields(schema_file: str | None, mapping: str | None) -> list[OwnFields]:
    """Return the fields that a user describes; later ones take precedence."""
    from importer.mapper.mapping.file import load_mapping
    from importer.mapper.schema.own_fields import load_own_fields

    of_file = [load_own_fields(Path(schema_file))] if schema_file is not None else []
    of_mapping = load_mapping(Path(mapping)).own if mapping is not None else ()
    return [*of_file, *of_mapping]


def _overview(schemas: list[ObjectSchema]) -> str:
    rows: list[tuple[str, ...]] = [("object", "fields", "needs", "is")]
    rows += [(one.name, str(len(one.fields)), _needs(one), one.description) for one in schemas]
    return "\n".join([*aligned(rows), "", "vorel-import schema OBJECT shows the fields of one."])


def _needs(one: ObjectSchema) -> str:
    if one.any_of:
        return f"one of {len(one.any_of)}"
    return f"{len(one.required)} fields" if one.required else "any field"


def _describe(one: ObjectSchema, width: int) -> str:
    rows: list[tuple[str, ...]] = [("field", "type", "limits", "source", "needed", "also called")]
    rows += [
        (
            spec.name,
            spec.kind,
            spec.limits or "-",
            spec.evidence,
            "yes" if spec.name in one.required else "-",
            _some(spec.aliases),
        )
        for spec in one.fields.values()
    ]
    notes = [f"{one.title}: {one.description}", ""]
    if one.any_of:
        notes.insert(1, f"A record needs at least one of {', '.join(one.any_of)}.")
    notes += (f"{later} must be after {earlier}." for later, earlier in one.after)
    end = [
        "",
        "Other names are sent unchanged; the mappings of your Vorel account decide about them.",
    ]
    return "\n".join([*notes, *aligned(rows, width), *end])


def _some(aliases: Sequence[str]) -> str:
    more = len(aliases) - _ALIASES_SHOWN
    shown = ", ".join(aliases[:_ALIASES_SHOWN]) or "-"
    return f"{shown} and {more} more (--json)" if more > 0 else shown
