"""The outcomes of rows that need no request."""

from __future__ import annotations

from dataclasses import replace

from importer.records import Origin, Outcome, Rejected, RowError, RowIdentity, Send, Status
from importer.shared import MAY_EXIST, WHOLE_LIST
from importer.writer.ledger.key_state import KeyState

__all__ = [
    "NOT_THERE",
    "UNCLEAR",
    "changed",
    "corrected_again",
    "differs",
    "duplicate",
    "duplicate_outcome",
    "edited",
    "in_part",
    "made_elsewhere",
    "mapped_anew",
    "presumed",
    "refused",
    "refused_in_doubt",
    "resembles",
    "unclear",
    "was_held_back",
]

UNCLEAR = "unclear"
"""The code of a row that is not sent, since an earlier request may have created it."""
NOT_THERE = "not_there"
"""The code of a row that an export of the CRM lacks: it may be sent again, with the same key."""


def differs(send: Send, state: KeyState) -> bool:
    """Return whether a record with the same identity has other content."""
    return state.row_hash is not None and state.row_hash != send.row_hash


def refused(rejected: Rejected, row: RowIdentity) -> Outcome:
    """Return the outcome of a row that reader or mapper refused, with all its faults."""
    error = rejected.error
    if rejected.more:
        others = "; ".join(f"{other.field}: {other.message}" for other in rejected.more)
        error = replace(error, message=f"{error.message}; {others}")
    return Outcome(
        number=rejected.number,
        line=rejected.line,
        source=rejected.source,
        source_hash=row.source_hash,
        occurrence=row.occurrence,
        corrected=row.corrected,
        cells_hash=rejected.cells_hash,
        status=Status.INVALID,
        error=error,
    )


def refused_in_doubt(refused: Outcome, key: str) -> Outcome:
    """Return the outcome of a row that was sent with `key` before it was refused."""
    error = refused.error
    if error is not None:
        then = f" If it is not there: {error.hint or 'Correct the row.'}"
        error = replace(error, hint=f"{MAY_EXIST}{then}")
    return replace(refused, status=Status.UNKNOWN, idempotency_key=key, error=error)


def was_held_back(outcome: Outcome) -> bool:
    """Return whether a row is unknown for a request of an earlier run: none was made for it."""
    error = outcome.error
    if outcome.status is not Status.UNKNOWN or error is None:
        return False
    return error.code == UNCLEAR or error.origin in {Origin.READER, Origin.MAPPER}


def changed(send: Send, record: KeyState) -> Outcome:
    """Return the outcome of a row whose identity was created with other content."""
    message = "a record with this identity was created before with other content"
    return _changed(send, message, record)


def corrected_again(send: Send, record: KeyState) -> Outcome:
    """Return the outcome of a row of a derived file that was corrected after it was created."""
    return _changed(send, "this row was created before with other content", record)


def resembles(send: Send, record: KeyState) -> Outcome:
    """Return the outcome of a row that has no known key, but looks like an earlier record."""
    message = "a record with these contact details was created before with other content"
    return _changed(send, message, record)


def in_part(send: Send, record: KeyState) -> Outcome:
    """Return the outcome of a row of a derived file that may have the record of another row."""
    message = (
        "a row with other content, which may be an earlier version of this one, was created before"
    )
    return replace(_changed(send, message, record, hint=WHOLE_LIST), differs=False)


def made_elsewhere(send: Send, results: str, record: KeyState) -> Outcome:
    """Return the outcome of a row that the import of another results file has created."""
    message = (
        f"the import with the results file {results} has created this row, or one with its "
        "contact details"
    )
    hint = "If it is somebody else, create a record with --on-change send."
    return _changed(send, message, record, hint=hint)


_CHANGE_IT = "Change it in the CRM, or create a second record with --on-change send."


def _changed(send: Send, message: str, record: KeyState, *, hint: str = _CHANGE_IT) -> Outcome:
    error = RowError(
        code="changed",
        origin=Origin.MAPPER,
        message=f"{message}: {record.external_id}",
        hint=hint,
    )
    return send.outcome(
        Status.CHANGED,
        error=error,
        external_id=record.external_id,
        record_url=record.record_url,
        differs=True,
    )


def duplicate(send: Send, state: KeyState) -> Outcome:
    """Return the outcome of a row that is the same record as one that was created or sent."""
    outcome = send.outcome(
        Status.DUPLICATE,
        duplicate_of=state.row if state.this_run else state.held_row,
        differs=differs(send, state),
    )
    return duplicate_outcome(outcome, state)


def duplicate_outcome(duplicate: Outcome, first: Outcome | KeyState) -> Outcome:
    """Return the outcome of a row that was not sent, since `first` is the same record."""
    if first.external_id is not None:
        return replace(duplicate, external_id=first.external_id, record_url=first.record_url)
    failed = first.status is Status.FAILED
    what = "was not created" if failed else "has had no clear answer yet"
    error = RowError(
        code="first_not_created",
        origin=Origin.MAPPER,
        message=f"the same record as row {duplicate.duplicate_of}, which {what}",
        hint=_duplicate_hint(duplicate) if failed else "See the error of that row.",
    )
    return replace(duplicate, error=error)


def _duplicate_hint(duplicate: Outcome) -> str:
    if duplicate.differs:
        return "Correct that row; or delete it, and this one is sent in its place."
    return "It has the same content: correct it in both, or in one and delete the other."


def unclear(send: Send, sent_at: str | None) -> Outcome:
    """Return the outcome of a row that was first sent at `sent_at`, and has to be looked up."""
    return _in_doubt(
        send,
        sent_at,
        "; the service may have forgotten its key by now, and then another request would make a "
        "second record",
        hint="Look it up in the CRM. If it is not there: --resend-unknown sends it.",
    )


def presumed(send: Send, sent_at: str | None) -> Outcome:
    """Return the outcome of a row of which a line may be lost that said that it was sent."""
    error = RowError(
        code=UNCLEAR,
        origin=Origin.TRANSPORT,
        message=f"a request for this row may have left since {sent_at}: lines of the journal that "
        "may have said so are lost, and another request might make a second record",
        hint="`fleet reconcile` looks it up in an export of the CRM. Or look it up yourself: if it "
        "is not there, --resend-unknown sends it.",
    )
    return send.outcome(Status.UNKNOWN, error=error)


def mapped_anew(send: Send, sent_at: str | None) -> Outcome:
    """Return the outcome of a row that was sent with other content and got no clear answer."""
    return _in_doubt(
        send,
        sent_at,
        ", and the mapping has changed since: another request would have another key and might "
        "make a second record",
        hint="Look it up in the CRM, or run once more with the mapping of that time. If it is not "
        "there: --resend-unknown sends it.",
    )


def edited(send: Send, sent_at: str | None) -> Outcome:
    """Return the outcome of a row that looks like one whose request got no clear answer."""
    return _in_doubt(
        send,
        sent_at,
        " while it had other content: it may exist, and another request might make a second record",
        hint="Look it up in the CRM. If it is not there: --resend-unknown sends it.",
    )


def _in_doubt(send: Send, sent_at: str | None, why: str, *, hint: str) -> Outcome:
    since = f"at {sent_at}" if sent_at else "at a time that is not on record"
    message = f"a request for this row left {since} and no clear answer came{why}"
    error = RowError(code=UNCLEAR, origin=Origin.TRANSPORT, message=message, hint=hint)
    return send.outcome(Status.UNKNOWN, error=error)
