"""Writes derived files under temporary names, until they are complete and on disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingFile:
    """A complete derived file with the temporary name `path`."""

    kind: str
    ending: str
    path: Path
    sha256: str
    bytes: int


class PendingTextFile:
    """
    A text file with a random name, created when the first text is written.

    Only its owner can read it, like every file of `tempfile.mkstemp`.
    """

    def __init__(
        self, folder: Path, prefix: str, encoding: str, errors: str = "backslashreplace"
    ) -> None:
        self._folder = folder
        self._prefix = prefix
        self._encoding = encoding
        self._errors = errors
        self._stream: IO[str] | None = None
        self.path: Path | None = None

    def write(self, text: str) -> int:
        """Add a text."""
        if self._stream is None:
            fd, name = tempfile.mkstemp(prefix=self._prefix, suffix=".tmp", dir=self._folder)
            self.path = Path(name)
            self._stream = os.fdopen(
                fd, "w", encoding=self._encoding, errors=self._errors, newline=""
            )
        return self._stream.write(text)

    def finish(self, kind: str, ending: str) -> PendingFile | None:
        """Sync what was written to disk. Returns None if nothing was written."""
        if self._stream is None or self.path is None:
            return None
        self._stream.flush()
        os.fsync(self._stream.fileno())
        self._stream.close()
        with self.path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        size = self.path.stat().st_size
        return PendingFile(kind=kind, ending=ending, path=self.path, sha256=digest, bytes=size)

    def close(self) -> None:
        """Remove the file if it was not moved."""
        with suppress(OSError):  # the disk is full: the error that matters was raised before
            if self._stream is not None:
                self._stream.close()
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
