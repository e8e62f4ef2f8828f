"""`vorel-import acknowledge`: puts on record what a person has decided about rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import click

from importer.cli.commands.status import steps_of
from importer.cli.documents import document_of
from importer.cli.ending import answer
from importer.cli.help import HelpfulCommand
from importer.cli.options import json_option
from importer.cli.shown.next_steps import first_command
from importer.cli.shown.outcome import render_steps
from importer.cli.terminal_text import say_notes
from importer.core.shared import counted

if TYPE_CHECKING:
    from importer.run.person_decisions import Acknowledged


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionsDocument:
    """
    What a person has decided.

    `changes` is true if all changes are dealt with. `same` and `new` count rows, `undecided` the
    possible duplicates that are left. `files` is null if the next run writes them, and `next` is
    the command to go on with.
    """

    changes: bool
    same: int
    new: int
    undecided: int
    files: Mapping[str, str | None] | None
    next: str | None


@click.command(cls=HelpfulCommand)
@click.argument("results", type=click.Path(), metavar="RESULTS")
@click.option(
    "--same",
    multiple=True,
    metavar="REF",
    help="These are one with the record they were compared with.",
)
@click.option(
    "--new",
    multiple=True,
    metavar="REF",
    help="These are somebody else: the next run creates a record of each.",
)
@json_option
def acknowledge(*, results: str, same: tuple[str, ...], new: tuple[str, ...], as_json: bool) -> int:
    """
    Say that changes are dealt with, or decide about possible duplicates.

    Without options, all changes reported so far are dealt with and leave <stem>.changed.csv.
    Possible duplicates stay there until --same or --new decides about them.

    REF is the vorel_ref of a row, a file with the rows that are meant, or all. Both options can be
    given several times.
    """
    from importer.report.import_status import import_status
    from importer.run.person_decisions import acknowledge as put_on_record

    async def record() -> Acknowledged:
        return await put_on_record(Path(results), same=same, new=new)

    done = anyio.run(record)
    say_notes(done.notices)
    steps = steps_of(import_status(Path(results)))
    files = None if done.exported is None else done.exported.files
    given = {"changes": not (same or new), "files": files, "next": first_command(steps)}
    document = document_of(DecisionsDocument, done, **given)
    lines = [*_told(done, is_about_changes=not (same or new)), *render_steps(steps)]
    return answer(document, *lines, as_json=as_json)


def _told(done: Acknowledged, *, is_about_changes: bool) -> list[str]:
    """Return what was recorded."""
    if is_about_changes:
        of_files = [f"{count:,} of {name}" for name, count in done.changes.items()]
        which = f": {', '.join(of_files)}" if of_files else "; no change was open"
        lines = [f"Changes and vanished records reported so far are dealt with{which}."]
    elif not (done.same or done.new):
        return ["There are no possible duplicates to decide about: nothing was recorded."]
    else:
        lines = []
    if done.same:
        are = "is" if done.same == 1 else "are"
        of = "it" if done.same == 1 else "them"
        rows = counted(done.same, "row")
        lines.append(f"{rows} {are} on record as the same; nothing of {of} is sent to the CRM.")
    if done.new:
        makes = "creates a record of it, if it is in the list"
        if done.new > 1:
            makes = "creates a record of each that is in the list"
        lines.append(f"{counted(done.new, 'row')}: somebody else, and the next run {makes}.")
    if done.undecided:
        are = "possible duplicate is" if done.undecided == 1 else "possible duplicates are"
        lines.append(f"{done.undecided:,} {are} left to decide about (--same, --new).")
    if done.exported is None:
        lines.append("The list has changed or was not found: the next run writes its files again.")
    return lines
