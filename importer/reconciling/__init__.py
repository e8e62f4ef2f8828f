"""Settles with an export of the CRM what only the CRM can know; nothing is sent."""

from __future__ import annotations

from importer.reconciling.findings import Coverage, Finding, Kind, Reconciliation
from importer.reconciling.reconcile import ReconcileSettings, reconcile
from importer.reconciling.table import ACTIONS

__all__ = [
    "ACTIONS",
    "Coverage",
    "Finding",
    "Kind",
    "ReconcileSettings",
    "Reconciliation",
    "reconcile",
]
