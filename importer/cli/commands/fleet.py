"""`vorel-import fleet`: many keys on many machines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio
import click

from importer.cli.commands.reconcile import (
    reconcile_options,
    reconcile_settings,
    show_reconciliation,
)
from importer.cli.documents import Failed, ReportDocument, document_of
from importer.cli.ending import answer, explain, say_result
from importer.cli.fleet_extra import (
    FleetGroup,
    database_option,
    work_option,
)
from importer.cli.fleet_worker import run_worker
from importer.cli.monitoring_flags import monitoring_flags
from importer.cli.options import (
    Duration,
    at_once_option,
    before_option,
    is_person_there,
    json_option,
    refuse_both,
    row_option,
    source_type,
)
from importer.cli.run_job_folder import run_folder
from importer.cli.setting_options import monitoring_options, setting_options
from importer.cli.terminal_text import megabytes, say
from importer.core.errors import ImporterError, ResultsInUse
from importer.core.locale.language import LANGUAGES
from importer.core.shared import counted
from importer.run.tally import worst_of

if TYPE_CHECKING:
    from importer.cli.shown.fleet_documents import Rows
    from importer.fleet.journal.rewriting import Rewritten
    from importer.fleet.work.orders import Change
    from importer.fleet.work.running import Fleet
    from importer.jobs.job_file import JobFile
    from importer.writer.rewriting.compaction import Compacted

_SAID = {
    ("stop", "wanted"): "is stopped",
    ("stop", "new"): "is stopped",
    ("resume", "stopped"): "goes on",
    ("resume", "new"): "workers run it",
    ("retry", "ended"): "is run once more",
    ("retry", "new"): "workers run it",
}
_NOTHING_TO_DO = {
    "wanted": "workers run it until it has ended",
    "stopped": "is stopped; `fleet resume` lets it go on",
    "ended": "has ended; `fleet retry` runs it once more",
}
_names = click.argument("jobs", nargs=-1, metavar="[JOB...]")
_all_option = click.option("--all", "every", is_flag=True, help="All jobs of the fleet.")


@click.group(cls=FleetGroup)
def fleet() -> None:
    """
    Import for many API keys, on any number of machines.

    A PostgreSQL database has the journals of the imports, instead of results files. fleet init
    prepares it. Install the extra fleet first.
    """


@fleet.command()
@database_option
@click.option("--grant", "role", metavar="ROLE", help="Let this role do what a worker needs.")
@click.option(
    "--moved",
    is_flag=True,
    help="The tables were moved here, and no job has run since the dump.",
)
@json_option
def init(*, database: str, role: str | None, moved: bool, as_json: bool) -> int:
    """
    Create or update the tables of a fleet.

    Run it as the owner of the database. --grant lets an existing role read and add lines, but not
    change or remove them.
    """
    from importer.fleet.database.connecting import connect_first
    from importer.fleet.database.migrating import grant, migrate
    from importer.fleet.journal.losses import note_moved

    with closing(connect_first(database)) as connection:
        applied = migrate(connection)
        if moved:
            note_moved(connection)
        if role is not None:
            grant(connection, role)
    from importer.cli.shown.fleet_documents import AppliedDocument

    lines = [f"applied {name}" for name in applied] or ["The tables are up to date."]
    return answer(AppliedDocument(applied=applied), *lines, as_json=as_json)


@fleet.command()
@click.argument("jobs", nargs=-1, required=True, metavar="JOB...", type=click.Path(exists=True))
@database_option
@json_option
def add(*, jobs: tuple[str, ...], database: str, as_json: bool) -> int:
    """
    Add jobs with what they have imported.

    JOB is a job file, or a folder of them. Its results file is copied into the database, and can no
    longer be used by run.
    """
    from importer.fleet.moving import add_to_fleet
    from importer.jobs.job_file import find_jobs, load_job

    added: dict[str, int | None] = {}
    for path in (path for name in jobs for path in find_jobs(Path(name))):
        job = load_job(path)
        lines = added[job.name] = add_to_fleet(database, job)
        told = "was added before" if lines is None else "added"
        told += f", with {counted(lines, 'line')}" if lines else ""
        say(f"{job.name}: {told}", err=as_json)
    if as_json:
        from importer.cli.shown.fleet_documents import Lines, LinesDocument

        of = {name: Lines(lines=lines) for name, lines in added.items()}
        say_result(LinesDocument(jobs=of))
    return 0


@fleet.command()
@click.argument("job", metavar="JOB", type=click.Path(exists=True))
@database_option
@work_option
@at_once_option
@setting_options("time_limit", "accept_list")
@json_option
@monitoring_options
def run(*, job: str, database: str, work: Path, as_json: bool, **flags: Any) -> int:
    """
    Run jobs of the fleet here and now.

    JOB is a job file, or a folder of them. A job whose API key another process is using ends with
    exit code 8.
    """
    from importer.fleet.work.running import opened_fleet
    from importer.fleet.work.worker import FleetStop

    monitoring = monitoring_flags(flags)
    with opened_fleet(database, work) as opened:
        return run_folder(
            Path(job),
            monitoring,
            shows_json=as_json,
            run_job=opened.run,
            group=FleetStop(opened.give_up),
            **flags,
        )


@fleet.command()
@click.argument("jobs", metavar="JOBS", type=click.Path(exists=True))
@database_option
@work_option
@click.option(
    "--at-once",
    type=click.IntRange(min=1),
    metavar="N",
    default=200,
    help="How many jobs run side by side.  [default: 200]",
)
@click.option(
    "--slice",
    "seconds",
    type=Duration(least=1),
    metavar="TIME",
    default="10m",
    help="How long a job runs before another may have its place.  [default: 10m]",
)
@click.option(
    "--metrics",
    metavar="[HOST:]PORT",
    help="Serve figures for Prometheus at http://HOST:PORT/metrics.  [default host: 127.0.0.1]",
)
@click.option(
    "--retry-at",
    metavar="HH:MM",
    help="Each day at this time (UTC) run all jobs once more that have ended. Give each worker the "
    "same: one that is alive then does it.",
)
@monitoring_options
def worker(*, jobs: str, work: Path, **flags: Any) -> int:
    """
    Run jobs beside other workers.

    JOBS is the folder of job files, the same on each machine. If a worker is stopped (SIGTERM),
    others continue its jobs at once; if it dies, within half a minute.
    """
    monitoring = monitoring_flags(flags)
    return run_worker(Path(jobs), monitoring, folder=work, **flags)


def _change(
    what: Change,
    *,
    jobs: tuple[str, ...],
    every: bool,
    database: str,
    as_json: bool,
    accept_list: bool | None = None,
) -> int:
    from importer.fleet.work.orders import change

    if every == bool(jobs):
        raise click.UsageError("Name the jobs, or give --all.")
    found = change(database, what, None if every else jobs, accepts_list=bool(accept_list))
    changed: dict[str, bool] = {}
    for name, before in found.items():
        text = _SAID.get((what, before))
        changed[name] = text is not None
        if text is not None or not every:
            say(f"{name}: {text or _NOTHING_TO_DO[before]}", err=as_json)
    if as_json:
        from importer.cli.shown.fleet_documents import ChangedDocument

        say_result(ChangedDocument(changed=changed))
    return 0


@fleet.command()
@_names
@_all_option
@database_option
@json_option
def stop(**given: Any) -> int:
    """
    Stop jobs, after the requests in flight.

    JOB is the name of a job. It stays stopped until fleet resume.
    """
    return _change("stop", **given)


@fleet.command()
@_names
@_all_option
@database_option
@json_option
def resume(**given: Any) -> int:
    """Continue stopped jobs. JOB is the name of a job."""
    return _change("resume", **given)


@fleet.command()
@_names
@_all_option
@setting_options("accept_list")
@database_option
@json_option
def retry(*, every: bool, accept_list: bool | None, **given: Any) -> int:
    """Run jobs that have ended once more. JOB is the name of a job."""
    if accept_list and every:
        raise click.UsageError("--accept-list: name the jobs whose lists you have looked at.")
    return _change("retry", every=every, accept_list=accept_list, **given)


@fleet.command()
@_names
@click.option(
    "--check",
    "checks",
    is_flag=True,
    help="Show only jobs that do not go on by themselves, and end with exit code 1 if there are "
    "any.",
)
@click.option(
    "--max-age",
    type=Duration(allows_zero=False),
    metavar="TIME",
    help="With --check: name jobs that were not imported to their end for so long, such as 26h.",
)
@database_option
@json_option
def status(
    *,
    jobs: tuple[str, ...],
    checks: bool,
    max_age: float | None,
    database: str,
    as_json: bool,
) -> int:
    """
    Show the state of each job.

    JOB is the name of a job; without one, all jobs are shown.
    """
    from importer.cli.shown.fleet_documents import described
    from importer.fleet.journal.blocks import refuse_unknown
    from importer.fleet.reporting.fleet_facts import trouble_of
    from importer.fleet.showing.overview import FleetState, job_states, takeovers

    found = job_states(database, jobs)
    refuse_unknown(jobs, {one.name for one in found})
    if max_age is not None and not checks:
        raise click.UsageError("--max-age goes with --check.")
    troubles = {one.name: trouble_of(one, max_age) for one in found} if checks else {}
    wrong = {name: why for name, why in troubles.items() if why is not None}
    code = int(bool(wrong))
    if as_json:
        from importer.cli.shown.fleet_documents import FleetStatusDocument, JobDocument

        document = FleetStatusDocument(
            jobs={one.name: JobDocument.of(one) for one in found},
            fleet=FleetState.of(found, takeovers(database)),
            exit_code=code,
            wrong=wrong,
        )
        say_result(document)
        return code
    for one in found:
        if not checks or one.name in wrong:
            why = f"{wrong[one.name]}: " if checks else ""
            say(f"{one.name}: {why}{described(one)}")
    if checks and not wrong:
        say(f"{counted(len(found), 'job')}: none needs anybody.")
    return code


@fleet.command("report")
@click.option(
    "-o",
    "--output",
    type=click.Path(),
    metavar="FILE",
    default="fleet.report.html",
    help="Where to write it.  [default: fleet.report.html]",
)
@click.option(
    "--lang", type=click.Choice([*LANGUAGES]), default="en", help="Its language.  [default: en]"
)
@database_option
@json_option
def report(*, output: str, lang: str, database: str, as_json: bool) -> int:
    """
    Write an HTML report about all jobs.

    It says what needs a person, and the state of each job. It has no value of a row, and no key.
    """
    from importer.fleet.reporting.fleet_report import render
    from importer.fleet.showing.overview import job_states
    from importer.report.report_file import put_report

    path = Path(output)
    jobs = job_states(database, ())
    at = jobs[0].now if jobs else datetime.now(UTC)
    put_report(render(jobs, at, lang=lang), path, of=path.name)
    return answer(ReportDocument(report=str(path)), f"Report   {path}", as_json=as_json)


@fleet.command()
@_names
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


@fleet.command()
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


@fleet.command()
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


@fleet.command()
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


@fleet.command()
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
