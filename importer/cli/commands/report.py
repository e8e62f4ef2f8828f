"""`vorel-import report`: writes one HTML file about an import, to hand on."""

from __future__ import annotations

from pathlib import Path

import click

from importer.cli.documents import ReportDocument
from importer.cli.ending import answer
from importer.cli.help import HelpfulCommand
from importer.cli.options import json_option
from importer.cli.terminal_text import say_notes
from importer.core.locale.language import LANGUAGES


@click.command(cls=HelpfulCommand)
@click.argument("results", type=click.Path(), metavar="RESULTS")
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="FILE",
    help="Where to.  [default: <stem>.report.html beside RESULTS]",
)
@click.option(
    "--lang", type=click.Choice([*LANGUAGES]), default="en", help="Its language.  [default: en]"
)
@click.option("--redact", is_flag=True, help="Leave out all values of the list and of answers.")
@json_option
def report(*, results: str, output: str | None, lang: str, redact: bool, as_json: bool) -> int:
    """
    Write one HTML file about an import: what became of the list, and the proof.

    It is made from the results file; the failed and changed files name people. run writes it too.
    """
    from importer.report.facts import read_facts
    from importer.report.found_report import ReportOptions
    from importer.report.report_file import write_report
    from importer.writer.results import torn_line_left_out

    path, notices = write_report(
        read_facts(Path(results)),
        ReportOptions(lang=lang, redact=redact),
        to=Path(output) if output else None,
    )
    say_notes((*torn_line_left_out(Path(results)), *notices))
    return answer(ReportDocument(report=str(path)), f"Report   {path}", as_json=as_json)
