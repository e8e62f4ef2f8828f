"""The outcome of a row from its last answer."""

from __future__ import annotations

from dataclasses import replace

from importer.records import Outcome, Status
from importer.sender.answer import Answer, Meaning
from importer.sender.delivery.queue import QueuedRow
from importer.shared import MAY_EXIST

__all__ = ["given_up", "outcome_of"]

_LEAVE_AS_IT_IS = (
    "Run the same command again: the row is sent with the same key. Do not change it until then: "
    "its record may exist."
)


def outcome_of(queued: QueuedRow, answer: Answer) -> Outcome:
    """
    Return the outcome of a row that follows from its last answer.

    A refusal after an unclear request is `unknown`, not `failed`: the unclear request may have
    created the record. So every request with the key of a `failed` row was clearly refused.
    """
    send, attempts = queued.send, queued.attempts + 1
    if answer.meaning is Meaning.CREATED:
        return send.outcome(
            Status.CREATED,
            external_id=answer.external_id,
            record_url=answer.record_url,
            attempts=attempts,
        )
    error = answer.error
    if not queued.unclear:
        return send.outcome(Status.FAILED, error=error, attempts=attempts)
    if error is not None:
        rest = f" If it is not there: {error.hint}" if error.hint and not answer.conflict else ""
        error = replace(error, hint=f"{MAY_EXIST}{rest}")
    return send.outcome(Status.UNKNOWN, error=error, attempts=attempts)


def given_up(queued: QueuedRow, answer: Answer) -> Outcome:
    """Return the outcome of a row that is given up because no attempt had a clear answer."""
    error = answer.error
    if error is not None:
        first = f"{answer.stop.hint} " if answer.stop is not None else ""
        error = replace(error, hint=f"{first}{_LEAVE_AS_IT_IS}")
    return queued.send.outcome(Status.UNKNOWN, error=error, attempts=queued.attempts)
