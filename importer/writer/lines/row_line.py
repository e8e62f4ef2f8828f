"""The lines about rows: their requests, their outcomes, and the records that they belong to."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from functools import cached_property
from operator import attrgetter
from typing import Any, ClassVar, Literal, Protocol, Self

from msgspec import UNSET, UnsetType, field

from importer.core.records import KnownRow, Outcome, RowError, RowReading, Send, Status
from importer.core.row_marks import Where
from importer.writer.lines.line import Key, ResultLine, written

RequestKind = Literal["sent", "refused", "unsent"]

_COMPARED = frozenset({Status.DUPLICATE, Status.CHANGED, Status.POSSIBLE_DUPLICATE})
_HASH_BYTES = 32


class RequestLine(ResultLine, frozen=True, kw_only=True):
    """
    A line about the requests with one key.

    A request `is_presumed` if its line may have been lost: it may have had other values and another
    key. `change_of` is the key of the record that is sent again, since its row has changed.
    """

    takes_numbers_as_texts: ClassVar = True

    idempotency_key: Key
    row: int | None
    source_hash: str = written("")
    occurrence: int | None
    hashes: str | None = field(default=None, name="marks")
    field_hashes: str | None = field(default=None, name="fields")
    is_presumed: bool = field(default=False, name="presumed")
    change_of: str | None = None
    at: str | None

    @staticmethod
    def of(kind: RequestKind, send: Send, at: str) -> RequestLine:
        """Return the line about a request of a row."""
        is_sent = kind == "sent"
        return REQUESTS[kind](
            idempotency_key=send.key,
            row=send.record.row.number,
            source_hash=send.source_hash,
            occurrence=send.occurrence,
            hashes=send.hashes if is_sent else None,
            field_hashes=(send.field_hashes or None) if is_sent else None,
            change_of=send.change_of if is_sent else None,
            at=at,
        )


class SentLine(RequestLine, frozen=True, kw_only=True):
    """
    A request is about to be sent.

    Later rows are compared with its `hashes` (`importer.matching.hashes`) and its `field_hashes`
    (`importer.matching.field_hashes`).
    """


class RefusedLine(RequestLine, frozen=True, kw_only=True):
    """
    All requests were clearly refused for a reason that is not the row's fault.

    The next request takes the next key.
    """


class UnsentLine(RequestLine, frozen=True, kw_only=True):
    """
    None of the requests was accepted before the run stopped.

    The row is as it was before them.
    """


REQUESTS: Mapping[RequestKind, type[RequestLine]] = {
    "sent": SentLine,
    "refused": RefusedLine,
    "unsent": UnsentLine,
}

_AS_IN_OUTCOME = (
    *("number", "line", "source", "source_hash", "occurrence", "status", "row_hash"),
    *("idempotency_key", "external_id", "record_url", "attempts", "columns", "record_key"),
    *("hashes", "field_hashes", "changed", "corrected", "cells_hash", "may_be", "left_out", "kept"),
)
_values = attrgetter(*_AS_IN_OUTCOME)


class RowLine(ResultLine, frozen=True, kw_only=True, dict=True):
    """
    The outcome of a row in a run.

    `packed` are the source hashes of earlier versions of the row with the same outcome, for
    `versions_in`.
    """

    must_fit: ClassVar = frozenset({"error", "versions"})
    takes_numbers_as_texts: ClassVar = True

    run: str | None
    source: str
    number: int = field(name="row")
    line: int
    source_hash: str
    occurrence: int
    row_hash: str | None
    idempotency_key: str | None
    status: Status
    external_id: str | None
    record_url: str | None
    error: Mapping[str, Any] | None
    attempts: int = written(0)
    at: str | None
    duplicate_of: int | UnsetType | None = UNSET
    differs: bool | UnsetType | None = UNSET
    columns: tuple[str, ...] = ()
    record_key: str | None = None
    hashes: str | None = field(default=None, name="marks")
    field_hashes: str | None = field(default=None, name="fields")
    changed: tuple[str, ...] = ()
    clear: bool | UnsetType = UNSET
    corrected: str | None = None
    cells_hash: str | None = None
    may_be: str | None = None
    left_out: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    packed: str = field(default="", name="versions")

    def __post_init__(self) -> None:
        """Raise an error if the line says something that cannot be read."""
        if self.error is not None:
            RowError.from_json(self.error)
        if self.packed:
            unpack_hashes(self.packed)

    @classmethod
    def of(cls, outcome: Outcome, *, run: str | None, at: str | None) -> Self:
        """Return the line about an outcome."""
        same = dict(zip(_AS_IN_OUTCOME, _values(outcome), strict=True))
        is_compared = outcome.status in _COMPARED
        return cls(
            **same | {"field_hashes": outcome.field_hashes or None},
            run=run,
            at=at,
            error=outcome.error.to_json() if outcome.error else None,
            duplicate_of=outcome.duplicate_of if is_compared else UNSET,
            differs=outcome.differs if is_compared else UNSET,
            clear=not outcome.unproven if outcome.status is Status.FAILED else UNSET,
        )

    @classmethod
    def from_json(cls, line: Mapping[str, Any]) -> Self | None:
        """Return the line; an empty error is none, and the name of the source may be null."""
        line = {**line, "error": line.get("error") or None}
        if line.get("source", "") is None:
            line["source"] = ""
        return super().from_json(line)

    @property
    def where(self) -> Where:
        """The source hash and occurrence of the row."""
        return self.source_hash, self.occurrence

    @cached_property
    def outcome(self) -> Outcome:
        """The outcome."""
        return Outcome(
            **dict(zip(_AS_IN_OUTCOME, _values(self), strict=True)),
            error=RowError.from_json(self.error) if self.error else None,
            duplicate_of=None if self.duplicate_of is UNSET else self.duplicate_of,
            differs=None if self.differs is UNSET else self.differs,
            unproven=self.status is Status.FAILED and self.clear is not True,
            run=self.run,
        )


class KnownLine(ResultLine, frozen=True, kw_only=True):
    """
    A row belongs to the record with this key, which was created from other content.

    Later runs recognise the row by its source hash, as if it had been sent itself. If its values
    differ from those that were sent, `as_key` is its key by the mapping of that time, and `hashes`
    are its own. `packed` are the source hashes of other rows with the same record and occurrence,
    for `versions_in`.
    """

    must_fit: ClassVar = frozenset({"versions"})
    takes_numbers_as_texts: ClassVar = True

    source_hash: str
    occurrence: int
    idempotency_key: Key
    row: int | None
    as_key: Key | None = None
    hashes: str | None = field(default=None, name="marks")
    at: str | None
    packed: str = field(default="", name="versions")

    @classmethod
    def of(cls, known: KnownRow, at: str) -> Self:
        """Return the line about a row."""
        return cls(
            source_hash=known.source_hash,
            occurrence=known.occurrence,
            idempotency_key=known.idempotency_key,
            row=known.number,
            as_key=known.as_key,
            hashes=known.hashes,
            at=at,
        )

    def __post_init__(self) -> None:
        """Raise an error if the versions cannot be read."""
        if self.packed:
            unpack_hashes(self.packed)


class ReadingLine(ResultLine, frozen=True, kw_only=True):
    """
    What a later mapping has read of the row of the record with this key.

    From then on that mapping compares versions of the row with these `hashes`.
    """

    takes_numbers_as_texts: ClassVar = True

    source_hash: str
    idempotency_key: Key
    row: int | None
    hashes: str = field(name="marks")
    at: str | None

    @classmethod
    def of(cls, reading: RowReading, at: str) -> Self:
        """Return the line about a row."""
        return cls(
            source_hash=reading.source_hash,
            idempotency_key=reading.idempotency_key,
            row=reading.number,
            hashes=reading.hashes,
            at=at,
        )


def pack_hashes(hashes: Iterable[str]) -> str:
    """
    Return hashes, which are SHA-256 in hex, as one text: base64 of their bytes, joined.

        >>> pack_hashes(["00" * 32])
        'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA='
    """
    return b64encode(bytes.fromhex("".join(hashes))).decode()


def unpack_hashes(text: str) -> tuple[str, ...]:
    """
    Return the hashes in such a text. Raises `ValueError` if it is none.

        >>> unpack_hashes(pack_hashes(["00" * 32, "ff" * 32])) == ("00" * 32, "ff" * 32)
        True
    """
    if not text:
        return ()
    joined = b64decode(text, validate=True)
    if len(joined) % _HASH_BYTES:
        raise ValueError("a hash is cut")
    return tuple(joined[at : at + _HASH_BYTES].hex() for at in range(0, len(joined), _HASH_BYTES))


class OfVersions(Protocol):
    """A line about a row, with earlier versions of it in packed form."""

    @property
    def source_hash(self) -> str:
        """The source hash of the last version."""

    @property
    def packed(self) -> str:
        """Those of the versions before it, by `pack_hashes`."""


def versions_in(line: OfVersions) -> tuple[str, ...]:
    """
    Return the hashes of all versions that a line is about, in the order of their records.

    Raises `ValueError` if it cannot.
    """
    return (*unpack_hashes(line.packed), line.source_hash)
