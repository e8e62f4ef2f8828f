"""The journal of a job in the database, with a copy of it to read from."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path

from importer.core.errors import JournalError, ResultsError
from importer.core.systems import OPEN_FLAGS
from importer.fleet.database.connecting import Connection, connect_first
from importer.fleet.journal import losses
from importer.fleet.journal.appender import Appender
from importer.fleet.journal.blocks import EMPTY, Head, holds, read_head, read_lines
from importer.fleet.leases.lease import Lease
from importer.writer.group_commit import GroupCommit, JsonLine
from importer.writer.index_file import Stamp, advance, index_path, remove
from importer.writer.results import ResultsFile


class DatabaseStore:
    """
    A `LineStore` whose lines are in the database.

    They are read from a copy, a results file of this process alone. The database is what counts:
    a line is added there first. The copy is brought up to date when the store is opened.
    """

    def __init__(
        self,
        path: Path,
        *,
        database: str,
        appender: Appender,
        lease: Lease,
        accepts_loss: bool = False,
    ) -> None:
        """
        Read what the journal has and the copy at `path` has not.

        Raises `ResultsError` if the journal is damaged, or has lost lines that the copy has, unless
        that is accepted; and `ConfigError` if the database is away.
        """
        self._appender = appender
        self._lease = lease
        with closing(connect_first(database)) as connection:
            self._restored = losses.restored_at(connection, lease.job)
            known = math.inf if accepts_loss else self._restored
            self._head = _bring_up_to_date(path, connection, lease.job, known)
        self._copy = ResultsFile(path, sync=lambda _descriptor: None)
        self._commit = GroupCommit(self._write, _failure)
        self._is_whole = True

    @property
    def path(self) -> Path:
        """The copy."""
        return self._copy.path

    @property
    def torn(self) -> Path | None:
        """None: a block is there as a whole, or not at all."""
        return None

    async def append(self, *lines: JsonLine) -> None:
        """Add lines, as `LineStore.append` does. Raises `JournalError`."""
        await self._commit.append(*lines)

    def put(self, *lines: JsonLine, then: Callable[[JournalError | None], None]) -> None:
        """Queue lines for the next `append`."""
        self._commit.put(*lines, then=then)

    async def _write(self, lines: Sequence[bytes]) -> None:
        if not lines:
            return
        block = self._head.followed_by(lines)
        await self._appender.append(self._lease, block)
        self._head = block.head
        self._is_whole = False
        await self._copy.write(lines)
        self._is_whole = True
        await self._appender.confirm(self._lease)  # last: all of this may have taken long

    def set_aside(self) -> Path:
        """Raise `ResultsError`: the journal of a job belongs to one service and account."""
        raise ResultsError(
            "the journal of the job belongs to another service, account or object",
            hint="Add the list to the fleet as a job with another name.",
        )

    def close(self) -> None:
        """Close the copy."""
        self._copy.close()

    def note(self) -> None:
        """Note what the closed copy has, so that the next run need not read it again."""
        if self._is_whole and self._head != EMPTY:
            _note(self._copy.path, self._head, self._restored)


def _bring_up_to_date(path: Path, connection: Connection, job: int, restored: float) -> Head:
    """
    Add to the copy what it lacks, or write it anew. Returns the head of the journal.

    `restored` is the last time that somebody said that lines are lost. Raises `ResultsError` if the
    journal has lost lines that the copy has, and that was not said since the copy was noted.
    """
    head, (has, known) = read_head(connection, job), _noted(path)
    if has is None or not holds(connection, job, has):
        if has is not None and restored <= known:
            raise _lost(has.lines - head.lines)
        has = EMPTY
        remove(path)
        path.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        _note_path(path).unlink()
    if has != head:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | OPEN_FLAGS
        with os.fdopen(os.open(path, flags, 0o600), "ab") as copy:
            before = Stamp.of(os.fstat(copy.fileno()))
            copy.writelines(read_lines(connection, job, has, head))
            copy.flush()
            advance(index_path(path), before, Stamp.of(os.fstat(copy.fileno())))
    return head


def _note_path(path: Path) -> Path:
    return path.with_name(f"{path.name}.head")


def _note(path: Path, head: Head, restored: float) -> None:
    """Note the head of the copy, once nothing of it can get lost any more."""
    with suppress(OSError), path.open("rb") as copy:
        os.fsync(copy.fileno())
        stamp = Stamp.of(os.fstat(copy.fileno()))
        note = [*stamp, head.lines, head.last_block, head.digest.hex(), restored]
        _note_path(path).write_text(json.dumps(note), encoding="ascii")


def _noted(path: Path) -> tuple[Head | None, float]:
    """
    Return what was noted of the copy: its head, and the last time that lines were said to be lost.

    The head is None if the copy may have been written to since then.
    """
    try:
        *stamp, lines, last_block, digest, restored = json.loads(_note_path(path).read_bytes())
        if tuple(stamp) == Stamp.of(path.stat()):
            head = Head(lines=lines, last_block=last_block, digest=bytes.fromhex(digest))
            return head, float(restored)
    except (OSError, ValueError, TypeError):
        pass
    return None, 0.0


def _lost(lines: int) -> ResultsError:
    more = f"{lines:,} lines" if lines > 0 else "lines"
    return ResultsError(
        "the database has lost %(count)s of the journal that a copy here has; if it was "
        "restored from a backup, `vorel-import fleet restored` comes first",
        count=more,
        hint="Nothing was sent. Run: vorel-import fleet restored JOB",
    )


def _failure(reason: str) -> JournalError:
    return JournalError(
        "the copy of the journal cannot be written (%(reason)s)",
        reason=reason,
        hint="Nothing more was sent. Make room on the disk; the next run of the job goes on.",
    )
