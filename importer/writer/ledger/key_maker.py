"""Creates the keys of records, and the marks that recognise them later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from importer import keys
from importer.marks import without_case
from importer.records import Record, Send
from importer.shared import JsonValue
from importer.writer.ledger.on_record import OnRecord

__all__ = ["KeyMaker"]


class KeyMaker:
    """Creates the keys of first attempts, with the namespace of a run."""

    def __init__(self, namespace: str, on_record: OnRecord) -> None:
        self._namespace = namespace
        self._on_record = on_record

    def first(self, record: Record, source_hash: str, occurrence: int = 1) -> Send:
        """Return a record as it is sent first, as the first of equal rows."""
        row_hash = keys.row_hash(record.object, record.fields)
        return Send(
            record=record,
            key=self._key(record, row_hash, record.identity, 1),
            row_hash=row_hash,
            source_hash=source_hash,
            occurrence=occurrence,
            unclear=False,
            marks=self._on_record.marker.marks(record.object, record.fields, record.identity),
        )

    def numbered(self, send: Send, number: int) -> str:
        """Return the key of the `number`-th of equal rows."""
        return self._key(send.record, send.row_hash, send.record.identity, number)

    def without_case(self, send: Send) -> str:
        """Return the key that a row would have if the addresses in its identity were lower case."""
        identity = send.record.identity
        plain = None if identity is None else tuple(map(without_case, identity))
        if plain == identity:
            return send.key
        return self._key(send.record, send.row_hash, plain, 1)

    def as_row(self, send: Send) -> Send:
        """Return a row as it is sent if its identity has a record with other content."""
        return replace(send, key=self._key(send.record, send.row_hash, None, 1))

    def _key(
        self, record: Record, row_hash: str, identity: Sequence[JsonValue] | None, number: int
    ) -> str:
        return keys.row_key(
            record.object,
            row_hash,
            identity=identity,
            namespace=self._namespace,
            occurrence=number,
        )
