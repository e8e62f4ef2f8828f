"""`vorel-import reconcile`: compares an import, or a job of a fleet, with an export of the CRM."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from importer.cli.ending import answer
from importer.cli.help import HelpfulCommand
from importer.cli.options import build_config, fetched, json_option, source_type
from importer.cli.setting_options import read_options
from importer.cli.terminal_text import LONGEST, cut, say_notes
from importer.core.addresses import is_remote, shown
from importer.core.shared import counted

if TYPE_CHECKING:
    from importer.reconciling.findings import Finding, Reconciliation
    from importer.reconciling.reconcile_export import ReconcileSettings


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

_SHOWN = 5
"""How many findings of a kind are shown; all of them are in the file."""


def reconcile_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options of a comparison with an export to a command."""
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


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
    from importer.reconciling.reconcile_export import ReconcileSettings

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
    say_notes(found.notices)
    from importer.cli.shown.import_documents import ReconciliationDocument

    lines = [*_head(found), *_table(found), *_end(found, results)]
    answer(ReconciliationDocument.of(found), *lines, as_json=as_json)
    return 1 if found.is_open else 0


def _head(found: Reconciliation) -> Iterator[str]:
    coverage = found.coverage
    records = counted(found.records, "record")
    yield f"Export   {found.export}: {records}, their ids in {found.id_column!r}"
    yield f"Compared {', '.join(found.fields) or 'nothing but ids'}"
    yield f"Known    {coverage.present:,} of the {coverage.known:,} records on record are in it"
    for fault in coverage.faults:
        yield f"note: no row is taken to be missing in the CRM: {cut(fault, LONGEST)}"
    if not found.is_list_there and found.counts["unclear"]:
        yield "note: the list is not there unchanged, so nothing is certain: name it with --source"


def _table(found: Reconciliation) -> Iterator[str]:
    from importer.reconciling.findings import FindingKind
    from importer.reconciling.reconcile_export import ACTIONS

    if not found.findings:
        yield ""
        missing = found.coverage.known - found.coverage.present
        yield "Every row has a clear answer" + (
            f". {counted(missing, 'record')} on record may be missing in the CRM: see above."
            if missing
            else ", and the CRM has what was made."
        )
        return
    for kind in FindingKind:
        of_kind = [one for one in found.findings if one.kind is kind]
        if of_kind:
            yield ""
            yield f"{len(of_kind):>9,} {kind.replace('_', ' ')}: {ACTIONS[kind]}"
            yield from (f"          {_line(one)}" for one in of_kind[:_SHOWN])
            if len(of_kind) > _SHOWN:
                yield f"          and {len(of_kind) - _SHOWN:,} more"


def _line(one: Finding) -> str:
    row = "a row" if one.row is None else f"row {one.row}"
    record = f" {one.external_id}" if one.external_id is not None else ""
    return cut(f"{row}{record}: {one.details}", LONGEST)


def _end(found: Reconciliation, results: str) -> Iterator[str]:
    if found.file is not None:
        yield ""
        yield f"Findings {found.file}"
    recordable = len(found.recordable)
    if found.is_applied and recordable:
        yield f"Recorded {recordable:,} findings in {results}"
    elif recordable:
        yield f"Nothing is recorded yet: add --apply to record the {recordable:,} that are certain."
