"""Streams the rows of source files, in order, within bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Unpack

from pydantic import ValidationError

from importer.core.errors import ConfigError
from importer.core.records import Rejected, Row
from importer.core.settings import (
    ReadOptions,
    ReadOverrides,
    describe_faults,
)
from importer.reader.batches import batch_of, batches, batches_but
from importer.reader.csv.reader import CsvReader
from importer.reader.files.source import find_sources
from importer.reader.files.source_file import SourceFile, fingerprint
from importer.reader.json.jsonl_reader import JsonlReader
from importer.reader.layout import Layout, detect_layout, open_text
from importer.reader.protocol import Batch, ChunkSize, RowReader
from importer.reader.spool import spool_folder

__all__ = [
    "Batch",
    "ChunkSize",
    "CsvReader",
    "JsonlReader",
    "Layout",
    "RowReader",
    "SourceFile",
    "batch_of",
    "batches",
    "batches_but",
    "detect_layout",
    "find_sources",
    "fingerprint",
    "open_source",
    "read_rows",
]


@contextmanager
def open_source(file: SourceFile, layout: Layout, options: ReadOptions) -> Iterator[RowReader]:
    """
    Open one file for reading. The reader it yields iterates over the rows.

    Raises `SourceError` for a CSV file without a header that can be read.
    """
    with open_text(file, layout) as stream:
        yield layout.details.open(
            stream,
            source=file.name,
            max_row_bytes=options.max_row_bytes,
            notices=layout.notices,
        )


def read_rows(*sources: str | Path, **overrides: Unpack[ReadOverrides]) -> Iterator[Row | Rejected]:
    """
    Yield every row of the sources, in order: a `Row`, or a `Rejected` with the reason.

        >>> [row.values["email"] for row in read_rows("contacts.csv")]
        ['rana@example.com', 'omar@example.com']

    `overrides` are the fields of `ReadOptions`; what is not given is detected. Raises `SourceError`
    for a source that cannot be read at all, `ConfigError` for an override that does not exist or is
    out of range, and for a source that is no path.
    """
    for source in sources:
        if not isinstance(source, str | Path):
            raise ConfigError(
                "a %(type)s is no path",
                type=type(source).__name__,
                hint="Name files; rows that a program has go to run_import as they are.",
            )
    try:
        options = ReadOptions(**overrides)
    except ValidationError as error:
        raise ConfigError(describe_faults(error)) from None
    with spool_folder() as spool:
        for file in find_sources(tuple(map(str, sources)), spool=spool, options=options):
            layout = detect_layout(file, options)
            with open_source(file, layout, options) as rows:
                for batch in batches(rows):
                    yield from map(batch.row, range(len(batch)))
