"""Several runs on one host that use the same key: a file counts them all."""

from __future__ import annotations

import fcntl
import os
import random
import stat
from bisect import bisect_left
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Literal

import anyio
import pytest
from pydantic import SecretStr

from importer.clock import NANOSECONDS, Clock
from importer.sender import HostLimiter, RateLimiter, open_host_limiter
from importer.sender.pacing.host_file import MAX_SHARED_RATE
from importer.sender.pacing.host_limiter import state_folder

KEY = "vapk_test_" + "0a" * 24
S = NANOSECONDS
Pacing = Literal["spread", "burst"]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "vorel-import"


@pytest.fixture
def notices() -> Iterator[list[str]]:
    told: list[str] = []
    yield told
    assert not any(KEY in notice for notice in told)


def join(
    notices: list[str], rate: int = 200, pace: Pacing = "spread", key: str = KEY
) -> HostLimiter:
    shared = open_host_limiter(
        "http://vorel.test", SecretStr(key), rate, pace, on_trouble=notices.append
    )
    assert shared is not None
    return shared


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
@pytest.mark.parametrize("runs", [1, 2, 3])
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
@pytest.mark.parametrize("rate", [60, 120, 200])
@pytest.mark.parametrize("seed", range(2))
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
@pytest.mark.parametrize("refused", [0.0, 0.05])
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


@pytest.mark.parametrize(("runs", "rate"), [(5, 60), (3, 20), (8, 200)])
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


def test_other_keys_and_services_do_not_count(notices: list[str]) -> None:
    one, same = join(notices, 1, "burst"), join(notices, 1, "burst")
    other = join(notices, 1, "burst", key=KEY + "b")
    assert one.claim(1, S) == S
    assert same.claim(1, S) > S
    assert other.claim(1, S) == S


def test_a_request_counts_from_its_answer_and_one_that_met_no_server_not_at_all(
    notices: list[str],
) -> None:
    one, other = join(notices, 1, "burst"), join(notices, 1, "burst")
    assert one.claim(1, S) == S
    assert other.claim(1, 58 * S) > 58 * S
    one.withdraw(1, 59 * S)
    assert other.claim(1, 59 * S) == 59 * S
    other.answered(1, 62 * S)
    assert one.claim(2, 121 * S) == 122 * S
    assert one.claim(2, 122 * S) == 122 * S


def test_an_answer_that_never_comes_counts_for_five_seconds(notices: list[str]) -> None:
    one, other = join(notices, 1, "burst"), join(notices, 1, "burst")
    assert one.claim(1, S) == S
    assert other.claim(1, 62 * S) == 66 * S
    one.answered(1, 40 * S)
    assert other.claim(1, 62 * S) == 66 * S
    assert other.claim(1, 66 * S) == 66 * S


def test_an_answer_is_not_written_over_another_request(notices: list[str], folder: Path) -> None:
    one, other = join(notices, 1, "burst"), join(notices, 1, "burst")
    assert one.claim(1, S) == S
    (file,) = folder.iterdir()
    file.write_bytes(b"")  # as somebody would who cleans up
    assert other.claim(1, 2 * S) == 2 * S
    one.answered(1, 3 * S)
    assert one.claim(2, 62 * S + S // 2) > 62 * S + S // 2
    assert one.claim(2, 67 * S) == 67 * S


def test_an_answer_that_comes_while_another_run_writes_is_noted_later(
    notices: list[str], folder: Path
) -> None:
    one, other = join(notices, 1, "burst"), join(notices, 1, "burst")
    assert one.claim(1, S) == S
    (file,) = folder.iterdir()
    with file.open("rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        one.answered(1, 2 * S)
    assert other.claim(1, 3 * S) == 63 * S
    assert one.claim(2, 4 * S) > 4 * S
    assert other.claim(1, 62 * S) == 62 * S


def test_a_run_that_looked_at_the_clock_first_and_wrote_second_forgets_nothing(
    notices: list[str],
) -> None:
    one, other = join(notices, 1, "burst"), join(notices, 1, "burst")
    assert one.claim(1, S + 5) == S + 5
    assert other.claim(1, S) > 60 * S


def test_the_file_tells_nothing_and_is_the_users_own(notices: list[str], folder: Path) -> None:
    join(notices).claim(1, S)
    (file,) = folder.iterdir()
    assert KEY not in file.name
    assert KEY.encode() not in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"", b"x", b"x" * 5000, b"\xff" * 5000])
def test_a_file_that_makes_no_sense_starts_anew(
    notices: list[str], folder: Path, content: bytes
) -> None:
    join(notices).close()
    (file,) = folder.iterdir()
    file.write_bytes(content)
    shared = join(notices, 1, "burst")
    assert shared.claim(1, S) == S
    shared.answered(1, S)
    join(notices, 1, "burst").claim(1, S)
    assert shared.claim(2, 2 * S) == 61 * S
    assert notices == []


def test_instants_from_before_a_restart_are_forgotten(notices: list[str]) -> None:
    join(notices, 1, "burst").claim(1, 1_000_000 * S)
    assert join(notices, 1, "burst").claim(1, S) == S


def test_a_lock_that_stays_is_given_up_with_a_notice(notices: list[str], folder: Path) -> None:
    shared = join(notices)
    (file,) = folder.iterdir()
    with file.open("rb") as holder:
        fcntl.flock(holder, fcntl.LOCK_EX)
        now = S
        while (again := shared.claim(1, now)) > now:
            now = again
            assert now < 10 * S
    assert now > 2 * S
    (notice,) = notices
    assert "another process holds the file" in notice
    assert "--rate" in notice
    assert shared.claim(1, now) == now


def test_a_file_that_cannot_be_written_is_given_up_with_a_notice(
    notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    shared = join(notices)
    monkeypatch.setattr(os, "pwrite", full)
    assert shared.claim(1, S) == S
    assert shared.claim(1, S) == S
    assert len(notices) == 1
    assert "No space left" in notices[0]


def test_a_lock_that_is_not_to_be_had_is_given_up_with_a_notice(
    notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(95, "Operation not supported")

    shared = join(notices)
    monkeypatch.setattr(fcntl, "flock", unsupported)
    assert shared.claim(1, S) == S
    assert "not supported" in notices[0]


def test_without_a_folder_a_run_goes_alone_and_says_so(
    tmp_path: Path, notices: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert (
        open_host_limiter("http://a", SecretStr(KEY), 200, "spread", on_trouble=notices.append)
        is None
    )
    assert "cannot coordinate" in notices[0]


def test_above_any_keys_rate_nothing_is_shared(notices: list[str], folder: Path) -> None:
    rate = MAX_SHARED_RATE + 1
    shared = open_host_limiter(
        "http://a", SecretStr(KEY), rate, "spread", on_trouble=notices.append
    )
    assert shared is None
    assert not folder.exists()
    assert notices == []


@pytest.mark.parametrize("home", ["", "not/absolute"])
def test_the_state_folder_is_the_usual_one(home: str) -> None:
    assert state_folder({"XDG_STATE_HOME": home}) == Path.home() / ".local/state/vorel-import"
