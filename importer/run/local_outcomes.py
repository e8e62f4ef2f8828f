"""The outcomes of rows that are not sent, with the messages for people."""

from __future__ import annotations

from dataclasses import replace

from importer.core.records import Origin, Outcome, Rejected, RowError, RowIdentity, Send, Status
from importer.core.shared import MAY_EXIST
from importer.matching.open_rows import RowVerdict
from importer.matching.reasons import Reason
from importer.writer import UNCLEAR, KeyState


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


def refused_version(rejected: Rejected, verdict: RowVerdict, where: RowIdentity) -> Outcome:
    """Return the outcome of a refused row; an earlier version of it may have a record."""
    outcome, record = refused(rejected, where), verdict.record
    if record is None:
        return outcome
    return replace(
        outcome,
        external_id=record.external_id,
        record_url=record.record_url,
        record_key=verdict.base,
    )


def refused_in_doubt(refused: Outcome, key: str) -> Outcome:
    """Return the outcome of a row that was sent with `key` before it was refused."""
    error = refused.error
    if error is not None:
        then = f" If it is not there: {error.hint or 'Correct the row.'}"
        error = replace(error, hint=f"{MAY_EXIST}{then}")
    return replace(refused, status=Status.UNKNOWN, idempotency_key=key, error=error)


def changed(send: Send, verdict: RowVerdict) -> Outcome:
    """Return the outcome of a row that is another version of a row with a record."""
    record = verdict.record or KeyState()
    hint = _CHANGE_IT
    if verdict.reason is Reason.MADE_ELSEWHERE:
        what = (
            f"the import with the results file {verdict.elsewhere} has created this row, or one "
            "with its name and contact details"
        )
        hint = (
            "If it is somebody else: vorel-import acknowledge RESULTS --new REF, and the next run "
            "creates a record (REF: the vorel_ref of the row in the changed file)."
        )
    elif verdict.reason is Reason.ROW_CORRECTED:
        what = "this row was created before with other content"
    else:
        what = "this row was created before with other content: its name or id and details agree"
    return _compared(send, verdict, record, Status.CHANGED, what, hint)


def possible_duplicate(send: Send, verdict: RowVerdict) -> Outcome:
    """Return the outcome of a row that may be the person of a record, or of another row."""
    record = verdict.record or KeyState()
    named = f" (they differ in {', '.join(verdict.columns[:5])})" if verdict.columns else ""
    of = f"row {verdict.of_row}" if verdict.of_row is not None else "another row"
    if verdict.reason is Reason.EQUAL_AS_SENT:
        what = f"what is sent of it is the same as of {of}{named}"
    elif verdict.reason is Reason.MADE_ELSEWHERE:
        what = (
            f"it may be somebody whom the import with the results file {verdict.elsewhere} has "
            "created: a detail, or customer and title, agree, and nothing more"
        )
    elif verdict.reason is Reason.IDENTITY_CONTRADICTS:
        what = f"it has the identity of {of}, with another name{named}"
    else:
        what = "it may be somebody who has a record: a detail or the name agrees, and nothing more"
    return _compared(send, verdict, record, Status.POSSIBLE_DUPLICATE, what, _DECIDE)


_CHANGE_IT = "Bring the record up to date in the CRM, then: vorel-import acknowledge RESULTS"
_DECIDE = (
    "Look at both. If they are one: vorel-import acknowledge RESULTS --same REF; if not, "
    "--new REF creates a record (REF: the vorel_ref of the row in the changed file)."
)


def _compared(
    send: Send, verdict: RowVerdict, record: KeyState, status: Status, what: str, hint: str
) -> Outcome:
    of = f": {record.external_id}" if record.external_id is not None else ""
    error = RowError(code=status.value, origin=Origin.MAPPER, message=f"{what}{of}", hint=hint)
    is_elsewhere = verdict.reason is Reason.MADE_ELSEWHERE
    return send.outcome(
        status,
        error=error,
        external_id=record.external_id,
        record_url=record.record_url,
        duplicate_of=verdict.of_row,
        differs=True,
        columns=verdict.columns,
        record_key=None if is_elsewhere else verdict.base,
        hashes=send.hashes,
        field_hashes=send.field_hashes,
        changed=tuple(one.field for one in verdict.changes or ()),
    )


def duplicate(send: Send, verdict: RowVerdict) -> Outcome:
    """Return the outcome of a row whose record another row has, or is about to get."""
    outcome = send.outcome(
        Status.DUPLICATE,
        duplicate_of=verdict.of_row,
        differs=verdict.differs,
        columns=verdict.columns,
        record_key=verdict.base,
    )
    return outcome if verdict.record is None else duplicate_outcome(outcome, verdict.record)


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


def failed_before(send: Send, verdict: RowVerdict) -> Outcome:
    """Return the outcome of a row that failed before and is not sent again."""
    state = verdict.record or KeyState()
    return send.outcome(Status.FAILED, error=state.error, unproven=state.unproven)


def unclear(send: Send, verdict: RowVerdict) -> Outcome:
    """Return the outcome of a row whose record a request without a clear answer may have made."""
    state = verdict.record or KeyState()
    send = replace(send, key=state.key(verdict.base or send.key))
    if verdict.reason is not Reason.OWN_REQUEST:
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
