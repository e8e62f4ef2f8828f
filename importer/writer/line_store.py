"""The protocol of what keeps the lines of an import: a results file, or a database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from importer.errors import JournalError
from importer.writer.group_commit import JsonLine

__all__ = ["LineStore", "OpenStore"]


class LineStore(Protocol):
    """
    Keeps the lines of an import, which is its own alone until it is closed.

    What earlier runs have added is read from the file at `path`, whatever else keeps it, and so
    decides in the same way for each store. The file has all lines that were appended, and is whole:
    a line that was not finished is in the file `torn`.
    """

    @property
    def path(self) -> Path:
        """The results file to read from."""

    @property
    def torn(self) -> Path | None:
        """Where a line is kept that the last run did not finish, or None."""

    async def append(self, *lines: JsonLine) -> None:
        """
        Add lines, after all that were `put` before, and return when no crash can undo it.

        Raises `JournalError` if that fails: then nothing more may be sent, and all later calls
        raise it too.
        """

    def put(self, *lines: JsonLine, then: Callable[[JournalError | None], None]) -> None:
        """
        Queue lines for the next `append`.

        `then` is called with None when no crash can undo them, or with the error if that failed.
        """

    def set_aside(self) -> Path:
        """
        Keep the lines where no import finds them, and close the store: opened again, it is empty.

        Returns where they are. Raises `ResultsError` if that fails.
        """

    def close(self) -> None:
        """Let go of the import. Lines that were only `put` are lost."""


OpenStore = Callable[[Path], LineStore]
"""Opens the store of the results file with this path. Raises `ResultsError` if it cannot."""
