"""Keeps the results file and writes the files that are derived from it."""

from __future__ import annotations

from importer.writer.exports import EXPORTS, Dialect, Exporter, export_paths, flatten
from importer.writer.index.loading import History, load_results
from importer.writer.index.outcome_index import OutcomeIndex
from importer.writer.ledger.ledger import Before, Ledger, Twin
from importer.writer.lines import outcome_of, read_outcome, row_line
from importer.writer.reading import iter_lines, read_lines
from importer.writer.results import ResultsFile, process_identity

__all__ = [
    "EXPORTS",
    "Before",
    "Dialect",
    "Exporter",
    "History",
    "Ledger",
    "OutcomeIndex",
    "ResultsFile",
    "Twin",
    "export_paths",
    "flatten",
    "iter_lines",
    "load_results",
    "outcome_of",
    "process_identity",
    "read_lines",
    "read_outcome",
    "row_line",
]
