"""The outcomes of rows that are not sent, with the messages for people."""

from __future__ import annotations

from dataclasses import replace

from importer.core.locale.language import N_
from importer.core.locale.message import Message, joined
from importer.core.records import Origin, Outcome, Rejected, RowError, RowIdentity, Send, Status
from importer.matching.open_rows import RowVerdict
from importer.matching.reasons import Reason
from importer.writer.state.idempotency_keys import UNCLEAR, KeyState


def rejected(row: Rejected, where: RowIdentity) -> Outcome:
    """Return the outcome of a row that the reader or the mapper rejected, with all its faults."""
    error = row.error
    if row.more:
        every = [error.message, *(other.message for other in row.more)]
        error = replace(error, message=joined(every, "sentences"))
    return Outcome(
        number=row.number,
        line=row.line,
        source=row.source,
        source_hash=where.source_hash,
        occurrence=where.occurrence,
        corrected=where.corrected,
        cells_hash=row.cells_hash,
        status=Status.INVALID,
        error=error,
    )


def rejected_version(row: Rejected, verdict: RowVerdict, where: RowIdentity) -> Outcome:
    """Return the outcome of a rejected row; it has, or may have, the record of an earlier one."""
    outcome, record = rejected(row, where), verdict.record
    if record is None:
        return outcome
    if verdict.reason is Reason.MAY_BE:
        return replace(outcome, may_be=record.external_id)
    return replace(
        outcome,
        external_id=record.external_id,
        record_url=record.record_url,
        record_key=verdict.base,
    )


def rejected_copy(row: Rejected, verdict: RowVerdict, where: RowIdentity) -> Outcome:
    """Return the outcome of a row that equals one whose correction has made the record."""
    outcome = rejected_version(row, verdict, where)
    return replace(outcome, status=Status.DUPLICATE, error=None, cells_hash=None, differs=False)


def rejected_in_doubt(outcome: Outcome, key: str) -> Outcome:
    """Return the outcome of a row that was sent with `key` before it was rejected."""
    error = outcome.error
    if error is not None:
        error = error.in_doubt(error.hint or Message("Correct the row."))
    return replace(outcome, status=Status.UNKNOWN, idempotency_key=key, error=error)


def changed(send: Send, verdict: RowVerdict) -> Outcome:
    """Return the outcome of a row that is another version of a row with a record."""
    record = verdict.record or KeyState()
    hint = _CHANGE_IT
    if verdict.reason is Reason.MADE_ELSEWHERE:
        what = Message(
            "the import with the results file %(path)s has created this row, or one with its name "
            "and contact details",
            path=verdict.elsewhere,
        )
        hint = Message(
            "If it is somebody else: vorel-import acknowledge RESULTS --new REF, and the next run "
            "creates a record (REF: the vorel_ref of the row in the changed file)."
        )
    elif verdict.reason is Reason.ROW_CORRECTED:
        what = Message("this row was created before with other content")
    else:
        what = Message(
            "this row was created before with other content: its name or id and details agree"
        )
    return _compared(send, verdict, record, Status.CHANGED, what, hint)


def possible_duplicate(send: Send, verdict: RowVerdict) -> Outcome:
    """Return the outcome of a row that may be the person of a record, or of another row."""
    record = verdict.record or KeyState()
    columns = verdict.columns[:5]
    named = Message(" (they differ in %(listed)s)", listed=columns) if columns else ""
    of = Message("another row")
    if verdict.of_row is not None:
        of = Message("row %(row)s", row=verdict.of_row)
    if verdict.reason is Reason.EQUAL_AS_SENT:
        what = Message("what is sent of it is the same as of %(of)s%(differ)s", of=of, differ=named)
    elif verdict.reason is Reason.MADE_ELSEWHERE:
        what = Message(
            "it may be somebody whom the import with the results file %(path)s has created: a "
            "detail, or customer and title, agree, and nothing more",
            path=verdict.elsewhere,
        )
    elif verdict.reason is Reason.IDENTITY_CONTRADICTS:
        what = Message(
            "it has the identity of %(of)s, with another name%(differ)s", of=of, differ=named
        )
    elif verdict.same:
        what = Message(
            "it may be somebody who has a record: the same %(fields)s, and nothing more",
            fields=verdict.same,
        )
    else:
        what = Message(
            "it may be somebody who has a record: a detail or the name agrees, and nothing more"
        )
    return _compared(send, verdict, record, Status.POSSIBLE_DUPLICATE, what, _DECIDE)


