"""`vorel-import forget`: removes messages that quote values from a results file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from importer.cli.ending import answer
from importer.cli.help import HelpfulCommand
from importer.cli.options import before_option, json_option, refuse_both, row_option
from importer.cli.terminal_text import say_notes
from importer.core.shared import counted


@click.command(cls=HelpfulCommand)
@click.argument("results", type=click.Path(), metavar="RESULTS")
@row_option
@before_option
@json_option
def forget(*, results: str, row: int | None, before: datetime | None, as_json: bool) -> int:
    """
    Remove the messages of errors, which quote values of rows, from a results file.

    Hashes, keys and ids stay, so that later runs decide as before. Other files of the import that
    may have values are named.
    """
    refuse_both(row, before)
    from importer.writer.rewriting.forgetting import forget as take_out

    done = take_out(Path(results), row=row, before=before)
    say_notes(done.notices)
    lines = [f"{results}: forgot the texts of {counted(done.lines, 'line')}"]
    if done.damaged:
        damaged = counted(done.damaged, "damaged line")
        lines.append(f"{damaged} left out: nobody knows what they quoted")
    if done.files:
        lines.append(
            "These files of the import may have values of rows too. Delete what you do not need:"
        )
        lines += [f"  {path}" for path in done.files]
    return answer(done, *lines, as_json=as_json)
