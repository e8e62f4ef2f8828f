"""
Two owners of one key in virtual time: clocks apart, slow answers, pauses and deaths anywhere.

What is simulated are the processes and the time. The leases, the journal and the database's
clock are those of a real database, whose clock is set; the pace is the importer's own.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import count

import anyio.lowlevel
from postgres import Server

from importer.core.clock import NANOSECONDS
from importer.core.errors import JournalError, ResultsInUse
from importer.fleet.database.connecting import Connection, connect
from importer.fleet.database.migrating import migrate
from importer.fleet.journal import appender
from importer.fleet.journal.blocks import EMPTY, Block, Head, read_head, read_lines
from importer.fleet.leases.lease import Lease, hand_back, new_owner, renew, renew_all, take
from importer.sender.pacing.sliding_window import SlidingWindow

__all__ = ["KEY", "RATE", "World", "virtual_database"]

KEY = "0" * 64
RATE = 20
_WORKERS = 3
_SECONDS = 420.0
_MINUTE = 59.98
"""A minute, less what the quickest clock gains on the service's while a place is held."""
_START = "2026-01-01T00:00:00Z"
_NO_LOOP: anyio.lowlevel.EventLoopToken = None  # type: ignore[assignment]

Steps = Iterator[float]
"""What one task of a process does: it yields the seconds that it waits."""


def virtual_database(server: Server) -> Connection:
    """Return a connection to a new database of a fleet, whose clock shows what a setting says."""
    with closing(connect(server.url)) as owner:
        owner.execute("DROP DATABASE IF EXISTS virtual WITH (FORCE)")
        owner.execute("CREATE DATABASE virtual")
    connection = connect(server.url_of("virtual"))
    migrate(connection)
    connection.execute(
        "CREATE OR REPLACE FUNCTION vorel_fleet.clock() RETURNS timestamptz LANGUAGE sql VOLATILE"
        f" AS $$ SELECT '{_START}'::timestamptz"
        " + current_setting('virtual.seconds')::float8 * interval '1 second' $$"
    )
    connection.execute("SET synchronous_commit = off")  # it never crashes
    return connection


@dataclass(slots=True)
class Process:
    """An owner: its clock is off, and a little too quick or slow; all its tasks pause at once."""

    offset: float
    speed: float
    paused_until: float = 0.0
    is_dead: bool = False


@dataclass(slots=True)
class Slice:
    """A run of the job by a process, from taking the lease to losing it or handing it back."""

    process: Process
    lease: Lease
    window: SlidingWindow
    head: Head
    undecided: list[int]
    is_over: bool = False
    is_writing: bool = False
    in_flight: int = 0


