"""Adds blocks of lines to the journals of all jobs of a process, in a thread of its own."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

import anyio
import anyio.lowlevel
import psycopg
from anyio import from_thread

from importer.core.errors import JournalError
from importer.core.locale.message import Message, joined
from importer.fleet.database.connecting import AWAY, Connection, connect, reason_of, shut_down
from importer.fleet.journal.blocks import Block
from importer.fleet.leases.lease import Lease, lease_lost, renew
from importer.fleet.telling import Trouble

_PATIENCE = 600.0
"""Seconds for which sending waits for a database that is away."""
_PAUSES = (0.05, 0.2, 0.5, 1.0)
# The lease is checked and locked until the lines are committed, so that none of an owner come
# after the one that has taken its key has read them. The block before has to be the one that the
# owner has seen: then it knows all lines, and none is lost to it.
_APPEND = """
INSERT INTO vorel_fleet.block (job, first_line, line_count, lines, head, sent)
SELECT %(job)s, %(first)s, %(count)s, %(lines)s, %(digest)s, %(sent)s
FROM (
    SELECT FROM vorel_fleet.lease
    WHERE key = %(key)s AND owner = %(owner)s AND epoch = %(epoch)s
        AND expires_at > vorel_fleet.clock()
    FOR SHARE
) AS held
WHERE %(previous)s::bigint = 0 OR EXISTS (
    SELECT FROM vorel_fleet.block
    WHERE job = %(job)s AND first_line = %(previous)s AND head = %(previous_digest)s
)
ON CONFLICT DO NOTHING
RETURNING 1
"""
_STATE = """
SELECT
    (SELECT epoch = %s AND owner = %s FROM vorel_fleet.lease WHERE key = %s),
    (SELECT head = %s FROM vorel_fleet.block WHERE job = %s AND first_line = %s),
    (SELECT expires_at > vorel_fleet.clock() FROM vorel_fleet.lease WHERE key = %s)
"""


@dataclass(slots=True, kw_only=True)
class _Request:
    """A block to add, or None to renew the lease; `token` is that of the loop that waits."""

    lease: Lease
    block: Block | None
    token: anyio.lowlevel.EventLoopToken
    done: anyio.Event = field(default_factory=anyio.Event)
    error: JournalError | None = None
    is_settled: bool = False

    def settle(self, error: JournalError | None = None) -> None:
        self.error, self.is_settled = error, True


class Appender:
    """
    Adds blocks to journals, durably, and only for owners of leases. Use it in `with`.

    Blocks of several jobs that are ready at the same time are one transaction. While the database
    is away, everybody waits, for `patience` seconds at most. If a connection breaks during a
    commit, the block is added again: the number of its first line lets it in only once. `tell` is
    called in its thread when the database is away, and when it is back.
    """

    def __init__(
        self,
        url: str,
        *,
        patience: float = _PATIENCE,
        opened: Callable[[str], Connection] = connect,
        tell: Callable[[Message], None] = lambda _text: None,
    ) -> None:
        self._url = url
        self._patience = patience
        self._opened = opened
        self._away = Trouble(
            tell, Message("the database cannot be reached"), Message("the database is back")
        )
        self.failures = 0
        """How often a connection has failed."""
        self._connection: Connection | None = None
        self._requests: list[_Request] = []
        self._changed = threading.Condition()
        self._is_closed = False
        self._thread = threading.Thread(target=self._serve, name="vorel-append", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.give_up()
        self._thread.join()

    def give_up(self) -> None:
        """Let everybody who waits for the database get a `JournalError`, now and later."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
            if self._connection is not None and self._requests:
                shut_down(self._connection)  # it may wait for a server that says nothing

    async def append(self, lease: Lease, block: Block) -> None:
        """
        Add a block to the journal of the lease's job, and return when no crash can undo it.

        Raises `JournalError` if somebody else has taken the lease, or if the block does not follow
        what is in the database.
        """
        await self._ask(lease, block)

    async def confirm(self, lease: Lease) -> None:
        """Return when a lease is valid. Raises `JournalError` if somebody else has taken it."""
        while not lease.is_valid():
            await self._ask(lease, None)

    async def _ask(self, lease: Lease, block: Block | None) -> None:
        request = _Request(lease=lease, block=block, token=anyio.lowlevel.current_token())
        with self._changed:
            if self._is_closed:
                raise _closed()
            self._requests.append(request)
            self._changed.notify()
        await request.done.wait()
        if request.error is not None:
            raise request.error

    def _serve(self) -> None:
        try:
            while batch := self._next():
                self._settle(batch)
                with self._changed:
                    del self._requests[: len(batch)]
                _tell(batch)
        finally:
            self._disconnect()

    def _next(self) -> list[_Request]:
        with self._changed:
            self._changed.wait_for(lambda: self._requests or self._is_closed)
            return [*self._requests]

    def _settle(self, batch: Sequence[_Request]) -> None:
        """Do what was asked for, as often as it takes."""
        began, failures = time.monotonic(), 0
        while left := [request for request in batch if not request.is_settled]:
            try:
                if self._is_closed:
                    raise _closed()  # noqa: TRY301 - as if the database were away for good
                if self._connection is None:
                    self._connection = self._opened(self._url)
                _work(self._connection, left)
                self._away.over()
            except AWAY as error:
                self._disconnect()
                self.failures += 1
                if failures:  # one that was cut is opened again at once, which is no news
                    self._away.found(reason_of(error))
                if time.monotonic() - began > self._patience:
                    _fail(left, _too_long(self._patience))
                with self._changed:
                    pause = _PAUSES[min(failures, len(_PAUSES) - 1)]
                    self._changed.wait_for(lambda: self._is_closed, pause)
                failures += 1
            except JournalError as error:
                _fail(left, error)
            except Exception as error:  # noqa: BLE001 - whoever waits must not wait for ever
                self._disconnect()
                _fail(left, _refused(error))

    def _disconnect(self) -> None:
        with self._changed:
            connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(psycopg.Error):
                connection.close()


