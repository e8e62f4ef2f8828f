"""What a loop of kills came to."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Audit"]


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
