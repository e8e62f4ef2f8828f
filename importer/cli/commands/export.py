"""`vorel-import export`: writes the success, failed and unsent files again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import click

from importer.cli.ending import answer
from importer.cli.fleet_extra import need_fleet
from importer.cli.help import HelpfulCommand
from importer.cli.options import build_config, fetched, json_option, source_type
from importer.cli.setting_options import read_options, setting_options
from importer.cli.shown.outcome import render_files
from importer.cli.terminal_text import megabytes, say_notes


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesDocument:
    """
    The derived files: a path, or null where a file would have no rows.

    Lists whose rows are objects have their files as JSON Lines too.
    """

    success: str | None = None
    success_jsonl: str | None = None
    failed: str | None = None
    failed_jsonl: str | None = None
    unsent: str | None = None
    unsent_jsonl: str | None = None
    changed: str | None = None
    changed_jsonl: str | None = None
    vanished: str | None = None
    vanished_jsonl: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalDocument:
    """The results file of a job of a fleet, and its size in bytes."""

    results: str
    bytes: int


@click.command(cls=HelpfulCommand)
@click.argument("results", type=click.Path(), metavar="RESULTS")
@click.argument("sources", nargs=-1, metavar="SOURCE...", type=source_type)
@click.option(
    "--mapping", type=click.Path(), metavar="FILE", help="The mapping file, for its [read]."
)
@click.option(
    "--journal",
    metavar="URL",
    help="Write the results file of a job of a fleet instead. RESULTS is the job's name, URL the "
    "database.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="FILE",
    help="With --journal: where to.  [default: <job>.results.jsonl]",
)
@setting_options("failed_as")
@read_options
@json_option
def export(
    *,
    results: str,
    sources: tuple[str, ...],
    mapping: str | None,
    journal: str | None,
    output: str | None,
    failed_as: str | None,
    as_json: bool,
    **flags: Any,
) -> int:
    """
    Write the success, failed, changed and unsent files of an import again.

    SOURCE is read as the last run read it, unless flags say otherwise.
    """
    if journal is not None:
        return _export_journal(journal, results, output, as_json=as_json)
    if output is not None:
        raise click.UsageError("-o goes with --journal.")
    if not sources:
        raise click.UsageError("Missing argument 'SOURCE...'.")
    from importer.mapper.mapping.file import load_mapping
    from importer.run.derived_files import export_again

    with fetched(sources) as files:
        options = build_config(sources=files, **flags).read
        if mapping:
            options = options.over(load_mapping(Path(mapping)).read)
        found = anyio.run(lambda: export_again(Path(results), files, options, failed_as=failed_as))
    say_notes(found.notices)
    return answer(FilesDocument(**found.files), *render_files(found.files), as_json=as_json)


def _export_journal(url: str, job: str, output: str | None, *, as_json: bool) -> int:
    need_fleet()
    from importer.fleet.moving import export_results

    path = Path(output or f"{job}.results.jsonl")
    size = export_results(url, job, path)
    document = JournalDocument(results=str(path), bytes=size)
    return answer(
        document, f"{path}: {megabytes(size)}, each line as it was added", as_json=as_json
    )
