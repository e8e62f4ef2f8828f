"""The rate limiter against simulated servers that count in windows, in virtual time."""

from __future__ import annotations

import itertools
import math
import random
from collections import deque
from collections.abc import Callable
from typing import Literal

import anyio
import pytest
from effort import examples, some

from importer.core.clock import Clock
from importer.core.control import StopControl
from importer.core.errors import Interrupted
from importer.core.locale.message import Message
from importer.sender.pacing.limiter import RateLimiter

RATE = 200
Latency = Callable[[random.Random], tuple[float, float]]


class Server:
    """Counts what arrives in fixed windows at a phase, or in a sliding one (`phase` None)."""

    def __init__(self, phase: float | None, rate: int = RATE) -> None:
        self._phase = phase
        self._rate = rate
        self._recent: deque[float] = deque()
        self.windows: dict[int, int] = {}
        self.arrivals: list[float] = []
        self.refused = 0

    def arrive(self) -> bool:
        now = anyio.current_time()
        self.arrivals.append(now)
        if self._phase is None:
            while self._recent and self._recent[0] < now - 60:
                self._recent.popleft()
            self._recent.append(now)
            ok = len(self._recent) <= self._rate
        else:
            window = math.floor((now + self._phase) / 60)
            self.windows[window] = self.windows.get(window, 0) + 1
            ok = self.windows[window] <= self._rate
        self.refused += not ok
        return ok


def quick(chance: random.Random) -> tuple[float, float]:
    """60 ms each way, and one answer in a hundred takes up to 3 s longer."""
    tail = 3 * chance.random() if chance.random() < 0.01 else 0.0
    there = 0.03 * chance.lognormvariate(0, 0.4)
    return (there + tail / 2, 0.09 * chance.lognormvariate(0, 0.4) + tail / 2)


def slow(chance: random.Random) -> tuple[float, float]:
    """A CRM that takes one to two seconds."""
    return 0.05 * chance.lognormvariate(0, 0.5), 1 + chance.random()


def steady(_chance: random.Random) -> tuple[float, float]:
    return 0.05, 0.1


def hanging(chance: random.Random) -> tuple[float, float]:
    """One request in fifty gets no answer before its time-out."""
    there, back = quick(chance)
    return (there, 30.0) if chance.random() < 0.02 else (there, back)


async def drive(
    clock: Clock,
    server: Server,
    *,
    requests: int,
    latency: Latency,
    pace: Literal["spread", "burst"],
    workers: int = 8,
    rate: int = RATE,
    seed: int = 1,
) -> None:
    limiter = RateLimiter(rate, pace, clock=clock)
    chance = random.Random(seed)
    left = requests

    async def work() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            ticket = await limiter.enter()
            there, back = latency(chance)
            await anyio.sleep(there)
            server.arrive()
            await anyio.sleep(back)
            limiter.answered(ticket)

    async with anyio.create_task_group() as tasks:
        for _ in range(workers):
            tasks.start_soon(work)
    assert limiter.requests == requests == len(server.arrivals)


def busiest_minute(instants: list[float]) -> int:
    instants = sorted(instants)
    first = most = 0
    for last, instant in enumerate(instants):
        while instant - instants[first] > 60:
            first += 1
        most = max(most, last - first + 1)
    return most


def least_full_minute(server: Server) -> int:
    """The fewest requests of a whole fixed window, the first and the last one left out."""
    return min(server.windows[window] for window in sorted(server.windows)[1:-1])


@pytest.mark.parametrize(
    ("latency", "workers", "least", "phase"),
    some(
        [
            (steady, 8, 199, 0.0),
            (slow, 8, 195, 59.9),
            (hanging, 8, 195, 13.37),
            (quick, 8, 198, 13.37),
            (slow, 16, 195, 0.0),
        ],
        3,
    ),
)
async def test_ten_minutes_of_even_pace_use_the_rate_and_are_never_refused(
    virtual_clock: Clock, latency: Latency, workers: int, least: int, phase: float
) -> None:
    server = Server(phase)
    await drive(
        virtual_clock, server, requests=2000, latency=latency, pace="spread", workers=workers
    )
    assert server.refused == 0
    assert busiest_minute(server.arrivals) <= RATE
    assert least_full_minute(server) >= least
    whole = [server.windows[window] for window in sorted(server.windows)[1:-1]]
    assert sum(whole) / len(whole) >= (199 if latency in (steady, quick) else 195)


