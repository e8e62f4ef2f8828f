"""Checks an import, and writes the rows that would be refused where that is asked for."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from importer.checking.report import CheckSummary
from importer.checking.row_check import RowCheck
from importer.config import ImportConfig
from importer.errors import ConfigError
from importer.running.job import Job, output_stem, prepare
from importer.writer import Exporter

__all__ = ["check", "check_and_write"]


def check(config: ImportConfig) -> CheckSummary:
    """
    Read, map and validate every row; send nothing and write nothing.

    Earlier results are taken into account. Raises `UsageError` like `run_import`; an API key is
    not needed.
    """
    with TemporaryDirectory(prefix="vorel-import-") as spool:
        return RowCheck(prepare(config, spool=Path(spool), counted=False)).run()


def check_and_write(config: ImportConfig, failed_file: Path) -> CheckSummary:
    """
    Do what `check` does, and write the rows that would be refused, with the cause, to a file.

    A folder gets a file named after the source: `<stem>.check-failed.csv`. Raises `UsageError`
    like `check`, and for a file that cannot be written or is a source.
    """
    with TemporaryDirectory(prefix="vorel-import-") as spool:
        job = prepare(config, spool=Path(spool), counted=False)
        path = _failed_path(job, failed_file)
        survey = job.survey
        try:
            with Exporter(Path(spool), "check", survey.columns, survey.dialect) as exporter:
                summary = RowCheck(job, exporter).run()
            _move(exporter.paths["failed"], path)
        except OSError as error:
            raise ConfigError(
                f"--failed-file {failed_file}: cannot be written ({error})",
                hint="Name a file in a folder that exists and has room.",
            ) from error
    return replace(summary, failed_file=str(path))


def _failed_path(job: Job, failed_file: Path) -> Path:
    path = failed_file
    if path.is_dir():
        path /= f"{output_stem(job.results, job.config.sources)}.check-failed.csv"
    if not path.parent.is_dir():
        raise ConfigError(f"--failed-file {failed_file}: there is no folder {path.parent}")
    taken = [job.results, *(Path(file.name) for file, _ in job.survey.files)]
    taken += [Path(source) for source in job.config.sources]
    if job.config.mapping_path is not None:
        taken.append(job.config.mapping_path)
    if path.resolve() in {one.resolve() for one in taken}:
        raise ConfigError(
            f"--failed-file {failed_file}: that file is part of the import",
            hint="Name another file; this one would be lost.",
        )
    return path


def _move(written: Path, path: Path) -> None:
    """Put a file where it belongs, so that it is there whole or not at all."""
    partial = path.with_name(f".{path.name}.partial")
    try:
        shutil.copyfile(written, partial)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
