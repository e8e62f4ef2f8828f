"""`vorel-import compact`: a results file without the lines that decide nothing any more."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from importer.cli.options import json_option
from importer.cli.text import megabytes, say, say_json

__all__ = ["compact"]


@click.command()
@click.argument("results", type=click.Path(), metavar="RESULTS")
@json_option
def compact(*, results: str, as_json: bool) -> int:
    """
    Rewrite a results file without the lines that decide nothing any more.

    A row that is refused each night leaves a line each time, and its last one says it all. What a
    rerun sends stays the same. The new file is read back before it takes the old one's name, so
    that nothing is lost whatever happens meanwhile. A file that a run uses is left alone.
    """
    from importer.writer import compact as rewrite

    done = rewrite(Path(results))
    if as_json:
        say_json(asdict(done))
    elif done.lines:
        say(
            f"{results}: {megabytes(done.before)} before, {megabytes(done.after)} now; "
            f"{done.lines:,} lines decided nothing any more"
        )
    else:
        say(f"{results}: every line decides something; nothing was changed")
    return 0
