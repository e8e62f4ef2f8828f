"""
Compares an import with an export of the CRM, and settles what only the CRM can know.

Nothing is sent. An open request is one that got no clear answer: it may have made a record.
"""

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
