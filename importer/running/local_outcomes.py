"""The outcomes of rows that are not sent, with the messages for people."""

from __future__ import annotations

from dataclasses import replace

from importer.matching.reasons import Reason
from importer.records import Origin, Outcome, Rejected, RowError, RowIdentity, Send, Status
from importer.running.plan import PlannedRow
from importer.shared import MAY_EXIST
from importer.writer import UNCLEAR, KeyState

__all__ = [
    "changed",
    "duplicate",
    "duplicate_outcome",
    "failed_before",
    "possible_duplicate",
    "refused",
    "refused_in_doubt",
    "unclear",
]


def refused(rejected: Rejected, row: RowIdentity) -> Outcome:
    """Return the outcome of a row that the reader or the mapper refused, with all its faults."""
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


def refused_version(rejected: Rejected, planned: PlannedRow) -> Outcome:
    """Return the outcome of a refused row; an earlier version of it may have a record."""
    outcome, record = refused(rejected, planned.where), planned.record
    if record is None:
        return outcome
    return replace(
        outcome,
        external_id=record.external_id,
        record_url=record.record_url,
        record_key=planned.base,
    )


def refused_in_doubt(refused: Outcome, key: str) -> Outcome:
    """Return the outcome of a row that was sent with `key` before it was refused."""
    error = refused.error
    if error is not None:
        then = f" If it is not there: {error.hint or 'Correct the row.'}"
        error = replace(error, hint=f"{MAY_EXIST}{then}")
    return replace(refused, status=Status.UNKNOWN, idempotency_key=key, error=error)


def changed(send: Send, planned: PlannedRow) -> Outcome:
    """Return the outcome of a row that is another version of a row with a record."""
    record = planned.record or KeyState()
    hint = _CHANGE_IT
    if planned.reason is Reason.MADE_ELSEWHERE:
        what = (
            f"the import with the results file {planned.elsewhere} has created this row, or one "
            "with its name and contact details"
        )
        hint = (
            "If it is somebody else: vorel-import acknowledge RESULTS --new REF, and the next run "
            "creates a record (REF: the vorel_ref of the row in the changed file)."
        )
    elif planned.reason is Reason.ROW_CORRECTED:
        what = "this row was created before with other content"
    else:
        what = "this row was created before with other content: its name or id and details agree"
    return _compared(send, planned, record, Status.CHANGED, what, hint)


def possible_duplicate(send: Send, planned: PlannedRow) -> Outcome:
    """Return the outcome of a row that may be the person of a record, or of another row."""
    record = planned.record or KeyState()
    named = f" (they differ in {', '.join(planned.columns[:5])})" if planned.columns else ""
    of = f"row {planned.of_row}" if planned.of_row is not None else "another row"
    if planned.reason is Reason.EQUAL_AS_SENT:
        what = f"what is sent of it is the same as of {of}{named}"
    elif planned.reason is Reason.MADE_ELSEWHERE:
        what = (
            f"it may be somebody whom the import with the results file {planned.elsewhere} has "
            "created: a detail, or customer and title, agree, and nothing more"
        )
    elif planned.reason is Reason.IDENTITY_CONTRADICTS:
        what = f"it has the identity of {of}, with another name{named}"
    else:
        what = "it may be somebody who has a record: a detail or the name agrees, and nothing more"
    return _compared(send, planned, record, Status.POSSIBLE_DUPLICATE, what, _DECIDE)


_CHANGE_IT = "Bring the record up to date in the CRM, then: vorel-import acknowledge RESULTS"
_DECIDE = (
    "Look at both. If they are one: vorel-import acknowledge RESULTS --same REF; if not, "
    "--new REF creates a record (REF: the vorel_ref of the row in the changed file)."
)


def _compared(
    send: Send, planned: PlannedRow, record: KeyState, status: Status, what: str, hint: str
) -> Outcome:
    of = f": {record.external_id}" if record.external_id is not None else ""
    error = RowError(code=status.value, origin=Origin.MAPPER, message=f"{what}{of}", hint=hint)
    is_elsewhere = planned.reason is Reason.MADE_ELSEWHERE
    return send.outcome(
        status,
        error=error,
        external_id=record.external_id,
        record_url=record.record_url,
        duplicate_of=planned.of_row,
        differs=True,
        columns=planned.columns,
        record_key=None if is_elsewhere else planned.base,
        hashes=send.hashes,
        field_hashes=send.field_hashes,
        changed=tuple(one.field for one in planned.changes or ()),
    )


def duplicate(send: Send, planned: PlannedRow) -> Outcome:
    """Return the outcome of a row whose record another row has, or is about to get."""
    outcome = send.outcome(
        Status.DUPLICATE,
        duplicate_of=planned.of_row,
        differs=planned.differs is True,
        columns=planned.columns,
        record_key=planned.base,
    )
    return outcome if planned.record is None else duplicate_outcome(outcome, planned.record)


def duplicate_outcome(duplicate: Outcome, first: Outcome | KeyState) -> Outcome:
    """Return the outcome of a row that is not sent, since `first` is the same record."""
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


def failed_before(send: Send, planned: PlannedRow) -> Outcome:
    """Return the outcome of a row that failed before and is not sent again."""
    state = planned.record or KeyState()
    return send.outcome(Status.FAILED, error=state.error, unproven=state.unproven)


def unclear(send: Send, planned: PlannedRow) -> Outcome:
    """Return the outcome of a row whose record a request without a clear answer may have made."""
    state = planned.record or KeyState()
    send = replace(send, key=state.key(planned.base or send.key))
    if planned.reason is not Reason.OWN_REQUEST:
        why, hint = _tied(send, state)
        return _in_doubt(send, state.sent_at, why, hint=hint)
    if state.is_presumed:
        return presumed(send, state.sent_at)
    return _in_doubt(
        send,
        state.sent_at,
        "; the service may have forgotten its key by now, and then another request would make a "
        "second record",
        hint="Look it up in the CRM. If it is not there: --resend-unknown sends it.",
    )


def _tied(send: Send, state: KeyState) -> tuple[str, str]:
    if state.source_hash == send.source_hash:
        return _MAPPED_ANEW, _MAP_AS_THEN
    return (
        " while it had other content: it may exist, and another request might make a second record",
        "Look it up in the CRM. If it is not there: --resend-unknown sends it.",
    )


_MAPPED_ANEW = (
    ", and the mapping has changed since: another request would have another key and might make a "
    "second record"
)
_MAP_AS_THEN = (
    "Look it up in the CRM, or run once more with the mapping of that time. If it is not there: "
    "--resend-unknown sends it."
)


def presumed(send: Send, sent_at: str | None) -> Outcome:
    """Return the outcome of a row that may have been sent, by lines of a journal that are lost."""
    error = RowError(
        code=UNCLEAR,
        origin=Origin.TRANSPORT,
        message=f"a request for this row may have left since {sent_at}: lines of the journal that "
        "may have said so are lost, and another request might make a second record",
        hint="`fleet reconcile` looks it up in an export of the CRM. Or look it up yourself: if it "
        "is not there, --resend-unknown sends it.",
    )
    return send.outcome(Status.UNKNOWN, error=error)


def _in_doubt(send: Send, sent_at: str | None, why: str, *, hint: str) -> Outcome:
    since = f"at {sent_at}" if sent_at else "at a time that is not on record"
    message = f"a request for this row left {since} and no clear answer came{why}"
    error = RowError(code=UNCLEAR, origin=Origin.TRANSPORT, message=message, hint=hint)
    return send.outcome(Status.UNKNOWN, error=error)
