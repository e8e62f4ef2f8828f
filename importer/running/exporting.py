"""Writes the success, failed and unsent files of an import from its results and sources."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import count
from pathlib import Path

from importer._version import __version__
from importer.errors import JournalError
from importer.reader import Block
from importer.running.job import Survey, output_stem
from importer.writer import EXPORTS, Exporter, ExportsRecord, OutcomeIndex, export_paths

__all__ = ["keep_edited", "update_exports", "write_exports"]


def update_exports(
    results: Path, survey: Survey, sources: tuple[str, ...], *, left: ExportsRecord | None
) -> tuple[dict[str, str], ExportsRecord | None]:
    """
    Write the three files, unless they are as the run before left them.

    `left` is the record of them that that run made, or None where outcomes have come in since.
    Returns their paths by name, and the record for the next run: `rows` counts what is in them.
    Raises `JournalError` like `write_exports`.
    """
    stem = output_stem(results, sources)
    paths = export_paths(results.parent, stem, survey.dialect)
    if left is not None and left.rows.keys() >= set(EXPORTS):
        found = _record(paths, survey, left.rows)
    else:
        found = None
    if found is None or found != left:
        _, rows = write_exports(results, survey, sources)
        found = _record(paths, survey, rows)
    return {name: str(path) for name, path in paths.items()}, found


def keep_edited(
    results: Path, survey: Survey, sources: tuple[str, ...], *, since: datetime | None
) -> Iterator[str]:
    """
    Put failed files aside that somebody has edited `since` the last run ended.

    Their corrections have not been imported, and the files are about to be written again. Yields
    what is to be told. Raises `OSError` where a file cannot be renamed.
    """
    if since is None:
        return
    paths = export_paths(results.parent, output_stem(results, sources), survey.dialect)
    for path in (path for name, path in paths.items() if name.startswith("failed")):
        if not path.exists() or path.stat().st_mtime <= since.timestamp():
            continue
        stem, ending = path.name.split(".failed.", 1)
        numbered = (path.with_name(f"{stem}.edited-{n}.failed.{ending}") for n in count(1))
        aside = next(one for one in numbered if not one.exists())
        path.rename(aside)
        yield f"{path.name} was edited and has not been imported: it is kept as {aside.name}"


def _record(
    paths: Mapping[str, Path], survey: Survey, rows: Mapping[str, int]
) -> ExportsRecord | None:
    """
    Return what the files are made of, their rows, sizes and times; None where one is missing.

    A file that somebody touched since has another time, whatever they did to it.
    """
    try:
        found = {name: path.stat() for name, path in paths.items()}
    except OSError:
        return None
    made_of = {
        "version": __version__,
        "sources": survey.sha256,
        "columns": list(survey.columns),
        "dialect": asdict(survey.dialect),
        "options": survey.options.model_dump(mode="json"),
    }
    return ExportsRecord(
        made_of=hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest(),
        rows=rows,
        files={name: (one.st_size, one.st_mtime_ns) for name, one in found.items()},
    )


def write_exports(
    results: Path, survey: Survey, sources: tuple[str, ...]
) -> tuple[dict[str, str], dict[str, int]]:
    """
    Write the three files beside the results file. Returns their paths and rows by name.

    A row is found again by its content, so this works for a source that has changed since.
    Raises `JournalError` where the disk does not take them.
    """
    stem = output_stem(results, sources)
    index = OutcomeIndex(results)
    try:
        with Exporter(results.parent, stem, survey.columns, survey.dialect) as exporter:
            for batch in survey.batches():
                created = index.find_created(batch.hashes) if isinstance(batch, Block) else None
                if created is not None and isinstance(batch, Block):
                    lines = [batch.line_of(place) for place in range(len(batch))]
                    exporter.add_created(batch.table, batch.number, lines, created)
                    continue
                for place, outcome in enumerate(index.find(batch.hashes)):
                    exporter.add(batch.row(place), outcome)
    except OSError as error:
        raise JournalError(
            f"the success, failed and unsent files cannot be written: {error}",
            hint="The results file is whole. Make room, then: vorel-import export RESULTS SOURCE",
        ) from error
    finally:
        index.close()
    return {name: str(path) for name, path in exporter.paths.items()}, exporter.counts
