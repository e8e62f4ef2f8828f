"""`vorel-import compact`: makes a results file smaller."""

from __future__ import annotations

from pathlib import Path

import click

from importer.cli.ending import say_result
from importer.cli.help import HelpfulCommand
from importer.cli.options import json_option
from importer.cli.text import counted, megabytes, say, say_notes


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
    if as_json:
        say_result(done)
    elif done.lines or done.packed:
        say(
            f"{results}: {megabytes(done.before)} before, {megabytes(done.after)} now; "
            f"removed {counted(done.lines, 'line')} that no later run needs, "
            f"and packed {done.packed:,} into others"
        )
    else:
        say(f"{results}: every line is still needed; nothing was changed")
    return 0
