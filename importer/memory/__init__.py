"""Notices that a results file was lost, or is an older copy; `recovering` builds one again."""

from __future__ import annotations

from importer.memory.claims import Claim, find_claims
from importer.memory.lost import is_lost, refuse_claims, refuse_lost_memory
from importer.memory.on_record import OnRecord

__all__ = [
    "Claim",
    "OnRecord",
    "find_claims",
    "is_lost",
    "refuse_claims",
    "refuse_lost_memory",
]
