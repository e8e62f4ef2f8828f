"""What the ledger needs to know of rows that are created: the index of them fulfils it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from importer.records import Outcome

__all__ = ["CreatedIndex"]


class CreatedIndex(Protocol):
    """Rows that were created, each the first of its kind in the source, in file order."""

    def __len__(self) -> int:
        """Return how many there are."""

    def find(self, hashes: Sequence[str]) -> list[int | None]:
        """Return the position of each source hash, None where it is not here."""

    def has_next(self, position: int, hashes: Sequence[str]) -> bool:
        """Return whether rows with these hashes stand here from `position` on, one by one."""

    def find_key(self, key: str) -> Outcome | None:
        """Return the outcome of the row that was created under a key of a first attempt."""

    def key(self, position: int) -> str | None:
        """Return the key that a row was created with."""
