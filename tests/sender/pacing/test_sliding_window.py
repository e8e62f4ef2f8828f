"""The account of requests, as a pure table of instants."""

from __future__ import annotations

import random

import pytest
from effort import examples
from hypothesis import given, settings
from hypothesis import strategies as st

from importer.core.clock import NANOSECONDS
from importer.sender.pacing.sliding_window import SlidingWindow

S = NANOSECONDS


def exchange(window: SlidingWindow, now: int, seconds: float) -> None:
    ticket = window.leave(now)
    window.answered(ticket, now + int(seconds * S))


def test_the_first_request_leaves_at_once() -> None:
    assert SlidingWindow(200, "spread").earliest(5 * S) == 5 * S


def test_spread_keeps_an_even_gap() -> None:
    window = SlidingWindow(200, "spread")
    window.leave(10 * S)
    assert window.earliest(10 * S) == 10 * S + 300_000_000


def test_burst_keeps_no_gap() -> None:
    window = SlidingWindow(200, "burst")
    window.leave(10 * S)
    assert window.earliest(10 * S) == 10 * S


def test_lateness_is_caught_up_within_a_second_and_no_further() -> None:
    window = SlidingWindow(60, "spread")
    window.leave(10 * S)
    window.leave(100 * S)  # the plan was 11 s; a second of the delay is kept
    assert window.earliest(100 * S) == 100 * S
    window.leave(100 * S)
    assert window.earliest(100 * S) == 101 * S


def test_a_full_minute_opens_again_sixty_seconds_after_an_answer() -> None:
    window = SlidingWindow(2, "burst")
    exchange(window, 10 * S, 1)
    exchange(window, 10 * S, 3)
    assert window.earliest(14 * S) == 71 * S
    assert window.is_full(70 * S)
    assert not window.is_full(71 * S)


def test_a_request_that_is_out_holds_its_place_as_if_it_were_counted_now() -> None:
    window = SlidingWindow(1, "burst")
    ticket = window.leave(10 * S)
    assert window.earliest(11 * S) == 71 * S  # ask again then
    window.answered(ticket, 12 * S)
    assert window.earliest(71 * S) == 72 * S


def test_a_request_that_hangs_is_counted_within_seven_seconds() -> None:
    window = SlidingWindow(1, "burst")
    ticket = window.leave(10 * S)
    assert window.earliest(40 * S) == 77 * S
    assert window.earliest(77 * S) == 77 * S
    window.answered(ticket, 80 * S)  # its place was given away meanwhile, and is not held twice
    assert window.earliest(80 * S) == 80 * S


def test_a_late_answer_holds_the_place_no_longer_than_seven_seconds_did() -> None:
    window = SlidingWindow(1, "burst")
    window.answered(window.leave(10 * S), 40 * S)
    assert window.earliest(40 * S) == 77 * S


def test_the_quickest_exchange_shortens_the_wait_once_enough_have_been_seen() -> None:
    window = SlidingWindow(50, "burst")
    for _ in range(49):
        exchange(window, 10 * S, 1)
    ticket = window.leave(10 * S)
    assert window.earliest(12 * S) == 71 * S
    window.answered(ticket, 12 * S)
    assert window.earliest(12 * S) == 71 * S - S // 2


def test_time_outs_tell_nothing_of_how_quick_the_way_is() -> None:
    window = SlidingWindow(60, "burst")
    for _ in range(50):
        window.answered(window.leave(10 * S), 15 * S, is_clear=False)
    for _ in range(10):
        exchange(window, 20 * S, 1)
    assert window.earliest(21 * S) == 75 * S


def test_a_request_that_met_no_server_gives_its_place_back() -> None:
    window = SlidingWindow(1, "burst")
    window.withdraw(window.leave(10 * S))
    assert window.earliest(10 * S) == 10 * S


def test_a_closed_window_opens_at_the_later_of_two_instants() -> None:
    window = SlidingWindow(200, "spread")
    window.close(50 * S)
    window.close(20 * S)
    assert window.earliest(10 * S) == 50 * S
    assert window.closed_until() == 50 * S


def test_slowing_down_halves_the_pace_down_to_a_sixteenth() -> None:
    for window in (SlidingWindow(60, "spread"), SlidingWindow(60, "burst")):
        gaps = []
        for minute in range(1, 7):
            now = minute * 1000 * S
            ticket = window.leave(now)
            assert window.slow_down(ticket)
            now += 500 * S
            window.leave(now)
            window.leave(now)
            gaps.append((window.earliest(now) - now) / S + 1)  # a second is caught up
        assert gaps == [4, 8, 16, 32, 32, 32]


def test_all_that_were_out_together_slow_the_pace_once() -> None:
    window = SlidingWindow(60, "burst")
    tickets = [window.leave(S) for _ in range(8)]
    assert [window.slow_down(ticket) for ticket in tickets] == [True] + 7 * [False]
    assert window.slowness == 2


def test_a_halved_pace_regrows_with_what_goes_well() -> None:
    window = SlidingWindow(60, "burst")
    window.slow_down(window.leave(S))
    grown = 0
    while window.slowness > 1:
        window.speed_up()
        grown += 1
    assert grown == 7
    assert window.earliest(100 * S) == 100 * S


def test_the_even_gap_does_not_drift() -> None:
    window = SlidingWindow(200, "spread")
    now = 0
    for _ in range(2000):
        now = window.earliest(now)
        window.answered(window.leave(now), now)
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
    window = SlidingWindow(rate, "spread" if mode == "spread" else "burst")
    now, free, arrivals = 0, [0] * workers, []
    out: list[tuple[int, int]] = []  # (answered at, ticket)
    for _ in range(4 * rate):
        now = max(now, min(free))
        while True:
            for landed in sorted(out):
                if landed[0] <= now:
                    out.remove(landed)
                    window.answered(landed[1], landed[0])
            earliest = window.earliest(now)
            if earliest <= now:
                break
            now = min(earliest, *(at for at, _ in out if at > now), earliest)
        there = typical * (0.4 + chance.random()) + (3 * chance.random() > 2.9)
        back = typical * (0.4 + chance.random()) + (3 * chance.random() > 2.9) * 2
        ticket = window.leave(now)
        arrivals.append(now / S + there)
        out.append((now + int((there + back) * S), ticket))
        free[free.index(min(free))] = out[-1][0]
    assert busiest_stretch(arrivals) <= rate


@pytest.mark.parametrize("mode", ["spread", "burst"])
def test_a_rate_far_above_need_costs_nothing(mode: str) -> None:
    window = SlidingWindow(1_000_000, "spread" if mode == "spread" else "burst")
    for now in range(S, 2 * S, S // 1000):
        assert window.earliest(now) == now
        window.answered(window.leave(now), now + 1000)
