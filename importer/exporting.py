"""Writes the success, failed and unsent files of an import from its results and sources."""

from __future__ import annotations

from pathlib import Path

from importer.errors import JournalError
from importer.job import Survey, output_stem
from importer.writer import Exporter, Ledger, OutcomeIndex

__all__ = ["write_exports"]


def write_exports(results: Path, survey: Survey, sources: tuple[str, ...]) -> dict[str, str]:
    """
    Write the three files beside the results file. Returns their paths by name.

    A row is found again by its content, so this works for a source that has changed since.
    Raises `JournalError` where the disk does not take them.
    """
    stem = output_stem(results, sources)
    counter = Ledger()
    index = OutcomeIndex(results)
    try:
        with Exporter(results.parent, stem, survey.columns, survey.dialect) as exporter:
            for source_hash, batch, place in survey.hashed():
                outcome = index.find(source_hash, counter.see(source_hash))
                exporter.add(batch.row(place), outcome)
    except OSError as error:
        raise JournalError(
            f"the success, failed and unsent files cannot be written: {error}",
            hint="The results file is whole. Make room, then: vorel-import export RESULTS SOURCE",
        ) from error
    finally:
        index.close()
    return {name: str(path) for name, path in exporter.paths.items()}
