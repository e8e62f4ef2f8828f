"""`vorel-import status`: shows the state of an import, and the exact next command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from importer.cli.documents import document_of
from importer.cli.ending import answer
from importer.cli.help import HelpfulCommand
from importer.cli.options import json_option
from importer.cli.shown.next_steps import (
    Command,
    NextStep,
    compact_steps,
    first_command,
    next_steps,
)
from importer.cli.shown.outcome import render_status
from importer.cli.terminal_text import say_notes
from importer.core.shared import counted

if TYPE_CHECKING:
    from importer.report.import_status import ImportStatus


def steps_of(found: ImportStatus) -> list[NextStep]:
    """Return what to do next with an import."""
    results = Path(found.results)
    command = Command(found.last_run.get("settings") or {}, results)
    steps = next_steps(
        command,
        counts=found.counts,
        left=found.left,
        problems=found.problems,
        files=found.files,
        exit_code=found.last_end.get("exit_code") if found.ended else None,
        undecided=found.undecided_before,
        elsewhere=found.verdict.elsewhere,
    )
    if found.changed_before:
        text = (
            f"{counted(found.changed_before, 'row')} of other lists changed, too, and nobody has "
            "dealt with that: run these lists to see them. `acknowledge` deals with them as well."
        )
        steps.append(NextStep(text=text))
    return steps + compact_steps(command, results)


@click.command(cls=HelpfulCommand)
@click.argument("results", type=click.Path(), metavar="RESULTS")
@json_option
def status(*, results: str, as_json: bool) -> int:
    """Show the state of an import: its figures, its errors grouped, and the next command."""
    from importer.cli.shown.import_documents import StatusDocument
    from importer.report.import_status import import_status

    found = import_status(Path(results))
    steps = steps_of(found)
    say_notes(found.notices)
    document = document_of(StatusDocument, found, next=first_command(steps))
    return answer(document, render_status(found, steps), as_json=as_json)
