"""The phases of a run and their seconds."""

from __future__ import annotations

from importer.core.clock import NANOSECONDS, Clock, Durations


def test_a_phase_within_another_one_is_not_counted_twice() -> None:
    now = 0
    durations = Durations(Clock(monotonic_ns=lambda: now))

    with durations.during("sending"):
        now += 2 * NANOSECONDS
        for _ in range(3):
            with durations.during("deciding"):
                now += NANOSECONDS
        now += NANOSECONDS // 2
    with durations.during("writing"):
        now += NANOSECONDS // 4

    assert durations.by_phase() == {
        "reading": 0.0,
        "loading": 0.0,
        "deciding": 3.0,
        "sending": 2.5,
        "writing": 0.25,
    }
    assert durations.seconds("deciding", "sending") == 5.5
