"""
Reads and writes the results file, and the files that are derived from it.

What needs polars is not among the names: a small list that is unchanged is done without it.
"""

from __future__ import annotations

from importer.writer.drafts import DraftFile, TextDraft
from importer.writer.ends import last_ends, last_lines
from importer.writer.exports import EXPORTS, ExportDialect, Exporter, flatten
from importer.writer.index.failing import FailingRows
from importer.writer.index.loading import History, load_results, scan_results
from importer.writer.index.marks_index import MarksIndex
from importer.writer.index.on_list import CreatedOnList
from importer.writer.line_reader import iter_lines, parse_line, read_line, read_lines
from importer.writer.line_store import LineStore, OpenStore
from importer.writer.lines.acknowledged import AcknowledgedLine
from importer.writer.lines.end import EndLine
from importer.writer.lines.exports import ExportsLine, ExportsRecord, FileRecord
from importer.writer.lines.list_state import ListLine
from importer.writer.lines.registry import Line, line_from_json
from importer.writer.lines.request import RequestKind, RequestLine
from importer.writer.lines.row import KnownLine, RowLine
from importer.writer.lines.run import MappingLine, RunLine, SourceRecord
from importer.writer.lines.vanished import VanishedLine
from importer.writer.results import (
    ResultsFile,
    is_results_file,
    torn_line_kept,
    torn_line_left_out,
)
from importer.writer.standing import PROBLEMS_KEPT, Standing, StandingCounter
from importer.writer.state.idempotency_keys import NOT_THERE, UNCLEAR, IdempotencyKeys
from importer.writer.state.journal_state import JournalState, Version, VersionKind
from importer.writer.state.key_state import KeyState
from importer.writer.workbook import FailedWorkbook, with_workbook

__all__ = [
    "EXPORTS",
    "NOT_THERE",
    "PROBLEMS_KEPT",
    "UNCLEAR",
    "AcknowledgedLine",
    "CreatedOnList",
    "DraftFile",
    "EndLine",
    "ExportDialect",
    "Exporter",
    "ExportsLine",
    "ExportsRecord",
    "FailedWorkbook",
    "FailingRows",
    "FileRecord",
    "History",
    "IdempotencyKeys",
    "JournalState",
    "KeyState",
    "KnownLine",
    "Line",
    "LineStore",
    "ListLine",
    "MappingLine",
    "MarksIndex",
    "OpenStore",
    "RequestKind",
    "RequestLine",
    "ResultsFile",
    "RowLine",
    "RunLine",
    "SourceRecord",
    "Standing",
    "StandingCounter",
    "TextDraft",
    "VanishedLine",
    "Version",
    "VersionKind",
    "flatten",
    "is_results_file",
    "iter_lines",
    "last_ends",
    "last_lines",
    "line_from_json",
    "load_results",
    "parse_line",
    "read_line",
    "read_lines",
    "scan_results",
    "torn_line_kept",
    "torn_line_left_out",
    "with_workbook",
]
