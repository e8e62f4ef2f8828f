"""
Compares an import with an export of the CRM, to settle requests without a clear answer.

Nothing is sent. An open request is one that got no clear answer: it may have made a record.
"""

from __future__ import annotations

from importer.reconciling.findings import Coverage, Finding, FindingKind, Reconciliation
from importer.reconciling.reconcile_export import ACTIONS, ReconcileSettings, reconcile

__all__ = [
    "ACTIONS",
    "Coverage",
    "Finding",
    "FindingKind",
    "ReconcileSettings",
    "Reconciliation",
    "reconcile",
]
