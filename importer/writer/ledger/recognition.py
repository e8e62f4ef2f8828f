"""What the ledger asks others for: earlier mappings, marks on record, results files beside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from importer.marks import Marks
from importer.records import Row, Send
from importer.writer.ledger.key_state import KeyState

__all__ = ["EarlierForm", "EarlierMappings", "Elsewhere", "MarksOnRecord", "OtherResults"]


class EarlierForm(Protocol):
    """What a row was, or would have been, by the mapping of an earlier run."""

    @property
    def row_hash(self) -> str:
        """The hash of what would have been sent."""

    def key(self, number: int) -> str:
        """Return the key of the first attempt; `number` counts equal rows from 1."""


class EarlierMappings(Protocol):
    """The mappings that earlier runs of the results file had, today's left out."""

    def forms(self, row: Row) -> Iterator[EarlierForm]:
        """Yield what the row was by each of them, the latest first."""


class MarksOnRecord(Protocol):
    """The marks of the requests of earlier runs."""

    def find(self, marks: Marks) -> Iterator[tuple[str, Marks]]:
        """Yield the key, of a first attempt, and the marks of each that shares a mark."""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A record that the import of another results file made."""

    results: str
    record: KeyState


class OtherResults(Protocol):
    """The results files of other imports that lie beside this one's."""

    def find(self, send: Send) -> Elsewhere | None:
        """Return the record that one of them made of this row, or of one like it."""
