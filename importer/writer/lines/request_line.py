"""The lines about the requests of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from importer.core import keys
from importer.core.records import Send
from importer.core.shared import JsonValue
from importer.writer.lines.lenient_values import integer, text

RequestKind = Literal["sent", "refused", "unsent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLine:
    """
    A line about the requests with one key.

    `sent`: a request is about to be sent; later rows are compared with its `hashes`
    (`importer.matching.hashes`) and its `field_hashes` (`importer.matching.field_hashes`).
    `refused`: all requests were clearly refused for a reason that is not the row's fault; the next
    request takes the next key. `unsent`: none of the requests was accepted before the run stopped;
    the row is as it was before them. A request `is_presumed` if its line may have been lost: it may
    have had other values and another key.
    """

    kind: RequestKind
    idempotency_key: str
    row: int | None = None
    source_hash: str = ""
    occurrence: int | None = None
    hashes: str | None = None
    field_hashes: str | None = None
    at: str | None = None
    is_presumed: bool = False

    @classmethod
    def of(cls, kind: RequestKind, send: Send, at: str) -> Self:
        """Return the line about a request of a row."""
        return cls(
            kind=kind,
            idempotency_key=send.key,
            row=send.record.row.number,
            source_hash=send.source_hash,
            occurrence=send.occurrence,
            hashes=send.hashes if kind == "sent" else None,
            field_hashes=send.field_hashes if kind == "sent" else None,
            at=at,
        )

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON."""
        line: dict[str, JsonValue] = {
            "kind": self.kind,
            "idempotency_key": self.idempotency_key,
            "row": self.row,
            "source_hash": self.source_hash,
            "occurrence": self.occurrence,
        }
        if self.hashes is not None:
            line["marks"] = self.hashes
        if self.field_hashes:
            line["fields"] = self.field_hashes
        if self.is_presumed:
            line["presumed"] = True
        line["at"] = self.at
        return line

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None if its key is not one of this importer."""
        key = line.get("idempotency_key")
        if not keys.is_key(key):
            return None
        return cls(
            kind=line["kind"],
            idempotency_key=key,
            row=integer(line.get("row")),
            source_hash=text(line.get("source_hash")) or "",
            occurrence=integer(line.get("occurrence")),
            hashes=text(line.get("marks")),
            field_hashes=text(line.get("fields")),
            at=text(line.get("at")),
            is_presumed=line.get("presumed") is True,
        )
