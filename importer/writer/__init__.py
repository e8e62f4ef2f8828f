"""
Reads and writes the results file, and the files that are derived from it.

No name here needs polars: a run of a small, unchanged list does not load it.
"""

from __future__ import annotations

from importer.writer.exporter import EXPORTS, ExportDialect, Exporter, flatten
from importer.writer.index.created_on_list import CreatedOnList
from importer.writer.index.failing_rows import FailingRows
from importer.writer.index.loading import History, load_results, scan_results
from importer.writer.index.match_hash_index import MatchHashIndex
from importer.writer.line_reader import (
    Line,
    iter_lines,
    last_lines,
    line_from_json,
    parse_line,
    read_line,
    read_lines,
)
from importer.writer.lines.line import ResultLine
from importer.writer.lines.row_line import (
    KnownLine,
    RequestKind,
    RequestLine,
    RowLine,
    SentLine,
)
from importer.writer.lines.run_line import (
    AcknowledgedLine,
    EndLine,
    ExportsLine,
    ExportsRecord,
    FileRecord,
    ListLine,
    MappingLine,
    RunLine,
    SourceRecord,
    VanishedLine,
)
from importer.writer.list_status import PROBLEMS_KEPT, ListStatus, ListStatusCounter
from importer.writer.pending_files import PendingFile, PendingTextFile
from importer.writer.results import (
    LineStore,
    OpenStore,
    ResultsFile,
    is_results_file,
    torn_line_kept,
    torn_line_left_out,
)
from importer.writer.state.idempotency_keys import NOT_THERE, UNCLEAR, IdempotencyKeys, KeyState
from importer.writer.state.journal_state import JournalState, Version, VersionKind
from importer.writer.workbook import FailedWorkbook, with_workbook

__all__ = [
    "EXPORTS",
    "NOT_THERE",
    "PROBLEMS_KEPT",
    "UNCLEAR",
    "AcknowledgedLine",
    "CreatedOnList",
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
    "ListStatus",
    "ListStatusCounter",
    "MappingLine",
    "MatchHashIndex",
    "OpenStore",
    "PendingFile",
    "PendingTextFile",
    "RequestKind",
    "RequestLine",
    "ResultLine",
    "ResultsFile",
    "RowLine",
    "RunLine",
    "SentLine",
    "SourceRecord",
    "VanishedLine",
    "Version",
    "VersionKind",
    "flatten",
    "is_results_file",
    "iter_lines",
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
