"""The queue of rows to send: new rows, and rows to try again."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass

import anyio

from importer.core.clock import NANOSECONDS, Clock
from importer.core.control import StopControl
from importer.core.records import Send

_AGAIN_PER_WORKER = 8
_LEAST_AGAIN = 16


@dataclass(slots=True)
class QueuedRow:
    """
    A row in the queue.

    `attempts` counts the failed requests, except those during outages. `answers` is how many clear
    answers the run had when this row failed for the third time. `tried` counts all requests, for
    the order of probes. `is_on_record` is True once a request is on record, though it may not have
    left yet, and `unclear` once any request may have created the record.
    """

    send: Send
    attempts: int = 0
    answers: int = 0
    tried: int = 0
    is_on_record: bool = False
    unclear: bool = False

    def __post_init__(self) -> None:
        self.unclear = self.send.unclear


class SendQueue:
    """
    Hands rows to workers: first those whose wait is over, then new ones.

    A row to try again waits here and keeps no worker busy, so that rows in trouble do not hold up
    the good ones behind them. Both parts are bounded by the number of workers: `put` waits for
    room, and no new row is handed out while too many wait for another try. `workers` is the highest
    number of workers.
    """

    def __init__(self, workers: int, *, clock: Clock, control: StopControl) -> None:
        self.workers = workers
        self._most_again = max(_LEAST_AGAIN, workers * _AGAIN_PER_WORKER)
        self._clock = clock
        self._control = control
        self._new: deque[QueuedRow] = deque()
        self._again: list[tuple[int, int, QueuedRow]] = []
        self._sequence = 0
        self._ended = False
        self._idle: deque[anyio.Event] = deque()
        self._space: anyio.Event | None = None

    async def put(self, send: Send) -> None:
        """Queue a new row; waits while there is no room."""
        while len(self._new) >= self.workers:
            self._space = anyio.Event()
            await self._space.wait()
        self._new.append(QueuedRow(send))
        self._wake()

    def end(self) -> None:
        """Announce that no new row will come."""
        self._ended = True
        self._wake_all()

    def put_back(self, queued: QueuedRow, seconds: float = 0) -> None:
        """Queue a row again, to be handed out after `seconds`, or as the very next one."""
        self._sequence += 1
        due = self._clock.monotonic_ns() + int(seconds * NANOSECONDS) if seconds else 0
        heapq.heappush(self._again, (due, self._sequence, queued))
        self._wake()

    def has_new(self) -> bool:
        """Return whether there are, or may still come, rows that were never tried."""
        return bool(self._new) or not self._ended

    def is_ready(self) -> bool:
        """Return whether `take` would return a row without waiting."""
        due = bool(self._again) and self._again[0][0] <= self._clock.monotonic_ns()
        return due or (bool(self._new) and len(self._again) < self._most_again)

    async def wait_for_row(self) -> bool:
        """Wait until there is a row. Returns False if there is none, and none will come."""
        while not self._new and not self._again:
            if self._ended:
                return False
            await self._wait()
        return True

    async def take(self, *, probe: bool = False) -> QueuedRow | None:
        """
        Return the next row, or None once there is none and none will come.

        A `probe` gets a new row, or else the row with the fewest tries (the one that has waited
        longest, if there are several): the service must not be judged by a single row in trouble.
        After a stop the remaining rows are handed out at once.
        """
        while (queued := self._pick(probe=probe)) is None:
            if self._ended and not self._again:
                self._wake_all()
                return None
            await self._wait()
        if self._new or self._again:
            self._wake()  # an idle worker may have been woken for another row than this one
        return queued

    def _pick(self, *, probe: bool) -> QueuedRow | None:
        now = self._clock.monotonic_ns()
        if probe and not self._new and self._again:
            return self._take_again(min(self._again, key=lambda again: (again[2].tried, again[1])))
        if self._again and not probe and (self._again[0][0] <= now or self._control.stopped):
            return heapq.heappop(self._again)[2]
        full = len(self._again) >= self._most_again
        if not self._new or (full and not probe):
            return None
        if self._space is not None:
            self._space.set()
            self._space = None
        return self._new.popleft()

    def _take_again(self, again: tuple[int, int, QueuedRow]) -> QueuedRow:
        self._again.remove(again)
        heapq.heapify(self._again)
        return again[2]

    async def _wait(self) -> None:
        """Wait for a row to come, for one to be due, or for a stop."""
        event = anyio.Event()
        self._idle.append(event)
        try:
            with self._control.interruptible():
                async with anyio.create_task_group() as tasks:
                    if self._again:
                        tasks.start_soon(self._set_when_due, event, self._again[0][0])
                    await event.wait()
                    tasks.cancel_scope.cancel()
        finally:
            if event in self._idle:
                self._idle.remove(event)

    async def _set_when_due(self, event: anyio.Event, due: int) -> None:
        left = due - self._clock.monotonic_ns()
        if left > 0:
            await self._clock.sleep(left / NANOSECONDS)
        event.set()

    def _wake(self) -> None:
        if self._idle:
            self._idle.popleft().set()

    def _wake_all(self) -> None:
        while self._idle:
            self._wake()
