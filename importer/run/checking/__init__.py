"""The dry run of a whole list: says what `run` would do with every row, and sends nothing."""

from __future__ import annotations

from importer.run.checking.check_report import Changes, CheckReport
from importer.run.checking.dry_run import check, check_and_write
from importer.run.checking.shown_rows import LackingRow, Resemblance, ShownRows

__all__ = [
    "Changes",
    "CheckReport",
    "LackingRow",
    "Resemblance",
    "ShownRows",
    "check",
    "check_and_write",
]
