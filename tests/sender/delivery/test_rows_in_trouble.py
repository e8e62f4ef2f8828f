"""Rows the service always breaks over, among others: they end as unknown and hold nobody up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import anyio
import pytest
from effort import some
from stages.delivery import BROKEN, CREATED, TIMEOUT, UNREACHED, Run

from importer.core.clock import Clock
from importer.core.errors import OutageError, RefusedError
from importer.core.records import Record, Send, Status
from importer.sender.answer import Answer
from importer.sender.vorel.answers import classify

AWAY = classify(503, {}, b"")


class Service:
    """Answers by the row's number, and by the time; remembers who asked when."""

    def __init__(self, answer: Callable[[int, float], Answer]) -> None:
        self._answer = answer
        self.asked: list[tuple[float, int]] = []

    async def create(self, record: Record, _key: str) -> Answer:
        number = int(str(record.fields["n"]))
        self.asked.append((anyio.current_time(), number))
        await anyio.sleep(0.15)
        return self._answer(number, anyio.current_time())


def numbered(row: Send, count: int, *, unclear: bool = False) -> list[Send]:
    def one(number: int) -> Send:
        record = Record(row=row.record.row, object="contact", fields={"n": number})
        return replace(row, record=record, key=f"vi1-{number}", unclear=unclear)

    return [one(number) for number in range(1, count + 1)]


def by_status(out: list[Any]) -> Counter[str]:
    return Counter("unsent" if outcome is None else outcome.status.value for outcome in out)


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("last", [1, 3, 8, 20])
async def test_the_last_rows_break_and_are_unknown(
    virtual_clock: Clock, row: Send, workers: int, last: int
) -> None:
    run = Run(virtual_clock, rate=200, pace="spread")
    service = Service(lambda n, _: BROKEN if n > 60 - last else CREATED)
    out = await run.deliver_all(service, *numbered(row, 60), workers=workers)
    assert by_status(out) == {"created": 60 - last, "unknown": last}
    assert not run.control.stopped
    assert {outcome.attempts for outcome in out if outcome and outcome.attempts != 1} == {6}


@pytest.mark.parametrize("count", [1, 3, 100])
async def test_a_rerun_of_rows_that_broke_before_ends_the_same_way(
    virtual_clock: Clock, row: Send, count: int
) -> None:
    run = Run(virtual_clock, rate=200, pace="spread")
    service = Service(lambda *_: BROKEN)
    out = await run.deliver_all(service, *numbered(row, count, unclear=True))
    assert by_status(out) == {"unknown": count}
    assert not run.control.stopped


async def test_a_rerun_of_rows_that_never_answered_ends_too(
    virtual_clock: Clock, row: Send
) -> None:
    run = Run(virtual_clock, rate=200, pace="spread")
    out = await run.deliver_all(Service(lambda *_: TIMEOUT), *numbered(row, 3, unclear=True))
    assert by_status(out) == {"unknown": 3}


@pytest.mark.parametrize(
    ("answer", "workers"),
    some([(BROKEN, 8), (AWAY, 1), (TIMEOUT, 8), (BROKEN, 1), (AWAY, 8), (TIMEOUT, 1)], 3),
)
async def test_one_row_in_ten_in_trouble_does_not_hold_up_the_others(
    virtual_clock: Clock, row: Send, answer: Answer, workers: int
) -> None:
    run = Run(virtual_clock, rate=200, pace="spread")
    service = Service(lambda n, _: answer if n % 10 == 5 else CREATED)
    out = await run.deliver_all(service, *numbered(row, 500), workers=workers)
    assert by_status(out) == {"created": 450, "unknown": 50}
    assert anyio.current_time() < 750 * 0.3 + 60  # 750 requests at the pace, and the last waits


async def test_the_first_rows_in_trouble_are_not_what_the_service_is_judged_by(
    virtual_clock: Clock, row: Send
) -> None:
    """While the breaker is open, a new row is tried and not again one of the eight."""
    run = Run(virtual_clock, rate=200, pace="spread")
    service = Service(lambda n, _: TIMEOUT if n <= 12 else CREATED)
    out = await run.deliver_all(service, *numbered(row, 60))
    assert by_status(out) == {"created": 48, "unknown": 12}
    assert anyio.current_time() < 120


async def test_probes_go_round_all_rows(virtual_clock: Clock, row: Send) -> None:
    run = Run(virtual_clock, rate=200, pace="spread")
    service = Service(lambda _, now: AWAY if now < 500 else CREATED)
    out = await run.deliver_all(service, *numbered(row, 4))
    assert by_status(out) == {"created": 4}
    probes = [number for at, number in service.asked if 20 < at < 500]
    assert len(probes) >= 8
    assert all(set(probes[n : n + 4]) == {1, 2, 3, 4} for n in range(len(probes) - 3))


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
@pytest.mark.parametrize("rows", [1, 2, 3, 30])
@pytest.mark.parametrize("answer", [AWAY, TIMEOUT])
async def test_an_outage_that_begins_with_a_row_costs_it_nothing(
    virtual_clock: Clock, row: Send, workers: int, rows: int, answer: Answer
) -> None:
    run = Run(virtual_clock, rate=200, pace="spread")
    service = Service(lambda n, now: answer if now < 300 and n > 5 else CREATED)
    out = await run.deliver_all(service, *numbered(row, 5 + rows), workers=workers)
    assert by_status(out) == {"created": 5 + rows}


@pytest.mark.parametrize("workers", [1, 3])
async def test_an_outage_too_long_decides_no_row(
    virtual_clock: Clock, row: Send, workers: int
) -> None:
    run = Run(virtual_clock, rate=200, pace="spread")
    service = Service(lambda n, _: AWAY if n > 5 else CREATED)
    out = await run.deliver_all(service, *numbered(row, 7), workers=workers)
    assert by_status(out) == {"created": 5, "unsent": 2}
    assert isinstance(run.control.reason, OutageError)
    assert anyio.current_time() == pytest.approx(900, abs=10)


async def test_a_service_that_breaks_over_every_row_is_an_outage(
    virtual_clock: Clock, row: Send
) -> None:
    run = Run(virtual_clock, rate=200, pace="spread")
    out = await run.deliver_all(Service(lambda *_: BROKEN), *numbered(row, 200))
    assert by_status(out) == {"unsent": 200}
    assert isinstance(run.control.reason, OutageError)


async def test_the_first_failure_is_told_at_once_and_not_every_one(
    virtual_clock: Clock, row: Send
) -> None:
    run = Run(virtual_clock, rate=200, pace="spread")
    out = await run.deliver_all(Service(lambda *_: UNREACHED), *numbered(row, 20))
    assert by_status(out)["unsent"] == 20
    assert isinstance(run.control.reason, RefusedError)
    assert run.retried == [(1, "no clear answer (late); then attempt 2 of 6")]


async def test_retries_are_bounded(virtual_clock: Clock, row: Send) -> None:
    """Nine rows in ten fail twice: what is sent again stays below what the budget allows."""
    failed: Counter[int] = Counter()

    def answer(n: int, _: float) -> Answer:
        failed[n] += 1
        return CREATED if n % 10 == 0 or failed[n] > 2 else BROKEN

    run = Run(virtual_clock, rate=600, pace="spread")
    service = Service(answer)
    out = await run.deliver_all(service, *numbered(row, 1000))
    assert by_status(out) == {Status.CREATED.value: 1000}
    again = len(service.asked) - 1000
    minutes = anyio.current_time() / 60
    assert again == 1800
    assert again <= 100 + 0.5 * 1000 + 0.25 * 600 * minutes
