"""Makes a row's outcome of the last answer to it."""

from __future__ import annotations

from dataclasses import replace

from importer.records import Outcome, Status
from importer.sender.delivery.queue import QueuedRow
from importer.sender.vorel.answers import Answer, Meaning

__all__ = ["given_up", "outcome_of"]

_LEAVE_AS_IT_IS = (
    "Run the same command again: the row is sent with the same key. Leave it as it stands until "
    "then: its record may exist."
)


def outcome_of(turn: QueuedRow, answer: Answer) -> Outcome:
    """Return what an answer that decides makes of a row."""
    send, attempts = turn.send, turn.attempts + 1
    if answer.meaning is Meaning.CREATED:
        return send.outcome(
            Status.CREATED,
            external_id=answer.external_id,
            record_url=answer.record_url,
            attempts=attempts,
        )
    error = answer.error
    # A conflict after an unclear request proves nothing: that request may hold the key.
    if turn.unclear and error is not None and answer.conflict:
        error = replace(error, hint="An earlier try may have created it; look it up in the CRM.")
        return send.outcome(Status.UNKNOWN, error=error, attempts=attempts)
    return send.outcome(Status.FAILED, error=error, attempts=attempts)


def given_up(turn: QueuedRow, answer: Answer) -> Outcome:
    """Return the outcome of a row none of whose attempts was answered clearly."""
    error = answer.error
    if error is not None:
        first = f"{answer.stop.hint} " if answer.stop is not None else ""
        error = replace(error, hint=f"{first}{_LEAVE_AS_IT_IS}")
    return turn.send.outcome(Status.UNKNOWN, error=error, attempts=turn.attempts)
