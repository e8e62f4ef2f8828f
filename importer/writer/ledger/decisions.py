"""The outcomes of rows that are decided about without a request."""

from __future__ import annotations

from dataclasses import replace

from importer.records import Origin, Outcome, Rejected, RowError, Send, Status
from importer.writer.ledger.key_state import KeyState

__all__ = ["changed", "mapped_anew", "refused", "twin_of", "unclear"]


def refused(rejected: Rejected, source_hash: str, occurrence: int) -> Outcome:
    """Return the outcome of a row that reader or mapper refused, with all its faults."""
    error = rejected.error
    if rejected.more:
        others = "; ".join(f"{other.field}: {other.message}" for other in rejected.more)
        error = replace(error, message=f"{error.message}; {others}")
    return Outcome(
        number=rejected.number,
        line=rejected.line,
        source=rejected.source,
        source_hash=source_hash,
        occurrence=occurrence,
        status=Status.INVALID,
        error=error,
    )


def changed(send: Send, row: int | None, external_id: str | None) -> Outcome:
    """Return the outcome of a row whose identity `row` was created with, with other content."""
    error = RowError(
        code="changed",
        origin=Origin.MAPPER,
        message=f"a record with this identity was created before with other content: {external_id}",
        hint="Change it in the CRM, or create a second record with --on-change send.",
    )
    return send.outcome(Status.CHANGED, error=error, duplicate_of=row, differs=True)


def twin_of(twin: Outcome, first: Outcome | KeyState) -> Outcome:
    """Return the outcome of a row that was not sent since `first` was, for the same record."""
    if first.external_id is not None:
        return replace(twin, external_id=first.external_id, record_url=first.record_url)
    failed = first.status is Status.FAILED
    what = "was not created" if failed else "has had no clear answer yet"
    error = RowError(
        code="first_not_created",
        origin=Origin.MAPPER,
        message=f"the same record as row {twin.duplicate_of}, which {what}",
        hint=_twin_hint(twin) if failed else "See what is said of that row; this one follows it.",
    )
    return replace(twin, error=error)


def _twin_hint(twin: Outcome) -> str:
    if twin.differs:
        return "Correct that row; or delete it, and this one is sent in its place."
    return "It has the same content: correct it in both, or in one and delete the other."


def unclear(send: Send, sent_at: str | None) -> Outcome:
    """Return the outcome of a row that people have to look up, first sent at `sent_at`."""
    return _in_doubt(
        send,
        sent_at,
        "; the service may have forgotten its key by now, and then another request would make a "
        "second record",
        hint="Look it up in the CRM. If it is not there: --resend-unknown sends it.",
    )


def mapped_anew(send: Send, sent_at: str | None) -> Outcome:
    """Return the outcome of a row that was sent with other content, and had no clear answer."""
    return _in_doubt(
        send,
        sent_at,
        ", and the mapping has changed since: another request would have another key and might "
        "make a second record",
        hint="Look it up in the CRM, or run once more with the mapping of that time. If it is not "
        "there: --resend-unknown sends it.",
    )


def _in_doubt(send: Send, sent_at: str | None, why: str, *, hint: str) -> Outcome:
    since = f"at {sent_at}" if sent_at else "at a time that is not on record"
    message = f"a request for this row left {since} and no clear answer came{why}"
    error = RowError(code="unclear", origin=Origin.TRANSPORT, message=message, hint=hint)
    return send.outcome(Status.UNKNOWN, error=error)
