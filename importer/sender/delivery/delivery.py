"""Delivers rows: waits for the pace, sends requests, and sends them again if needed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Protocol

import anyio

from importer.core.clock import NANOSECONDS, Clock
from importer.core.control import StopControl
from importer.core.keys import next_key
from importer.core.locale.message import Message, joined
from importer.core.records import Outcome, Record, Send, Status
from importer.sender.answer import Answer, Meaning
from importer.sender.delivery.breaker import CircuitBreaker, never_reached
from importer.sender.delivery.send_queue import QueuedRow, SendQueue
from importer.sender.pacing.backpressure import Backpressure, backoff
from importer.sender.pacing.limiter import RateLimiter

MAX_ATTEMPTS = 6
_BUDGET = 100.0
_REFUND = 0.5
_SHARE_OF_PACE = 0.25


class RetryBudget:
    """
    Limits the retries of a run, so that a service in trouble does not get twice the requests.

    The budget begins with 100 retries, which is also its maximum. Each retry takes one, each clear
    answer gives back half a retry, and a quarter of `rate` (requests a minute) is added over time,
    so that no row waits for ever. If the budget is overdrawn, retries wait; none is dropped.
    """

    def __init__(self, rate: int) -> None:
        self._per_ns = rate * _SHARE_OF_PACE / (60 * NANOSECONDS)
        self._left = _BUDGET
        self._at = 0

    def spend(self, now: int) -> float:
        """Take one retry. Returns how many seconds it has to wait."""
        if self._at:
            self._left = min(_BUDGET, self._left + (now - self._at) * self._per_ns)
        self._at = now
        self._left -= 1
        return max(0.0, -self._left / self._per_ns) / NANOSECONDS

    def refund(self) -> None:
        """Note a clear answer."""
        self._left = min(_BUDGET, self._left + _REFUND)


_SLOW_LINES = 3  # a disk that is slow each time holds a request up no longer
_SLOW = Message("it takes longer than 2 s each time to put a request on record, so none may leave")
_JUDGED_FROM = 3  # by then, requests in flight at the beginning of an outage have ended
_ANNOUNCE_EVERY_NS = 5 * NANOSECONDS
_NOT_NOW = {Meaning.THROTTLED, Meaning.SLOW_DOWN}
_UNDECIDED = {Meaning.RETRY, *_NOT_NOW}
Create = Callable[[Record, str], Awaitable[Answer]]
"""Sends a record with a key over one connection, like `Destination.create`."""
Settle = Callable[[Outcome | None], Awaitable[None]]
_LEAVE_AS_IT_IS = Message(
    "Run the same command again: the row is sent with the same key. Do not change it until then: "
    "its record may exist."
)


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
class _Permit:
    """The resources that a request has acquired and has to release."""

    ticket: int = 0
    probe: bool = False
    writes: bool = False
    sent: bool = False
    answer: Answer | None = None


class Delivery:
    """
    Delivers rows over any number of connections that share one rate limiter and one breaker.

    `limiter` paces the requests. `journal` records each request on disk before it leaves. With
    `counts_by_lines` other runs count the requests of the key by the times of these lines: no
    request leaves later than 2 s after its line, which is written again if necessary. `writers`
    limits how many requests of the process are recorded at the same time: with more of them, a busy
    event loop would take longer than 2 s for each, and write all lines in vain. The worker calls
    `on_wait` with the seconds and the reason when it will try a request again, at most every 5 s.
    When one connection's answer stops the run, all of them stop.
    """

    def __init__(
        self,
        *,
        limiter: RateLimiter,
        breaker: CircuitBreaker,
        budget: RetryBudget,
        control: StopControl,
        clock: Clock,
        max_outage: float,
        journal: RequestJournal,
        counts_by_lines: bool = False,
        writers: anyio.Semaphore | None = None,
        on_wait: Callable[[float, Message], None] = lambda _seconds, _reason: None,
    ) -> None:
        self._limiter = limiter
        self._breaker = breaker
        self._budget = budget
        self._control = control
        self._clock = clock
        self._journal = journal
        self._on_wait = on_wait
        self._counts_by_lines = counts_by_lines
        self._writers = writers
        self._backpressure = Backpressure(
            limiter, control=control, clock=clock, max_outage=max_outage
        )
        self._announced_at: int | None = None
        self._connected = False

    async def work(self, create: Create, queue: SendQueue, settle: Settle) -> None:
        """
        Deliver rows of the queue, one after the other, until it ends.

        `create` sends each over the connection of this worker. `settle` is awaited with the outcome
        of each row, or with None if the run stopped before there was one; the reason for the stop
        is passed to the `StopControl` of the run.
        """
        while await self._serve(create, queue, settle):
            pass

    def can_send_next_at_once(self, queue: SendQueue) -> bool:
        """Return whether the next request can probably leave without waiting."""
        held_up = self._control.stopped or self._breaker.is_open()
        return not held_up and queue.is_ready() and self._limiter.is_open()

    async def _serve(self, create: Create, queue: SendQueue, settle: Settle) -> bool:
        """Take one row and send one request for it. Returns False once the queue has ended."""
        permit = _Permit()
        try:
            await self._until_admitted(permit)
            queued = await queue.take(probe=permit.probe)
            if queued is None:
                return False
            if not await self._until_on_record(queued, permit):
                queue.put_back(queued)
                return True
            answer = await self._request(create, queued, permit)
        finally:
            self._hand_back(permit)
        if answer is not None and answer.is_transient and not queued.unclear:
            await self._take_next_key(queued)
        if answer is not None:
            queued.unclear = queued.unclear or answer.unclear
        if answer is None or (self._control.stopped and answer.meaning in _UNDECIDED):
            await self._leave(queued, settle)
            return True
        await self._decide(queued, answer, queue, settle)
        return True

    async def _until_admitted(self, permit: _Permit) -> None:
        """Wait until the breaker is closed, or lets this request probe."""
        if not self._breaker.is_open():
            return
        with self._control.stop_on_error(), self._control.interruptible():
            permit.probe = await self._breaker.admit()

    async def _until_on_record(self, queued: QueuedRow, permit: _Permit) -> bool:
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
                self._announce(1.0, _SLOW)
        return await self._until_paced(permit)

    def _hand_back(self, permit: _Permit) -> None:
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

    async def _until_writer(self, permit: _Permit) -> bool:
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

    async def _until_paced(self, permit: _Permit) -> bool:
        """Wait for the pace. Returns False if the breaker opened meanwhile."""
        permit.ticket = 0 if self._control.stopped else self._limiter.try_enter()
        if permit.ticket:
            return True
        with self._control.interruptible():
            permit.ticket = await self._limiter.enter()
        return self._control.stopped or permit.probe or not self._breaker.is_open()

    def _end_writing(self, permit: _Permit) -> None:
        if permit.writes and self._writers is not None:
            self._writers.release()
        permit.writes = False

    async def _request(self, create: Create, queued: QueuedRow, permit: _Permit) -> Answer | None:
        """Send one request. Returns None if the run stopped before."""
        send = queued.send
        if self._control.stopped:
            return None
        permit.sent = True
        queued.tried += 1
        answer = permit.answer = await create(send.record, send.key)
        with self._control.stop_on_error():
            self._note(answer, queued, permit.ticket)
        return answer

    async def _take_next_key(self, queued: QueuedRow) -> None:
        """
        Take the next key for a row's next request: with the old key, the refusal may be repeated.

        This is only done if every request so far was refused. Otherwise one that is still in
        flight might create a second record.
        """
        with self._control.stop_on_error():
            await self._journal.refused(queued.send)
        queued.send = replace(queued.send, key=next_key(queued.send.key))

    async def _leave(self, queued: QueuedRow, settle: Settle) -> None:
        """Leave a row without an outcome; record it as unsent if no request can have created it."""
        if queued.is_on_record and not queued.unclear:
            with self._control.stop_on_error():
                await self._journal.unsent(queued.send)
        await settle(None)

    async def _decide(
        self, queued: QueuedRow, answer: Answer, queue: SendQueue, settle: Settle
    ) -> None:
        """Settle a row, or put it back into the queue."""
        if answer.is_transient and queued.unclear:
            await self._after_transient_refusal(queued, answer, queue, settle)
        elif answer.stop is not None:
            self._control.stop(answer.stop)
            await self._leave(queued, settle)
        elif answer.meaning in _NOT_NOW:
            queue.put_back(queued)
        elif answer.meaning is not Meaning.RETRY:
            await settle(outcome_of(queued, answer))
        else:
            await self._after_failure(queued, answer, queue, settle)

    async def _after_transient_refusal(
        self, queued: QueuedRow, answer: Answer, queue: SendQueue, settle: Settle
    ) -> None:
        """
        Try a row again, or give it up, when a transient refusal follows an unclear request.

        The unclear request may still be in flight, so the key stays the same. The refusal may only
        be a stored one, repeated for this key, so the run does not stop for it.
        """
        queued.attempts += 1
        if queued.attempts < MAX_ATTEMPTS:
            queue.put_back(queued, backoff(queued.attempts, self._clock.random()))
        else:
            await settle(given_up(queued, answer))

    async def _after_failure(
        self, queued: QueuedRow, answer: Answer, queue: SendQueue, settle: Settle
    ) -> None:
        """Try again, give the row up as unknown, or treat it as an outage of the service."""
        if not queue.has_new():
            self._breaker.no_new_rows()
        queued.attempts += 1
        if queued.attempts == _JUDGED_FROM:
            queued.answers = self._breaker.answers
        spent = queued.attempts >= MAX_ATTEMPTS
        if spent and not self._is_to_blame(queued, answer):
            self._breaker.open_now()
        outage = self._breaker.is_open()
        if not self._connected and (outage or spent):
            self._control.stop(never_reached(answer.error))
            await self._leave(queued, settle)
        elif outage:
            queued.attempts = 0  # an outage costs no row its attempts
            queue.put_back(queued, backoff(1, self._clock.random()))
        elif spent:
            self._breaker.blame_rows_for(_failure_kind(answer))
            await settle(given_up(queued, answer))
        else:
            queue.put_back(queued, self._pause(queued, answer))

    def _is_to_blame(self, queued: QueuedRow, answer: Answer) -> bool:
        """Return whether the row causes the failures, and not the service as a whole."""
        others_went_well = self._breaker.answers > queued.answers
        return others_went_well or self._breaker.blames_rows() or _failed_before(queued, answer)

    def _pause(self, queued: QueuedRow, answer: Answer) -> float:
        """Return the seconds until the next try, and announce it."""
        seconds = backoff(queued.attempts, self._clock.random())
        seconds = max(seconds, self._budget.spend(self._clock.monotonic_ns()))
        reason = Message(
            "no clear answer (%(what)s); then attempt %(number)s of %(most)s",
            what=answer.error.message if answer.error else Message("nothing came"),
            number=queued.attempts + 1,
            most=MAX_ATTEMPTS,
        )
        self._announce(max(1.0, seconds), reason)
        return seconds

    def _announce(self, seconds: float, reason: Message) -> None:
        now = self._clock.monotonic_ns()
        if self._announced_at is None or now - self._announced_at >= _ANNOUNCE_EVERY_NS:
            self._announced_at = now
            self._on_wait(seconds, reason)

    def _note(self, answer: Answer, queued: QueuedRow, ticket: int) -> None:
        """
        Pass what an answer says about the service to the breaker and the pace.

        Raises `OutageError` if it asks for a longer wait than `--max-outage` allows.
        """
        self._connected = self._connected or answer.connected
        if answer.meaning is Meaning.RETRY:
            if not _failed_before(queued, answer):
                known = queued.send.unclear and answer.connected
                self._breaker.failed(_failure_kind(answer), of_row=answer.server_failed or known)
            if answer.retry_after is not None:
                self._backpressure.pause(answer.retry_after)
            return
        self._breaker.succeeded()
        if answer.is_transient and queued.unclear:
            return  # a repeated old refusal says nothing about the CRM now
        if answer.meaning is Meaning.THROTTLED:
            self._backpressure.throttled(answer.retry_after)
        elif answer.meaning is Meaning.SLOW_DOWN:
            self._backpressure.slow_down(ticket, answer.retry_after)
        else:
            self._backpressure.accepted()
            self._budget.refund()


def _failed_before(queued: QueuedRow, answer: Answer) -> bool:
    """Return whether the service fails over a row that an earlier run had no clear answer for."""
    return answer.server_failed and queued.send.unclear


def _failure_kind(answer: Answer) -> tuple[str, ...]:
    """Return what kind of failure it was, without the details of this one."""
    if (error := answer.error) is None:
        return ()
    return (error.code, str(error.message.value_of("number")), *error.message.codes())


def outcome_of(queued: QueuedRow, answer: Answer) -> Outcome:
    """
    Return the outcome of a row that follows from its last answer.

    A refusal after an unclear request is `unknown`, not `failed`: the unclear request may have
    created the record. So every request with the key of a `failed` row was clearly refused.
    """
    send, attempts = queued.send, queued.attempts + 1
    if answer.meaning is Meaning.CREATED:
        return send.outcome(
            Status.CREATED,
            external_id=answer.external_id,
            record_url=answer.record_url,
            attempts=attempts,
        )
    error = answer.error
    if not queued.unclear:
        return send.outcome(Status.FAILED, error=error, attempts=attempts)
    if error is not None:
        error = error.in_doubt(None if answer.conflict else error.hint)
    return send.outcome(Status.UNKNOWN, error=error, attempts=attempts)


def given_up(queued: QueuedRow, answer: Answer) -> Outcome:
    """Return the outcome of a row that is given up because no attempt had a clear answer."""
    error = answer.error
    if error is not None:
        first = answer.stop.hint if answer.stop is not None else None
        error = replace(error, hint=joined([first or "", _LEAVE_AS_IT_IS], "sentences"))
    return queued.send.outcome(Status.UNKNOWN, error=error, attempts=queued.attempts)
