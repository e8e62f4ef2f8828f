"""A row as one mapping maps it: its values, its keys, and the hashes that it is compared by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from importer.core import keys
from importer.core.records import Record
from importer.core.shared import JsonValue
from importer.matching.hashes import MatchHashes, hasher_of
from importer.matching.match_texts import is_telling


@dataclass(frozen=True, eq=False)
class RowForm:
    """
    A row as the mapping of today, or that of an earlier run, maps it.

    `mapping` is the SHA-256 of the file of an earlier mapping, if it is on record. What is computed
    of the record is kept, since a row is compared with many.
    """

    record: Record
    namespace: str
    mapping: str | None = None

    @cached_property
    def row_hash(self) -> str:
        """The hash of the values that are sent."""
        return keys.row_hash(self.record.object, self.record.fields)

    def key(self, number: int) -> str:
        """Return the key of the first attempt; `number` counts equal rows from 1."""
        return self._key(self.record.identity, number)

    def row_key(self, number: int = 1) -> str:
        """Return the key in the form `row`, which depends on all values that are sent."""
        return self._key(None, number)

    def _key(self, identity: Sequence[JsonValue] | None, number: int) -> str:
        wanted = identity is None, number
        if wanted not in self._keys:
            self._keys[wanted] = keys.row_key(
                self.record.object,
                self.row_hash,
                identity=identity,
                namespace=self.namespace,
                occurrence=number,
            )
        return self._keys[wanted]

    @cached_property
    def _keys(self) -> dict[tuple[bool, int], str]:
        return {}

    def hashes(self, salt: str) -> MatchHashes:
        """Return its hashes with a salt."""
        if salt not in self._hashes:
            of = self.record
            self._hashes[salt] = hasher_of(salt).hashes(of.object, of.fields, of.identity)
        return self._hashes[salt]

    @cached_property
    def _hashes(self) -> dict[str, MatchHashes]:
        return {}

    @cached_property
    def is_telling(self) -> bool:
        """Whether what is sent of it can tell it from all others."""
        return is_telling(self.record.object, self.record.fields)

    def was_sent(self, row_hash: str | None) -> bool | None:
        """
        Return whether its values were sent with one of its keys.

        `row_hash` is the hash of the sent values, if it is on record. Without it the key tells,
        unless it is one of an identity: that is the same for all other values, and the result is
        None.
        """
        if row_hash is not None:
            return row_hash == self.row_hash
        return True if self.record.identity is None else None
