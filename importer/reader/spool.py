"""A temporary folder for what is unpacked or comes from standard input."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["spool_folder"]

_PREFIX = "vorel-import-"
_LOCK = ".lock"


@contextmanager
def spool_folder() -> Iterator[Path]:
    """
    Create a temporary folder that is removed at the end.

    A process that is killed leaves its folder: the next one removes it. A folder is in use as long
    as its lock is held, and the lock is released when its process ends, however that happens.
    """
    _remove_left_folders()
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with suppress(OSError):  # without locks, the folder only stays if the process is killed
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _remove_left_folders() -> None:
    with suppress(OSError):
        for entry in os.scandir(tempfile.gettempdir()):
            with suppress(OSError):
                if entry.name.startswith(_PREFIX) and _is_own_folder(entry):
                    _remove_if_left(Path(entry.path))


def _is_own_folder(entry: os.DirEntry[str]) -> bool:
    is_folder = entry.is_dir(follow_symlinks=False)
    return is_folder and entry.stat(follow_symlinks=False).st_uid == os.geteuid()


def _remove_if_left(folder: Path) -> None:
    """Remove a folder if nobody holds its lock; one without a lock is somebody else's, or new."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(lock)
