"""The whole-file dry run: what `run` would do with every row, without sending any."""

from __future__ import annotations

from importer.checking.dry_run import check, check_and_write
from importer.checking.report import Changes, CheckSummary

__all__ = ["Changes", "CheckSummary", "check", "check_and_write"]
