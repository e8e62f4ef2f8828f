"""The injected clock."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from importer.core.clock import Clock, instant


def at(instant: datetime) -> Clock:
    return Clock(now=lambda: instant)


def test_a_timestamp_is_utc_with_milliseconds() -> None:
    dubai = timezone(timedelta(hours=4))
    clock = at(datetime(2026, 3, 2, 13, 30, 0, 5999, tzinfo=dubai))
    assert clock.timestamp() == "2026-03-02T09:30:00.005Z"


def test_the_real_clock_tells_utc() -> None:
    assert Clock().timestamp().endswith("Z")
    assert Clock().now().tzinfo is not None


async def test_the_real_clock_sleeps_on_either_loop() -> None:
    before = Clock().monotonic_ns()
    await Clock().sleep(0)
    assert Clock().monotonic_ns() >= before


@pytest.mark.parametrize(
    "text", ["2026-03-02T09:30Z", "2026-03-02T13:30+04:00", "2026-03-02T09:30"]
)
def test_a_time_on_record_is_utc_unless_it_names_a_zone(text: str) -> None:
    assert instant(text) == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize("text", [None, "", "yesterday"])
def test_what_is_no_time_has_no_instant(text: str | None) -> None:
    assert instant(text) is None
