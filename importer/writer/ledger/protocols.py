"""Protocols of what the ledger uses: earlier mappings, marks, other results files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from importer.marks import Marks
from importer.records import Record, Row, Send
from importer.writer.ledger.key_state import KeyState

__all__ = ["EarlierForm", "EarlierMappings", "Elsewhere", "MarksOnRecord", "OtherResults"]


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


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A record that the import of another results file has created."""

    results: str
    record: KeyState


class OtherResults(Protocol):
    """The results files of other imports in the same folder."""

    def find(self, send: Send) -> Elsewhere | None:
        """Return the record that another import has created from this row, or a similar one."""
