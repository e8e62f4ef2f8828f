"""`vorel-import fleet compact`, `forget` and `remove`: what makes the database smaller."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

import click

from importer.cli.ending import explain, say_result
from importer.cli.fleet_extra import FleetCommand, database_option
from importer.cli.options import (
    before_option,
    is_person_there,
    json_option,
    refuse_both,
    row_option,
)
from importer.cli.text import counted, megabytes, say
from importer.core.errors import ImporterError, ResultsInUse

if TYPE_CHECKING:
    from importer.fleet.journal.rewriting import Rewritten
    from importer.writer.rewriting.compaction import Compacted

__all__ = ["compact", "forget", "remove"]


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
    worst = 0
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
            worst = max(worst, _told(journal.job, error))
        else:
            done[journal.job] = Smaller.of(now.done, now.before, now.after)
            if not as_json:
                say(_line(journal.job, now))
    if as_json:
        say_result(CompactedDocument(exit_code=worst, jobs=done))
    return worst


def _told(job: str, error: ImporterError) -> int:
    say(f"{job}: {error.message}", err=True)
    if error.hint:
        say(error.hint, err=True)
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
    if as_json:
        # The files beside the copy that was rewritten are nobody's.
        say_result(replace(done, files=()))
        return 0
    say(f"{job}: forgot the texts of {counted(done.lines, 'line')}")
    if done.lines:
        say(
            "Copies of the journal, derived files and reports are where the job was run: they keep "
            "these texts until it is run there again. Backups of the database keep them, too."
        )
    return 0


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
