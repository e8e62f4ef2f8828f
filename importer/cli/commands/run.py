"""`vorel-import run`: asks for confirmation on a terminal, imports, and prints the result."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.documents import RunDocument, document_of
from importer.cli.ending import ignore_signals, monitored, say_result
from importer.cli.help import GroupedOption, HelpfulCommand
from importer.cli.interrupts import SignalReceived, raised, run_with_signals
from importer.cli.monitoring_flags import monitor_of_run, monitoring_flags
from importer.cli.options import (
    at_once_option,
    configured,
    is_person_there,
    json_option,
    sources_argument,
)
from importer.cli.questions import answered
from importer.cli.setting_options import monitoring_options, run_options
from importer.cli.shown.next_steps import Command, NextStep, first_command, next_steps
from importer.cli.shown.outcome import render_summary
from importer.cli.shown.progress import Progress
from importer.cli.terminal_text import is_quiet, say
from importer.core.errors import ListDiffers, QuestionError

if TYPE_CHECKING:
    from importer.core.records import Summary
    from importer.jobs.monitoring.monitor import RunMonitor
    from importer.run.config import ImportConfig


@click.command(cls=HelpfulCommand)
@sources_argument
@run_options
@click.option(
    "--api-key-file",
    cls=GroupedOption,
    type=click.Path(),
    metavar="FILE",
    help="Read the API key from a file.",
)
@click.option("--yes", is_flag=True, help="Do not ask before sending.")
@click.option("--no-input", is_flag=True, help="Never ask anything.")
@json_option
@at_once_option
@monitoring_options
def run(*, as_json: bool, at_once: int, **flags: Any) -> int:
    """
    Import lists of people. Run again, it continues where it stopped.

    SOURCE is a file (CSV, JSON Lines, JSON, a spreadsheet; compressed or not), a folder, a glob, an
    address, or - for standard input. The API key comes from VOREL_API_KEY, --api-key-file or a
    prompt. A TIME is in seconds, or written as 90m, 24h, 7d.
    """
    monitoring = monitoring_flags(flags)
    if flags["job"] is not None and Path(flags["job"]).is_dir():
        from importer.cli.run_job_folder import run_folder

        if flags.pop("sources") or flags["results"] or flags["plan"]:
            raise click.UsageError("A folder of jobs takes no SOURCE, --results or --plan.")
        for name in ("yes", "no_input"):
            del flags[name]
        folder = Path(flags.pop("job"))
        flags |= {"at_once": at_once, "shows_json": as_json}
        return run_folder(folder, monitoring, **flags)
    named = {name: flags[name] for name in ("job", "sources", "results")}
    monitor = monitor_of_run(monitoring, **named)
    work = partial(_run, monitor, as_json=as_json, **flags)
    return monitored(monitor, work, shows_json=as_json)


def _run(
    monitor: RunMonitor,
    *,
    api_key_file: str | None,
    yes: bool,
    no_input: bool,
    as_json: bool,
    **flags: Any,
) -> int:
    """Import, and show how it ended."""
    from importer.jobs.output import check_output, keep_files, make_smaller

    has_messages = monitor.logs_text and not is_quiet()
    with ExitStack() as stack:
        config = stack.enter_context(
            configured(api_key_file=api_key_file, asks=not no_input, **flags)
        )
        check_output(config, monitor.note)
        if not (yes or no_input) and is_person_there():
            config = _ask(config)
        monitor.started(config)
        monitor.refuse_lost_memory(config)
        make_smaller(config, monitor.note)
        progress = Progress(quiet=not has_messages, rate=config.rate)
        stack.callback(progress.close)
        tell = () if monitor.logs_text else (monitor.note,)
        summary = run_with_signals(config, [progress, monitor], *tell)
        ignore_signals()  # one that came now would say that nothing was sent
        summary = keep_files(config, summary, monitor.note)
    steps = _steps(summary, config, api_key_file)
    if has_messages or (summary.stopped and monitor.logs_text):
        say(render_summary(summary, steps), err=True, always=True)
    if as_json:
        say_result(document_of(RunDocument, summary, next=first_command(steps)))
    with suppress(SignalReceived), raised() as late:  # whoever sends one now does not want to wait
        late.is_answered = as_json
        monitor.ended(summary)
    return summary.exit_code


def _ask(config: ImportConfig) -> ImportConfig:
    """Show what would be sent where, and ask for confirmation. Returns the settings to use."""
    from importer.cli.shown.render import render_plan
    from importer.run.checking.dry_run import check

    try:
        plan = check(config)
    except QuestionError as question:
        return _ask(answered(config, question))
    except ListDiffers as differs:
        say(differs.message, err=True, always=True)
        click.confirm("Continue all the same?", abort=True, err=True)
        return _ask(config.replace(accept_list=True))
    say(render_plan(plan, config), err=True, always=True)
    if plan.to_send or plan.stopped:
        click.confirm(
            "Continue all the same?" if plan.stopped else "Send them?", abort=True, err=True
        )
    return config.replace(accept_list=True) if plan.stopped else config


def _steps(summary: Summary, config: ImportConfig, api_key_file: str | None) -> list[NextStep]:
    more = ("--api-key-file", api_key_file) if api_key_file is not None else ()
    command = Command(config.stated(), Path(summary.results), more=more)
    return next_steps(
        command,
        counts=summary.list or summary.counts,
        left=summary.unsent if summary.left is None else summary.left,
        problems=summary.problems,
        files=summary.files,
        exit_code=summary.exit_code,
        undecided=summary.undecided_before,
        elsewhere=summary.verdict.elsewhere,
    )
