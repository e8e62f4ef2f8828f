"""The breaker: an outage is noticed, probed and, one day, given up."""

from __future__ import annotations

import anyio
import pytest
from stages.delivery import Stepped

from importer.core.clock import Clock
from importer.core.control import StopControl
from importer.core.errors import Interrupted, OutageError
from importer.sender.delivery.breaker import THRESHOLD, CircuitBreaker


def fail(breaker: CircuitBreaker, times: int = THRESHOLD) -> None:
    for _ in range(times):
        breaker.failed()


async def test_a_closed_breaker_lets_everything_through(stepped: Stepped) -> None:
    clock, slept = stepped
    assert not await CircuitBreaker(900, clock=clock).admit()
    assert slept == []


def test_it_opens_at_the_tenth_failure_in_a_row(stepped: Stepped) -> None:
    breaker = CircuitBreaker(900, clock=stepped[0])
    fail(breaker, 9)
    assert not breaker.is_open()
    breaker.failed()
    assert breaker.is_open()


def test_an_answer_in_between_starts_the_count_anew(stepped: Stepped) -> None:
    breaker = CircuitBreaker(900, clock=stepped[0])
    fail(breaker, 9)
    breaker.succeeded()
    fail(breaker, 9)
    assert not breaker.is_open()


async def test_probes_are_five_to_sixty_seconds_apart_until_the_outage_is_too_long(
    stepped: Stepped,
) -> None:
    clock, slept = stepped
    told: list[float] = []
    breaker = CircuitBreaker(
        250, clock=clock, on_wait=lambda seconds, _reason: told.append(seconds)
    )
    fail(breaker)
    for _ in range(7):
        assert await breaker.admit()
        breaker.failed()
        breaker.release()
    with pytest.raises(OutageError) as caught:
        await breaker.admit()
    assert slept == told == [5, 10, 20, 40, 60, 60, 55]
    assert "has not answered for 4.2 minutes" in caught.value.message
    assert "17 requests in a row" in caught.value.message
    assert "Nothing is lost" in str(caught.value.hint)


async def test_no_outage_allowed_stops_at_once(stepped: Stepped) -> None:
    clock, slept = stepped
    breaker = CircuitBreaker(0, clock=clock)
    fail(breaker)
    with pytest.raises(OutageError):
        await breaker.admit()
    assert slept == []


async def test_a_rest_of_rounding_is_no_wait(stepped: Stepped) -> None:
    clock, slept = stepped
    breaker = CircuitBreaker(5.0000001, clock=clock)
    fail(breaker)
    assert await breaker.admit()
    breaker.failed()
    breaker.release()
    with pytest.raises(OutageError):
        await breaker.admit()
    assert slept == [5]


async def test_any_answer_closes_it_and_the_next_outage_begins_afresh(stepped: Stepped) -> None:
    clock, slept = stepped
    breaker = CircuitBreaker(900, clock=clock)
    for _ in range(2):
        fail(breaker)
        assert await breaker.admit()
        breaker.succeeded()
        breaker.release()
        assert not await breaker.admit()
    assert slept == [5, 5]


async def test_one_probe_is_out_at_a_time(virtual_clock: Clock) -> None:
    breaker = CircuitBreaker(900, clock=virtual_clock)
    fail(breaker)
    out = most = 0
    instants: list[float] = []

    async def work() -> None:
        nonlocal out, most
        for _ in range(2):
            if await breaker.admit():
                instants.append(anyio.current_time())
                out += 1
                most = max(most, out)
                await anyio.sleep(7)
                out -= 1
                breaker.failed()
                breaker.release()

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(work)
    assert most == 1
    gaps = [round(b - a - 7) for a, b in zip([-7.0, *instants], instants, strict=False)]
    assert gaps == [5, 10, 20, 40, 60, 60, 60, 60]


async def test_an_answer_wakes_all_who_wait(virtual_clock: Clock) -> None:
    breaker = CircuitBreaker(900, clock=virtual_clock)
    fail(breaker)
    admitted: list[tuple[float, bool]] = []

    async def work() -> None:
        admitted.append((anyio.current_time(), await breaker.admit()))

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(work)
        await anyio.sleep(1)
        breaker.succeeded()
        await anyio.wait_all_tasks_blocked()
        assert [probe for _, probe in admitted] == [False] * 4
        assert anyio.current_time() == pytest.approx(1)


async def test_a_stop_wakes_all_who_wait(virtual_clock: Clock) -> None:
    breaker, control = CircuitBreaker(900, clock=virtual_clock), StopControl()
    fail(breaker)

    async def work() -> None:
        with control.interruptible():
            await breaker.admit()

    async with anyio.create_task_group() as tasks:
        for _ in range(4):
            tasks.start_soon(work)
        await anyio.sleep(1)
        control.stop(Interrupted("enough"))
    assert anyio.current_time() == pytest.approx(1)
    breaker.succeeded()
    assert not await breaker.admit()
