"""
Bulk import of legacy lists of people into the CRM behind Vorel.

    from importer import ImportConfig, run_import

    summary = await run_import(ImportConfig(sources="contacts.csv", mapping="mapping.toml", …))

In place of files, `run_import` and `check` take rows: any iterable of mappings, with the settings
by name. `read_rows` reads sources, `suggest_mapping` suggests a field for each column, `check` is
the dry run, and `run_import` imports; `JobFolder` runs the jobs of a folder. None of them prints.
All errors are in `importer.core.errors`, all events in `importer.core.events`, and all settings in
`importer.run.config`.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from importer._version import __version__
from importer.core.errors import (
    ConfigError,
    ImporterError,
    StopRun,
    UsageError,
)

if TYPE_CHECKING:
    from importer.api import check, run_import, run_import_sync
    from importer.core.control import StopControl
    from importer.core.events import Event, Hook, RowDone
    from importer.core.records import Outcome, Rejected, Row, RowError, Status, Summary
    from importer.core.settings import ReadOptions
    from importer.core.verdict import Verdict
    from importer.jobs.job_folder import JobFolder
    from importer.mapper.mapping.file import load_mapping, parse_mapping
    from importer.mapper.suggest.columns.choice import Suggestion
    from importer.mapper.suggest.columns.choose import suggest_mapping
    from importer.reader import read_rows
    from importer.report.import_status import ImportStatus, import_status
    from importer.run.checking.check_report import CheckReport
    from importer.run.config import ImportConfig

__all__ = [
    "CheckReport",
    "ConfigError",
    "Event",
    "Hook",
    "ImportConfig",
    "ImportStatus",
    "ImporterError",
    "JobFolder",
    "Outcome",
    "ReadOptions",
    "Rejected",
    "Row",
    "RowDone",
    "RowError",
    "Status",
    "StopControl",
    "StopRun",
    "Suggestion",
    "Summary",
    "UsageError",
    "Verdict",
    "__version__",
    "check",
    "import_status",
    "load_mapping",
    "parse_mapping",
    "read_rows",
    "run_import",
    "run_import_sync",
    "suggest_mapping",
]

# The modules of these names import httpx or pydantic, which is slow: they are loaded when first
# used, so that `vorel-import --help` stays fast.
_LAZY = {
    "api": ("check", "run_import", "run_import_sync"),
    "run.checking.check_report": ("CheckReport",),
    "run.config": ("ImportConfig",),
    "core.control": ("StopControl",),
    "core.events": ("Event", "Hook", "RowDone"),
    "jobs.job_folder": ("JobFolder",),
    "mapper.mapping.file": ("load_mapping", "parse_mapping"),
    "mapper.suggest.columns.choice": ("Suggestion",),
    "mapper.suggest.columns.choose": ("suggest_mapping",),
    "reader": ("read_rows",),
    "core.records": ("Outcome", "Rejected", "Row", "RowError", "Status", "Summary"),
    "core.settings": ("ReadOptions",),
    "report.import_status": ("ImportStatus", "import_status"),
    "core.verdict": ("Verdict",),
}
_HOMES = {name: home for home, names in _LAZY.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value
