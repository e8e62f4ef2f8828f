"""`vorel-import undo`: writes the list of records with which a CRM deletes what an import made."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import anyio
import click

from importer.cli.ending import answer
from importer.cli.help import HelpfulCommand
from importer.cli.options import json_option
from importer.cli.terminal_text import say_notes
from importer.core.shared import counted


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoDocument:
    """
    The list of records to delete, or null if there are none, and how many it has.

    `unclear` requests may have made a record that is not in it.
    """

    undo: str | None
    records: int
    unclear: int


@click.command(cls=HelpfulCommand)
@click.argument("results", type=click.Path(), metavar="RESULTS")
@click.option("--run", metavar="ID", help="Only the records of this run.")
@json_option
def undo(*, results: str, run: str | None, as_json: bool) -> int:
    """
    Write <stem>.undo.csv: the records that this import made, for the CRM's own delete import.

    It has the id of each record in the CRM, those made last first. Nothing is deleted, and nothing
    is sent.
    """
    from importer.writer.undo_file import export_undo

    found = anyio.run(lambda: export_undo(Path(results), run=run))
    unclear = found.unclear
    say_notes(found.notices)
    of_run = "" if run is None else f" by the run {run}"
    lines = [f"No records were made{of_run}: there is nothing to undo."]
    if found.path is not None:
        lines = [
            f"Undo     {found.path}  ({counted(found.records, 'record')})",
            "Nothing was deleted: give the file to the CRM's own delete import.",
        ]
    if unclear:
        lines.append(
            f"{counted(unclear, 'request')} had no clear answer: a record that one has made is not "
            "in this file. `vorel-import reconcile` finds it in an export of the CRM."
        )
    made = None if found.path is None else str(found.path)
    document = UndoDocument(undo=made, records=found.records, unclear=unclear)
    return answer(document, *lines, as_json=as_json)