_CHANGE_IT = Message(
    "Bring the record up to date in the CRM, then: vorel-import acknowledge RESULTS"
)
_DECIDE = Message(
    "Look at both. If they are one: vorel-import acknowledge RESULTS --same REF; if not, "
    "--new REF creates a record (REF: the vorel_ref of the row in the changed file)."
)


def _compared(
    send: Send, verdict: RowVerdict, record: KeyState, status: Status, what: Message, hint: Message
) -> Outcome:
    if record.external_id is not None:
        what = Message("%(what)s: %(id)s", what=what, id=record.external_id)
    error = RowError(
        code=status.value,
        origin=Origin.MAPPER,
        message=what,
        hint=hint,
    )
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
    if first.status is Status.FAILED:
        text = N_("the same record as row %(row)s, which was not created")
        return _waiting(duplicate, text, _duplicate_hint(duplicate))
    return _waiting(
        duplicate, N_("the same record as row %(row)s, which has had no clear answer yet")
    )


def duplicate_of_undecided(duplicate: Outcome) -> Outcome:
    """Return the outcome of a row that is not sent, since it repeats a possible duplicate."""
    return _waiting(
        duplicate, N_("the same record as row %(row)s, and nobody has decided about that")
    )


def _waiting(duplicate: Outcome, text: str, hint: Message | None = None) -> Outcome:
    error = RowError(
        code="first_not_created",
        origin=Origin.MAPPER,
        message=Message(text, row=duplicate.duplicate_of),
        hint=hint or Message("See the error of that row."),
    )
    return replace(duplicate, error=error)


def _duplicate_hint(duplicate: Outcome) -> Message:
    if duplicate.differs:
        return Message("Correct that row; or delete it, and this one is sent in its place.")
    return Message("It has the same content: correct it in both, or in one and delete the other.")


def failed_before(send: Send, verdict: RowVerdict) -> Outcome:
    """Return the outcome of a row that failed before and is not sent again."""
    state = verdict.record or KeyState()
    return send.outcome(Status.FAILED, error=state.error, unproven=state.unproven)


def unclear(send: Send, verdict: RowVerdict) -> Outcome:
    """Return the outcome of a row whose record a request without a clear answer may have made."""
    state = verdict.record or KeyState()
    send = replace(send, key=state.key(verdict.base or send.key))
    if verdict.reason is not Reason.OWN_REQUEST:
        return _in_doubt(send, state.sent_at, _MAY_BE_ITS_OWN, hint=_ASK_AGAIN)
    if state.is_presumed:
        return presumed(send, state.sent_at)
    return _in_doubt(send, state.sent_at, _TOO_OLD, hint=_RESEND)


_RESEND = Message("Look it up in the CRM. If it is not there: --resend-unknown sends it.")
_TOO_OLD = N_(
    "a request for this row left %(at)s and no clear answer came; the service may have forgotten "
    "its key by now, and then another request would make a second record"
)
_MAY_BE_ITS_OWN = N_(
    "a request that may have been for this row left %(at)s and no clear answer came: another "
    "request might make a second record"
)
_ASK_AGAIN = Message(
    "Look it up in the CRM. If it is not there: --resend-unknown sends it. If the row or the "
    "mapping has changed since: with those of that time, a run asks again while the service "
    "remembers the key."
)


def presumed(send: Send, sent_at: str | None) -> Outcome:
    """Return the outcome of a row that may have been sent, by lines of a journal that are lost."""
    error = RowError(
        code=UNCLEAR,
        origin=Origin.TRANSPORT,
        message=Message(
            "a request for this row may have left since %(at)s: lines of the journal that "
            "may have said so are lost, and another request might make a second record",
            at=sent_at,
        ),
        hint=Message(
            "`fleet reconcile` looks it up in an export of the CRM. Or look it up yourself: if it "
            "is not there, --resend-unknown sends it."
        ),
    )
    return send.outcome(Status.UNKNOWN, error=error)


def _in_doubt(send: Send, sent_at: str | None, what: str, *, hint: Message) -> Outcome:
    at = Message("at a time that is not on record")
    if sent_at:
        at = Message("at %(at)s", at=sent_at)
    error = RowError(code=UNCLEAR, origin=Origin.TRANSPORT, message=Message(what, at=at), hint=hint)
    return send.outcome(Status.UNKNOWN, error=error)
