"""The protocol of the index of created rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from importer.records import Outcome

__all__ = ["CreatedIndex"]


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

    def key(self, position: int) -> str | None:
        """Return the key with which a row was created."""
