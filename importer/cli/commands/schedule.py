"""`vorel-import schedule`: prints what starts a job every night."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from importer.cli.ending import say_result
from importer.cli.help import HelpfulCommand
from importer.cli.options import json_option
from importer.cli.terminal_text import say
from importer.core.errors import ConfigError
from importer.core.shared import TIMERS


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleDocument:
    """The files that start a job, with their text, by name: by path if they were written."""

    files: Mapping[str, str]


@click.command(cls=HelpfulCommand)
@click.argument("job", type=click.Path(exists=True), metavar="JOB")
@click.option("--print", "kind", type=click.Choice(TIMERS), required=True, help="For which timer.")
@click.option("--at", metavar="HH:MM", default="02:00", help="When.  [default: 02:00]")
@click.option(
    "--api-key-file",
    type=click.Path(),
    metavar="FILE",
    help="The file of the key, if the job has it as a credential of systemd; for a folder of jobs, "
    "the folder with a file for each.",
)
@click.option(
    "-o", "--output", type=click.Path(), metavar="DIR", help="Write the files there instead."
)
@json_option
def schedule(
    *,
    job: str,
    kind: str,
    at: str,
    api_key_file: str | None,
    output: str | None,
    as_json: bool,
) -> int:
    """
    Print what starts a job every night: units, a crontab line, a plist or a workflow.

    JOB is a job file, or a folder of them. Nothing is installed.
    """
    from importer.jobs.job_folder import JobFolder
    from importer.jobs.schedules import Scheduled, schedule_files

    found = shutil.which("vorel-import")
    command = (found,) if found else (sys.executable, "-m", "importer")
    key_file = None if api_key_file is None else Path(api_key_file)
    what = Scheduled.of(command, Path(job), JobFolder(job).sound())
    files = schedule_files(what, kind, at=at, key_file=key_file)
    if output is None and as_json:
        say_result(ScheduleDocument(files=files))
        return 0
    if output is None:
        for name, text in files.items():
            say(f"# {name}\n{text}" if len(files) > 1 else text, nl=len(files) > 1)
        return 0
    try:
        Path(output).mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            Path(output, name).write_text(text, encoding="utf-8")
            if not as_json:
                say(str(Path(output, name)))
    except OSError as error:
        raise ConfigError(
            "--output %(path)s: cannot be written (%(fault)s)", path=output, fault=error.strerror
        ) from error
    if as_json:
        written = {str(Path(output, name)): text for name, text in files.items()}
        say_result(ScheduleDocument(files=written))
    return 0
