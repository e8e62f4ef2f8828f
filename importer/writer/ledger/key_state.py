"""What is known of one idempotency key."""

from __future__ import annotations

from dataclasses import dataclass

from importer.records import RowError, Status

__all__ = ["KeyState"]


@dataclass(slots=True)
class KeyState:
    """
    What is known of one key: `status` is None from `sent` until there is an outcome.

    `attempt` is the present one, 0 where no request with the first was taken.

    `refused`: the attempt was refused for a reason that passes, which is not an outcome. `sent` is
    when a request with the present attempt's key left for the first time, by the ledger's own
    clock, and `sent_at` the same as it is on record; None where it is not known. `requests` counts
    them. `source_hash`, `occurrence` and `corrected` are those of the row that was sent
    (`RowIdentity`).
    """

    attempt: int = 1
    sent: float | None = None
    sent_at: str | None = None
    requests: int = 0
    status: Status | None = None
    row: int | None = None
    source_hash: str = ""
    occurrence: int = 1
    corrected: str | None = None
    row_hash: str | None = None
    external_id: str | None = None
    record_url: str | None = None
    error: RowError | None = None
    this_run: bool = False
    in_flight: bool = False
    refused: bool = False
    unproven: bool = False

    @property
    def is_created(self) -> bool:
        """Whether a record was made with this key."""
        return self.status is Status.CREATED

    @property
    def is_refused(self) -> bool:
        """Whether every request with this key was clearly refused, so that it made no record."""
        if self.status is None:
            return self.refused
        return self.status is Status.FAILED and not self.unproven

    @property
    def is_unclear(self) -> bool:
        """Whether a request with this key may have made a record that nobody knows of."""
        return not self.is_created and not self.is_refused and not self.in_flight

    def key(self, base: str) -> str:
        """Return the key of the present attempt, of which `base` is the first."""
        return _attempt(base, self.attempt)

    def next_key(self, base: str) -> str:
        """Return the key of the next attempt."""
        return _attempt(base, self.attempt + 1)


def _attempt(base: str, attempt: int) -> str:
    return base if attempt <= 1 else f"{base}-{attempt}"
