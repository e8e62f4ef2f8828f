"""Several runs on one host that use the same key: a file counts them all."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections.abc import Callable
from functools import partial

import anyio
import pytest
from effort import NIGHTLY, examples, some
from stages.sharing import Pacing, S, join

from importer.core.clock import Clock
from importer.sender.pacing.limiter import RateLimiter

pytestmark = pytest.mark.slow


def steady(_chance: random.Random) -> tuple[float, float]:
    return 0.06, 0.09


def uneven(chance: random.Random) -> tuple[float, float]:
    """Ways of a tenth of a second that now and then take three."""
    tail = 3 * chance.random() if chance.random() < 0.02 else 0.0
    return 0.06 * chance.lognormvariate(0, 0.8) + tail, 0.09 * chance.lognormvariate(0, 0.8)


def slow_at_first(chance: random.Random) -> tuple[float, float]:
    """Ways that were half a second longer for the first minute."""
    more = 0.5 if anyio.current_time() < 60 else 0.0
    return more + 0.05 * chance.random(), more + 0.05 * chance.random()


Ways = Callable[[random.Random], tuple[float, float]]


async def send(
    clock: Clock,
    limiter: RateLimiter,
    seconds: float,
    arrived: list[float],
    *,
    ways: Ways = steady,
    seed: int = 1,
    refused: float = 0.0,
    start: float = 0.0,
) -> None:
    """Send for a while; a share of the requests is `refused`: they meet no server."""
    chance = random.Random(seed)
    await clock.sleep(start)

    async def work() -> None:
        while anyio.current_time() < seconds:
            ticket = await limiter.enter()
            if chance.random() < refused:
                await clock.sleep(0.001)
                limiter.lost(ticket)
                continue
            there, back = ways(chance)
            await clock.sleep(there)
            arrived.append(anyio.current_time())
            await clock.sleep(back)
            limiter.answered(ticket)

    async with anyio.create_task_group() as tasks:
        for _ in range(8):
            tasks.start_soon(work)


def busiest_minute(instants: list[float]) -> int:
    instants = sorted(instants)
    return max(bisect_left(instants, at + 60) - bisect_left(instants, at) for at in instants)


@pytest.mark.parametrize("pace", ["spread", "burst"])
@pytest.mark.parametrize("runs", some([3, 1, 2], 2))
async def test_all_runs_together_keep_the_rate(
    virtual_clock: Clock, notices: list[str], pace: Pacing, runs: int
) -> None:
    left: list[list[float]] = [[] for _ in range(runs)]
    async with anyio.create_task_group() as tasks:
        for mine in left:
            limiter = RateLimiter(200, pace, clock=virtual_clock, shared=join(notices, pace=pace))
            tasks.start_soon(send, virtual_clock, limiter, 300, mine)
    together = [at for mine in left for at in mine]
    assert busiest_minute(together) <= 200
    assert len(together) >= 0.98 * 1000
    if pace == "spread":
        assert min(map(len, left)) >= 0.9 * len(together) / runs
    assert notices == []


@pytest.mark.parametrize("ways", [uneven, slow_at_first])
@pytest.mark.parametrize("pace", ["spread", "burst"])
@pytest.mark.parametrize("rate", some([200, 60, 120], 1))
@pytest.mark.parametrize("seed", range(examples(1)))
async def test_they_keep_it_where_ways_change(
    virtual_clock: Clock, notices: list[str], ways: Ways, pace: Pacing, rate: int, seed: int
) -> None:
    together: list[float] = []
    async with anyio.create_task_group() as tasks:
        for number in range(2):
            limiter = RateLimiter(rate, pace, clock=virtual_clock, shared=join(notices, rate, pace))
            work = partial(send, ways=ways, seed=10 * seed + number)
            tasks.start_soon(work, virtual_clock, limiter, 300, together)
    assert busiest_minute(together) <= rate
    assert len(together) >= 0.96 * rate * 5
    assert notices == []


@pytest.mark.parametrize(
    "runs",
    [
        [("burst", 60), ("burst", 200)],
        [("burst", 150), ("burst", 200)],
        [("burst", 200), ("spread", 200)],
        [("spread", 60), ("burst", 200), ("spread", 120)],
        [("burst", 10), ("burst", 10)],
    ],
)
@pytest.mark.parametrize("refused", some([0.05, 0.0], 1))
async def test_they_keep_it_whatever_their_rates_and_paces(
    virtual_clock: Clock, notices: list[str], runs: list[tuple[Pacing, int]], refused: float
) -> None:
    together: list[float] = []
    async with anyio.create_task_group() as tasks:
        for number, (pace, rate) in enumerate(runs):
            limiter = RateLimiter(rate, pace, clock=virtual_clock, shared=join(notices, rate, pace))
            work = partial(send, start=2 * number, seed=number, refused=refused)
            tasks.start_soon(work, virtual_clock, limiter, 400, together)
    highest = max(rate for _, rate in runs)
    assert busiest_minute(together) <= highest
    assert len(together) >= 0.96 * highest * 6
    assert notices == []


@pytest.mark.parametrize(("runs", "rate"), [(5, 60), (3, 20), (8, 200)][: 2 + NIGHTLY])
async def test_many_even_runs_have_equal_parts(
    virtual_clock: Clock, notices: list[str], runs: int, rate: int
) -> None:
    left: list[list[float]] = [[] for _ in range(runs)]
    async with anyio.create_task_group() as tasks:
        for mine in left:
            limiter = RateLimiter(rate, "spread", clock=virtual_clock, shared=join(notices, rate))
            tasks.start_soon(send, virtual_clock, limiter, 600, mine)
    assert min(map(len, left)) >= 0.9 * sum(map(len, left)) / runs


async def test_runs_with_different_rates_keep_their_own(
    virtual_clock: Clock, notices: list[str]
) -> None:
    slow: list[float] = []
    fast: list[float] = []
    async with anyio.create_task_group() as tasks:
        for rate, left in ((60, slow), (200, fast)):
            limiter = RateLimiter(
                rate, "spread", clock=virtual_clock, shared=join(notices, rate=rate)
            )
            tasks.start_soon(send, virtual_clock, limiter, 300, left)
    assert busiest_minute(slow) <= 60
    assert busiest_minute(slow + fast) <= 200
    assert len(slow) >= 200
    assert len(slow + fast) >= 900


async def test_a_run_that_ended_counts_for_a_minute(
    virtual_clock: Clock, notices: list[str]
) -> None:
    told: list[str] = []
    first, second = join(notices, 5, "burst"), join(notices, 5, "burst")
    for ticket in range(5):
        assert first.claim(ticket, 0) == 0
        first.answered(ticket, S // 4)
    first.close()
    first.close()
    limiter = RateLimiter(
        5, "burst", clock=virtual_clock, shared=second, on_wait=lambda _, why: told.append(why)
    )
    await limiter.enter()
    assert anyio.current_time() == pytest.approx(60.25)
    assert told == ["the key's requests of this minute are used, another run here uses it too"]
    limiter.close()
