"""The protocol for the store of an import's lines: a results file, or a database."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from importer.core.errors import JournalError
from importer.writer.group_commit import JsonLine


class LineStore(Protocol):
    """
    Keeps the lines of an import, and locks it until it is closed.

    The lines of earlier runs are read from the file at `path`, also for other stores, so that each
    store leads to the same decisions. The file has all appended lines; an unfinished line is in the
    file `torn`.
    """

    @property
    def path(self) -> Path:
        """The results file to read from."""

    @property
    def torn(self) -> Path | None:
        """The file with a line that the last run did not finish, or None."""

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
        Move the lines to where no import finds them, and close the store; the next one is empty.

        Returns their new path. Raises `ResultsError` if that fails.
        """

    def close(self) -> None:
        """Unlock the import. Lines that were only `put` are lost."""


OpenStore = Callable[[Path], LineStore]
"""Opens the store of the results file with this path. Raises `ResultsError` if it cannot."""
