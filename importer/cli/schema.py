"""The command `schema`: shows the canonical fields of the five objects."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from importer.mapper import ObjectSchema

__all__ = ["schema"]

_ALIASES_SHOWN = 6
_NARROWEST = 30


@click.command()
@click.argument("object_", metavar="[OBJECT]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the JSON Schema instead of a table.")
def schema(object_: str | None, as_json: bool) -> None:
    """
    Show the canonical fields of OBJECT: contact, lead, deal, appointment or case.

    Each field with its type, its limits, whether Vorel itself uses the name ("vendor") or it is
    a convention of CRMs, and the column headers that are recognised as it. Without OBJECT, lists
    the objects.
    """
    from importer.config import OBJECTS
    from importer.errors import MappingError
    from importer.mapper import load_schema

    try:
        schemas = [load_schema(name) for name in ([object_] if object_ else OBJECTS)]
    except MappingError as error:
        raise click.UsageError(str(error)) from error
    if as_json:
        click.echo(_as_json([one.name for one in schemas], alone=object_ is not None))
    elif object_:
        click.echo(_describe(schemas[0], shutil.get_terminal_size().columns))
    else:
        click.echo(_overview(schemas))


def _as_json(names: list[str], *, alone: bool) -> str:
    import json

    from importer.resources import data_folder

    folder = data_folder("schemas")
    texts = {name: folder.joinpath(f"{name}.json").read_text(encoding="utf-8") for name in names}
    if alone:
        return texts[names[0]].rstrip()
    documents = {name: json.loads(text) for name, text in texts.items()}
    return json.dumps(documents, ensure_ascii=False, indent=2)


def _overview(schemas: list[ObjectSchema]) -> str:
    rows: list[tuple[str, ...]] = [("object", "fields", "needs", "is")]
    rows += [(one.name, str(len(one.fields)), _needs(one), one.description) for one in schemas]
    return "\n".join([*_aligned(rows), "", "vorel-import schema OBJECT shows the fields of one."])


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
        "Other names are sent as they are; the mappings of your Vorel account decide on them.",
    ]
    return "\n".join([*notes, *_aligned(rows, width), *end])


def _some(aliases: Sequence[str]) -> str:
    more = len(aliases) - _ALIASES_SHOWN
    shown = ", ".join(aliases[:_ALIASES_SHOWN]) or "-"
    return f"{shown} and {more} more (--json)" if more > 0 else shown


def _aligned(rows: list[tuple[str, ...]], width: int = 0) -> list[str]:
    """Return rows in columns. Where `width` is given, the last column is wrapped to fit in it."""
    sizes = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    indent = sum(sizes) + 2 * len(sizes)
    below = bool(width) and width - indent < _NARROWEST
    lines = []
    for row in rows:
        cells = [cell.ljust(size) for cell, size in zip(row, sizes, strict=False)]
        if below:
            lines.append("  ".join(cells).rstrip())
            lines += textwrap.wrap(row[-1], width, initial_indent="    ", subsequent_indent="    ")
            continue
        last = textwrap.wrap(row[-1], width - indent) if width else [row[-1]]
        lines.append("  ".join([*cells, last[0]]))
        lines += [" " * indent + more for more in last[1:]]
    return lines
