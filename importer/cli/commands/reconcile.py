"""`vorel-import reconcile`: compares an import with an export of the CRM."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import click

from importer.cli.help import HelpfulCommand
from importer.cli.options import source_type
from importer.cli.reconcile_options import (
    reconcile_options,
    reconcile_settings,
    show_reconciliation,
)


@click.command(cls=HelpfulCommand)
@click.argument("results", type=click.Path(), metavar="RESULTS")
@click.argument("export", metavar="EXPORT", type=source_type)
@reconcile_options
def reconcile(*, results: str, export: str, as_json: bool, **flags: Any) -> int:
    """
    Settle rows without a clear answer with EXPORT, a list of the CRM's records with their ids.

    A row that is in EXPORT is created; one that is surely not there may be sent again. Records made
    twice, deleted or edited since are listed too. All findings are in <stem>.reconcile.csv. Nothing
    is sent, and only --apply records anything.

    The exit code is 1 as long as something is open.
    """
    from importer.reconciling.reconcile_export import reconcile as compare

    with reconcile_settings(export, **flags) as settings:
        found = anyio.run(lambda: compare(Path(results), settings))
    return show_reconciliation(found, results, as_json=as_json)
