"""The results file, and other stores of lines: append, sync, lock and repair."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import anyio.to_thread

from importer.core import systems
from importer.core.errors import JournalError, ResultsError, ResultsInUse
from importer.core.locale.message import Message
from importer.core.systems import OPEN_FLAGS, sync_data
from importer.writer.group_commit import GroupCommit, JsonLine
from importer.writer.index_file import Stamp, advance, index_path, remove
from importer.writer.line_reader import is_results_text, iter_lines, parse_line, refuse_other_file
from importer.writer.lines.run_line import RunLine

_COPY_BYTES = 1024 * 1024
_LOOKED_AT = 64 * 1024
_PATIENCE = 0.001
"""Seconds. Using a thread costs a tenth of that, and other workers can send meanwhile."""


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


class ResultsFile:
    """
    An open results file, locked by this process.

    `append` returns when its lines are on disk; lines that arrive before or during a sync share
    the next one. A failed write or sync is final: the kernel may report lost data as written
    afterwards, so every later `append` raises `JournalError` too.
    """

    def __init__(
        self,
        path: Path,
        *,
        sync: Callable[[int], None] = sync_data,
        patience: float = _PATIENCE,
        is_there: bool = False,
    ) -> None:
        """
        Open or create, lock and repair the file. Raises `ResultsError` if that fails.

        With `is_there` the file is not created. If a sync takes longer than `patience` seconds, the
        next one runs in a thread.
        """
        self.path = path
        self._index = index_path(path)
        self.torn: Path | None = None
        self._sync = sync
        self._patience = patience
        self._took = 0.0
        self._commit = GroupCommit(self.write, self._failure)
        self._flags = os.O_RDWR | os.O_APPEND | OPEN_FLAGS | (0 if is_there else os.O_CREAT)
        self._held = -1
        self._fd = self._open()
        try:
            self._refuse_other()
            self._lock()
            while not self._has_the_name():
                self._release()
                self._fd = self._open()
                self._lock()
            self._is_new = not os.fstat(self._fd).st_size
            self._repair()
        except OSError as error:
            self._release()
            raise ResultsError(
                "%(path)s: cannot be made ready (%(fault)s)",
                path=path,
                fault=error.strerror,
                hint="Make room or repair the disk, then run the same command again.",
            ) from error
        except BaseException:
            self._release()
            raise

    def _release(self) -> None:
        """Unlock and close the file."""
        fd, held, self._fd, self._held = self._fd, self._held, -1, -1
        if held not in {fd, -1}:
            systems.current.unlock(fd, held)
        os.close(fd)  # this unlocks the file itself

    def let_go(self) -> None:
        """Close the file on systems that cannot replace an open one; its lock stays."""
        if not systems.current.replaces_open_files and self._fd >= 0:
            os.close(self._fd)
            self._fd = os.open(os.devnull, os.O_RDWR)

    def _open(self) -> int:
        try:
            return os.open(self.path, self._flags, 0o600)
        except OSError as error:
            raise ResultsError(
                "%(path)s: cannot be opened (%(fault)s)",
                path=self.path,
                fault=error.strerror,
                hint="Make it writable, then run the same command again."
                if self.path.exists()
                else "Name another place with --results.",
            ) from error

    def _has_the_name(self) -> bool:
        """Return whether the locked file is still the one at its path, and was not replaced."""
        try:
            named = self.path.stat()
        except FileNotFoundError:
            return False
        return os.path.samestat(named, os.fstat(self._fd))

    def _refuse_other(self) -> None:
        """Raise `ResultsError` if the file is no results file, before it is changed."""
        refuse_other_file(self.path, systems.current.read_at(self._fd, _LOOKED_AT, 0))

    def _lock(self) -> None:
        try:
            self._held = systems.current.lock(self._fd, self.path)
        except BlockingIOError:
            raise ResultsInUse(
                "%(path)s is in use by another run (%(host)s)",
                path=self.path,
                host=self._holder(),
                hint="Wait until it ends, or stop it: two runs would send the same rows.",
            ) from None
        except OSError as error:
            raise ResultsError(
                "%(path)s cannot be locked (%(fault)s)",
                path=self.path,
                fault=error.strerror,
                hint="Keep the results file on a local disk (--results).",
            ) from error

    def _holder(self) -> str:
        last = None
        for _, _, line in iter_lines(self.path):
            if isinstance(line, RunLine):
                last = line
        return f"process {last.pid} on {last.host}" if last else "just started"

    def _repair(self) -> None:
        """Move a torn last line to a file of its own; add the line end if only that is missing."""
        size = os.fstat(self._fd).st_size
        if not size:
            for folder in {self.path.parent, self.path.resolve().parent}:  # it may be a link
                sync_folder(folder)
            return
        tail = self._tail(size)
        if not tail:
            return
        if parse_line(tail) is not None:
            _write_all(self._fd, b"\n")
        else:
            self.torn = _keep_aside(self.path, tail)
            os.ftruncate(self._fd, size - len(tail))
        os.fsync(self._fd)

    def _tail(self, size: int) -> bytes:
        """Return everything after the last line end."""
        tail = b""
        while size:
            start = max(0, size - _COPY_BYTES)
            block = systems.current.read_at(self._fd, size - start, start)
            end = block.rfind(b"\n")
            tail = block[end + 1 :] + tail
            if end >= 0:
                break
            size = start
        return tail

    async def append(self, *lines: JsonLine) -> None:
        """Write lines as `LineStore.append` does, and sync them to disk."""
        await self._commit.append(*lines)

    def put(self, *lines: JsonLine, then: Callable[[JournalError | None], None]) -> None:
        """Queue lines for the next `append`, so that both need only one sync."""
        self._commit.put(*lines, then=then)

    async def write(self, lines: Sequence[bytes]) -> None:
        """
        Write lines as they are, and sync, in a thread if the disk is slow. Raises `OSError`.

        For stores that keep the lines elsewhere too: they never call `append`.
        """
        data = b"".join(lines)
        if self._took > self._patience:
            await anyio.to_thread.run_sync(self._write, data)
        else:
            self._write(data)

    def _write(self, data: bytes) -> None:
        began = time.perf_counter()
        before = Stamp.of(os.fstat(self._fd))
        _write_all(self._fd, data)
        after = Stamp.of(os.fstat(self._fd))
        self._sync(self._fd)
        advance(self._index, before, after)
        self._took = time.perf_counter() - began

    def _failure(self, reason: str) -> JournalError:
        return JournalError(
            "%(path)s: cannot be written (%(reason)s)",
            path=self.path,
            reason=reason,
            hint="Nothing more was sent. Make room or repair the disk, then run the same command "
            "again.",
        )

    def close(self) -> None:
        """Release the lock. Lines not yet appended are lost; all others are on disk."""
        if self._fd < 0:  # closing twice could close another file that has the number now
            return
        is_empty = self._is_new and not os.fstat(self._fd).st_size
        self.let_go()
        if is_empty:  # a run that did not begin leaves no file
            self.path.resolve().unlink(missing_ok=True)  # and not a link to it
        self._release()

    def set_aside(self) -> Path:
        """Rename the file as `LineStore.set_aside` says, and close it."""
        number = 1
        while (aside := self.path.with_name(f"{self.path.name}.aside-{number}")).exists():
            number += 1
        remove(self.path)
        self.let_go()
        try:
            systems.current.replace(self.path, aside)
            sync_folder(self.path.parent)
        except OSError as error:
            raise ResultsError(
                "%(path)s: cannot be renamed (%(fault)s)",
                path=self.path,
                fault=error.strerror,
                hint="Name another results file with --results.",
            ) from error
        self.close()
        return aside


def has_lines(path: Path) -> bool:
    """Return whether there is a results file that is not empty."""
    return path.exists() and path.stat().st_size > 0


def is_results_file(path: Path) -> bool:
    """Return whether a file is not empty and begins like a results file."""
    try:
        with path.open("rb") as stream:
            begin = stream.read(_LOOKED_AT)
    except OSError:
        return False
    return bool(begin) and is_results_text(begin)


def is_torn(path: Path) -> bool:
    """Return whether the end of the last line of a file is missing."""
    with path.open("rb") as stream:
        if not stream.seek(0, os.SEEK_END):
            return False
        stream.seek(-1, os.SEEK_END)
        return stream.read() != b"\n"


def torn_line_kept(path: Path, torn: Path | None) -> list[Message]:
    """Return the notice about the torn last line of an opened results file, if it had one."""
    if torn is None:
        return []
    return [
        Message(
            "the last line of %(path)s was torn; it is kept in %(path_2)s", path=path, path_2=torn
        )
    ]


def torn_line_left_out(path: Path) -> list[Message]:
    """Return the notice about the torn last line of a results file that is only read."""
    if not path.exists() or not is_torn(path):
        return []
    said = Message(
        "the last line of %(path)s is not finished, and is left out here; unless a run is just "
        "writing it, the next run keeps it in %(name)s, or completes it if only its end is missing",
        path=path,
        name=_free_name(path).name,
    )
    return [said]


def _write_all(fd: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def _keep_aside(path: Path, tail: bytes) -> Path:
    """Write a torn line to a new file next to the results file, with a sync. Returns its path."""
    aside = _free_name(path)
    fd = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS, 0o600)
    try:
        try:
            _write_all(fd, tail)
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError:  # the line is still in the results file
        aside.unlink()
        raise
    sync_folder(path.parent)
    return aside


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.torn-{number}")).exists():
        number += 1
    return aside


def sync_folder(folder: Path) -> None:
    """Sync a folder: only then does a new file in it survive a power cut."""
    systems.current.sync_folder(folder, os)
