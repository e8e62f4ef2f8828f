"""The state of one idempotency key."""

from __future__ import annotations

from dataclasses import dataclass, replace

from importer.core.records import RowError, Status


@dataclass(slots=True)
class KeyState:
    """
    The state of one key.

    `status` is None from the first `sent` line until there is an outcome. `attempt` is the current
    attempt, or 0 if no request was accepted yet. `sent` is the time of the first request of the
    current attempt by the clock of the keys, `sent_at` the same time as it is on record; both are
    None if unknown. It `is_refused` if every request with the key was clearly refused, whether that
    is the outcome or another attempt follows. If it `is_presumed`, a request may have been sent,
    with this key or another one. `requests` counts the requests of the attempt. `source_hash`,
    `occurrence` and `corrected` identify the row that was sent (`RowIdentity`). If it `is_cleared`,
    an export of the CRM has shown that no request so far has made a record. `run` is the run that
    has recorded its outcome.
    """

    attempt: int = 1
    sent: float | None = None
    sent_at: str | None = None
    is_presumed: bool = False
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
    is_refused: bool = False
    unproven: bool = False
    is_cleared: bool = False
    run: str | None = None

    @property
    def is_created(self) -> bool:
        """Whether a record was created with this key."""
        return self.status is Status.CREATED

    @property
    def is_unclear(self) -> bool:
        """Whether a request with this key may have created a record that is not known."""
        return not self.is_created and not self.is_refused

    def says_the_same(self, other: KeyState) -> bool:
        """
        Return whether both lead to the same decisions; it is enough to count two requests.

        Once a record was created, the requests for it do not matter.
        """
        is_over = self.is_created and other.is_created
        mine, theirs = (
            replace(
                one,
                run=None,
                sent=None,
                sent_at=None if is_over else one.sent_at,
                requests=0 if is_over else min(one.requests, 2),
            )
            for one in (self, other)
        )
        both_known = is_over or (self.sent is None) == (other.sent is None)
        return mine == theirs and both_known

    def key(self, base: str) -> str:
        """Return the key of the current attempt; `base` is the key of the first one."""
        return _attempt(base, self.attempt)

    def next_key(self, base: str) -> str:
        """Return the key of the next attempt."""
        return _attempt(base, self.attempt + 1)


def _attempt(base: str, attempt: int) -> str:
    return base if attempt <= 1 else f"{base}-{attempt}"
