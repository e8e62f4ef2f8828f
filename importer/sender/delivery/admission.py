"""Admits requests: a request leaves when the pace allows it and its line is on disk."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Protocol

import anyio

from importer.core.control import StopControl
from importer.core.locale.message import Message
from importer.core.records import Send
from importer.sender.answer import Answer
from importer.sender.delivery.breaker import CircuitBreaker
from importer.sender.delivery.send_queue import QueuedRow
from importer.sender.pacing.limiter import RateLimiter

_SLOW_LINES = 3  # a disk that is slow each time holds a request up no longer
_SLOW = Message("it takes longer than 2 s each time to put a request on record, so none may leave")


class RequestJournal(Protocol):
    """
    Records on disk what a later run has to know about a row's requests.

    Each method returns once its line is on disk, and raises `StopRun` if it cannot be written: then
    nothing more is sent.
    """

    async def sent(self, send: Send) -> None:
        """Record that a request with the key of `send` is about to leave."""

    async def refused(self, send: Send) -> None:
        """Record that every request with this key was refused: the next one takes the next key."""

    async def unsent(self, send: Send) -> None:
        """Record that no request for this row was accepted, and that the row has no outcome."""


@dataclass(slots=True)
class Permit:
    """The resources that a request has acquired and has to release."""

    ticket: int = 0
    probe: bool = False
    writes: bool = False
    sent: bool = False
    answer: Answer | None = None


class Admission:
    """
    Lets each request leave in time, after its line is on disk.

    With `counts_by_lines` no request leaves later than 2 s after its line; the line is written
    again if necessary. `writers` limits how many requests of the process are recorded at the same
    time: with more of them, a busy event loop would take longer than 2 s for each, and write all
    lines in vain.
    """

    def __init__(
        self,
        *,
        limiter: RateLimiter,
        breaker: CircuitBreaker,
        control: StopControl,
        journal: RequestJournal,
        on_wait: Callable[[float, Message], None],
        counts_by_lines: bool = False,
        writers: anyio.Semaphore | None = None,
    ) -> None:
        self._limiter = limiter
        self._breaker = breaker
        self._control = control
        self._journal = journal
        self._on_wait = on_wait
        self._counts_by_lines = counts_by_lines
        self._writers = writers

    async def until_admitted(self, permit: Permit) -> None:
        """Wait until the breaker is closed, or lets this request probe."""
        if not self._breaker.is_open():
            return
        with self._control.stop_on_error(), self._control.interruptible():
            permit.probe = await self._breaker.admit()

    async def until_on_record(self, queued: QueuedRow, permit: Permit) -> bool:
        """
        Wait for the pace, and record that the request is about to leave.

        If writing the line took too long for the time that the request was charged at, it waits for
        the pace again and writes the line again, unless the disk is always slow and nobody counts
        by the line. Returns False if the breaker opened meanwhile.
        """
        for attempt in count(1):
            if not await self._until_writer(permit):
                return False
            if not self._control.stopped:
                with self._control.stop_on_error():
                    await self._journal.sent(queued.send)
                    queued.is_on_record = True
            self._end_writing(permit)
            if self._control.stopped or self._limiter.is_fresh(permit.ticket):
                return True
            self._limiter.withdraw(permit.ticket)
            if attempt >= _SLOW_LINES:
                if not self._counts_by_lines:
                    break
                self._on_wait(1.0, _SLOW)
        return await self._until_paced(permit)

    def hand_back(self, permit: Permit) -> None:
        """Release all resources of a request, after any result."""
        self._end_writing(permit)
        answer = permit.answer
        if permit.ticket:
            if not permit.sent:
                self._limiter.withdraw(permit.ticket)
            elif answer is None:  # cancelled in flight: the service may have counted it
                self._limiter.answered(permit.ticket, is_clear=False)
            elif answer.connected:
                self._limiter.answered(permit.ticket, answer.quota, is_clear=not answer.unclear)
            else:
                self._limiter.lost(permit.ticket)
        if permit.probe:
            self._breaker.release()

    async def _until_writer(self, permit: Permit) -> bool:
        """
        Wait for the pace, and for a free writer of the process.

        A request that had to wait for a writer is paced again, since its time may have passed.
        Returns False if the breaker opened meanwhile.
        """
        while await self._until_paced(permit):
            if self._writers is None or self._control.stopped:
                return True
            try:
                self._writers.acquire_nowait()
            except anyio.WouldBlock:
                self._limiter.withdraw(permit.ticket)
                permit.ticket = 0
                with self._control.interruptible():
                    await self._writers.acquire()
                    permit.writes = True
                if not permit.writes:
                    continue
                permit.ticket = self._limiter.try_enter()
            permit.writes = True
            if permit.ticket:
                return permit.probe or not self._breaker.is_open()
            self._end_writing(permit)
        return False

    async def _until_paced(self, permit: Permit) -> bool:
        """Wait for the pace. Returns False if the breaker opened meanwhile."""
        permit.ticket = 0 if self._control.stopped else self._limiter.try_enter()
        if permit.ticket:
            return True
        with self._control.interruptible():
            permit.ticket = await self._limiter.enter()
        return self._control.stopped or permit.probe or not self._breaker.is_open()

    def _end_writing(self, permit: Permit) -> None:
        if permit.writes and self._writers is not None:
            self._writers.release()
        permit.writes = False
