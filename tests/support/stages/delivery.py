"""A delivery with all it stands on, over fake clients that answer by a script."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Literal

import anyio
import anyio.lowlevel

from importer.core.clock import Clock
from importer.core.control import StopControl
from importer.core.locale.message import Message
from importer.core.records import Origin, Outcome, Record, RowError, Send
from importer.sender.answer import Answer, Destination, Meaning
from importer.sender.delivery.breaker import CircuitBreaker
from importer.sender.delivery.delivery import Delivery, RetryBudget
from importer.sender.delivery.send_queue import SendQueue
from importer.sender.pacing.limiter import RateLimiter
from importer.sender.vorel.answers import classify

CREATED = classify(200, {}, b'{"ok": true, "external_id": "7", "record_url": "https://crm/7"}')
INVALID = classify(200, {}, b'{"ok": false, "error": "validation_error", "detail": "email"}')
BUSY = classify(200, {}, b'{"ok": false, "error": "rate_limited"}')
NO_CRM = classify(200, {}, b'{"ok": false, "error": "no_crm_configured"}')
UNAUTHORIZED = classify(401, {}, b"")
CONFLICT = classify(409, {}, b"")
THROTTLED = classify(429, {"retry-after": "18"}, b"")
BROKEN = classify(500, {}, b"")
TIMEOUT = Answer(
    meaning=Meaning.RETRY,
    error=RowError(
        code="timeout", origin=Origin.TRANSPORT, message=Message("late"), retryable=True
    ),
    unclear=True,
)
UNREACHED = replace(TIMEOUT, connected=False, unclear=False)

Stepped = tuple[Clock, list[float]]
"""A clock that a sleep moves on at once, and the sleeps so far."""


class Script:
    """A client that gives its answers in order, the last one for ever, and keeps the keys."""

    def __init__(self, *answers: Answer, during: Callable[[], None] = lambda: None) -> None:
        self._answers = list(answers)
        self._during = during
        self.keys: list[str] = []

    async def create(self, _record: Record, key: str) -> Answer:
        self.keys.append(key)
        await anyio.lowlevel.checkpoint()
        self._during()
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


class Journal:
    """Keeps the keys of each kind of line; a function given for one kind takes its place."""

    def __init__(self, **instead: Callable[[Send], Awaitable[None]]) -> None:
        self._instead = instead
        self.keys: dict[str, list[str]] = {"sent": [], "refused": [], "unsent": []}

    async def _note(self, kind: str, send: Send) -> None:
        if kind in self._instead:
            await self._instead[kind](send)
            return
        await anyio.lowlevel.checkpoint()
        self.keys[kind].append(send.key)

    async def sent(self, send: Send) -> None:
        await self._note("sent", send)

    async def refused(self, send: Send) -> None:
        await self._note("refused", send)

    async def unsent(self, send: Send) -> None:
        await self._note("unsent", send)


class Run:
    """A delivery with all it stands on."""

    def __init__(
        self,
        clock: Clock,
        *,
        max_outage: float = 900,
        rate: int = 6000,
        pace: Literal["spread", "burst"] = "burst",
        counts_by_lines: bool = False,
        writers: anyio.Semaphore | None = None,
        **instead: Callable[[Send], Awaitable[None]],
    ) -> None:
        self.control = StopControl()
        self.journal = Journal(**instead)
        self.told: list[tuple[float, str]] = []
        self.retried: list[tuple[float, str]] = []

        def tell(seconds: float, reason: str) -> None:
            self.told.append((seconds, reason))

        self.clock = clock
        self.limiter = RateLimiter(rate, pace, clock=clock, on_wait=tell)
        self.breaker = CircuitBreaker(max_outage, clock=clock, on_wait=tell)
        self.delivery = Delivery(
            limiter=self.limiter,
            breaker=self.breaker,
            budget=RetryBudget(rate),
            control=self.control,
            clock=clock,
            max_outage=max_outage,
            journal=self.journal,
            counts_by_lines=counts_by_lines,
            writers=writers,
            on_wait=lambda seconds, reason: self.retried.append((seconds, reason)),
        )

    async def deliver_all(
        self, client: Destination, *sends: Send, workers: int = 8
    ) -> list[Outcome | None]:
        """Deliver rows over some workers that share a client. Returns what was settled."""
        line = SendQueue(workers, clock=self.clock, control=self.control)
        out: list[Outcome | None] = []

        async def settle(outcome: Outcome | None) -> None:
            await anyio.lowlevel.checkpoint()
            out.append(outcome)

        async with anyio.create_task_group() as tasks:
            for _ in range(workers):
                tasks.start_soon(self.delivery.work, client.create, line, settle)
            for send in sends:
                await line.put(send)
            line.end()
        return out

    async def deliver(self, client: Destination, send: Send) -> Outcome | None:
        """Deliver one row by itself."""
        (outcome,) = await self.deliver_all(client, send, workers=1)
        return outcome
