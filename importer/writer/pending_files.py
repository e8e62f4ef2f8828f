"""Writes derived files under temporary names, until they are complete and on disk."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing_extensions import Buffer

_BLOCK_BYTES = 1024 * 1024
_BUFFER_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingFile:
    """A complete derived file with the temporary name `path`."""

    kind: str
    ending: str
    path: Path
    sha256: str
    bytes: int


class _DigestedFile(io.FileIO):
    """A file with the SHA-256 of what was written to it."""

    def __init__(self, fd: int) -> None:
        super().__init__(fd, "wb")
        self.digest = hashlib.sha256()

    def write(self, data: Buffer, /) -> int:
        count = super().write(data)
        self.digest.update(memoryview(data)[:count])
        return count


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
        self._raw: _DigestedFile | None = None
        self._buffer: io.BufferedWriter | None = None
        self._stream: io.TextIOWrapper | None = None
        self.path: Path | None = None

    def begin_with(self, path: Path) -> str:
        """Begin with the bytes of a file, and sync them to disk. Returns their SHA-256."""
        raw, buffer = self._opened()
        with path.open("rb") as stream:
            shutil.copyfileobj(stream, buffer, _BLOCK_BYTES)
        buffer.flush()
        os.fsync(raw.fileno())
        return raw.digest.hexdigest()

    def write(self, text: str) -> int:
        """Add a text."""
        if self._stream is None:
            _, buffer = self._opened()
            self._stream = io.TextIOWrapper(
                buffer, encoding=self._encoding, errors=self._errors, newline=""
            )
        return self._stream.write(text)

    def _opened(self) -> tuple[_DigestedFile, io.BufferedWriter]:
        if self._raw is None or self._buffer is None:
            fd, name = tempfile.mkstemp(prefix=self._prefix, suffix=".tmp", dir=self._folder)
            self.path = Path(name)
            self._raw = _DigestedFile(fd)
            self._buffer = io.BufferedWriter(self._raw, _BUFFER_BYTES)
        return self._raw, self._buffer

    def finish(self, kind: str, ending: str) -> PendingFile | None:
        """Sync what was written to disk. Returns None if nothing was written."""
        if self.path is None:
            return None
        raw, buffer = self._opened()
        (self._stream or buffer).flush()
        os.fsync(raw.fileno())
        digest, size = raw.digest.hexdigest(), raw.tell()
        (self._stream or buffer).close()
        return PendingFile(kind=kind, ending=ending, path=self.path, sha256=digest, bytes=size)

    def close(self) -> None:
        """Remove the file if it was not moved."""
        with suppress(OSError):  # the disk is full: the error that matters was raised before
            if self._buffer is not None:
                (self._stream or self._buffer).close()
        if self.path is not None:
            with suppress(OSError):
                self.path.unlink(missing_ok=True)
