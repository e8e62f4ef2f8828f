"""Many rows over several workers: outages, stops and a CRM that is too busy, in virtual time."""

from __future__ import annotations

import itertools
from typing import Any

import anyio
import pytest
from stages.delivery import BROKEN, BUSY, CREATED, TIMEOUT, Run, Script

from importer.core.clock import Clock
from importer.core.errors import Interrupted, OutageError
from importer.core.locale.message import Message
from importer.core.records import Send, Status
from importer.sender.answer import Answer, Destination


class Service:
    """A client whose service is away for a while, seen by all workers."""

    def __init__(self, *, away: float, seconds: float = 0.1) -> None:
        self._away = away
        self._seconds = seconds
        self.instants: list[float] = []
        self.out = 0
        self.out_during_outage: list[int] = []

    async def create(self, *_: object) -> Answer:
        self.instants.append(anyio.current_time())
        self.out += 1
        if 1 < anyio.current_time() < self._away:
            self.out_during_outage.append(self.out)
        await anyio.sleep(self._seconds)
        self.out -= 1
        return CREATED if not 1 <= anyio.current_time() < self._away else BROKEN


async def work(run: Run, service: Destination, row: Send, rows: int, out: list[Any]) -> None:
    out.extend(await run.deliver_all(service, *[row] * rows))


async def test_an_outage_costs_no_row_its_attempts(virtual_clock: Clock, row: Send) -> None:
    run, service = Run(virtual_clock, rate=200), Service(away=600)
    out = await run.deliver_all(service, *[row] * 200)
    assert len(out) == 200
    assert {outcome and outcome.status for outcome in out} == {Status.CREATED}
    probes = [at for at in service.instants if 10 < at < 600]
    assert all(b - a >= 5 for a, b in itertools.pairwise(probes))
    assert service.out_during_outage[-10:] == [1] * 10


async def test_workers_at_a_closed_limiter_do_not_leave_once_the_breaker_is_open(
    virtual_clock: Clock, row: Send
) -> None:
    run, service = Run(virtual_clock), Service(away=10_000)
    out: list[Any] = []
    run.limiter.close_for(30, Message("used up"))
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work, run, service, row, 8, out)
        await anyio.sleep(1)
        run.breaker.succeeded()
        for _ in range(10):
            run.breaker.failed()
        await anyio.sleep(40)
        left = list(service.instants)
        run.control.stop(Interrupted("enough"))
    assert len(left) == 1  # the probe
    assert out == [None] * 8


async def test_an_outage_that_is_too_long_stops_with_no_row_decided(
    virtual_clock: Clock, row: Send
) -> None:
    run, service = Run(virtual_clock, max_outage=300), Service(away=10_000)
    out = await run.deliver_all(service, *[row] * 800)
    assert isinstance(run.control.reason, OutageError)
    assert {outcome and outcome.status for outcome in out} == {Status.CREATED, None}
    assert anyio.current_time() == pytest.approx(302, abs=3)


async def test_no_outage_allowed_stops_at_the_tenth_failure(
    virtual_clock: Clock, row: Send
) -> None:
    run, service = Run(virtual_clock, max_outage=0), Service(away=10_000)
    await run.deliver_all(service, *[row] * 800)
    assert isinstance(run.control.reason, OutageError)
    assert anyio.current_time() < 5


async def test_refused_while_many_are_out_halves_the_pace_once(
    virtual_clock: Clock, row: Send
) -> None:
    class Busy:
        async def create(self, *_: object) -> Answer:
            await anyio.sleep(1)
            return BUSY if anyio.current_time() < 1.5 else CREATED

    run, out = Run(virtual_clock), list[Any]()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work, run, Busy(), row, 8, out)
        await anyio.sleep(1.2)
        assert run.limiter._window.slowness == 2
        assert len(run.told) == 1
    assert {outcome.status for outcome in out} == {Status.CREATED}
    assert anyio.current_time() < 5


async def test_a_stop_wakes_a_row_between_two_tries(virtual_clock: Clock, row: Send) -> None:
    run, client = Run(virtual_clock), Script(TIMEOUT)
    out: list[Any] = []
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work, run, client, row, 1, out)
        await anyio.sleep(0.1)
        run.control.stop(Interrupted("enough"))
    assert out == [None]
    assert anyio.current_time() == pytest.approx(0.1)


async def test_a_request_that_is_cut_off_still_holds_its_place(
    virtual_clock: Clock, row: Send
) -> None:
    class Hanging:
        async def create(self, *_: object) -> Answer:
            await anyio.sleep_forever()
            raise AssertionError

    run = Run(virtual_clock, rate=1)
    with anyio.move_on_after(1):
        await run.deliver(Hanging(), row)
    assert run.limiter.requests == 1
    assert not run.limiter._window._in_flight
    await run.limiter.enter()
    assert anyio.current_time() == pytest.approx(61)


@pytest.mark.parametrize("slow_until", [60, 10_000])
async def test_requests_whose_lines_were_late_wait_for_the_pace_again(
    virtual_clock: Clock, row: Send, slow_until: float
) -> None:
    async def sent(_send: Send) -> None:
        await anyio.sleep(70 if anyio.current_time() < slow_until else 0)

    run, service = Run(virtual_clock, rate=10, sent=sent), Service(away=0)
    await run.deliver_all(service, *[row] * 20)
    assert len(service.instants) == 20
    for begin in service.instants:  # the first eight were charged long before they left
        assert sum(begin <= one < begin + 60 for one in service.instants) <= 10


async def test_a_line_that_is_late_as_the_breaker_opens_holds_its_request_back(
    virtual_clock: Clock, row: Send
) -> None:
    async def sent(_send: Send) -> None:
        await anyio.sleep(3)

    run, service = Run(virtual_clock, sent=sent), Service(away=10_000)
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(work, run, service, row, 1, [])
        await anyio.sleep(1)
        run.breaker.succeeded()
        for _ in range(10):
            run.breaker.failed()
        await anyio.sleep(3)
        assert service.instants == []
        run.control.stop(Interrupted("enough"))
