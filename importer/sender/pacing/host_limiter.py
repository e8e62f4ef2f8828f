"""Shares one key's requests among the runs on this host, through a small locked file."""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from itertools import chain, takewhile
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from pydantic import SecretStr

from importer.core import systems
from importer.core.clock import NANOSECONDS
from importer.core.locale.message import Message, foreign
from importer.core.systems.folders import state_folder
from importer.sender.pacing.sliding_window import COUNTED_WITHIN_NS, WINDOW_NS

MAX_SHARED_RATE = 6000
"""Requests a minute above which a run does not share: no key has them, and locking is slow."""

# No valid time in the file is further ahead. Another run may have read the clock later and written
# first.
_FURTHEST_NS = 66 * NANOSECONDS
_LARGEST = 256 * 1024
_SIZE_BYTES = 8

_GRACE_NS = 75 * NANOSECONDS // 1000
_WAITS_NS = 2 * NANOSECONDS
_CATCH_UP_NS = NANOSECONDS
_BUSY_NS = NANOSECONDS // 500
_PATIENCE_NS = 2 * NANOSECONDS


class _RunEntry(msgspec.Struct):
    """
    A run in the file: when it sent its last request, and since when it has been waiting, or 0.

    `counted` has the latest instant at which the service may have counted each request.
    """

    rate: Annotated[int, msgspec.Meta(ge=1, le=MAX_SHARED_RATE)]
    sent: int = 0
    wants: int = 0
    counted: list[int] = []

    def last_seen(self) -> int:
        """Return when the run last asked for a request."""
        return max(self.sent, self.wants)

    def latest(self) -> int:
        """Return the latest of its times."""
        return max([self.sent, self.wants, *self.counted])


class _SharedTable(msgspec.Struct):
    """
    The content of the file: when the next request may leave, and the runs by their tokens.

    All times are nanoseconds of the system's monotonic clock, which all processes share.
    """

    next: int = 0
    runs: dict[int, _RunEntry] = {}


def open_host_limiter(
    api_key: SecretStr,
    rate: int,
    pace: Literal["spread", "burst"],
    *,
    on_trouble: Callable[[Message], None],
) -> HostLimiter | None:
    """
    Join the runs on this host that use the same key, or return None and report why not.

    The file's name is a hash of host and key, which does not reveal the key. The address of the
    service is not in it: it can be spelt in many ways.
    """
    if rate > MAX_SHARED_RATE:
        return None
    name = f"{socket.gethostname()}\n{api_key.get_secret_value()}"
    digest = hashlib.sha256(name.encode()).hexdigest()[:32]
    try:
        folder = state_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"{digest}.pace3"
        fd = os.open(path, os.O_RDWR | os.O_CREAT | systems.OPEN_FLAGS, 0o600)
    except (OSError, RuntimeError) as error:
        on_trouble(_alone(foreign(str(error))))
        return None
    return HostLimiter(fd, path, rate, spread=pace == "spread", on_trouble=on_trouble)


def _alone(why: Message) -> Message:
    return Message(
        "cannot coordinate with other runs on this computer (%(why)s); if any of them uses the "
        "same key, give each run a part of the --rate",
        why=why,
    )