def _work(connection: Connection, requests: Sequence[_Request]) -> None:
    """Add all blocks in one transaction, then look at what was not added."""
    # Everybody locks leases in the same order.
    ordered = sorted(requests, key=lambda one: one.lease.key)
    blocks = [request for request in ordered if request.block is not None]
    if len(blocks) == 1:
        added = [_append(connection, blocks[0]).fetchone()]
    else:
        with connection.pipeline(), connection.transaction():
            cursors = [_append(connection, request) for request in blocks]
        added = [cursor.fetchone() for cursor in cursors]
    for request, row in zip(blocks, added, strict=True):
        if row is not None:
            request.settle()
    for request in ordered:
        if not request.is_settled:
            _look(connection, request)


def _append(connection: Connection, request: _Request) -> psycopg.Cursor[tuple[object, ...]]:
    lease, block = request.lease, request.block
    assert block is not None  # noqa: S101 - the caller has looked
    return connection.execute(
        _APPEND,
        {
            "job": lease.job,
            "first": block.first_line,
            "count": block.line_count,
            "lines": block.lines,
            "digest": block.digest,
            "sent": block.sent,
            "key": lease.key,
            "owner": lease.owner,
            "epoch": lease.epoch,
            "previous": block.previous.last_block,
            "previous_digest": block.previous.digest,
        },
        prepare=True,
        binary=True,
    )


def _look(connection: Connection, request: _Request) -> None:
    """Settle a request if it can be: its lease may be lost, or its block be there already."""
    lease, block = request.lease, request.block
    try:
        is_there = block is not None and _is_there(connection, lease, block)
        if not is_there:
            renew(connection, lease)  # a block is added with the next try
    except JournalError as error:
        request.settle(error)
    else:
        if is_there or block is None:
            request.settle()


def _is_there(connection: Connection, lease: Lease, block: Block) -> bool:
    """
    Return whether the connection broke after a block was committed.

    Raises `JournalError` if somebody else has the lease, or if the block does not follow.
    """
    place = (block.digest, lease.job, block.first_line)
    values = (lease.epoch, lease.owner, lease.key, *place, lease.key)
    row = connection.execute(_STATE, values).fetchone()
    is_mine, is_there, is_valid = row or (None, None, None)
    if not is_mine:
        lease.valid_until = 0
        raise lease_lost()
    if is_valid and not is_there:
        raise _does_not_follow()
    return is_there is True


def _fail(requests: Sequence[_Request], error: JournalError) -> None:
    for request in requests:
        request.settle(error)


def _tell(batch: Sequence[_Request]) -> None:
    """Wake up those who wait, each in its event loop."""
    loops: dict[int, list[_Request]] = {}
    for request in batch:
        loops.setdefault(id(request.token), []).append(request)
    for requests in loops.values():
        with contextlib.suppress(anyio.RunFinishedError):
            from_thread.run_sync(_wake, requests, token=requests[0].token)


def _wake(requests: Sequence[_Request]) -> None:
    for request in requests:
        request.done.set()


_ON_RECORD = Message(
    "Nothing more was sent. What was in flight is on record: the next run of the job goes on."
)


def _closed() -> JournalError:
    return JournalError("stopped while the database was away", hint=_ON_RECORD)


def _too_long(seconds: float) -> JournalError:
    return JournalError(
        "the database was away for %(seconds)s s", seconds=f"{seconds:g}", hint=_ON_RECORD
    )


def _refused(error: Exception) -> JournalError:
    return JournalError(
        "the database refuses lines of the journal (%(type)s)",
        type=type(error).__name__,
        hint=_ON_RECORD,
    )


def _does_not_follow() -> JournalError:
    return JournalError(
        "the journal in the database is not the one that this run has read: somebody else has "
        "added lines, or it was restored from a backup",
        hint=joined([_ON_RECORD, Message("It reads the journal anew.")], "sentences"),
    )
