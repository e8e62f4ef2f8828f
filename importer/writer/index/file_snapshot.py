"""A results file that stays readable while another file takes its name."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import BinaryIO

from importer.core import systems
from importer.core.errors import ResultsError
from importer.core.systems import OPEN_FLAGS

_LINE_BYTES = 4096


class FileSnapshot:
    """
    An open file that keeps its content while another one takes its name.

    The results files of other imports are not locked: their own jobs may rewrite them at any time.
    The file is closed with this object. On systems that cannot replace an open file, it is not kept
    open, and reading a replaced file raises `ResultsError`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        fd = os.open(path, os.O_RDONLY | OPEN_FLAGS)
        self._stat = os.fstat(fd)
        self._fd: int | None = None
        if systems.current.replaces_open_files:
            self._fd = fd
            weakref.finalize(self, os.close, fd)
        else:
            os.close(fd)

    def has_the_name(self) -> bool:
        """Return whether no other file has taken the name."""
        try:
            return os.path.samestat(self._path.stat(), self._stat)
        except FileNotFoundError:
            return False

    def open(self) -> BinaryIO:
        """Return the file at its beginning. Only one such stream can be read at a time."""
        if self._fd is None:
            stream = self._path.open("rb")
            self.check(stream)
            return stream
        stream = os.fdopen(os.dup(self._fd), "rb")
        stream.seek(0)
        return stream

    def check(self, stream: BinaryIO) -> None:
        """Raise `ResultsError` unless a stream is of this file."""
        if not os.path.samestat(os.fstat(stream.fileno()), self._stat):
            stream.close()
            raise self.replaced()

    def replaced(self) -> ResultsError:
        """Return the error about a file that was replaced."""
        return ResultsError(
            "%(path)s was replaced while it was read",
            path=self._path,
            hint="Run the same command again.",
        )

    def line_at(self, offset: int) -> bytes:
        """Return the line that begins there."""
        if self._fd is None:
            with self.open() as stream:
                stream.seek(offset)
                return stream.readline()
        line = b""
        while b"\n" not in line:
            block = systems.current.read_at(self._fd, _LINE_BYTES, offset + len(line))
            if not block:
                return line
            line += block
        return line[: line.index(b"\n") + 1]
