"""The lines with the outcome of a row, or the record that it belongs to."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from importer.core import keys
from importer.core.records import Outcome, RowError, Status
from importer.core.shared import JsonValue
from importer.writer.lines.lenient_values import integer, text

_COMPARED = frozenset({Status.DUPLICATE, Status.CHANGED, Status.POSSIBLE_DUPLICATE})

_HASH_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class RowLine:
    """
    The outcome of a row in a run.

    `versions` are the source hashes of earlier versions of the row with the same outcome.
    """

    kind: ClassVar[str] = "row"
    outcome: Outcome
    run: str | None
    at: str | None
    versions: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON."""
        outcome = self.outcome
        line: dict[str, JsonValue] = {
            "kind": self.kind,
            "run": self.run,
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
            "error": outcome.error.to_json() if outcome.error else None,
            "attempts": outcome.attempts,
            "at": self.at,
        }
        if outcome.status in _COMPARED:
            line |= {"duplicate_of": outcome.duplicate_of, "differs": outcome.differs}
        if outcome.columns:
            line["columns"] = list(outcome.columns)
        if outcome.record_key is not None:
            line["record_key"] = outcome.record_key
        if outcome.hashes is not None:
            line["marks"] = outcome.hashes
        if outcome.field_hashes:
            line["fields"] = outcome.field_hashes
        if outcome.changed:
            line["changed"] = list(outcome.changed)
        if outcome.status is Status.FAILED:
            line["clear"] = not outcome.unproven
        if outcome.corrected is not None:
            line["corrected"] = outcome.corrected
        if outcome.cells_hash is not None:
            line["cells_hash"] = outcome.cells_hash
        if outcome.left_out:
            line |= {"left_out": list(outcome.left_out)}
        if outcome.kept:
            line |= {"kept": list(outcome.kept)}
        return line | _packed(self.versions)

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None if it lacks a value that lines of all importers have."""
        try:
            outcome, versions = _outcome(line), _unpacked(line)
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
        return cls(
            outcome=outcome,
            run=text(line.get("run")),
            at=text(line.get("at")),
            versions=versions,
        )

    def each(self) -> Iterator[Self]:
        """Yield a line for each version of the row, the earliest first."""
        for source_hash in self.versions:
            yield self.about(source_hash)
        yield replace(self, versions=())

    def about(self, source_hash: str) -> Self:
        """Return the line of one version of the row."""
        return replace(self, outcome=replace(self.outcome, source_hash=source_hash), versions=())


def _packed(versions: tuple[str, ...]) -> dict[str, JsonValue]:
    return {"versions": pack_hashes(versions)} if versions else {}


def _unpacked(line: Mapping[str, Any]) -> tuple[str, ...]:
    return unpack_hashes(line["versions"]) if "versions" in line else ()


def _outcome(line: Mapping[str, Any]) -> Outcome:
    error = line.get("error")
    return Outcome(
        number=int(line["row"]),
        line=int(line["line"]),
        source=str(line["source"]),
        source_hash=str(line["source_hash"]),
        occurrence=int(line["occurrence"]),
        status=Status(line["status"]),
        row_hash=line.get("row_hash"),
        idempotency_key=text(line.get("idempotency_key")),
        external_id=line.get("external_id"),
        record_url=line.get("record_url"),
        error=RowError.from_json(error) if error else None,
        attempts=int(line.get("attempts", 0)),
        duplicate_of=line.get("duplicate_of"),
        differs=line.get("differs"),
        columns=tuple(map(str, line.get("columns", ()))),
        record_key=text(line.get("record_key")),
        hashes=text(line.get("marks")),
        field_hashes=text(line.get("fields")),
        changed=tuple(map(str, line.get("changed", ()))),
        run=text(line.get("run")),
        left_out=tuple(map(str, line.get("left_out", ()))),
        kept=tuple(map(str, line.get("kept", ()))),
        corrected=text(line.get("corrected")),
        cells_hash=text(line.get("cells_hash")),
        unproven=line.get("status") == Status.FAILED and line.get("clear") is not True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLine:
    """
    A row belongs to the record with this key, which was created from other content.

    Later runs recognise the row by its source hash, as if it had been sent itself. If its values
    differ from those that were sent, `as_key` is its key by the mapping of that time, and `hashes`
    are its own. `versions` are the source hashes of other rows with the same record and occurrence.
    """

    kind: ClassVar[str] = "known"
    source_hash: str
    occurrence: int
    idempotency_key: str
    row: int | None = None
    at: str | None = None
    as_key: str | None = None
    hashes: str | None = None
    versions: tuple[str, ...] = ()

    def to_json(self) -> dict[str, JsonValue]:
        """Return the line as JSON."""
        return {
            "kind": self.kind,
            "source_hash": self.source_hash,
            "occurrence": self.occurrence,
            "idempotency_key": self.idempotency_key,
            "row": self.row,
            **({} if self.as_key is None else {"as_key": self.as_key}),
            **({} if self.hashes is None else {"marks": self.hashes}),
            "at": self.at,
            **_packed(self.versions),
        }

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line, or None if it is incomplete."""
        source_hash, occurrence = text(line.get("source_hash")), integer(line.get("occurrence"))
        key = line.get("idempotency_key")
        if source_hash is None or occurrence is None or not keys.is_key(key):
            return None
        try:
            versions = _unpacked(line)
        except (TypeError, ValueError):
            return None
        return cls(
            source_hash=source_hash,
            occurrence=occurrence,
            idempotency_key=key,
            row=integer(line.get("row")),
            at=text(line.get("at")),
            as_key=as_key if keys.is_key(as_key := line.get("as_key")) else None,
            hashes=text(line.get("marks")),
            versions=versions,
        )

    def each(self) -> Iterator[Self]:
        """Yield a line for each row, in the order in which they were recorded."""
        for source_hash in (*self.versions, self.source_hash):
            yield replace(self, source_hash=source_hash, versions=())


def pack_hashes(hashes: Iterable[str]) -> str:
    """
    Return hashes, which are SHA-256 in hex, as one text: base64 of their bytes, joined.

        >>> pack_hashes(["00" * 32])
        'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
    """
    return b64encode(bytes.fromhex("".join(hashes))).decode()


def unpack_hashes(text: object) -> tuple[str, ...]:
    """
    Return the hashes in such a text. Raises `ValueError` or `TypeError` if it is none.

        >>> unpack_hashes(pack_hashes(["00" * 32, "ff" * 32])) == ("00" * 32, "ff" * 32)
        True
    """
    if not isinstance(text, str):
        raise TypeError("not a text")
    joined = b64decode(text, validate=True)
    if len(joined) % _HASH_BYTES:
        raise ValueError("a hash is cut")
    return tuple(joined[at : at + _HASH_BYTES].hex() for at in range(0, len(joined), _HASH_BYTES))
