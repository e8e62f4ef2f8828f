"""Rows, decisions and lines for tests of the ledger."""

from __future__ import annotations

from typing import Any

from importer.keys import source_hash_of
from importer.records import (
    Decision,
    Origin,
    Outcome,
    Postponed,
    Record,
    Row,
    RowError,
    RowIdentity,
    Send,
    Status,
)
from importer.writer import Ledger, Policy, RowLine, line_from_json

VALIDATION = RowError(code="validation_error", origin=Origin.CRM, message="no email")
BUSY = RowError(code="internal_error", origin=Origin.API, message="500", retryable=True)
CONFLICT = RowError(code="conflict", origin=Origin.API, message="409")


AT = "2026-01-01T00:00:00.000Z"


def record(
    name: str = "Rana", *, number: int = 1, ref: str | None = None, note: str = ""
) -> tuple[Record, str]:
    """Return a record and its source hash; `note` is a column that is not mapped."""
    row = Row(number=number, line=number + 1, source="s.csv", values={"Name": name, "N": note})
    identity = None if ref is None else (ref,)
    fields = {"name": name} | ({} if ref is None else {"external_ref": ref})
    return Record(row=row, object="contact", fields=fields, identity=identity), source_hash_of(row)


def decide(ledger: Ledger, name: str = "Rana", **details: Any) -> Decision:
    found, source_hash = record(name, **details)
    where = source_hash, ledger.see(source_hash)
    decision = ledger.decide(found, RowIdentity(*where))
    if isinstance(decision, Postponed):
        return ledger.decide(found, RowIdentity(*where), is_last_chance=True)
    return decision


def sent(ledger: Ledger, name: str = "Rana", **details: Any) -> Send:
    decision = decide(ledger, name, **details)
    assert isinstance(decision, Send)
    return decision


def line(outcome: Outcome) -> dict[str, Any]:
    return RowLine(outcome=outcome, run="r", at=AT).to_json()


def rerun(*lines: dict[str, Any], **settings: Any) -> Ledger:
    ledger = Ledger(Policy(**settings))
    ledger.load(map(line_from_json, lines))
    return ledger


def created(send: Send, external_id: str = "x1") -> Outcome:
    return send.outcome(
        Status.CREATED, external_id=external_id, record_url="https://crm/x1", attempts=1
    )


def sent_line(send: Send) -> dict[str, Any]:
    return {"kind": "sent", "idempotency_key": send.key, "row": 1, "at": AT}
