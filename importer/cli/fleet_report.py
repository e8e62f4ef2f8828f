"""`vorel-import fleet report`: writes one HTML file about all jobs of a fleet."""

from __future__ import annotations

from pathlib import Path

import click

from importer.cli.fleet_extra import FleetCommand, database_option
from importer.cli.options import json_option
from importer.cli.text import say

__all__ = ["report"]


@click.command(cls=FleetCommand)
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="FILE",
    default="fleet.report.html",
    help="Where to write it.  [default: fleet.report.html]",
)
@click.option(
    "--lang", type=click.Choice(["en", "ar"]), default="en", help="Its language.  [default: en]"
)
@database_option
@json_option
def report(*, output: str, lang: str, database: str, as_json: bool) -> int:
    """
    Write an HTML report about all jobs.

    It says what needs a person, and the state of each job. It has no value of a row, and no key.
    """
    from datetime import UTC, datetime

    from importer.cli.ending import say_result
    from importer.fleet.reporting.page import render
    from importer.fleet.showing.overview import job_states
    from importer.report.report_file import put_report

    path = Path(output)
    jobs = job_states(database, ())
    at = jobs[0].now if jobs else datetime.now(UTC)
    put_report(render(jobs, at, lang=lang), path, of=path.name)
    if as_json:
        from importer.cli.documents import ReportDocument

        say_result(ReportDocument(report=str(path)))
    else:
        say(f"Report   {path}")
    return 0
