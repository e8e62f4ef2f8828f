"""Writes lines of many workers together, with one sync."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
import anyio.lowlevel
import msgspec

from importer.core.errors import JournalError

JsonLine = Mapping[str, Any]
_QUIET_TURNS = 3
_write_line = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def encode_line(line: JsonLine) -> bytes:
    """Return the text of a line, as a run writes it."""
    try:
        return msgspec.json.encode(line, enc_hook=str.__str__) + b"\n"
    except UnicodeEncodeError:
        # Half a surrogate pair (from an odd file name or answer) is written as its JSON escape.
        return _write_line(line).encode("utf-8", "backslashreplace") + b"\n"


@dataclass(slots=True)
class _LineBatch:
    """Lines that are written together, and the callbacks to call afterwards."""

    lines: list[bytes] = field(default_factory=list)
    then: list[Callable[[JournalError | None], None]] = field(default_factory=list)
    is_done: bool = False


class GroupCommit:
    """
    Collects lines of many workers and gives them to `write`, one batch after the other.

    `write` returns when its lines are durable. If it raises `OSError` or `JournalError`, it may
    have written a part: every later `append` raises `JournalError` too. `failure` makes that error
    from a reason.
    """

    def __init__(
        self,
        write: Callable[[Sequence[bytes]], Awaitable[None]],
        failure: Callable[[str], JournalError],
    ) -> None:
        self._write = write
        self._failure = failure
        self._failed: JournalError | None = None
        self._batch = _LineBatch()
        self._written: anyio.Event | None = None

    async def append(self, *lines: JsonLine) -> None:
        """
        Write lines, after all that were `put` before, and return when they are durable.

        Raises `JournalError` if that fails: then nothing more may be sent.
        """
        batch = self._batch
        batch.lines += [encode_line(line) for line in lines]
        while not batch.is_done:
            if self._written is None:
                await self._lead()
            else:
                await self._written.wait()
        if self._failed is not None:
            raise self._failed

    def put(self, *lines: JsonLine, then: Callable[[JournalError | None], None]) -> None:
        """
        Queue lines for the next `append`, to write both at once.

        It calls `then` with None when they are durable, or with the error if writing failed.
        """
        self._batch.lines += [encode_line(line) for line in lines]
        self._batch.then.append(then)

    async def _lead(self) -> None:
        """Write the queued lines of all callers; lines that come meanwhile are written next."""
        self._written = anyio.Event()
        # Shielded: if a write were cancelled, the others would wait for ever.
        with anyio.CancelScope(shield=True):
            await self._gather()
            batch, self._batch = self._batch, _LineBatch()
            try:
                await self._flush(batch.lines)
            finally:
                batch.is_done = True
                written, self._written = self._written, None
                written.set()
        for then in batch.then:
            then(self._failed)

    async def _gather(self) -> None:
        """
        Let every worker that has just got an answer add its lines to this batch.

        Between an answer and its line, the event loop takes a few turns. Waiting for three turns
        without a new line makes one sync for eight workers instead of one each (measured). The wait
        ends, since a worker that waits for a batch adds no more lines.
        """
        lines, turns = len(self._batch.lines), _QUIET_TURNS
        while turns:
            await anyio.lowlevel.checkpoint()
            turns -= 1
            if len(self._batch.lines) > lines:
                lines, turns = len(self._batch.lines), _QUIET_TURNS

    async def _flush(self, lines: Sequence[bytes]) -> None:
        if self._failed is not None:
            return
        try:
            await self._write(lines)
        except JournalError as error:
            self._failed = error
        except OSError as error:
            self._failed = self._failure(error.strerror or str(error))
        except BaseException as error:
            self._failed = self._failure(type(error).__name__)
            raise
