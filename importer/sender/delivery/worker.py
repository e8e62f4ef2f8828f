"""Brings rows to their outcome: pace, send, understand, and send again where that is right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

from importer.clock import NANOSECONDS, Clock
from importer.control import StopControl
from importer.errors import StopRun
from importer.keys import next_key
from importer.records import Outcome
from importer.sender.delivery.breaker import CircuitBreaker, never_reached
from importer.sender.delivery.journal import RequestJournal
from importer.sender.delivery.outcomes import given_up, outcome_of
from importer.sender.delivery.queue import QueuedRow, SendQueue
from importer.sender.delivery.retry import MAX_ATTEMPTS, RetryBudget, backoff
from importer.sender.pacing.backpressure import Backpressure
from importer.sender.pacing.limiter import RateLimiter
from importer.sender.vorel.answers import Answer, Meaning
from importer.sender.vorel.client import Client

__all__ = ["DeliveryWorker"]

_JUDGED_FROM = 3  # what was under way when an outage began has come back by a row's third try
_TELL_EVERY_NS = 5 * NANOSECONDS
_NOT_NOW = {Meaning.THROTTLED, Meaning.SLOW_DOWN}
_UNDECIDED = {Meaning.RETRY, *_NOT_NOW}
Settle = Callable[[Outcome | None], Awaitable[None]]


@dataclass(slots=True)
class _Permit:
    """What one request took on its way out and has to hand back."""

    ticket: int = 0
    probe: bool = False
    left: bool = False
    answer: Answer | None = None


class DeliveryWorker:
    """
    Delivers rows over any number of clients that share one gate, one breaker and one fate.

    `journal` puts on disk what a later run has to know before the next request may leave.
    `on_wait` is called with the seconds and the reason when a request is to be tried again, every
    5 s at most.
    """

    def __init__(
        self,
        *,
        gate: RateLimiter,
        breaker: CircuitBreaker,
        budget: RetryBudget,
        control: StopControl,
        clock: Clock,
        max_outage: float,
        journal: RequestJournal,
        on_wait: Callable[[float, str], None] = lambda _seconds, _reason: None,
    ) -> None:
        self._gate = gate
        self._breaker = breaker
        self._budget = budget
        self._control = control
        self._clock = clock
        self._journal = journal
        self._on_wait = on_wait
        self._holding = Backpressure(gate, control=control, clock=clock, max_outage=max_outage)
        self._told: int | None = None
        self._connected = False

    async def work(self, client: Client, line: SendQueue, settle: Settle) -> None:
        """
        Deliver rows of the line, one after the other, until it ends.

        `settle` is awaited with each row's outcome, or with None where the run stopped before
        that was clear; the stop's reason is left with the run's `StopControl`.
        """
        while await self._serve(client, line, settle):
            pass

    def can_send_next_at_once(self, line: SendQueue) -> bool:
        """Tell whether the next request can leave at once, as far as can be seen from here."""
        held_up = self._control.stopped or self._breaker.is_open()
        return not held_up and line.is_ready() and self._gate.is_open()

    async def _serve(self, client: Client, line: SendQueue, settle: Settle) -> bool:
        """Take one row and send one request for it. Returns False where the line has ended."""
        permit = _Permit()
        try:
            await self._until_admitted(permit)
            turn = await line.take(probe=permit.probe)
            if turn is None:
                return False
            if not await self._pass_gate(permit):
                line.back(turn)
                return True
            answer = await self._request(client, turn, permit)
        finally:
            self._hand_back(permit)
        if answer is not None and answer.is_transient and not turn.unclear:
            await self._raise_key(turn)
        if answer is not None:
            turn.unclear = turn.unclear or answer.unclear
        if answer is None or (self._control.stopped and answer.meaning in _UNDECIDED):
            await self._leave(turn, settle)
            return True
        await self._decide(turn, answer, line, settle)
        return True

    async def _until_admitted(self, permit: _Permit) -> None:
        if not self._breaker.is_open():
            return
        try:
            with self._control.interruptible():
                permit.probe = await self._breaker.admit()
        except StopRun as reason:
            self._control.stop(reason)

    async def _pass_gate(self, permit: _Permit) -> bool:
        """Wait for the gate. Returns False where the breaker opened while it was shut."""
        permit.ticket = 0 if self._control.stopped else self._gate.try_enter()
        if permit.ticket:
            return True
        with self._control.interruptible():
            permit.ticket = await self._gate.enter()
        return self._control.stopped or permit.probe or not self._breaker.is_open()

    async def _request(self, client: Client, turn: QueuedRow, permit: _Permit) -> Answer | None:
        """Send one request. Returns None where the run stopped before."""
        send = turn.send
        try:
            if not self._control.stopped:
                await self._journal.sent(send)
            if self._control.stopped:
                return None
        except StopRun as reason:
            self._control.stop(reason)
            return None
        permit.left = True
        turn.tried += 1
        answer = await client.create_record(send.record.object, send.record.fields, send.key)
        permit.answer = answer
        try:
            self._note(answer, turn, permit.ticket)
        except StopRun as reason:
            self._control.stop(reason)
        return answer

    async def _raise_key(self, turn: QueuedRow) -> None:
        """
        Let a row's next request take the next key: the service may keep a refusal for ever.

        Only after refusals alone; a request still on its way would make a second record.
        """
        try:
            await self._journal.refused(turn.send)
        except StopRun as reason:
            self._control.stop(reason)
        turn.send = replace(turn.send, key=next_key(turn.send.key))

    def _hand_back(self, permit: _Permit) -> None:
        answer = permit.answer
        if permit.ticket:
            if not permit.left:
                self._gate.withdraw(permit.ticket)
            elif answer is None:  # cancelled under way: it may be counted all the same
                self._gate.answered(permit.ticket, is_clear=False)
            elif answer.connected:
                self._gate.answered(permit.ticket, answer.quota, is_clear=not answer.unclear)
            else:
                self._gate.lost(permit.ticket)
        if permit.probe:
            self._breaker.release()

    async def _leave(self, turn: QueuedRow, settle: Settle) -> None:
        """Leave a row undecided, as if it had not been sent where each answer was a clear no."""
        if turn.tried and not turn.unclear:
            try:
                await self._journal.unsent(turn.send)
            except StopRun as reason:
                self._control.stop(reason)
        await settle(None)

    async def _decide(
        self, turn: QueuedRow, answer: Answer, line: SendQueue, settle: Settle
    ) -> None:
        """Settle a row, or put it back into the line."""
        if answer.is_transient and turn.unclear:
            await self._in_doubt(turn, answer, line, settle)
        elif answer.stop is not None:
            self._control.stop(answer.stop)
            await self._leave(turn, settle)
        elif answer.meaning in _NOT_NOW:
            line.back(turn)
        elif answer.meaning is not Meaning.RETRY:
            await settle(outcome_of(turn, answer))
        else:
            await self._after_failure(turn, answer, line, settle)

    async def _in_doubt(
        self, turn: QueuedRow, answer: Answer, line: SendQueue, settle: Settle
    ) -> None:
        """
        Try a row again, or give it up, after a refusal that passes and an unclear request.

        That request may be on its way, so the key stays. What the service says may be kept under
        this key and hold for it alone, so the run does not stop for it.
        """
        turn.attempts += 1
        if turn.attempts < MAX_ATTEMPTS:
            line.back(turn, backoff(turn.attempts, self._clock.random()))
        else:
            await settle(given_up(turn, answer))

    async def _after_failure(
        self, turn: QueuedRow, answer: Answer, line: SendQueue, settle: Settle
    ) -> None:
        """Try again, give the row up as unknown, or find that the service is away."""
        if not line.has_new():
            self._breaker.no_new_rows()
        turn.attempts += 1
        if turn.attempts == _JUDGED_FROM:
            turn.answers = self._breaker.answers
        spent = turn.attempts >= MAX_ATTEMPTS
        if spent and not self._is_to_blame(turn, answer):
            self._breaker.suspect()
        outage = self._breaker.is_open()
        if not self._connected and (outage or spent):
            self._control.stop(never_reached(answer.error))
            await self._leave(turn, settle)
        elif outage:
            turn.attempts = 0  # costs no row its attempts
            line.back(turn, backoff(1, self._clock.random()))
        elif spent:
            self._breaker.excuse(_word(answer))
            await settle(given_up(turn, answer))
        else:
            line.back(turn, self._pause(turn, answer))

    def _is_to_blame(self, turn: QueuedRow, answer: Answer) -> bool:
        """Tell whether it is this row that fails, and not the service that is away."""
        others_went_well = self._breaker.answers > turn.answers
        return others_went_well or self._breaker.blames_rows() or _failed_before(turn, answer)

    def _pause(self, turn: QueuedRow, answer: Answer) -> float:
        """Return the seconds until the next try, and tell of it."""
        now = self._clock.monotonic_ns()
        seconds = backoff(turn.attempts, self._clock.random())
        seconds = max(seconds, self._budget.spend(now))
        if self._told is None or now - self._told >= _TELL_EVERY_NS:
            self._told = now
            why = answer.error.message if answer.error else "nothing came"
            self._on_wait(
                max(1.0, seconds),
                f"no clear answer ({why}); then attempt {turn.attempts + 1} of {MAX_ATTEMPTS}",
            )
        return seconds

    def _note(self, answer: Answer, turn: QueuedRow, ticket: int) -> None:
        """
        Tell gate and breaker what an answer says about the service.

        Raises `OutageError` where it asks for a longer wait than is allowed.
        """
        self._connected = self._connected or answer.connected
        if answer.meaning is Meaning.RETRY:
            if not _failed_before(turn, answer):
                known = turn.send.unclear and answer.connected
                self._breaker.failed(_word(answer), of_row=answer.server_failed or known)
            if answer.retry_after is not None:
                self._holding.pause(answer.retry_after)
            return
        self._breaker.succeeded()
        if answer.is_transient and turn.unclear:
            return  # maybe kept under this key: it says nothing of how the CRM is now
        if answer.meaning is Meaning.THROTTLED:
            self._holding.throttled(answer.retry_after)
        elif answer.meaning is Meaning.SLOW_DOWN:
            self._holding.slow_down(ticket, answer.retry_after)
        else:
            self._holding.accepted()
            self._budget.refund()


def _failed_before(turn: QueuedRow, answer: Answer) -> bool:
    """Tell whether the service breaks over a row that an earlier run had no clear answer for."""
    return answer.server_failed and turn.send.unclear


def _word(answer: Answer) -> str:
    """Return what kind of failure it was, without what differs from one to the next."""
    error = answer.error
    return f"{error.code} {error.message.partition(':')[0]}" if error else ""
