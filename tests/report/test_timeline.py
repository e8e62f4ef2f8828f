"""Requests and outcomes on one axis: the minutes in which runs were under way."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from importer.core.locale.language import language
from importer.report.charts import outcome_chart, pace_chart
from importer.report.report_words import Words
from importer.report.timeline import BINS, timeline
from importer.writer.lines.run_line import EndLine, RunLine
from importer.writer.run_timeline import RunPart


def run_line(values: dict[str, Any]) -> RunLine:
    line = RunLine.from_json({"run": "r", **values})
    assert line is not None
    return line


def part(sent: dict[str, int], created: dict[str, int] | None = None, rate: int = 200) -> RunPart:
    run = run_line({"settings": {"rate": rate}})
    outcomes = {"created": Counter(created or sent)}
    return RunPart(run, sent=Counter(sent), outcomes=outcomes)


def minutes(count: int, each: int = 200, start: str = "2026-11-25T08:00") -> dict[str, int]:
    at = datetime.fromisoformat(start)
    return {(at + timedelta(minutes=n)).isoformat()[:16]: each for n in range(count)}


def test_a_pause_is_where_no_request_left_although_the_run_went_on() -> None:
    found = timeline([part({"2026-11-25T08:00": 5, "2026-11-25T08:04": 5})])
    assert [one.paused for one in found.bins] == [0, 1, 1, 1, 0]
    assert found.paused == 3


def test_the_time_between_two_runs_is_none() -> None:
    found = timeline([part(minutes(2)), part(minutes(2, start="2026-11-26T08:00"))])
    assert found.minutes == 4
    assert found.paused == 0


def test_what_a_recovery_puts_on_record_at_once_was_not_sent_at_once() -> None:
    recovery = part(minutes(1, each=400))
    recovery.run = structs.replace(recovery.run, command="recover")
    found = timeline([recovery, part(minutes(1, each=7))])
    assert (found.peak, found.requests, found.minutes) == (7, 7, 1)


def test_a_slow_pace_is_no_pause() -> None:
    found = timeline([part({"2026-11-25T08:00": 1, "2026-11-25T08:02": 1}, rate=1)])
    assert found.paused == 0


@pytest.mark.parametrize("count", [1, 59, 60, 61, 5000])
def test_there_are_never_more_bars_than_fit(count: int) -> None:
    found = timeline([part(minutes(count))])
    assert len(found.bins) <= BINS
    assert found.minutes == count
    assert found.requests == 200 * count
    assert found.peak == 200


def test_two_runs_in_one_minute_share_its_limit() -> None:
    found = timeline([part({"2026-11-25T08:00": 120}), part({"2026-11-25T08:00": 90})])
    assert found.peak == 210


def test_a_clock_that_was_wrong_by_years_costs_no_minutes() -> None:
    found = timeline([part({"1970-01-01T00:00": 1, "2026-11-25T08:00": 1, "": 3})])
    assert found.minutes == 2


def test_nothing_is_on_record() -> None:
    found = timeline([part({})])
    assert found.bins == ()
    assert pace_chart(found).bars == []


def test_bars_stand_inside_the_plot_and_the_limit_where_its_value_is() -> None:
    found = timeline([part({"2026-11-25T08:00": 200, "2026-11-25T08:03": 100})])
    chart = pace_chart(found)
    assert chart.limit == dict(chart.steps)[200]
    for bar in (*chart.bars, *outcome_chart(found).bars):
        assert chart.left <= bar.x < bar.x + bar.width <= chart.right
        for rectangle in bar.parts:
            assert chart.top <= rectangle.y
            assert rectangle.y + rectangle.height <= chart.bottom + 0.1


def test_a_limit_far_above_is_said_in_words_only() -> None:
    assert pace_chart(timeline([part({"2026-11-25T08:00": 20}, rate=100_000)])).limit is None


def run_of(seconds: float) -> RunPart:
    at = datetime.fromisoformat("2026-11-25T08:00:58+00:00")
    ended = {"run": "r", "at": (at + timedelta(seconds=seconds)).isoformat()}
    busy = [at.isoformat()[:16], (at + timedelta(seconds=seconds)).isoformat()[:16]]
    counts = Counter(busy)
    run = run_line({"at": at.isoformat()})
    return RunPart(run, end=EndLine.from_json(ended), sent=counts, outcomes={"created": counts})


def test_short_runs_are_counted_in_seconds() -> None:
    found = timeline([run_of(1) for _ in range(4)])
    assert found.seconds == 4
    assert Words(language("en"), UTC).duration(found.seconds) == "4 seconds"
    assert Words(language("en"), UTC).duration(timeline([run_of(125)]).seconds) == "2 minutes"


def test_a_run_that_was_killed_is_counted_in_minutes() -> None:
    assert timeline([part(minutes(3))]).seconds == 180


def test_a_clock_that_was_set_during_a_run_makes_it_no_longer() -> None:
    run = run_of(3)
    assert run.end is not None
    run = replace(run, end=EndLine.from_json({"run": "r", "at": "2031-01-01T00:00:00+00:00"}))
    assert timeline([run]).seconds == 120
