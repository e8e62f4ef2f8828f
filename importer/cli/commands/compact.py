"""`vorel-import compact`: makes a results file smaller."""

from __future__ import annotations

from pathlib import Path

import click

from importer.cli.ending import answer
from importer.cli.help import HelpfulCommand
from importer.cli.options import json_option
from importer.cli.terminal_text import megabytes, say_notes
from importer.core.shared import counted


@click.command(cls=HelpfulCommand)
@click.argument("results", type=click.Path(), metavar="RESULTS")
@json_option
def compact(*, results: str, as_json: bool) -> int:
    """
    Make a results file smaller: remove lines that no later run needs, and pack others.

    What a rerun sends stays the same. The new file is checked before it replaces the old one. A
    file that a run is using is not changed.
    """
    from importer.writer.rewriting.compaction import compact as rewrite

    done = rewrite(Path(results))
    say_notes(done.notices)
    text = f"{results}: every line is still needed; nothing was changed"
    if done.lines or done.packed:
        text = (
            f"{results}: {megabytes(done.before)} before, {megabytes(done.after)} now; "
            f"removed {counted(done.lines, 'line')} that no later run needs, "
            f"and packed {done.packed:,} into others"
        )
    return answer(done, text, as_json=as_json)
