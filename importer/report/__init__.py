"""The report of an import: one HTML file to hand on, made from the results file alone."""

from __future__ import annotations

from importer.report.report_file import ReportOptions, find_report, update_report, write_report

__all__ = ["ReportOptions", "find_report", "update_report", "write_report"]