class World:
    """A key with two jobs, and processes that want to run one. `broken` says what went wrong."""

    def __init__(self, connection: Connection, seed: int) -> None:
        self._connection = connection
        self._chance = random.Random(seed)
        self._now = 0.0
        self._events: list[tuple[float, int, Process, Steps]] = []
        self._order = count()
        self._rows = count(1)
        self.sends: list[float] = []
        self.takeovers = 0
        self.pauses = 0
        self.deaths = 0
        self.refused = 0
        self.broken: list[str] = []
        connection.execute(
            "TRUNCATE vorel_fleet.job, vorel_fleet.lease, vorel_fleet.block, vorel_fleet.work"
        )

    def live(self) -> None:
        """Let two processes compete until the time is over, and check the rate."""
        for _ in range(2):
            self._start(self._chance.uniform(0, 5))
        while self._events:
            at, _, process, steps = heapq.heappop(self._events)
            if process.is_dead:
                continue
            if at < process.paused_until:
                self._later(process.paused_until, process, steps)
                continue
            if at > _SECONDS:
                break
            self._now = at
            with suppress(StopIteration):
                seconds = next(steps)
                self._disturb(process)
                self._later(self._now + seconds / process.speed, process, steps)
        self._check_rate()

    def _later(self, at: float, process: Process, steps: Steps) -> None:
        heapq.heappush(self._events, (at, next(self._order), process, steps))

    def _start(self, at: float) -> None:
        chance = self._chance
        process = Process(chance.uniform(0, 1e6), chance.uniform(0.9999, 1.0001))
        self._later(at, process, self._run(process))

    def _disturb(self, process: Process) -> None:
        dice = self._chance.random()
        if dice < 0.004:
            self.pauses += 1
            process.paused_until = self._now + self._chance.choice((1, 6, 18, 25, 60, 120))
        elif dice < 0.006:
            self.deaths += 1
            process.is_dead = True
            self._start(self._now + self._chance.uniform(0, 10))

    def _clock(self, process: Process) -> int:
        return int((process.offset + self._now * process.speed) * NANOSECONDS)

    def _database(self) -> Connection:
        query = "SELECT set_config('virtual.seconds', %s, false)"
        self._connection.execute(query, (str(self._now),))
        return self._connection

    # What a process does

    def _run(self, process: Process) -> Steps:
        while True:
            try:
                lease = take(
                    self._database(),
                    KEY,
                    owner=new_owner(),
                    job=self._chance.choice((1, 2)),
                    rate=RATE,
                    clock=lambda: self._clock(process),
                )
            except ResultsInUse:
                yield 2.0
                continue
            self.takeovers += 1
            yield self._chance.uniform(0, 1)
            slice_ = self._load(process, lease)
            workers = [self._send(slice_) for _ in range(_WORKERS)]
            for steps in (self._keep(slice_), *workers):
                self._later(self._now, process, steps)
            yield from self._hold(slice_)

    def _load(self, process: Process, lease: Lease) -> Slice:
        """Decide from the journal as a rerun does: what has no outcome is sent again."""
        head = read_head(self._database(), lease.job)
        lines = b"".join(read_lines(self._connection, lease.job, EMPTY, head)).splitlines()
        done = {line.split()[-1] for line in lines if line.startswith(b"done")}
        sent = {line.split()[-1] for line in lines if line.startswith(b'{"kind":"sent",')}
        window = SlidingWindow(RATE, "burst", lease.sends)
        return Slice(process, lease, window, head, sorted(int(row) for row in sent - done))

    def _hold(self, slice_: Slice) -> Steps:
        """Keep the lease for a while, and hand it back when nothing is in flight."""
        end = self._now + self._chance.uniform(20, 200)
        while self._now < end and not slice_.is_over:
            yield 1.0
        if not slice_.is_over:
            slice_.is_over = True
            while slice_.in_flight:
                yield 0.1
            hand_back(self._database(), slice_.lease)

    def _keep(self, slice_: Slice) -> Steps:
        while not slice_.is_over:
            yield 5.0
            renew_all(self._database(), [slice_.lease])

    def _send(self, slice_: Slice) -> Steps:
        window, lease = slice_.window, slice_.lease
        while not slice_.is_over:
            now = self._clock(slice_.process)
            if (earliest := window.earliest(now)) > now:
                yield (earliest - now) / NANOSECONDS
                continue
            ticket = window.leave(now)
            row = slice_.undecided.pop(0) if slice_.undecided else next(self._rows)
            slice_.in_flight += 1
            try:
                yield from self._append(slice_, b'{"kind":"sent", %d\n' % row)
                while not lease.is_valid():
                    renew(self._database(), lease)
                    yield self._chance.uniform(0, 0.1)
                if window.is_fresh(ticket, self._clock(slice_.process)):
                    yield from self._request(slice_, ticket, row)
                else:
                    window.withdraw(ticket)
                    slice_.undecided.insert(0, row)
            except JournalError:
                self.refused += 1
                slice_.is_over = True
            slice_.in_flight -= 1

    def _request(self, slice_: Slice, ticket: int, row: int) -> Steps:
        query = "SELECT epoch FROM vorel_fleet.lease"
        if self._database().execute(query).fetchone() != (slice_.lease.epoch,):
            self.broken.append(f"{self._now:.1f}: row {row} was sent by an owner of before")
        latency = self._chance.choice((0.05, 0.3, 2.0, 4.9))
        self.sends.append(self._now + self._chance.uniform(0, latency))
        yield latency
        slice_.window.answered(ticket, self._clock(slice_.process))
        yield from self._append(slice_, b"done %d\n" % row)

    def _append(self, slice_: Slice, line: bytes) -> Steps:
        while slice_.is_writing:
            yield 0.02
        slice_.is_writing = True
        try:
            block = slice_.head.followed_by([line])
            while True:
                yield self._chance.uniform(0, 0.05)
                request = self._ask(slice_.lease, block)
                yield self._chance.choice((0.001, 0.01, 0.5))
                if request.error is not None:
                    raise request.error
                # Now and then the answer is lost, and it is asked again.
                if request.is_settled and self._chance.random() > 0.05:
                    break
            slice_.head = block.head
        finally:
            slice_.is_writing = False

    def _ask(self, lease: Lease, block: Block) -> appender._Request:
        request = appender._Request(lease=lease, block=block, token=_NO_LOOP)
        appender._work(self._database(), [request])
        return request

    def _check_rate(self) -> None:
        sends = sorted(self.sends)
        for index, at in enumerate(sends):
            if len(within := [one for one in sends[index:] if one < at + _MINUTE]) > RATE:
                self.broken.append(f"{len(within)} requests in the minute from {at:.1f}")
                return
