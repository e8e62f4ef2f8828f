"""Brings one row to its outcome: pace, send, understand, and send again where that is right."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from importer.clock import NANOSECONDS, Clock
from importer.control import Control
from importer.errors import OutageError, RefusedError, StopRun
from importer.records import Outcome, RowError, Send, Status
from importer.sender.answers import Answer, Meaning
from importer.sender.breaker import Breaker
from importer.sender.client import Client
from importer.sender.pacing import Gate
from importer.sender.retry import MAX_ATTEMPTS, backoff

__all__ = ["Deliverer"]

_MARGIN = 0.25
_JITTER = 0.5
_WINDOW = 60.0


class Deliverer:
    """
    Delivers rows over any number of clients that share one gate, one breaker and one fate.

    `before_send` is awaited before every request, whose key it must put on disk.
    """

    def __init__(
        self,
        *,
        gate: Gate,
        breaker: Breaker,
        control: Control,
        clock: Clock,
        max_outage: float,
        before_send: Callable[[Send], Awaitable[None]],
    ) -> None:
        self._gate = gate
        self._breaker = breaker
        self._control = control
        self._clock = clock
        self._max_outage = max_outage
        self._before_send = before_send
        self._reached = False
        self._slow_answers = 0
        self._refused_since: int | None = None

    async def deliver(self, client: Client, send: Send) -> Outcome | None:
        """
        Return what became of a row, or None where the run stopped before that was clear.

        A stop's reason is left with the run's `Control`.
        """
        attempts = 0
        unclear = send.unclear
        while True:
            answer = await self._attempt(client, send)
            if answer is None:
                return None
            unclear = unclear or answer.unclear
            if answer.meaning is Meaning.STOP and answer.stop is not None:
                self._control.stop(answer.stop)
                return None
            if answer.meaning in {Meaning.THROTTLED, Meaning.SLOW_DOWN}:
                self._hold(answer)
                continue
            attempts += 1
            if answer.meaning is not Meaning.RETRY:
                return _outcome(send, answer, attempts=attempts, unclear=unclear)
            outage = self._breaker.is_open()
            if not self._reached and (outage or attempts >= MAX_ATTEMPTS):
                self._control.stop(_never_reached(answer.error))
                return None
            if outage:
                attempts = 0  # costs no row its attempts
            elif attempts >= MAX_ATTEMPTS:
                return send.outcome(Status.UNKNOWN, error=answer.error, attempts=attempts)
            else:
                await self._pause(backoff(attempts, self._clock.random()), answer)

    async def _attempt(self, client: Client, send: Send) -> Answer | None:
        """Send one request when it may leave. Returns None where the run stopped before."""
        probe = entered = False
        try:
            with self._control.interruptible():
                probe = await self._breaker.admit()
                await self._gate.enter()
                entered = True
            if not self._control.stopped:
                await self._before_send(send)
            if self._control.stopped:
                return None
            answer = await client.create_record(send.record.object, send.record.fields, send.key)
            self._note(answer)
        except StopRun as reason:
            self._control.stop(reason)
            return None
        finally:
            if entered:
                self._gate.answered()
            if probe:
                self._breaker.release()
        return answer

    def _note(self, answer: Answer) -> None:
        """Tell gate and breaker what an answer says about the service."""
        self._reached = self._reached or answer.reached
        if answer.meaning is Meaning.RETRY:
            self._breaker.failed()
            return
        self._breaker.succeeded()
        if answer.meaning not in {Meaning.THROTTLED, Meaning.SLOW_DOWN}:
            self._refused_since = None
            self._slow_answers = 0
            self._gate.speed_up()

    def _hold(self, answer: Answer) -> None:
        """Close the gate for as long as the service or the CRM asks; the row keeps its turn."""
        now = self._clock.monotonic_ns()
        if self._refused_since is None:
            self._refused_since = now
        if answer.meaning is Meaning.SLOW_DOWN:
            self._slow_answers += 1
            self._gate.slow_down()
            wait = backoff(self._slow_answers + 1, self._clock.random())
            reason = "the CRM asks for a slower pace"
        else:
            wait = answer.retry_after if answer.retry_after is not None else _WINDOW
            reason = "the key's requests for this minute are used up"
        waited = (now - self._refused_since) / NANOSECONDS
        if wait > self._max_outage or waited > self._max_outage:
            self._control.stop(self._too_long(wait, reason))
            return
        self._gate.close_for(wait + _MARGIN + _JITTER * self._clock.random(), reason)

    def _too_long(self, wait: float, reason: str) -> OutageError:
        return OutageError(
            f"{reason}: the next request may leave in {wait:.0f} s, and --max-outage allows "
            f"{self._max_outage:.0f} s",
            hint=f"Nothing is lost. Run the same command again in {max(1, wait / 60):.0f} min.",
        )

    async def _pause(self, seconds: float, answer: Answer) -> None:
        if answer.retry_after is not None:
            seconds = max(seconds, min(answer.retry_after, self._max_outage))
        with self._control.interruptible():
            await self._clock.sleep(seconds)


def _outcome(send: Send, answer: Answer, *, attempts: int, unclear: bool) -> Outcome:
    if answer.meaning is Meaning.CREATED:
        return send.outcome(
            Status.CREATED,
            external_id=answer.external_id,
            record_url=answer.record_url,
            attempts=attempts,
        )
    error = answer.error
    # A conflict after an unclear request proves nothing: that request may hold the key.
    if unclear and error is not None and error.code == "conflict":
        error = replace(error, hint="An earlier try may have created it; look it up in the CRM.")
        return send.outcome(Status.UNKNOWN, error=error, attempts=attempts)
    return send.outcome(Status.FAILED, error=error, attempts=attempts)


def _never_reached(error: RowError | None) -> RefusedError:
    return RefusedError(
        f"the service was never reached: {error.message if error else 'no answer'}",
        hint="Check --base-url (VOREL_BASE_URL), the network and the proxy settings, then run "
        "the same command again.",
    )
