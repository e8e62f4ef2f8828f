"""`vorel-import acknowledge`: clears the list of changes."""

from __future__ import annotations

from pathlib import Path

import click

from importer.cli.text import say

__all__ = ["acknowledge"]


@click.command()
@click.argument("results", type=click.Path(), metavar="RESULTS")
def acknowledge(*, results: str) -> int:
    """
    Mark all reported changes as dealt with.

    Rows that changed after their record was created are in <stem>.changed.csv until then. They
    count as created from now on; a further change of one is reported again.
    """
    import anyio

    from importer.running.exporting import acknowledge as put_on_record

    exported, notices = anyio.run(put_on_record, Path(results))
    for notice in notices:
        say(f"note: {notice}", err=True)
    say("The changes reported so far are acknowledged.")
    if exported is None:
        say("The list has changed or was not found: the next run writes its files again.")
    return 0
