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


def sha256_of(path: Path) -> str:
    """Return the digest of a file, as hexadecimal digits. Raises `OSError`."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


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
