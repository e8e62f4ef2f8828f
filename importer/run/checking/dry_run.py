"""Checks an import, and optionally writes the rows that would be refused to a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from importer.core import systems
from importer.core.errors import ConfigError
from importer.reader.spool import spool_folder
from importer.run.checking.check_report import CheckReport
from importer.run.checking.row_check import EachOutcome, Progress, RowCheck
from importer.run.checking.shown_rows import ShownRows
from importer.run.config import ImportConfig
from importer.run.guards.preparation import prepare_guarded
from importer.run.job import Job
from importer.run.loaded_import import load_import
from importer.writer.exporter import Exporter
from importer.writer.index_file import beside
from importer.writer.pending_files import PendingFile
from importer.writer.placement import is_own_file


def check(
    config: ImportConfig,
    *,
    failed_file: Path | None = None,
    progress: Progress | None = None,
    each: EachOutcome | None = None,
    shown: ShownRows | None = None,
) -> CheckReport:
    """
    Read, map and validate every row; send nothing.

        >>> report = check(ImportConfig(sources="contacts.csv", object="contact"))
        >>> report.read, report.to_send, report.refused
        (2, 2, 0)

    Earlier results are taken into account. No API key is needed. `progress` is called now and then
    with the number of rows checked and of all rows, which may be an estimate; an exception that it
    raises ends the check. `each` is called with the outcome of each row that would not be sent and
    has no record. The rows behind the numbers of the report are put into `shown`.

    Rows that would be refused are written to `failed_file`, with the reasons. If that is a folder,
    the file in it is called `<stem>.check-failed.csv`, after the results file. Rows of a JSON list
    are also written as objects, to a `.jsonl` file of the same name. If no row would be refused, no
    file is written.

    Raises `UsageError` like `run_import`, and if the file cannot be written, is a source, or was
    not written by the importer.
    """
    with spool_folder() as spool:
        job = prepare_guarded(config, spool=spool)
        path = None if failed_file is None else _failed_path(job, failed_file)
        with load_import(job) as loaded:
            rows = RowCheck(job, loaded, progress=progress, each=each, shown=shown)
            return rows.run() if path is None else _check_and_write(rows, job, path)


def _check_and_write(rows: RowCheck, job: Job, path: Path) -> CheckReport:
    survey = job.survey
    try:
        exporter = Exporter(path.parent, survey.columns, survey.dialect, results=job.results.name)
        with exporter:
            summary = rows.run(exporter)
            pending_files = {one.ending: one for one in exporter.finish()}
            _replace(path, pending_files.get("csv"))
            _replace(_objects(path), pending_files.get("jsonl"))
    except OSError as error:
        raise ConfigError(
            "--failed-file %(path)s: cannot be written (%(reason)s)",
            path=path,
            reason=error,
            hint="Name a file in a folder that exists and has room.",
        ) from error
    return replace(summary, failed_file=str(path) if pending_files else None)


def _failed_path(job: Job, failed_file: Path) -> Path:
    path = failed_file
    if path.is_dir():
        path /= beside(job.results, "check-failed.csv").name
    if not path.parent.is_dir():
        raise ConfigError(
            "--failed-file %(path)s: there is no folder %(path_2)s",
            path=failed_file,
            path_2=path.parent,
        )
    taken = [job.results, *(Path(file.name) for file, _ in job.survey.files)]
    taken += [Path(source) for source in job.config.sources]
    if job.config.mapping_path is not None:
        taken.append(job.config.mapping_path)
    if path.resolve() in {one.resolve() for one in taken}:
        raise ConfigError(
            "--failed-file %(path)s: that file is part of the import",
            path=failed_file,
            hint="Name another file; this one would be lost.",
        )
    for one in (path, _objects(path)) if job.survey.dialect.has_objects else (path,):
        if one.is_symlink() or (one.exists() and not (one.is_file() and is_own_file(one))):
            raise ConfigError(
                "--failed-file %(path)s: %(name)s is not a file that check has written",
                path=failed_file,
                name=one.name,
                hint="Name another file; this one would be lost.",
            )
    return path


def _replace(path: Path, pending_file: PendingFile | None) -> None:
    """Replace the file of an earlier check by the new one; without one, remove it."""
    if pending_file is not None:
        systems.current.replace(pending_file.path, path)
    elif path.exists():
        path.unlink()


def _objects(path: Path) -> Path:
    """Return the path of the file that has the rows of a JSON list as objects."""
    return path.with_name(f"{path.name.removesuffix(path.suffix)}.jsonl")
