"""How many connections a run opens: as many as it has requests in flight, and one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Literal

import anyio
import anyio.lowlevel
import pytest
from stages.delivery import CREATED, Run

from importer.core.clock import Clock
from importer.core.records import Outcome, Record, Send, Status
from importer.sender.answer import Answer, Destination
from importer.sender.delivery.send_queue import SendQueue
from importer.sender.delivery.worker_pool import WorkerPool


class Slow:
    """A service whose answers take some seconds, and what it sees of a client."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.opened = self.closed = self.in_flight = self.most = 0

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[Destination]:
        self.opened += 1
        try:
            yield self
        finally:
            self.closed += 1

    async def create(self, _record: Record, _key: str) -> Answer:
        self.in_flight += 1
        self.most = max(self.most, self.in_flight)
        await anyio.sleep(self._seconds)
        self.in_flight -= 1
        return CREATED


@pytest.mark.parametrize(
    ("seconds", "pace", "connections", "in_flight"),
    [
        (0.1, "spread", 2, 1),
        (0.5, "spread", 3, 2),
        (2.0, "spread", 8, 7),
        (60.0, "spread", 8, 8),
        (0.1, "burst", 8, 8),
    ],
)
async def test_there_is_one_worker_more_than_requests_in_flight(
    virtual_clock: Clock,
    row: Send,
    seconds: float,
    pace: Literal["spread", "burst"],
    connections: int,
    in_flight: int,
) -> None:
    run, service = Run(virtual_clock, rate=200, pace=pace), Slow(seconds)
    queue = SendQueue(8, clock=virtual_clock, control=run.control)
    settled: list[Outcome | None] = []

    async def settle(outcome: Outcome | None) -> None:
        await anyio.lowlevel.checkpoint()
        settled.append(outcome)

    async with anyio.create_task_group() as tasks:
        WorkerPool(run.delivery, service.connect, queue, settle).begin(tasks)
        for number in range(40):
            await queue.put(replace(row, key=f"{row.key}{number}"))
        queue.end()

    assert [one and one.status for one in settled] == [Status.CREATED] * 40
    assert (service.opened, service.most) == (connections, in_flight)
    assert service.closed == service.opened
