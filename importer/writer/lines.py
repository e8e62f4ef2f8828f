"""Turns outcomes into lines of the results file and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from importer.records import Outcome, RowError, Status

__all__ = ["outcome_of", "read_outcome", "row_line"]

_ERROR_NAMES = tuple(field.name for field in fields(RowError))


def row_line(outcome: Outcome, *, run: str, at: str) -> dict[str, Any]:
    """Return the line of kind `row` that stands for an outcome."""
    line: dict[str, Any] = {
        "kind": "row",
        "run": run,
        "source": outcome.source,
        "row": outcome.number,
        "line": outcome.line,
        "source_hash": outcome.source_hash,
        "occurrence": outcome.occurrence,
        "row_hash": outcome.row_hash,
        "idempotency_key": outcome.idempotency_key,
        "status": outcome.status.value,
        "external_id": outcome.external_id,
        "record_url": outcome.record_url,
        "error": asdict(outcome.error) if outcome.error else None,
        "attempts": outcome.attempts,
        "at": at,
    }
    if outcome.status in {Status.DUPLICATE, Status.CHANGED}:
        line |= {"duplicate_of": outcome.duplicate_of, "differs": outcome.differs}
    if outcome.left_out:
        line |= {"left_out": list(outcome.left_out)}
    return line


def outcome_of(line: Mapping[str, Any]) -> Outcome:
    """
    Return the outcome a line of kind `row` stands for; names it does not know are passed over.

    Raises `KeyError`, `TypeError` or `ValueError` where the line lacks what every one has.
    """
    error = line.get("error")
    return Outcome(
        number=int(line["row"]),
        line=int(line["line"]),
        source=str(line["source"]),
        source_hash=str(line["source_hash"]),
        occurrence=int(line["occurrence"]),
        status=Status(line["status"]),
        row_hash=line.get("row_hash"),
        idempotency_key=line.get("idempotency_key"),
        external_id=line.get("external_id"),
        record_url=line.get("record_url"),
        error=RowError(**{name: error[name] for name in _ERROR_NAMES if name in error})
        if error
        else None,
        attempts=int(line.get("attempts", 0)),
        duplicate_of=line.get("duplicate_of"),
        differs=line.get("differs"),
        left_out=tuple(map(str, line.get("left_out", ()))),
    )


def read_outcome(line: Mapping[str, Any]) -> Outcome | None:
    """Return the outcome, or None where the line is not as any version of this writes it."""
    try:
        return outcome_of(line)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
