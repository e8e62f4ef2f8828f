"""What is known of one idempotency key."""

from __future__ import annotations

from dataclasses import dataclass

from importer.records import RowError, Status

__all__ = ["KeyState"]


@dataclass(slots=True)
class KeyState:
    """
    What is known of one key: `status` is None from `sent` until there is an outcome.

    `refused` tells that the attempt was refused for a reason that passes, which is no outcome.
    `sent` is when a request with the present attempt's key left for the first time, by the
    ledger's own clock, and `sent_at` the same as it is on record; None where it is not known.
    """

    attempt: int = 1
    sent: float | None = None
    sent_at: str | None = None
    status: Status | None = None
    row: int | None = None
    row_hash: str | None = None
    external_id: str | None = None
    record_url: str | None = None
    error: RowError | None = None
    this_run: bool = False
    in_flight: bool = False
    refused: bool = False
