"""The account of requests, as a pure table of instants."""

from __future__ import annotations

import random

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.clock import NANOSECONDS
from importer.sender.pacing.window import SlidingWindow

S = NANOSECONDS


def exchange(pace: SlidingWindow, now: int, seconds: float) -> None:
    ticket = pace.leave(now)
    pace.answered(ticket, now + int(seconds * S))


def test_the_first_request_leaves_at_once() -> None:
    assert SlidingWindow(200, "spread").earliest(5 * S) == 5 * S


def test_spread_keeps_an_even_gap() -> None:
    pace = SlidingWindow(200, "spread")
    pace.leave(10 * S)
    assert pace.earliest(10 * S) == 10 * S + 300_000_000


def test_burst_keeps_no_gap() -> None:
    pace = SlidingWindow(200, "burst")
    pace.leave(10 * S)
    assert pace.earliest(10 * S) == 10 * S


def test_lateness_is_caught_up_within_a_second_and_no_further() -> None:
    pace = SlidingWindow(60, "spread")
    pace.leave(10 * S)
    pace.leave(100 * S)  # the plan was 11 s; a second of the delay is kept
    assert pace.earliest(100 * S) == 100 * S
    pace.leave(100 * S)
    assert pace.earliest(100 * S) == 101 * S


def test_a_full_minute_opens_again_sixty_seconds_after_an_answer() -> None:
    pace = SlidingWindow(2, "burst")
    exchange(pace, 10 * S, 1)
    exchange(pace, 10 * S, 3)
    assert pace.earliest(14 * S) == 71 * S
    assert pace.is_full(70 * S)
    assert not pace.is_full(71 * S)


def test_a_request_that_is_out_holds_its_place_as_if_it_were_counted_now() -> None:
    pace = SlidingWindow(1, "burst")
    ticket = pace.leave(10 * S)
    assert pace.earliest(11 * S) == 71 * S  # ask again then
    pace.answered(ticket, 12 * S)
    assert pace.earliest(71 * S) == 72 * S


def test_a_request_that_hangs_is_counted_within_five_seconds() -> None:
    pace = SlidingWindow(1, "burst")
    ticket = pace.leave(10 * S)
    assert pace.earliest(40 * S) == 75 * S
    assert pace.earliest(75 * S) == 75 * S
    pace.answered(ticket, 80 * S)  # its place was given away meanwhile, and is not held twice
    assert pace.earliest(80 * S) == 80 * S


def test_a_late_answer_holds_the_place_no_longer_than_five_seconds_did() -> None:
    pace = SlidingWindow(1, "burst")
    pace.answered(pace.leave(10 * S), 40 * S)
    assert pace.earliest(40 * S) == 75 * S


def test_the_quickest_exchange_shortens_the_wait_once_enough_have_been_seen() -> None:
    pace = SlidingWindow(50, "burst")
    for _ in range(49):
        exchange(pace, 10 * S, 1)
    ticket = pace.leave(10 * S)
    assert pace.earliest(12 * S) == 71 * S
    pace.answered(ticket, 12 * S)
    assert pace.earliest(12 * S) == 71 * S - S // 2


def test_time_outs_tell_nothing_of_how_quick_the_way_is() -> None:
    pace = SlidingWindow(60, "burst")
    for _ in range(50):
        pace.answered(pace.leave(10 * S), 15 * S, is_clear=False)
    for _ in range(10):
        exchange(pace, 20 * S, 1)
    assert pace.earliest(21 * S) == 75 * S


def test_a_request_that_met_no_server_gives_its_place_back() -> None:
    pace = SlidingWindow(1, "burst")
    pace.withdraw(pace.leave(10 * S))
    assert pace.earliest(10 * S) == 10 * S


def test_a_closed_gate_opens_at_the_later_of_two_instants() -> None:
    pace = SlidingWindow(200, "spread")
    pace.close(50 * S)
    pace.close(20 * S)
    assert pace.earliest(10 * S) == 50 * S
    assert pace.closed_until() == 50 * S


def test_slowing_down_halves_the_pace_down_to_a_sixteenth() -> None:
    for pace in (SlidingWindow(60, "spread"), SlidingWindow(60, "burst")):
        gaps = []
        for minute in range(1, 7):
            now = minute * 1000 * S
            ticket = pace.leave(now)
            assert pace.slow_down(ticket)
            now += 500 * S
            pace.leave(now)
            pace.leave(now)
            gaps.append((pace.earliest(now) - now) / S + 1)  # a second is caught up
        assert gaps == [4, 8, 16, 32, 32, 32]


def test_all_that_were_out_together_slow_the_pace_once() -> None:
    pace = SlidingWindow(60, "burst")
    tickets = [pace.leave(S) for _ in range(8)]
    assert [pace.slow_down(ticket) for ticket in tickets] == [True] + 7 * [False]
    assert pace.slowness == 2


def test_a_halved_pace_regrows_with_what_goes_well() -> None:
    pace = SlidingWindow(60, "burst")
    pace.slow_down(pace.leave(S))
    grown = 0
    while pace.slowness > 1:
        pace.speed_up()
        grown += 1
    assert grown == 7
    assert pace.earliest(100 * S) == 100 * S


def test_the_even_gap_does_not_drift() -> None:
    pace = SlidingWindow(200, "spread")
    now = 0
    for _ in range(2000):
        now = pace.earliest(now)
        pace.answered(pace.leave(now), now)
    assert now == 1999 * 300_000_000


def busiest_stretch(instants: list[float]) -> int:
    """The most instants in any 60 seconds, both ends counted."""
    instants = sorted(instants)
    most = first = 0
    for last, instant in enumerate(instants):
        while instant - instants[first] > 60:
            first += 1
        most = max(most, last - first + 1)
    return most


@settings(max_examples=examples(60))
@given(
    seed=st.integers(0, 2**32),
    rate=st.integers(1, 90),
    mode=st.sampled_from(["spread", "burst"]),
    workers=st.integers(1, 8),
    typical=st.floats(0.001, 2),
)
def test_no_sixty_seconds_see_more_than_the_rate(
    seed: int, rate: int, mode: str, workers: int, typical: float
) -> None:
    chance = random.Random(seed)
    pace = SlidingWindow(rate, "spread" if mode == "spread" else "burst")
    now, free, arrivals = 0, [0] * workers, []
    out: list[tuple[int, int]] = []  # (answered at, ticket)
    for _ in range(4 * rate):
        now = max(now, min(free))
        while True:
            for landed in sorted(out):
                if landed[0] <= now:
                    out.remove(landed)
                    pace.answered(landed[1], landed[0])
            earliest = pace.earliest(now)
            if earliest <= now:
                break
            now = min(earliest, *(at for at, _ in out if at > now), earliest)
        there = typical * (0.4 + chance.random()) + (3 * chance.random() > 2.9)
        back = typical * (0.4 + chance.random()) + (3 * chance.random() > 2.9) * 2
        ticket = pace.leave(now)
        arrivals.append(now / S + there)
        out.append((now + int((there + back) * S), ticket))
        free[free.index(min(free))] = out[-1][0]
    assert busiest_stretch(arrivals) <= rate


@pytest.mark.parametrize("mode", ["spread", "burst"])
def test_a_rate_far_above_need_costs_nothing(mode: str) -> None:
    pace = SlidingWindow(1_000_000, "spread" if mode == "spread" else "burst")
    for now in range(S, 2 * S, S // 1000):
        assert pace.earliest(now) == now
        pace.answered(pace.leave(now), now + 1000)
