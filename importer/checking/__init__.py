"""The whole-file dry run: what `run` would do with every row, without sending any."""

from __future__ import annotations

from importer.checking.dry_run import check, check_and_write
from importer.checking.report import Changes, CheckReport

__all__ = ["Changes", "CheckReport", "check", "check_and_write"]
