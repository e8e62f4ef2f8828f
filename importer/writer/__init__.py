"""Keeps the results file and writes the files that are derived from it."""

from __future__ import annotations

from importer.writer.exports import EXPORTS, Dialect, Exporter, export_paths, flatten
from importer.writer.index.loading import History, load_results
from importer.writer.index.outcome_index import OutcomeIndex
from importer.writer.ledger.ledger import Before, Ledger, Twin
from importer.writer.line_reader import iter_lines, read_lines
from importer.writer.result_lines import (
    EndLine,
    ExportsRecord,
    Line,
    RequestKind,
    RequestLine,
    RowLine,
    RunLine,
    SourceRecord,
    line_from_json,
)
from importer.writer.results import ResultsFile, process_identity

__all__ = [
    "EXPORTS",
    "Before",
    "Dialect",
    "EndLine",
    "Exporter",
    "ExportsRecord",
    "History",
    "Ledger",
    "Line",
    "OutcomeIndex",
    "RequestKind",
    "RequestLine",
    "ResultsFile",
    "RowLine",
    "RunLine",
    "SourceRecord",
    "Twin",
    "export_paths",
    "flatten",
    "iter_lines",
    "line_from_json",
    "load_results",
    "process_identity",
    "read_lines",
]
