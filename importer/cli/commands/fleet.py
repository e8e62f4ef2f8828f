"""`vorel-import fleet`: many keys on many machines."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.fleet_extra import database_option, need_fleet
from importer.cli.options import (
    at_once_option,
    json_option,
    monitoring_options,
    quiet_option,
    time_limit_option,
)
from importer.cli.text import duration, say
from importer.cli.watching import monitoring_flags
from importer.errors import ConfigError

if TYPE_CHECKING:
    from importer.fleet.overview import JobState

__all__ = ["fleet"]


@click.group()
def fleet() -> None:
    """
    Import for many API keys, on any number of machines.

    The journals of the imports are in a PostgreSQL database instead of results files.

    docs/fleet.md says how to set one up. It needs the extra `fleet`.
    """
    need_fleet()


@fleet.command()
@database_option
@click.option("--grant", "role", metavar="ROLE", help="Let this role do what a worker needs.")
def init(*, database: str, role: str | None) -> int:
    """
    Create the tables of a fleet, or bring them up to date.

    It is run as the owner of the database. Workers need fewer rights: --grant gives a role that
    exists the right to read and to add, but not to change or remove a line.
    """
    from contextlib import closing

    from importer.fleet.database import connect_first
    from importer.fleet.migrating import grant, migrate

    with closing(connect_first(database)) as connection:
        applied = migrate(connection)
        if role is not None:
            grant(connection, role)
    for name in applied:
        say(f"applied {name}")
    if not applied:
        say("The tables are up to date.")
    return 0


@fleet.command()
@click.argument("jobs", nargs=-1, required=True, metavar="JOB...", type=click.Path(exists=True))
@database_option
def add(*, jobs: tuple[str, ...], database: str) -> int:
    """
    Add jobs to the fleet, with what they have imported so far.

    JOB is a job file, or a folder of them. The results file of each is taken into the database. It
    is kept, and a note in its place stops a run that knows nothing of the fleet.
    """
    from importer.cli.job_folder import job_files
    from importer.fleet.moving import add_to_fleet
    from importer.jobs import load_job

    for path in (path for name in jobs for path in job_files(Path(name))):
        job = load_job(path)
        lines = add_to_fleet(database, job)
        if lines is None:
            say(f"{job.name}: was added before")
        else:
            say(f"{job.name}: added" + (f", with {lines:,} lines" if lines else ""))
    return 0


@fleet.command()
@click.argument("job", metavar="JOB", type=click.Path(exists=True))
@database_option
@click.option(
    "--work",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Where copies of journals are kept.  [default: in the state folder of this user]",
)
@at_once_option
@time_limit_option
@quiet_option
@json_option
@monitoring_options
def run(*, job: str, database: str, work: str | None, as_json: bool, **flags: Any) -> int:
    """
    Run jobs that were added, here and now.

    JOB is a job file, or a folder of them. A job whose API key another process is using ends with
    exit code 8; if that process has died, its key is free within half a minute.
    """
    from importer.cli.job_folder import run_folder
    from importer.fleet.folders import default_folder
    from importer.fleet.running import opened_fleet

    monitoring = monitoring_flags(flags)
    folder = default_folder() if work is None else Path(work)
    with opened_fleet(database, folder) as opened:
        return run_folder(
            Path(job),
            monitoring,
            shows_json=as_json,
            run_job=opened.run,
            group=opened.stops(),
            **flags,
        )


@fleet.command()
@click.argument("jobs", nargs=-1, metavar="[JOB...]")
@database_option
@json_option
def status(*, jobs: tuple[str, ...], database: str, as_json: bool) -> int:
    """
    Show the state of each job: where it is running, or how its last run ended.

    JOB is the name of a job; without one all of them are shown.
    """
    from importer.cli.ending import say_result
    from importer.fleet.overview import job_states

    found = job_states(database, jobs)
    if missing := sorted({*jobs} - {one.name for one in found}):
        raise ConfigError(f"the fleet has no job {', '.join(missing)}")
    if as_json:
        say_result({"jobs": {one.name: one.to_json() for one in found}})
        return 0
    for one in found:
        say(f"{one.name}: {_described(one)}")
    return 0


def _described(job: JobState) -> str:
    ago = "" if job.idle is None else f"{duration(job.idle)} ago"
    if job.state == "running":
        return f"running on {job.running_on}" + (f", last line {ago}" if ago else "")
    if job.end is None:
        return "has not run" if job.state == "new" else f"cut off {ago}; it can be run again"
    counts = [f"{count:,} {name}" for name, count in job.counts().items()]
    causes = "; ".join(f"{count:,} x {name}" for name, count in job.causes().items())
    ended = ", ".join([f"ended {ago} with exit code {job.end.exit_code}", *counts])
    return ended + (f" [{causes}]" if causes else "")
