"""Decides with which key a row is sent, and whether it is sent once more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from importer.records import Outcome, Postponed, Send, Status
from importer.writer.ledger import decisions
from importer.writer.ledger.key_state import KeyState
from importer.writer.ledger.keys_on_record import KeysOnRecord
from importer.writer.ledger.ownership import Ownership
from importer.writer.ledger.policy import Policy

__all__ = ["Attempts"]


class Attempts:
    """The requests for rows that nothing else was decided about."""

    def __init__(
        self,
        policy: Policy,
        keys: KeysOnRecord,
        records: Ownership,
        now: Callable[[], datetime],
    ) -> None:
        self._policy = policy
        self._keys = keys
        self._records = records
        self._now = now

    def first(self, send: Send) -> Send:
        """Return a row as it is sent for the first time."""
        self._keys.begin(
            send.key,
            KeyState(
                row=send.record.row.number,
                source_hash=send.source_hash,
                occurrence=send.occurrence,
                row_hash=send.row_hash,
                this_run=True,
                in_flight=True,
            ),
        )
        self._records.claim(send.key)
        return send

    def again(
        self, send: Send, state: KeyState, *, is_last_chance: bool
    ) -> Send | Outcome | Postponed:
        """Decide about a row whose key is on record, but was not created."""
        last = state.error
        failed = state.status is Status.FAILED
        if failed and not is_last_chance:
            return Postponed()
        self._records.claim(send.key)
        is_final = failed and (
            self._policy.retry == "none"
            or (self._policy.retry == "transient" and not (last is not None and last.retryable))
        )
        current = replace(send, key=state.key(send.key))
        state.row, state.row_hash, state.this_run = send.record.row.number, send.row_hash, True
        state.source_hash, state.occurrence = send.source_hash, send.occurrence
        state.held_row = None
        if is_final:
            return current.outcome(Status.FAILED, error=last, unproven=state.unproven)
        # A conflict about an identity means that the key was used for other content, which may
        # have been created elsewhere: another key could create the same person twice.
        conflict = failed and last is not None and last.code == "conflict"
        if state.is_refused and not (conflict and send.record.identity is not None):
            state.in_flight = True
            return replace(current, key=state.next_key(send.key))
        if self._is_too_old(state):
            say = decisions.presumed if state.is_presumed else decisions.unclear
            return say(current, state.sent_at)
        state.in_flight = True
        return replace(current, unclear=True)

    def _is_too_old(self, state: KeyState) -> bool:
        """
        Return whether the service may have forgotten a key that may have made a record.

        A presumed request may have had a key that the service has never seen with this row.
        """
        is_clear = state.is_cleared or self._policy.resend_unknown
        lifetime = None if is_clear else self._policy.key_lifetime
        return lifetime is not None and (
            state.is_presumed or self._keys.is_older(state, lifetime, self._now)
        )
