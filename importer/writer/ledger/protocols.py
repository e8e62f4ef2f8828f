"""Protocols of what the ledger uses: created rows, earlier mappings, marks, other results files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from importer.marks import Marker, Marks
from importer.records import Outcome, Record, Row, Send
from importer.writer.ledger.key_state import KeyState

__all__ = [
    "CreatedIndex",
    "EarlierForm",
    "EarlierMappings",
    "Elsewhere",
    "MappedRows",
    "MarksOnRecord",
    "OtherResults",
]


class CreatedIndex(Protocol):
    """The created rows with the occurrence 1, in the order of the results file."""

    def __len__(self) -> int:
        """Return the number of rows."""

    def find(self, hashes: Sequence[str]) -> list[int | None]:
        """Return the position of each source hash, or None if it is not in the index."""

    def has_next(self, position: int, hashes: Sequence[str]) -> bool:
        """Return whether exactly these hashes follow from `position` on."""

    def find_key(self, key: str) -> Outcome | None:
        """Return the outcome of the row that was created with this key of a first attempt."""

    def find_keys(self, keys: Sequence[str]) -> Sequence[int | None]:
        """Return the only position where each key of a first attempt can be, or None."""

    def key(self, position: int) -> str | None:
        """Return the key with which a row was created."""


class EarlierForm(Protocol):
    """A row as the mapping of an earlier run mapped it, or would have."""

    @property
    def record(self) -> Record:
        """The record that the mapping made of the row."""

    @property
    def row_hash(self) -> str:
        """The `row_hash` by that mapping."""

    def key(self, number: int) -> str:
        """Return the key of the first attempt; `number` counts equal rows from 1."""


class EarlierMappings(Protocol):
    """The mappings of earlier runs of the results file, without the current one."""

    def __bool__(self) -> bool:
        """Return whether there are any."""

    def forms(self, row: Row) -> Iterator[EarlierForm]:
        """Yield the row as each of them maps it, the latest first."""


class MarksOnRecord(Protocol):
    """The marks of the requests of earlier runs."""

    def find(self, marks: Marks) -> Iterator[tuple[str, str, Marks]]:
        """
        Yield the key, the source hash of the row and the marks of each that shares a mark.

        Several rows may have a key; each row of a key is yielded once.
        """

    def hold(self, marks: Sequence[str]) -> Sequence[bool]:
        """Return for each of many marks whether a request has it, or one with an equal hash."""


class MappedRows(Protocol):
    """
    Some rows of a block, as one mapping maps them; those that it refuses are left out.

    `places` are their places in the block, and `keys` are those of their first attempts.
    """

    @property
    def places(self) -> Sequence[int]:
        """The place of each row in the block."""

    @property
    def keys(self) -> Sequence[str]:
        """The key of each row."""

    def findable(self, marker: Marker) -> tuple[Sequence[int], Sequence[str]]:
        """Return the marks that the rows are searched by, and before them the place of each."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A record that the import of another results file has created."""

    results: str
    record: KeyState


class OtherResults(Protocol):
    """The results files of other imports in the same folder."""

    def find(self, send: Send) -> Elsewhere | None:
        """Return the record that another import has created from this row, or a similar one."""
