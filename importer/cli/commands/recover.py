"""`vorel-import recover`: builds a lost results file again from its success files."""

from __future__ import annotations

from typing import Any

import anyio
import click

from importer.cli.ending import answer
from importer.cli.help import HelpfulCommand
from importer.cli.options import build_config, json_option, load_api_key, source_type
from importer.cli.setting_options import setting_options
from importer.cli.terminal_text import say_notes
from importer.core.shared import counted


@click.command(cls=HelpfulCommand)
@click.argument("results", type=click.Path(), metavar="RESULTS")
@click.argument("files", nargs=-1, required=True, metavar="SUCCESS...", type=source_type)
@setting_options("object")
@click.option(
    "--mapping",
    type=click.Path(),
    metavar="FILE",
    help="The mapping of the import, to recognise rows also when another column has changed.",
)
@click.option("--namespace", metavar="TEXT", help="The namespace of the import, if it had one.")
@setting_options("base_url")
@json_option
def recover(*, results: str, files: tuple[str, ...], as_json: bool, **flags: Any) -> int:
    """
    Build a lost results file again from its success and changed files.

    RESULTS gets a line for each row of these files, so that a run does not send it again. Give the
    success files of earlier runs too. RESULTS may be an older copy of itself. Nothing is sent. The
    exit code is 6 if there are possible duplicates, which the next run would create.
    """
    from importer.run.memory.recovery import recover as build_again

    key = load_api_key(None, ask=False)
    config = build_config(api_key=key, sources=files, results=results, **flags)
    found = anyio.run(build_again, config)
    say_notes(found.notices)
    known = f" ({found.before:,} were on record)" if found.before else ""
    again = (
        f"{results}: on record again are {counted(found.rows, 'row')} with "
        f"{counted(found.records, 'record')}{known}"
    )
    missing = [f"  - {text}" for text in found.missing]
    answer(found, again, "What is missing:", *missing, as_json=as_json)
    return found.exit_code
