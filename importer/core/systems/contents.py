"""Files as a whole: their digest, and writing one so that nobody sees half of it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from importer.core import systems

_BLOCK_BYTES = 1024 * 1024


def sha256_of(path: Path) -> str:
    """Return the digest of a file, as hexadecimal digits. Raises `OSError`."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


class PrefixDigest:
    """The digest of the first bytes of a file to which bytes are only added."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = 0
        self._digest = hashlib.sha256()

    def begin(self) -> None:
        """Take in the bytes that are there now, to have less to do later. Raises `OSError`."""
        self._add(self._path.stat().st_size)

    def _add(self, size: int) -> None:
        with self._path.open("rb") as stream:
            stream.seek(self._size)
            while data := stream.read(min(size - self._size, _BLOCK_BYTES)):
                self._digest.update(data)
                self._size += len(data)

    def of_first(self, size: int) -> str:
        """Return the digest of so many bytes, as hexadecimal digits. Raises `OSError`."""
        if self._size > size:  # a line at the end is torn
            self._size, self._digest = 0, hashlib.sha256()
        self._add(size)
        return self._digest.hexdigest()


def copy_part(source: BinaryIO, target: BinaryIO, begin: int, size: int) -> None:
    """Copy so many bytes of a file. Raises `OSError`, also if it has become shorter."""
    source.seek(begin)
    while size:
        block = source.read(min(size, _BLOCK_BYTES))
        if not block:
            raise OSError(f"{source.name} became shorter")
        target.write(block)
        size -= len(block)


@contextmanager
def whole_file(
    path: Path, *, prefix: str, is_synced: bool = True, mode: int | None = None
) -> Iterator[BinaryIO]:
    """
    Write a file under a temporary name, and rename it at the end of the block.

    If the block raises, the file is as it was. The temporary name begins with `prefix` and ends
    with `.tmp`. Only its owner can read the file, unless `mode` says otherwise. If it `is_synced`,
    its content is on the disk before it has its name. Raises `OSError`.
    """
    fd, name = tempfile.mkstemp(prefix=prefix, suffix=".tmp", dir=path.parent)
    draft = Path(name)
    try:
        with os.fdopen(fd, "wb") as stream:
            yield stream
            stream.flush()
            if is_synced:
                os.fsync(stream.fileno())
        if mode is not None:
            draft.chmod(mode)
        systems.current.replace(draft, path)
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
