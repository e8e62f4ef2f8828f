"""`vorel-import fleet` with `compact`, `forget`, `remove`, `restored` and `reconcile`: journals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from importer.cli.documents import Failed, document_of
from importer.cli.ending import answer, explain, say_result
from importer.cli.fleet_extra import FleetCommand, database_option, work_option
from importer.cli.options import (
    before_option,
    is_person_there,
    json_option,
    refuse_both,
    row_option,
    source_type,
)
from importer.cli.reconcile_options import (
    reconcile_options,
    reconcile_settings,
    show_reconciliation,
)
from importer.cli.terminal_text import megabytes, say
from importer.core.errors import ImporterError, ResultsInUse
from importer.core.shared import counted
from importer.run.tally import worst_of

if TYPE_CHECKING:
    from importer.cli.shown.fleet_documents import Rows
    from importer.fleet.journal.rewriting import Rewritten
    from importer.fleet.work.running import Fleet
    from importer.jobs.job_file import JobFile
    from importer.writer.rewriting.compaction import Compacted


@click.command(cls=FleetCommand)
@click.argument("jobs", nargs=-1, metavar="[JOB...]")
@click.option("--all", "every", is_flag=True, help="All jobs whose journals have grown since.")
@database_option
@json_option
def compact(*, jobs: tuple[str, ...], every: bool, database: str, as_json: bool) -> int:
    """
    Make journals smaller: without lines that no later run needs, and packed.

    JOB is the name of a job. What a rerun sends stays the same, and the new lines are checked
    before they replace the old ones. A job that is running is left as it is. It needs the owner of
    the database.
    """
    from importer.cli.shown.fleet_documents import CompactedDocument, Smaller
    from importer.fleet.journal.rewriting import journals, rewrite
    from importer.writer.rewriting.compaction import compact as rewritten

    if every == bool(jobs):
        raise click.UsageError("Name the jobs, or give --all.")
    found = journals(database, None if every else [*jobs])
    done: dict[str, Smaller] = {}
    codes: list[int] = []
    for journal in found:
        if every and not journal.may_pay:
            continue
        if not journal.lines:
            say(f"{journal.job}: has no lines yet", err=as_json)
            continue
        try:
            now = rewrite(database, journal.job, rewritten)
        except Exception as found_wrong:  # noqa: BLE001 - the other journals grow all the same
            error = explain(found_wrong)
            if every and isinstance(error, ResultsInUse):
                say(f"note: {error.message}", err=True)
                continue
            codes.append(_told(journal.job, error))
        else:
            sizes = {"before": now.before, "after": now.after}
            done[journal.job] = document_of(Smaller, now.done, **sizes)
            if not as_json:
                say(_line(journal.job, now))
    if as_json:
        say_result(CompactedDocument(exit_code=worst_of(codes), jobs=done))
    return worst_of(codes)


def _told(job: str, error: ImporterError) -> int:
    say(f"{job}: {error.message}", err=True, always=True)
    if error.hint:
        say(error.hint, err=True, always=True)
    return error.exit_code


def _line(job: str, now: Rewritten[Compacted]) -> str:
    if now.after == now.before:
        return f"{job}: every line is still needed; nothing was changed"
    return (
        f"{job}: {megabytes(now.before)} before, {megabytes(now.after)} now; removed "
        f"{counted(now.done.lines, 'line')} that no later run needs"
    )


@click.command(cls=FleetCommand)
@click.argument("job", metavar="JOB")
@row_option
@before_option
@database_option
@json_option
def forget(
    *, job: str, row: int | None, before: datetime | None, database: str, as_json: bool
) -> int:
    """
    Take out of a journal what quotes values of rows: the messages of errors.

    JOB is the name of a job. It is what `vorel-import forget` does with a results file: hashes,
    keys and ids stay, so that later runs decide as before. It needs the owner of the database.
    """
    refuse_both(row, before)
    from importer.fleet.journal.rewriting import rewrite
    from importer.writer.rewriting.forgetting import forget as take_out

    done = rewrite(database, job, partial(take_out, row=row, before=before)).done
    lines = [f"{job}: forgot the texts of {counted(done.lines, 'line')}"]
    if done.lines:
        lines.append(
            "Copies of the journal, derived files and reports are where the job was run: they keep "
            "these texts until it is run there again. Backups of the database keep them, too."
        )
    # The files beside the copy that was rewritten are nobody's.
    return answer(replace(done, files=()), *lines, as_json=as_json)


@click.command(cls=FleetCommand)
@click.argument("jobs", nargs=-1, required=True, metavar="JOB...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@database_option
@json_option
def remove(*, jobs: tuple[str, ...], yes: bool, database: str, as_json: bool) -> int:
    """
    Take jobs out of the fleet, with their journals: nobody knows then whom they have imported.

    JOB is the name of a job. `vorel-import export --journal NAME` keeps its journal as a results
    file. It needs the owner of the database.
    """
    from importer.fleet.journal.rewriting import journals
    from importer.fleet.journal.rewriting import remove as take_out

    found = journals(database, [*jobs])
    if not yes:
        lines = sum(one.lines for one in found)
        question = f"Remove {counted(len(found), 'job')} with {counted(lines, 'line')} for good?"
        if not is_person_there():
            raise click.UsageError(f"{question} Give --yes, since nobody can be asked.")
        click.confirm(question, abort=True, err=True)
    removed: dict[str, int] = {}
    for job in dict.fromkeys(jobs):
        removed[job] = take_out(database, job)
        say(f"{job}: removed, with {counted(removed[job], 'line')}", err=as_json)
    if as_json:
        from importer.cli.shown.fleet_documents import Lines, LinesDocument

        of = {name: Lines(lines=lines) for name, lines in removed.items()}
        say_result(LinesDocument(jobs=of))
    else:
        say("Job files, keys, lists and derived files are where they were.")
    return 0


@click.command(cls=FleetCommand)
@click.argument("jobs", nargs=-1, required=True, metavar="JOB...", type=click.Path(exists=True))
@database_option
@work_option
@json_option
def restored(*, jobs: tuple[str, ...], database: str, work: Path, as_json: bool) -> int:
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
    worst = worst_of(getattr(one, "exit_code", 0) for one in ends.values())
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
    *, job: str, export: str, database: str, work: Path, as_json: bool, **flags: Any
) -> int:
    """
    Settle unclear rows of a job.

    EXPORT is a list of the CRM's records with their ids, and JOB a job file. The command works as
    reconcile does, with the journal in the database.
    """
    from importer.jobs.job_file import load_job

    found_job = load_job(Path(job))
    with reconcile_settings(export, **flags) as settings:
        found = _in_fleet(database, work, lambda fleet: fleet.reconcile(found_job, settings))
    return show_reconciliation(found, found_job.name, as_json=as_json)


async def _presume_all(
    jobs: Sequence[JobFile], shows_json: bool, fleet: Fleet
) -> dict[str, Rows | Failed]:
    """Put on record which rows of each job may have been sent. Returns how many, or the error."""
    from importer.cli.shown.fleet_documents import Rows

    ends: dict[str, Rows | Failed] = {}
    for job in jobs:
        try:
            count = await fleet.presume_sent(job)
            ends[job.name] = Rows(rows=count)
            say(f"{job.name}: {counted(count, 'row')} may have been sent", err=shows_json)
        except Exception as found:  # noqa: BLE001 - the other jobs need it as much
            error = explain(found)
            ends[job.name] = document_of(Failed, error, stopped=error.message)
            _told(job.name, error)
    return ends


def _in_fleet(database: str, work: Path, ask: Callable[[Fleet], Any]) -> Any:
    """Return what a method of a fleet returns."""
    from importer.fleet.work.running import opened_fleet

    with opened_fleet(database, work) as fleet:
        return anyio.run(ask, fleet)
