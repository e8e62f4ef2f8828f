"""What the readers hand out: rows in batches, with their hashes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from importer.records import Rejected, Row

__all__ = ["Batch", "ChunkBatch"]


class Batch(Protocol):
    """Rows that follow each other: their source hashes at once, each row where it is asked for."""

    def __len__(self) -> int:
        """Return how many rows there are."""
        ...

    @property
    def hashes(self) -> Sequence[str]:
        """The source hash of each row."""
        ...

    def row(self, index: int) -> Row | Rejected:
        """Return one row."""
        ...

    def key_samples(self) -> Iterable[Mapping[str, Any]]:
        """Return objects that have, together, all names that the rows have."""
        ...


class ChunkBatch(Batch, Protocol):
    """
    The rows of one chunk, read together.

    `number` and `line` are those of its first row. They are set when the batch is handed out: it
    is read before the rows in front of it are counted.
    """

    number: int
    line: int

    @property
    def lines(self) -> int:
        """How many physical lines the rows take."""
        ...
