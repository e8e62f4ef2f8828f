"""Folders for copies of journals: each process has one of its own, and they outlive it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from importer.core import systems
from importer.core.errors import ConfigError
from importer.core.systems import OPEN_FLAGS
from importer.core.systems.folders import state_folder

__all__ = ["default_folder", "own_folder"]


def default_folder() -> Path:
    """Return where copies are kept unless it is stated."""
    return state_folder() / "fleet"


@contextmanager
def own_folder(work: Path) -> Iterator[Path]:
    """
    Return a folder in `work` that no other process uses, and that was used before if possible.

    So a journal that this computer has read before is not read again from its beginning. Raises
    `ConfigError` if there can be no folder.
    """
    try:
        folder, fd, held = next(filter(None, map(_locked, (work / str(n) for n in count()))))
    except OSError as error:
        raise ConfigError(
            "%(path)s: cannot be used for copies (%(fault)s)", path=work, fault=error.strerror
        ) from error
    try:
        yield folder
    finally:
        if held != fd:
            systems.current.unlock(fd, held)
        os.close(fd)


def _locked(folder: Path) -> tuple[Path, int, int] | None:
    """Lock a folder, and return it with what has to be closed; None if another process uses it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "lock"
    fd = os.open(path, os.O_RDWR | os.O_CREAT | OPEN_FLAGS, 0o600)
    try:
        return folder, fd, systems.current.lock(fd, path)
    except BlockingIOError:
        os.close(fd)
        return None
