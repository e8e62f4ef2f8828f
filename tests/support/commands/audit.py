"""What a loop of kills came to, and what it is counted from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Audit", "ids_by_ref"]


@dataclass(frozen=True)
class Audit:
    """What a kill loop came to. `twins` and `lost` must be 0."""

    rows: int
    good: int
    kills: int
    runs: int
    records: int
    twins: int
    lost: int
    wrong_ids: int
    requests: int


def ids_by_ref(records: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """Return the ids of a CRM's records by their `external_ref`."""
    found: dict[str, list[str]] = {}
    for record in records:
        found.setdefault(str(record["fields"]["external_ref"]), []).append(
            str(record["external_id"])
        )
    return found
