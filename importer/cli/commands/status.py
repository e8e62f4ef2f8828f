"""`vorel-import status`: shows the state of an import, and the exact next command."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from importer.cli.ending import say_result
from importer.cli.options import json_option
from importer.cli.shown.compaction import compact_steps
from importer.cli.shown.next_steps import Command, next_steps
from importer.cli.text import say

__all__ = ["status"]


@click.command()
@click.argument("results", type=click.Path(), metavar="RESULTS")
@json_option
def status(*, results: str, as_json: bool) -> int:
    """
    Show the state of an import, its errors grouped, and the exact next command.

    The figures are for the whole list, after the last run.
    """
    from importer.cli.shown.outcome import render_status
    from importer.status import import_status

    found = import_status(Path(results))
    command = Command(found.last_run.get("settings") or {}, Path(results))
    steps = next_steps(
        command,
        counts=found.counts,
        left=found.left,
        problems=found.problems,
        files=found.files,
        exit_code=found.last_end.get("exit_code") if found.ended else None,
    )
    steps += compact_steps(command, Path(results))
    for notice in found.notices:
        say(f"note: {notice}", err=True)
    if as_json:
        following = next((step.command for step in steps if step.command), None)
        say_result({**asdict(found), "rows": found.rows, "next": following})
    else:
        say(render_status(found, steps))
    return 0
