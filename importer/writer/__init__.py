"""Keeps the results file and writes the files that are derived from it."""

from __future__ import annotations

from importer.writer.exports import EXPORTS, Dialect, Draft, Exporter, flatten
from importer.writer.index.loading import History, load_results
from importer.writer.index.outcome_index import OutcomeIndex
from importer.writer.ledger.ledger import Before, Ledger, Twin
from importer.writer.line_reader import iter_lines, read_lines
from importer.writer.placing import Placement, clear_drafts, is_own_file, place
from importer.writer.result_lines import (
    EndLine,
    ExportsLine,
    ExportsRecord,
    FileRecord,
    Line,
    RequestKind,
    RequestLine,
    RowLine,
    RunLine,
    SourceRecord,
    line_from_json,
)
from importer.writer.results import ResultsFile, process_identity
from importer.writer.standing import Standing, StandingCounter

__all__ = [
    "EXPORTS",
    "Before",
    "Dialect",
    "Draft",
    "EndLine",
    "Exporter",
    "ExportsLine",
    "ExportsRecord",
    "FileRecord",
    "History",
    "Ledger",
    "Line",
    "OutcomeIndex",
    "Placement",
    "RequestKind",
    "RequestLine",
    "ResultsFile",
    "RowLine",
    "RunLine",
    "SourceRecord",
    "Standing",
    "StandingCounter",
    "Twin",
    "clear_drafts",
    "flatten",
    "is_own_file",
    "iter_lines",
    "line_from_json",
    "load_results",
    "place",
    "process_identity",
    "read_lines",
]