@pytest.mark.parametrize("pace", ["spread", "burst"])
@pytest.mark.parametrize("latency", some([hanging, steady, quick, slow], 2))
async def test_a_sliding_window_never_refuses(
    virtual_clock: Clock, pace: Literal["spread", "burst"], latency: Latency
) -> None:
    server = Server(None)
    await drive(virtual_clock, server, requests=1200, latency=latency, pace=pace, workers=16)
    assert server.refused == 0
    assert busiest_minute(server.arrivals) <= RATE


@pytest.mark.parametrize(("phase", "minutes"), [(0.01, 1), (59.5, 2), (29.0, 10)])
async def test_a_burst_takes_no_longer_than_its_windows(
    virtual_clock: Clock, phase: float, minutes: int
) -> None:
    server = Server(phase)
    requests, workers = RATE * minutes, 16
    await drive(
        virtual_clock, server, requests=requests, latency=steady, pace="burst", workers=workers
    )
    needed = math.ceil(RATE / workers) * 0.15
    assert server.refused == 0
    assert busiest_minute(server.arrivals) <= RATE
    assert anyio.current_time() <= (minutes - 1) * 60 + needed + 1


@pytest.mark.parametrize("seed", range(examples(2)))
async def test_a_burst_is_never_refused_with_a_tail_of_latency(
    virtual_clock: Clock, seed: int
) -> None:
    server = Server(random.Random(seed).uniform(0, 60))
    await drive(virtual_clock, server, requests=1000, latency=quick, pace="burst", seed=seed)
    assert server.refused == 0
    assert anyio.current_time() <= 4 * 60 + 200 / 8 * 0.15 + 3 + 1


@pytest.mark.parametrize("rate", [1, 7, 60])
async def test_a_low_rate_is_kept_too(virtual_clock: Clock, rate: int) -> None:
    server = Server(31.0, rate)
    await drive(virtual_clock, server, requests=5 * rate, latency=quick, pace="spread", rate=rate)
    assert server.refused == 0
    assert busiest_minute(server.arrivals) <= rate


async def test_a_closed_limiter_holds_everyone(virtual_clock: Clock) -> None:
    told: list[tuple[float, str]] = []
    limiter = RateLimiter(
        RATE, "burst", clock=virtual_clock, on_wait=lambda *wait: told.append(wait)
    )
    left: list[float] = []

    async def work() -> None:
        limiter.answered(await limiter.enter())
        left.append(anyio.current_time())

    limiter.close_for(18, Message("used up"))
    limiter.close_for(5, Message("used up"))
    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(work)
        await anyio.sleep(10)
        limiter.close_for(
            20, Message("used up again")
        )  # also for the one that waits for the turn already
    assert left == pytest.approx([30] * 5)
    assert told == [(18, "used up"), (20, "used up again")]


async def test_a_stop_wakes_everyone_who_waits(virtual_clock: Clock) -> None:
    limiter, control = RateLimiter(RATE, "spread", clock=virtual_clock), StopControl()
    limiter.close_for(600, Message("used up"))

    async def work() -> None:
        with control.interruptible():
            await limiter.enter()

    async with anyio.create_task_group() as tasks:
        for _ in range(5):
            tasks.start_soon(work)
        await anyio.sleep(1)
        control.stop(Interrupted("enough"))
    assert anyio.current_time() == pytest.approx(1)
    assert limiter.requests == 0


async def test_after_a_burst_the_wait_is_told_once(virtual_clock: Clock) -> None:
    told: list[tuple[float, str]] = []
    limiter = RateLimiter(2, "burst", clock=virtual_clock, on_wait=lambda *wait: told.append(wait))
    for _ in range(4):
        limiter.answered(await limiter.enter())
    assert told == [(60, "this minute's requests (2) are used")]


async def test_a_request_that_did_not_leave_is_not_counted(virtual_clock: Clock) -> None:
    limiter = RateLimiter(1, "burst", clock=virtual_clock)
    limiter.withdraw(await limiter.enter())
    limiter.lost(await limiter.enter())
    limiter.answered(await limiter.enter())
    assert limiter.requests == 2
    assert anyio.current_time() == 0


async def test_a_slower_pace_leaves_fewer_and_regrows(virtual_clock: Clock) -> None:
    limiter = RateLimiter(60, "spread", clock=virtual_clock)
    instants = []
    for count in range(40):
        ticket = await limiter.enter()
        instants.append(anyio.current_time())
        limiter.answered(ticket)
        if count == 10:
            assert limiter.slow_down(ticket)
            assert not limiter.slow_down(ticket)
        elif count > 20:
            limiter.speed_up()
    gaps = [round(b - a, 3) for a, b in itertools.pairwise(instants)]
    assert set(gaps[:10]) == {1.0}
    assert set(gaps[12:21]) == {2.0}
    assert gaps[-1] == 1.0
