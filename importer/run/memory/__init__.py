"""Notices that a results file was lost, or is an older copy; `recovery` builds it again."""

from __future__ import annotations

from importer.run.memory.claims import Claim, find_claims
from importer.run.memory.known_records import KnownRecords
from importer.run.memory.lost_results import is_lost, refuse_claims, refuse_lost_memory

__all__ = [
    "Claim",
    "KnownRecords",
    "find_claims",
    "is_lost",
    "refuse_claims",
    "refuse_lost_memory",
]
