"""Brings one row to its outcome: pace, send, understand, and send again where that is right."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

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
_NOT_NOW = {Meaning.THROTTLED, Meaning.SLOW_DOWN}


@dataclass(slots=True)
class _Pass:
    """What one request took on its way out and has to hand back."""

    ticket: int = 0
    probe: bool = False
    left: bool = False
    reached: bool = True


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
        while (answer := await self._attempt(client, send)) is not None:
            unclear = unclear or answer.unclear
            if answer.stop is not None:
                self._control.stop(answer.stop)
                break
            if answer.meaning in _NOT_NOW:
                continue
            attempts += 1
            if answer.meaning is not Meaning.RETRY:
                return _outcome(send, answer, attempts=attempts, unclear=unclear)
            outage = self._breaker.is_open()
            if not self._reached and (outage or attempts >= MAX_ATTEMPTS):
                self._control.stop(_never_reached(answer.error))
                break
            if outage:
                attempts = 0  # costs no row its attempts
            elif attempts >= MAX_ATTEMPTS:
                return send.outcome(Status.UNKNOWN, error=answer.error, attempts=attempts)
            else:
                with self._control.interruptible():
                    await self._clock.sleep(backoff(attempts, self._clock.random()))
        return None

    async def _attempt(self, client: Client, send: Send) -> Answer | None:
        """Send one request when it may leave. Returns None where the run stopped before."""
        pass_ = _Pass()
        try:
            with self._control.interruptible():
                await self._admit(pass_)
            if not self._control.stopped:
                await self._before_send(send)
            if self._control.stopped:
                return None
            pass_.left = True
            answer = await client.create_record(send.record.object, send.record.fields, send.key)
            pass_.reached = answer.reached
            self._note(answer, pass_.ticket)
        except StopRun as reason:
            self._control.stop(reason)
            return None
        finally:
            self._hand_back(pass_)
        return answer

    async def _admit(self, pass_: _Pass) -> None:
        """Wait for breaker and gate; again where the breaker opened while the gate was shut."""
        while not pass_.ticket:
            pass_.probe = await self._breaker.admit()
            pass_.ticket = await self._gate.enter()
            if self._breaker.is_open() and not pass_.probe:
                self._gate.withdraw(pass_.ticket)
                pass_.ticket = 0

    def _hand_back(self, pass_: _Pass) -> None:
        if pass_.ticket:
            if not pass_.left:
                self._gate.withdraw(pass_.ticket)
            elif pass_.reached:
                self._gate.answered(pass_.ticket)
            else:
                self._gate.lost(pass_.ticket)
        if pass_.probe:
            self._breaker.release()

    def _note(self, answer: Answer, ticket: int) -> None:
        """
        Tell gate and breaker what an answer says about the service.

        Raises `OutageError` where it asks for a longer wait than is allowed.
        """
        self._reached = self._reached or answer.reached
        if answer.meaning is Meaning.RETRY:
            self._breaker.failed()
            if answer.retry_after is not None:
                self._hold(answer.retry_after, "the service asks for a pause")
            return
        self._breaker.succeeded()
        if answer.meaning not in _NOT_NOW:
            self._refused_since = None
            self._slow_answers = 0
            self._gate.speed_up()
            return
        if self._refused_since is None:
            self._refused_since = self._clock.monotonic_ns()
        asked = answer.retry_after
        if answer.meaning is Meaning.THROTTLED:
            wait = _WINDOW if asked is None else asked
            self._hold(wait, "the key's requests for this minute are used up")
        else:
            if self._gate.slow_down(ticket):
                self._slow_answers += 1
            wait = backoff(self._slow_answers + 1, self._clock.random())
            self._hold(max(wait, asked or 0), "the CRM asks for a slower pace")

    def _hold(self, seconds: float, reason: str) -> None:
        """Close the gate for as long as the service or the CRM asks; the row keeps its turn."""
        since, now = self._refused_since, self._clock.monotonic_ns()
        refused = (now - since) / NANOSECONDS if since is not None else 0.0
        if max(seconds, refused) > self._max_outage:
            raise self._too_long(seconds, refused, reason)
        if not self._control.stopped:
            self._gate.close_for(seconds + _MARGIN + _JITTER * self._clock.random(), reason)

    def _too_long(self, seconds: float, refused: float, reason: str) -> OutageError:
        if seconds > self._max_outage:
            what = f"the next request may leave in {seconds:.0f} s"
        else:
            what = f"nothing else was answered for {refused:.0f} s"
        return OutageError(
            f"{reason}: {what}, and --max-outage allows {self._max_outage:.0f} s",
            hint="Nothing is lost. Run the same command again in "
            f"{max(1, math.ceil(seconds / 60))} min.",
        )


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
    if unclear and error is not None and answer.conflict:
        error = replace(error, hint="An earlier try may have created it; look it up in the CRM.")
        return send.outcome(Status.UNKNOWN, error=error, attempts=attempts)
    return send.outcome(Status.FAILED, error=error, attempts=attempts)


def _never_reached(error: RowError | None) -> RefusedError:
    return RefusedError(
        f"the service was never reached: {error.message if error else 'no answer'}",
        hint="Check --base-url (VOREL_BASE_URL), the network and the proxy settings (HTTPS_PROXY, "
        "and SSL_CERT_FILE for certificates of your own), then run the same command again.",
    )