class HostLimiter:
    """
    Keeps the requests of all runs with the same key within one rate, through a file they share.

    In any 60 s all runs together send no more than the highest rate among the active ones; each
    also keeps its own rate. The file has the requests of the last minute, each with the latest
    instant at which the service may have counted it: 7 s after it was charged (it leaves within 2
    s, and is counted within 5 s after that), or when its answer came, if that was sooner. A minute
    later it no longer counts. With an even pace the run that has waited longest is next. The file
    is locked for some microseconds a request. The lock ends with the process; a run that dies
    leaves nothing behind but instants that expire.
    """

    def __init__(
        self,
        fd: int,
        path: Path,
        rate: int,
        *,
        spread: bool,
        on_trouble: Callable[[Message], None],
    ) -> None:
        self._fd = fd
        self._path = path
        self._spread = spread
        self._token = secrets.randbits(62)
        self._own = _RunEntry(rate=rate)
        self._counted: dict[int, int] = {}  # ticket -> when it may have been counted at the latest
        self._on_trouble = on_trouble
        self._busy_since: int | None = None
        self._full_until = 0

    def claim(self, ticket: int, now: int) -> int:
        """Charge a request and return `now`, or return when to ask again."""
        if self._fd < 0:
            return now
        try:
            with self._locked() as is_mine:
                if is_mine:
                    self._busy_since = None
                    return self._charge(ticket, now)
        except OSError as error:
            return self._give_up(now, foreign(error.strerror or str(error)))
        return self._wait_for_lock(now)

    @contextmanager
    def _locked(self) -> Iterator[bool]:
        """Hold the file. Yields False if another run holds it. Raises `OSError`."""
        try:
            held = systems.current.lock(self._fd, self._path)
        except BlockingIOError:
            held = None
        try:
            yield held is not None
        finally:
            if held is not None:
                with suppress(OSError):
                    systems.current.unlock(self._fd, held)

    def _wait_for_lock(self, now: int) -> int:
        """Ask again soon; a process that holds the lock for seconds has been stopped."""
        since = self._busy_since = self._busy_since or now
        if now - since > _PATIENCE_NS:
            return self._give_up(now, Message("another process holds the file"))
        return now + _BUSY_NS

    def _give_up(self, now: int, why: Message) -> int:
        self.close()
        self._on_trouble(_alone(why))
        return now

    def _charge(self, ticket: int, now: int) -> int:
        """Read the file, decide, and write what changed. Raises `OSError`."""
        table, own = self._read(now), self._own
        others = [*table.runs.values()]
        rate = max([own.rate, *(run.rate for run in others)])
        earliest = self._earliest(table, others, rate, now)
        if earliest > now:
            if others:
                own.wants = own.wants or now
                self._write(table, now)
            return earliest
        own.wants, own.sent = 0, now
        self._counted[ticket] = now + COUNTED_WITHIN_NS
        if self._spread:  # a burst does not wait for its turn
            table.next = max(table.next, now - _CATCH_UP_NS) + WINDOW_NS // rate
        self._write(table, now)
        return now

    def _read(self, now: int) -> _SharedTable:
        """
        Return the content of the file, without this run and those that count no more.

        A file that makes no sense is started anew, and so is one with a time in the future: it is
        from before a restart of the computer. Raises `OSError`.
        """
        data = systems.current.read_at(self._fd, _LARGEST, 0)
        end = _SIZE_BYTES + int.from_bytes(data[:_SIZE_BYTES])
        try:
            table = msgspec.msgpack.decode(data[_SIZE_BYTES:end], type=_SharedTable)
        except msgspec.DecodeError:
            return _SharedTable()
        if max([table.next, *(run.latest() for run in table.runs.values())]) > now + _FURTHEST_NS:
            return _SharedTable()
        since = now - WINDOW_NS - COUNTED_WITHIN_NS
        table.runs = {
            token: run
            for token, run in table.runs.items()
            if run.last_seen() > since and token != self._token
        }
        return table

    def _write(self, table: _SharedTable, now: int) -> None:
        """Write the file, with this run in it. Raises `OSError`."""
        counted = self._counted
        for ticket in [*takewhile(lambda one: counted[one] + WINDOW_NS <= now, counted)]:
            del counted[ticket]
        self._own.counted = [*counted.values()]
        table.runs[self._token] = self._own
        data = msgspec.msgpack.encode(table)
        # One write, so that nobody who dies leaves half of it; the rest of a longer one stays.
        systems.current.write_at(self._fd, len(data).to_bytes(_SIZE_BYTES) + data, 0)

    def _earliest(
        self, table: _SharedTable, others: Collection[_RunEntry], rate: int, now: int
    ) -> int:
        """Return `now` for a request that may leave, or when to ask again."""
        slot = table.next if self._spread else 0
        if others:  # a run that is alone is limited by its own window
            slot = max(slot, self._free_place(others, rate, now))
        patience = max(_WAITS_NS, (len(others) + 2) * WINDOW_NS // rate)
        since = self._own.wants or now
        # Another run that has waited longer, and is still waiting, goes first.
        first = (run for run in others if run.wants and now - patience < run.wants < since)
        if self._spread and any(first):
            slot += min(_GRACE_NS, WINDOW_NS // rate // 4)
        return max(slot, now)

    def _free_place(self, others: Collection[_RunEntry], rate: int, now: int) -> int:
        """Return the earliest instant at which one request more may keep the rate."""
        counted = chain(self._counted.values(), *(run.counted for run in others))
        taken = sorted(min(at, now) for at in counted if at + WINDOW_NS > now)
        if len(taken) < rate:
            return now
        self._full_until = taken[len(taken) - rate] + WINDOW_NS
        return self._full_until

    def answered(self, ticket: int, now: int) -> None:
        """Note that a request's answer came, or that none will."""
        if ticket in self._counted:
            self._counted[ticket] = min(now, self._counted[ticket])
            self._tell_others(now)

    def withdraw(self, ticket: int, now: int) -> None:
        """Give back the place of a request that never came to the server."""
        if self._counted.pop(ticket, None) is not None:
            self._tell_others(now)

    def _tell_others(self, now: int) -> None:
        """Write when requests were counted, or leave it to the next claim if another run writes."""
        if self._fd >= 0:
            # The next claim gets the same error, and reports it.
            with suppress(OSError), self._locked() as is_mine:
                if is_mine:
                    self._write(self._read(now), now)

    def is_full(self, now: int) -> bool:
        """Return whether all runs together have used this minute's requests."""
        return self._full_until > now

    def close(self) -> None:
        """Leave the other runs; the requests of this run still count for them."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
