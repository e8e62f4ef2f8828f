"""Shares one key's requests among the runs on this host, through a small locked file."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Literal, NamedTuple

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
_RUNS = 64
_MAGIC = b"vipace02"
_HEAD = struct.Struct("<8sqq")  # magic, how many places follow, when the next request may leave
_RUN = struct.Struct("<qqqq")
_INSTANT = struct.Struct("<q")
_TOP = _HEAD.size + _RUNS * _RUN.size
_WHOLE = _TOP + MAX_SHARED_RATE * _INSTANT.size

_GRACE_NS = 75 * NANOSECONDS // 1000
_WAITS_NS = 2 * NANOSECONDS
_CATCH_UP_NS = NANOSECONDS
_BUSY_NS = NANOSECONDS // 500
_PATIENCE_NS = 2 * NANOSECONDS


class RunSlot(NamedTuple):
    """The entry of one run: `wants` is the time since when it has been waiting, or 0."""

    token: int
    rate: int
    sent: int
    wants: int

    def last_seen(self) -> int:
        """Return when the run last asked for a request."""
        return max(self.sent, self.wants)


@dataclass(slots=True)
class Table:
    """
    The content of the file: `places` are the latest times at which requests may be counted.

    All times are nanoseconds of the system's monotonic clock, which all processes share.
    """

    places: list[int]
    next: int
    runs: list[RunSlot]


def write_top(fd: int, table: Table) -> None:
    """Write everything except the places, with at most 64 runs. Raises `OSError`."""
    head = _HEAD.pack(_MAGIC, len(table.places), table.next)
    runs = b"".join(_RUN.pack(*run) for run in table.runs[:_RUNS])
    systems.current.write_at(fd, (head + runs).ljust(_TOP, b"\0"), 0)


def read_table(fd: int, now: int) -> Table:
    """
    Return the content of the file, or an empty table if it is invalid. Raises `OSError`.

    A time in the future is from before a restart of the computer: then the file is started anew.
    """
    data = systems.current.read_at(fd, _WHOLE, 0)
    if len(data) < _TOP:
        return Table([], 0, [])
    magic, count, next_ = _HEAD.unpack_from(data)
    end = _TOP + count * _INSTANT.size
    if magic != _MAGIC or not 0 <= count <= MAX_SHARED_RATE or end > len(data):
        return Table([], 0, [])
    slots = _RUN.iter_unpack(data[_HEAD.size : _TOP])
    runs = [RunSlot(*slot) for slot in slots if slot[0]]  # 0 is the token of an empty slot
    places = list(struct.unpack(f"<{count}q", data[_TOP:end]))
    latest = max([next_, *places, *(run.last_seen() for run in runs)])
    if latest > now + _FURTHEST_NS or not all(0 <= run.rate <= MAX_SHARED_RATE for run in runs):
        return Table([], 0, [])
    return Table(places, next_, runs)


def write_place(fd: int, index: int, instant: int) -> None:
    """Write one place. Raises `OSError`."""
    systems.current.write_at(fd, _INSTANT.pack(instant), _TOP + index * _INSTANT.size)


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
        path = folder / f"{digest}.pace2"
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
    also keeps its own rate. The file has a place for each request of the last minute. It holds the
    latest instant at which the service may have counted the request: 7 s after it was charged (it
    leaves within 2 s, and is counted within 5 s after that), or when its answer came, if that was
    sooner. A place is free again a minute later. With an even pace the run that has waited longest
    is next. The file is locked for some microseconds a request. The lock
    ends with the process; a run that dies leaves nothing behind but instants that expire.
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
        self._held = -1
        self._rate = rate
        self._spread = spread
        self._token = secrets.randbits(62) + 1
        self._on_trouble = on_trouble
        self._sent = self._wants = 0
        self._in_flight: dict[
            int, tuple[int, int]
        ] = {}  # ticket -> its place, and the instant in it
        self._settled: list[tuple[int, int, int]] = []  # place, the instant in it, the one to write
        self._busy_since: int | None = None
        self._full_until = 0
        self._last = -1

    def claim(self, ticket: int, now: int) -> int:
        """Charge a request and return `now`, or return when to ask again."""
        if self._fd < 0:
            return now
        try:
            is_mine = self._lock()
        except OSError as error:
            return self._give_up(now, foreign(error.strerror or str(error)))
        if not is_mine:
            return self._wait_for_lock(now)
        self._busy_since = None
        try:
            return self._charge(ticket, now)
        except OSError as error:
            return self._give_up(now, foreign(error.strerror or str(error)))
        finally:
            self._unlock()

    def _lock(self) -> bool:
        """Hold the file, or return False if another run does. Raises `OSError`."""
        try:
            self._held = systems.current.lock(self._fd, self._path)
        except BlockingIOError:
            return False
        return True

    def _unlock(self) -> None:
        if self._fd >= 0:
            with contextlib.suppress(OSError):
                systems.current.unlock(self._fd, self._held)

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
        table = read_table(self._fd, now)
        self._write_settled(table)
        others = self._others(table, now)
        rate = max([self._rate, *(run.rate for run in others)])
        earliest = self._earliest(table, others, rate, now)
        if earliest > now:
            if others:
                self._wants = self._wants or now
                self._write(table, others)
            return earliest
        self._wants, self._sent = 0, now
        self._take_place(table, ticket, now)
        if self._spread:  # a burst does not wait for its turn
            table.next = max(table.next, now - _CATCH_UP_NS) + WINDOW_NS // rate
        self._write(table, others)
        return now

    def _others(self, table: Table, now: int) -> list[RunSlot]:
        """Return the lines of other runs that have requests the service may still count."""
        since = now - WINDOW_NS - COUNTED_WITHIN_NS
        return [run for run in table.runs if run.token != self._token and run.last_seen() > since]

    def _write(self, table: Table, others: list[RunSlot]) -> None:
        table.runs = [RunSlot(self._token, self._rate, self._sent, self._wants), *others]
        write_top(self._fd, table)

    def _earliest(self, table: Table, others: list[RunSlot], rate: int, now: int) -> int:
        """Return `now` for a request that may leave, or when to ask again."""
        slot = table.next if self._spread else 0
        if others:  # a run that is alone is limited by its own window
            slot = max(slot, self._free_place(table.places, rate, now))
        patience = max(_WAITS_NS, (len(others) + 2) * WINDOW_NS // rate)
        if self._spread and any(self._is_before_me(run, now, patience) for run in others):
            slot += min(_GRACE_NS, WINDOW_NS // rate // 4)
        return max(slot, now)

    def _free_place(self, places: list[int], rate: int, now: int) -> int:
        """Return the earliest instant at which a place may be free."""
        taken = [min(at, now) for at in places if at + WINDOW_NS > now]
        if len(taken) < rate:
            return now
        taken.sort()
        self._full_until = taken[len(taken) - rate] + WINDOW_NS
        return self._full_until

    def _is_before_me(self, run: RunSlot, now: int, patience: int) -> bool:
        """Return whether another run has waited longer and is still waiting."""
        waits = run.wants and now - run.wants < patience
        return bool(waits) and run.wants < (self._wants or now)

    def _take_place(self, table: Table, ticket: int, now: int) -> None:
        """Write a request that leaves now into a free place. Raises `OSError`."""
        places = table.places
        # The places behind the last one taken were taken longest ago.
        indexes = chain(range(self._last + 1, len(places)), range(len(places)))
        free = (index for index in indexes if places[index] + WINDOW_NS <= now)
        index = self._last = next(free, len(places) % MAX_SHARED_RATE)
        if index == len(places):
            places.append(0)
        self._in_flight[ticket] = index, now + COUNTED_WITHIN_NS
        write_place(self._fd, index, now + COUNTED_WITHIN_NS)

    def answered(self, ticket: int, now: int) -> None:
        """Note that a request's answer came, or that none will."""
        if ticket in self._in_flight:
            index, holds = self._in_flight.pop(ticket)
            self._settle(index, holds, min(now, holds), now)

    def withdraw(self, ticket: int, now: int) -> None:
        """Give back the place of a request that never came to the server."""
        if ticket in self._in_flight:
            self._settle(*self._in_flight.pop(ticket), now - WINDOW_NS, now)

    def _settle(self, index: int, holds: int, instant: int, now: int) -> None:
        """Write when a request was counted, or leave it to the next claim if another run writes."""
        self._settled.append((index, holds, instant))
        with contextlib.suppress(OSError):  # the next claim gets the same error, and reports it
            if self._fd >= 0 and self._lock():
                try:
                    self._write_settled(read_table(self._fd, now))
                finally:
                    self._unlock()

    def _write_settled(self, table: Table) -> None:
        """Write when requests were counted, in places that are still theirs. Raises `OSError`."""
        while self._settled:
            index, holds, instant = self._settled[-1]
            if index < len(table.places) and table.places[index] == holds:
                table.places[index] = instant
                write_place(self._fd, index, instant)
            self._settled.pop()

    def is_full(self, now: int) -> bool:
        """Return whether all runs together have used this minute's requests."""
        return self._full_until > now

    def close(self) -> None:
        """Leave the other runs; the requests of this run still count for them."""
        fd, self._fd = self._fd, -1
        if fd >= 0:
            os.close(fd)
