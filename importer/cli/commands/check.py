"""`vorel-import check`: the whole-file dry run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.ending import answer
from importer.cli.help import HelpfulCommand
from importer.cli.monitoring_flags import monitor_of_run
from importer.cli.options import configured, json_option, sources_argument
from importer.cli.setting_options import check_options
from importer.cli.shown.progress import row_line
from importer.cli.terminal_text import is_verbose, say

if TYPE_CHECKING:
    from importer.core.records import Outcome


@click.command(cls=HelpfulCommand)
@sources_argument
@check_options
@click.option(
    "--failed-file",
    type=click.Path(),
    metavar="FILE",
    help="Write the rows that would be refused, with the cause, to FILE or into that folder.",
)
@json_option
def check(*, as_json: bool, failed_file: str | None, **flags: Any) -> int:
    """
    Say what run would do with each row, and send nothing.

    The exit code is 1 if rows would be refused.
    """
    from importer.cli.shown.render import render_check
    from importer.run.checking.dry_run import check as check_import

    with configured(sends=False, **flags) as config:
        if (job := flags["job"]) is not None:
            named = {name: flags[name] for name in ("sources", "results")}
            monitor_of_run({}, job=job, **named).refuse_lost_memory(config)
        path = None if failed_file is None else Path(failed_file)
        plan = check_import(config, failed_file=path, each=_tell if is_verbose() else None)
    answer(plan, render_check(plan, config), as_json=as_json)
    return plan.exit_code


def _tell(outcome: Outcome) -> None:
    say(row_line(outcome), err=True)
