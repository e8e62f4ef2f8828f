"""`vorel-import reconcile`: compares an import with an export of the CRM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from importer.cli.ending import say_result
from importer.cli.options import build_config, json_option, read_options
from importer.cli.text import say

__all__ = ["reconcile"]


@click.command()
@click.argument("results", type=click.Path(), metavar="RESULTS")
@click.argument("export", metavar="EXPORT")
@click.option(
    "--mapping",
    type=click.Path(),
    metavar="FILE",
    help="A mapping file whose fields name the columns of EXPORT.  [default: found by its headers]",
)
@click.option(
    "--id-column",
    metavar="NAME",
    help="The column with the CRM's ids.  [default: that which has the ids on record]",
)
@click.option(
    "--source",
    "sources",
    multiple=True,
    metavar="FILE",
    help="The list that was imported.  [default: that of the last run, if it is unchanged]",
)
@click.option("--apply", is_flag=True, help="Put on record what is certain.")
@read_options
@json_option
def reconcile(
    *,
    results: str,
    export: str,
    mapping: str | None,
    id_column: str | None,
    sources: tuple[str, ...],
    apply: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """
    Settle rows without a clear answer with EXPORT, a file that the CRM has exported.

    EXPORT is a list of the CRM's records with their ids (CSV, JSON or a spreadsheet). A row that is
    in it is created; one that is surely not in the CRM may be sent again. Records made twice,
    deleted or edited since are listed too. Nothing is sent, and without --apply nothing is
    recorded. All findings are in <stem>.reconcile.csv.

    Exits with 1 as long as something is open.
    """
    import anyio

    from importer.cli.shown.reconciliation import render_reconciliation
    from importer.reconciling import ReconcileSettings
    from importer.reconciling import reconcile as compare

    settings = ReconcileSettings(
        export=export,
        read=build_config(sources=(export,), **flags).read,
        mapping=Path(mapping) if mapping else None,
        id_column=id_column,
        sources=sources,
        applies=apply,
    )
    found = anyio.run(lambda: compare(Path(results), settings))
    for notice in found.notices:
        say(f"note: {notice}", err=True)
    if as_json:
        say_result(found.as_dict())
    else:
        say(render_reconciliation(found, results))
    return 1 if found.is_open else 0
