"""Compares what a metrics file remembers of a job with what its results file knows."""

from __future__ import annotations

from pathlib import Path

from importer.config import ImportConfig
from importer.memory import Claim, KnownRecords, find_claims, refuse_claims
from importer.monitoring.metrics import read_metrics
from importer.records import Status
from importer.running.file_names import results_path

__all__ = ["refuse_by_metrics"]


def refuse_by_metrics(config: ImportConfig, metrics_file: Path, job: str) -> None:
    """
    Raise `MemoryLost` if the metrics file of a job knows of more records than its results file.

    A run that was told `--new-import` is not stopped, and a file of another job says nothing.
    Raises `OSError` if one of the files cannot be read, and `ConfigError` if the results file has
    to be named.
    """
    if config.rerun.new_import:
        return
    earlier = read_metrics(metrics_file)
    rows = earlier.list.get(Status.CREATED, 0)
    known = KnownRecords(results_path(config))
    if not earlier.is_of(job) or known.is_foreign or known.has_records(rows):
        return
    rest = f"knows {known.created:,} records" if known.is_there else "is not there"
    says = f"{metrics_file}: {rows:,} rows of the last list had a record; {known.path.name} {rest}"
    refuse_claims(known, [*find_claims(known, config), Claim(says=says, at=earlier.ended)], config)
