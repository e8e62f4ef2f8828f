"""
The operating system, as far as the importer sees a difference: files, locks and shells.

This is the only module that knows both worlds.
"""

from __future__ import annotations

import errno
import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

OPEN_FLAGS = (
    getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOINHERIT", 0)
)
"""The flags of every file that is opened by number: no child has it, and no byte is translated."""
NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
sync_data: Callable[[int], None] = getattr(os, "fdatasync", os.fsync)

_TRIES = 20
_BETWEEN = 0.05
"""Seconds: virus scanners and indexers hold a new file for some tenths of a second."""
_LOCKED = {errno.EACCES, errno.EAGAIN, errno.EDEADLK, errno.EDEADLOCK}


class Posix:
    """Linux, macOS and their kin; its docstrings say what `Windows` does too."""

    replaces_open_files = True
    """Whether a file can be renamed and replaced while it is open."""

    def lock(self, fd: int, path: Path) -> int:
        """
        Lock the file `path`, which is open as `fd`, against other processes (flock).

        Returns what `unlock` needs. The lock ends with the process. Raises `BlockingIOError` if
        another process has it, and `OSError` if it cannot be locked.
        """
        del path
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return fd

    def unlock(self, fd: int, held: int) -> None:
        """Give back a lock."""
        del held
        fcntl.flock(fd, fcntl.LOCK_UN)

    def replace(self, source: Path, target: Path) -> None:
        """Rename a file; one that has the name already is replaced."""
        source.replace(target)

    def sync_folder(self, folder: Path, via: Any) -> None:
        """Bring the names in a folder to the disk, `via` the functions of `os`."""
        fd = via.open(folder, os.O_RDONLY)
        try:
            via.fsync(fd)
        finally:
            via.close(fd)

    def copy_mode(self, source: int, target: int) -> None:
        """Give an open file the permissions of another one, and its owner where that is allowed."""
        of_source = os.fstat(source)
        with suppress(PermissionError):  # only root may
            os.fchown(target, of_source.st_uid, of_source.st_gid)
        os.fchmod(target, of_source.st_mode & 0o777)

    def read_at(self, fd: int, size: int, offset: int) -> bytes:
        """Return up to `size` bytes at an offset."""
        return os.pread(fd, size, offset)

    def write_at(self, fd: int, data: bytes, offset: int) -> None:
        """Write bytes at an offset. Raises `OSError` if there is no room for all of them."""
        _refuse_short(os.pwrite(fd, data, offset), data)

    def command_line(self, words: Sequence[str]) -> str:
        """Return words as they are typed in a shell."""
        return shlex.join(words)

    def end_process(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process that leads a session, and all that it has started."""
        os.killpg(process.pid, signal.SIGKILL)


class Windows:
    """
    Windows, where a locked file cannot be read, and an open one cannot be replaced.

    So the lock is on a file of its own, `<name>.lock`, which stays: removing it would let two
    processes lock two files of that name. `locking` is `msvcrt.locking`. Files are private by the
    folder that they are in, and names need no sync.
    """

    replaces_open_files = False
    _NON_BLOCKING, _UNLOCK = 2, 0  # msvcrt.LK_NBLCK, msvcrt.LK_UNLCK

    def __init__(
        self,
        locking: Callable[[int, int, int], None] | None = None,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._locking = locking or _msvcrt_locking
        self._sleep = sleep

    def lock(self, fd: int, path: Path) -> int:
        """Lock the first byte of a file beside it."""
        del fd
        held = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | OPEN_FLAGS, 0o600)
        try:
            self._locking(held, self._NON_BLOCKING, 1)
        except OSError as error:
            os.close(held)
            if error.errno in _LOCKED:
                raise BlockingIOError(errno.EAGAIN, "another process has the lock") from error
            raise
        return held

    def unlock(self, fd: int, held: int) -> None:
        """Unlock the file beside it."""
        del fd
        with suppress(OSError):  # closing gives the lock back too
            os.lseek(held, 0, os.SEEK_SET)
            self._locking(held, self._UNLOCK, 1)
        os.close(held)

    def replace(self, source: Path, target: Path) -> None:
        """Rename a file; where another program has it open just now, try again for a second."""
        for left in range(_TRIES, -1, -1):
            try:
                source.replace(target)
            except PermissionError:
                if not left:
                    raise
                self._sleep(_BETWEEN)
            else:
                return

    def sync_folder(self, folder: Path, via: Any) -> None:
        """Do nothing: a folder cannot be opened, and NTFS keeps a journal of names."""

    def copy_mode(self, source: int, target: int) -> None:
        """Do nothing: a new file has the permissions of its folder."""

    def read_at(self, fd: int, size: int, offset: int) -> bytes:
        """Read from a position that the next reader sets again."""
        os.lseek(fd, offset, os.SEEK_SET)
        parts = []
        while size and (part := os.read(fd, size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def write_at(self, fd: int, data: bytes, offset: int) -> None:
        """Write at a position that the next writer sets again, like `Posix.write_at`."""
        os.lseek(fd, offset, os.SEEK_SET)
        _refuse_short(os.write(fd, data), data)

    def command_line(self, words: Sequence[str]) -> str:
        """Return words quoted for a Windows program."""
        return subprocess.list2cmdline(words)

    def end_process(self, process: subprocess.Popen[bytes]) -> None:
        """Kill a process; what it has started goes on."""
        process.kill()


def _refuse_short(written: int, data: bytes) -> None:
    """Raise the error of a full disk, which a system reports only with the next write."""
    if written < len(data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


System = Posix | Windows
"""An operating system, as far as files are concerned."""
current: System = Windows() if os.name == "nt" else Posix()
"""The system that this process runs on."""


def _msvcrt_locking(fd: int, mode: int, size: int) -> None:
    import msvcrt

    msvcrt.locking(fd, mode, size)  # type: ignore[attr-defined]


def process_identity() -> dict[str, Any]:
    """Return the `pid` and `host` of this process, for a run that finds the file locked."""
    return {"pid": os.getpid(), "host": socket.gethostname()}
