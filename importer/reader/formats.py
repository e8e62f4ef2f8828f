"""The table of source formats. A new format is a folder with a `RowReader`, and a line here."""

from __future__ import annotations

from itertools import chain

from importer.reader.csv.csv_format import CSV
from importer.reader.json.json_formats import JSON, JSON_LINES
from importer.reader.protocol import SourceFormat, SourceSample

FORMATS: tuple[SourceFormat, ...] = (JSON, JSON_LINES, CSV)
"""In the order in which they are tried: CSV takes everything that no other format recognizes."""


def format_of(sample: SourceSample) -> SourceFormat:
    """
    Return the format of a sample: the stated one, else the one that recognizes it.

    Raises `SourceError` if a sample looks like a format but cannot be imported, such as an object
    that only wraps the list.
    """
    claimed = (format_ for format_ in FORMATS if format_.claims(sample))
    stated = (format_ for format_ in FORMATS if format_.name == sample.options.format)
    recognized = (format_ for format_ in FORMATS if format_.recognizes(sample))
    return next(chain(claimed, stated, recognized))
