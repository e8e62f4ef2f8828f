"""`vorel-import updates`: writes what has changed for the CRM's own update import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from importer.cli.documents import document_of
from importer.cli.ending import answer
from importer.cli.help import HelpfulCommand
from importer.cli.options import build_config, fetched, json_option, source_type
from importer.cli.setting_options import read_options
from importer.cli.terminal_text import say_notes
from importer.core import systems
from importer.core.shared import UPDATE_FORMS, UpdateForm, counted

if TYPE_CHECKING:
    from importer.run.update_file import Updates


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdatesDocument:
    """
    The file of changes, or null if there are none, and how many records and values it has.

    `fields` counts the values by field. `emptied` records have a field that is empty now, `whole`
    records have all fields.
    """

    updates: str | None
    records: int
    fields: Mapping[str, int]
    emptied: int
    whole: int


_IMPORTS = {
    "general": "Import it into the CRM as an update: the column external_id is the record's id.",
    "hubspot": "Import it into HubSpot as an update of records: Record ID finds each.",
    "salesforce": "Import it with Data Loader: Update, with the Bulk API.",
}


@click.command(cls=HelpfulCommand)
@click.argument("results", type=click.Path(), metavar="RESULTS")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=source_type)
@click.option(
    "--for",
    "form",
    type=click.Choice(UPDATE_FORMS),
    default="general",
    show_default=True,
    help="Which import reads the file.",
)
@read_options
@json_option
def updates(
    *, results: str, sources: tuple[str, ...], form: UpdateForm, as_json: bool, **flags: Any
) -> int:
    """
    Write <stem>.updates.csv: what has changed, for the CRM's own update import.

    The file has the ids of the records whose changes were reported, and today's values of the
    fields that have changed. Nothing is sent.
    """
    from importer.run.update_file import export_updates

    with fetched(sources) as files:
        options = build_config(sources=files, **flags).read
        found = anyio.run(lambda: export_updates(Path(results), files, options, form))
    say_notes(found.notices)
    document = document_of(UpdatesDocument, found, updates=found.path)
    return answer(document, *_told(found, results, form), as_json=as_json)


def _told(found: Updates, results: str, form: UpdateForm) -> list[str]:
    if found.path is None:
        newer = "If the list is newer than the last run, run it first."
        return [f"No row of this list has an open change: there is nothing to update. {newer}"]
    fields = ", ".join(f"{count:,} {name}" for name, count in found.fields.most_common(8))
    lines = [f"Updates  {found.path}  ({counted(found.records, 'record')}: {fields})"]
    if found.whole:
        lines += [
            f"Of {found.whole:,} it is not on record which fields have changed: they have all."
        ]
    if found.emptied:
        lines.append(
            f"{found.emptied:,} have fields that are empty now, which this import leaves as they "
            "are: the column vorel_emptied names them."
        )
    same = ["vorel-import", "acknowledge", results, "--same", str(found.path)]
    return [*lines, "", "Next", f"  {_IMPORTS[form]}", "  Then say that it is done:",
            f"    {systems.current.command_line(same)}"]  # fmt: skip
