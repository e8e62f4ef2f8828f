"""
Bulk import of legacy lists of people into the CRM behind Vorel.

    from importer import ImportConfig, run_import

    summary = await run_import(ImportConfig(sources="contacts.csv", mapping="mapping.toml", …))

`read_rows` reads, `check` is the dry run, `run_import` imports. None of them prints.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from importer._version import __version__
from importer.errors import (
    ConfigError,
    ImporterError,
    Interrupted,
    JournalError,
    MappingError,
    OutageError,
    RefusedError,
    ResultsError,
    SourceError,
    StopRun,
    TooManyErrors,
    UsageError,
)

if TYPE_CHECKING:
    from importer.checking import CheckSummary, check
    from importer.config import ErrorLimit, ImportConfig, ReadOptions
    from importer.control import StopControl
    from importer.events import Event, Hook, Notice, RowDone, RowsBefore, RunStarted, Waiting
    from importer.mapper.suggest.choice import Suggestion
    from importer.mapper.suggest.choose import suggest_mapping
    from importer.reader import read_rows
    from importer.records import Outcome, Rejected, Row, RowError, Status, Summary
    from importer.running.pipeline import run_import
    from importer.status import ImportStatus, import_status

__all__ = [
    "CheckSummary",
    "ConfigError",
    "ErrorLimit",
    "Event",
    "Hook",
    "ImportConfig",
    "ImportStatus",
    "ImporterError",
    "Interrupted",
    "JournalError",
    "MappingError",
    "Notice",
    "OutageError",
    "Outcome",
    "ReadOptions",
    "RefusedError",
    "Rejected",
    "ResultsError",
    "Row",
    "RowDone",
    "RowError",
    "RowsBefore",
    "RunStarted",
    "SourceError",
    "Status",
    "StopControl",
    "StopRun",
    "Suggestion",
    "Summary",
    "TooManyErrors",
    "UsageError",
    "Waiting",
    "__version__",
    "check",
    "import_status",
    "read_rows",
    "run_import",
    "suggest_mapping",
]

# Where the names live that cost an import of httpx or pydantic: they are loaded when first
# used, so that `vorel-import --help` stays fast.
_HOMES = {
    "CheckSummary": "checking",
    "check": "checking",
    "ErrorLimit": "config",
    "ImportConfig": "config",
    "ReadOptions": "config",
    "StopControl": "control",
    "Event": "events",
    "Hook": "events",
    "Notice": "events",
    "RowDone": "events",
    "RowsBefore": "events",
    "RunStarted": "events",
    "Waiting": "events",
    "Suggestion": "mapper.suggest.choice",
    "suggest_mapping": "mapper.suggest.choose",
    "run_import": "running.pipeline",
    "read_rows": "reader",
    "Outcome": "records",
    "Rejected": "records",
    "Row": "records",
    "RowError": "records",
    "Status": "records",
    "Summary": "records",
    "ImportStatus": "status",
    "import_status": "status",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
