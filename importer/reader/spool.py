"""A temporary folder for unpacked files and standard input."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from importer.core import systems
from importer.core.systems import NO_FOLLOW, OPEN_FLAGS

_PREFIX = "vorel-import-"
_LOCK = ".lock"
_looked_in: set[str] = set()
"""Folders that were cleaned up already: once a process is enough."""


@contextmanager
def spool_folder() -> Iterator[Path]:
    """
    Create a temporary folder that is removed at the end.

    A process that is killed leaves its folder: the next one to start removes it. A folder is in use
    as long as its lock is held, and the lock is released when its process ends, however that
    happens.
    """
    if (place := tempfile.gettempdir()) not in _looked_in:
        _looked_in.add(place)
        _remove_left_folders(place)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        try:
            with _locked(folder) as is_ours:
                if is_ours:
                    yield folder
                    return
        finally:  # Windows removes no file that is open
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Lock a new folder; gives False if another process has taken it for one that was left."""
    path = folder / _LOCK
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | OPEN_FLAGS, 0o600)
    held: int | None = None
    is_ours = True
    try:
        try:
            held = systems.current.lock(lock, path)
        except BlockingIOError:
            is_ours = False
        except OSError:  # without locks, the folder only stays if the process is killed
            held = None
        yield is_ours and path.exists()
    finally:
        if held is not None:
            systems.current.unlock(lock, held)
        os.close(lock)


def _remove_left_folders(place: str) -> None:
    with suppress(OSError):
        for entry in os.scandir(place):
            with suppress(OSError):
                if entry.name.startswith(_PREFIX) and _is_own_folder(entry):
                    _remove_if_left(Path(entry.path))


def _is_own_folder(entry: os.DirEntry[str]) -> bool:
    is_folder = entry.is_dir(follow_symlinks=False)
    user = getattr(os, "geteuid", lambda: 0)()  # on Windows every file is said to be user 0's
    return is_folder and entry.stat(follow_symlinks=False).st_uid == user


def _remove_if_left(folder: Path) -> None:
    """Remove a folder if nobody holds its lock; one without a lock is somebody else's, or new."""
    path = folder / _LOCK
    lock = os.open(path, os.O_RDWR | NO_FOLLOW | OPEN_FLAGS)
    try:
        held = systems.current.lock(lock, path)
        shutil.rmtree(folder, ignore_errors=True)  # while nobody else can get the lock
        systems.current.unlock(lock, held)
    finally:
        os.close(lock)
    shutil.rmtree(folder, ignore_errors=True)  # Windows removes no file that is open
