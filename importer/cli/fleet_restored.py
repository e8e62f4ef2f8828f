"""`vorel-import fleet restored` and `reconcile`: after lines of journals were lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from importer.cli.ending import explain, say_result
from importer.cli.fleet_extra import FleetCommand, database_option, work_option
from importer.cli.options import json_option, source_type
from importer.cli.reconcile_options import (
    reconcile_options,
    reconcile_settings,
    show_reconciliation,
)
from importer.cli.text import counted, say

if TYPE_CHECKING:
    from importer.cli.documents import Failed
    from importer.cli.shown.fleet_documents import Rows
    from importer.fleet.work.running import Fleet
    from importer.jobs import JobFile
    from importer.run.config import ImportConfig

__all__ = ["reconcile", "restored"]


@click.command(cls=FleetCommand)
@click.argument("jobs", nargs=-1, required=True, metavar="JOB...", type=click.Path(exists=True))
@database_option
@work_option
@json_option
def restored(*, jobs: tuple[str, ...], database: str, work: str | None, as_json: bool) -> int:
    """
    After a restore, mark rows as maybe sent.

    Run it before anything else when the database was restored from a backup. JOB is a job file, or
    a folder of them. Each row of today's list without a record may have been sent since the backup;
    fleet reconcile settles these rows. Nothing is sent.
    """
    from importer.fleet.showing.overview import job_states
    from importer.jobs.job_folder import JobFolder

    found_jobs = [job for path in jobs for job in JobFolder(path).sound()]
    ends: dict[str, Rows | Failed] = _in_fleet(
        database, work, partial(_presume_all, found_jobs, as_json)
    )
    others = {one.name for one in job_states(database, ())} - {job.name for job in found_jobs}
    if others:
        say(f"note: nothing is said about {', '.join(sorted(others))}", err=True)
    worst = max((getattr(one, "exit_code", 0) for one in ends.values()), default=0)
    if as_json:
        from importer.cli.shown.fleet_documents import RestoredDocument

        say_result(RestoredDocument(exit_code=worst, jobs=ends))
    return worst


@click.command(cls=FleetCommand)
@click.argument("job", metavar="JOB", type=click.Path(exists=True, dir_okay=False))
@click.argument("export", metavar="EXPORT", type=source_type)
@database_option
@work_option
@reconcile_options
def reconcile(
    *, job: str, export: str, database: str, work: str | None, as_json: bool, **flags: Any
) -> int:
    """
    Settle unclear rows of a job.

    EXPORT is a list of the CRM's records with their ids, and JOB a job file. The command works as
    reconcile does, with the journal in the database.
    """
    from importer.jobs import load_job

    found_job = load_job(Path(job))
    with reconcile_settings(export, **flags) as settings:
        found = _in_fleet(database, work, lambda fleet: fleet.reconcile(found_job, _of, settings))
    return show_reconciliation(found, found_job.name, as_json=as_json)


async def _presume_all(
    jobs: Sequence[JobFile], shows_json: bool, fleet: Fleet
) -> dict[str, Rows | Failed]:
    """Put on record which rows of each job may have been sent. Returns how many, or the error."""
    from importer.cli.documents import Failed
    from importer.cli.shown.fleet_documents import Rows

    ends: dict[str, Rows | Failed] = {}
    for job in jobs:
        try:
            count = await fleet.presume_sent(job, _of)
            ends[job.name] = Rows(rows=count)
            say(f"{job.name}: {counted(count, 'row')} may have been sent", err=shows_json)
        except Exception as found:  # noqa: BLE001 - the other jobs need it as much
            error = explain(found)
            ends[job.name] = Failed(
                exit_code=error.exit_code, stopped=error.message, hint=error.hint
            )
            say(f"{job.name}: {error.message}", err=True, always=True)
            if error.hint:
                say(error.hint, err=True, always=True)
    return ends


def _of(job: JobFile, files: Sequence[str]) -> ImportConfig:
    from importer.cli.job_settings import config_of_job, key_of_job

    return config_of_job(job, files, key_of_job(job), job=job.path)


def _in_fleet(database: str, work: str | None, ask: Callable[[Fleet], Any]) -> Any:
    """Return what a method of a fleet returns."""
    import anyio

    from importer.fleet.work.running import default_folder, opened_fleet

    folder = default_folder() if work is None else Path(work)
    with opened_fleet(database, folder) as fleet:
        return anyio.run(ask, fleet)
