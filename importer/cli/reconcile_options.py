"""Flags and output of a comparison with an export, for one import and for a job of a fleet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.ending import say_result
from importer.cli.job_settings import fetched
from importer.cli.options import build_config, json_option
from importer.cli.setting_options import read_options
from importer.cli.text import say
from importer.core.addresses import is_remote, shown

if TYPE_CHECKING:
    from importer.reconciling import ReconcileSettings, Reconciliation

__all__ = ["reconcile_options", "reconcile_settings", "show_reconciliation"]

_OPTIONS = (
    click.option(
        "--mapping",
        type=click.Path(),
        metavar="FILE",
        help="A mapping file for the columns of EXPORT.  [default: found by its headers]",
    ),
    click.option(
        "--id-column",
        metavar="NAME",
        help="The column with the CRM's ids.  [default: found by its values]",
    ),
    click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="FILE",
        help="The list that was imported.  [default: that of the last run]",
    ),
    click.option("--apply", is_flag=True, help="Record what is certain."),
    read_options,
    json_option,
)


def reconcile_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a comparison with an export to a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


@contextmanager
def reconcile_settings(
    export: str,
    *,
    mapping: str | None,
    id_column: str | None,
    sources: tuple[str, ...],
    apply: bool,
    **flags: Any,
) -> Iterator[ReconcileSettings]:
    """
    Yield the settings for the options of `reconcile_options`.

    Copies of what is at an address are there until it ends. Raises `ConfigError`, and `SourceError`
    for what cannot be fetched.
    """
    from importer.reconciling import ReconcileSettings

    with fetched((export, *sources)) as (file, *lists):
        yield ReconcileSettings(
            export=file,
            read=build_config(sources=(file,), **flags).read,
            mapping=Path(mapping) if mapping else None,
            id_column=id_column,
            sources=tuple(lists),
            applies=apply,
            export_name=shown(export) if is_remote(export) else None,
        )


def show_reconciliation(found: Reconciliation, results: str, *, as_json: bool) -> int:
    """Show what a comparison has found. Returns the exit code."""
    from importer.cli.shown.reconciliation import render_reconciliation

    for notice in found.notices:
        say(f"note: {notice}", err=True)
    if as_json:
        from importer.cli.shown.import_documents import ReconciliationDocument

        say_result(ReconciliationDocument.of(found))
    else:
        say(render_reconciliation(found, results))
    return 1 if found.is_open else 0
