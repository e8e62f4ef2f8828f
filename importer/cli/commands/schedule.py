"""`vorel-import schedule`: prints what starts a job every night."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from importer.cli.ending import answer
from importer.cli.help import HelpfulCommand
from importer.cli.options import json_option
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
    lines = [f"# {name}\n{text}" for name, text in files.items()]
    if len(files) == 1:
        lines = [text.removesuffix("\n") for text in files.values()]
    if output is not None:
        files = {str(Path(output, name)): text for name, text in files.items()}
        _write(files, output)
        lines = [*files]
    return answer(ScheduleDocument(files=files), *lines, as_json=as_json)


def _write(files: Mapping[str, str], output: str) -> None:
    """Write files by their paths. Raises `ConfigError`."""
    try:
        Path(output).mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            "--output %(path)s: cannot be written (%(fault)s)", path=output, fault=error.strerror
        ) from error
