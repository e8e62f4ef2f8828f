"""`vorel-import status`: shows the state of an import, and the exact next command."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from importer.cli.options import json_option
from importer.cli.shown.next_steps import Command, NextStep, next_steps
from importer.cli.text import megabytes, say, say_json

__all__ = ["status"]

_MUCH = 1_000_000
"""If compacting saves fewer bytes, it is not suggested."""


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
    from importer.writer import superseded_bytes

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
    spare = superseded_bytes(Path(results))
    if spare > _MUCH and 2 * spare > Path(results).stat().st_size:
        text = f"{megabytes(spare)} of {results} are no longer needed. To make it smaller:"
        steps.append(NextStep(text=text, command=command.of("compact")))
    if as_json:
        following = next((step.command for step in steps if step.command), None)
        say_json({**asdict(found), "rows": found.rows, "next": following})
    else:
        say(render_status(found, steps))
    return 0
