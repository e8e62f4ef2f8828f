"""One row to its outcome, over fake clients that answer by a script."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import ANY

import anyio
import pytest
from stages.delivery import (
    BROKEN,
    BUSY,
    CONFLICT,
    CREATED,
    INVALID,
    THROTTLED,
    TIMEOUT,
    UNREACHED,
    Run,
    Script,
    Stepped,
)

from importer.core.clock import NANOSECONDS
from importer.core.errors import OutageError
from importer.core.locale.message import Message
from importer.core.records import RowError, Send, Status
from importer.sender.answer import Answer
from importer.sender.vorel.answers import classify


async def test_a_created_row_has_its_id(stepped: Stepped, row: Send) -> None:
    run, client = Run(stepped[0]), Script(CREATED)
    outcome = await run.deliver(client, row)
    assert outcome == row.outcome(
        Status.CREATED, external_id="7", record_url="https://crm/7", attempts=1
    )
    assert run.limiter.requests == 1
    assert run.journal.keys["sent"] == client.keys == [row.key]


async def test_a_refused_row_is_failed_and_not_tried_again(stepped: Stepped, row: Send) -> None:
    run, client = Run(stepped[0]), Script(INVALID)
    outcome = await run.deliver(client, row)
    assert outcome == row.outcome(Status.FAILED, error=INVALID.error, attempts=1)
    assert len(client.keys) == 1
    assert not run.control.stopped


async def test_tries_are_counted_and_use_one_key(stepped: Stepped, row: Send) -> None:
    clock, slept = stepped
    run, client = Run(clock), Script(TIMEOUT, BROKEN, CREATED)
    outcome = await run.deliver(client, row)
    assert outcome is not None
    assert (outcome.status, outcome.attempts) == (Status.CREATED, 3)
    assert client.keys == run.journal.keys["sent"] == [row.key] * 3
    assert slept == [0.75, 1.5]


def left_as_it_is(answer: Answer) -> RowError:
    """A person who corrects such a row makes it another one, and its record may exist."""
    assert answer.error is not None
    hint = (
        "Run the same command again: the row is sent with the same key. Do not change it "
        "until then: its record may exist."
    )
    return replace(answer.error, hint=Message(hint))


async def test_six_breaks_over_the_only_row_are_unknown(stepped: Stepped, row: Send) -> None:
    run, client = Run(stepped[0]), Script(BROKEN)
    outcome = await run.deliver(client, row)
    assert outcome == row.outcome(Status.UNKNOWN, error=left_as_it_is(BROKEN), attempts=6)
    assert client.keys == [row.key] * 6
    assert not run.control.stopped


async def test_a_row_that_had_no_answer_in_an_earlier_run_is_unknown_again(
    stepped: Stepped, row: Send
) -> None:
    run, client = Run(stepped[0]), Script(TIMEOUT)
    unclear = replace(row, unclear=True)
    outcome = await run.deliver(client, unclear)
    assert outcome == unclear.outcome(Status.UNKNOWN, error=left_as_it_is(TIMEOUT), attempts=6)
    assert not run.control.stopped


async def test_the_only_row_without_any_answer_is_an_outage(stepped: Stepped, row: Send) -> None:
    clock, slept = stepped
    run, client = Run(clock, max_outage=60), Script(TIMEOUT)
    assert await run.deliver(client, row) is None
    assert isinstance(run.control.reason, OutageError)
    assert client.keys == [row.key] * 10  # six tries, and probes after 5, 10, 20 s and at the end
    assert sum(slept) == pytest.approx(60, abs=1)


async def test_used_up_requests_cost_no_attempt(stepped: Stepped, row: Send) -> None:
    clock, slept = stepped
    run, client = Run(clock), Script(*[THROTTLED] * 7, CREATED)
    outcome = await run.deliver(client, row)
    assert outcome is not None
    assert (outcome.status, outcome.attempts) == (Status.CREATED, 1)
    assert client.keys == [row.key] * 8
    # Refused for longer than a minute, it waits a whole one: refusals may count there too.
    assert slept == pytest.approx([18.5] * 4 + [60.5] * 3)
    assert {reason for _, reason in run.told} == {"the key's requests for this minute are used up"}


async def test_without_a_named_wait_a_whole_minute_is_waited(stepped: Stepped, row: Send) -> None:
    clock, slept = stepped
    await Run(clock).deliver(Script(classify(429, {}, b""), CREATED), row)
    assert slept == [60.5]


async def test_a_wait_beyond_the_outage_allowed_stops_and_says_when_to_return(
    stepped: Stepped, row: Send
) -> None:
    clock, slept = stepped
    run = Run(clock, max_outage=900)
    assert await run.deliver(Script(classify(429, {"retry-after": "3601"}, b"")), row) is None
    reason = run.control.reason
    assert isinstance(reason, OutageError)
    assert "the next request may leave in 3601 s" in reason.message
    assert "again in 61 min" in str(reason.hint)
    assert slept == []


@pytest.mark.parametrize("answer", [THROTTLED, BUSY])
async def test_refusals_for_longer_than_the_outage_allowed_stop(
    stepped: Stepped, row: Send, answer: Answer
) -> None:
    clock, slept = stepped
    run = Run(clock, max_outage=100)
    assert await run.deliver(Script(answer), row) is None
    assert isinstance(run.control.reason, OutageError)
    assert "nothing else was answered for" in run.control.reason.message
    assert 100 < sum(slept) < 150


async def test_a_busy_crm_is_waited_for_and_costs_no_attempt(stepped: Stepped, row: Send) -> None:
    clock, slept = stepped
    run, client = Run(clock), Script(BUSY, BUSY, CREATED)
    outcome = await run.deliver(client, row)
    assert outcome is not None
    assert (outcome.status, outcome.attempts) == (Status.CREATED, 1)
    assert slept == [1.5 + 0.5, 3.0 + 0.5]
    assert run.told[0][1] == "the CRM asks for a slower pace"


async def test_a_busy_crm_may_name_its_wait(stepped: Stepped, row: Send) -> None:
    clock, slept = stepped
    await Run(clock).deliver(Script(replace(BUSY, retry_after=40.0), CREATED), row)
    assert slept == [40.5]


async def test_an_answer_ends_a_series_of_refusals(stepped: Stepped, row: Send) -> None:
    run = Run(stepped[0], max_outage=30)
    for _ in range(4):
        assert await run.deliver(Script(THROTTLED, CREATED), row) is not None
    assert not run.control.stopped


async def test_a_server_in_trouble_that_names_a_wait_holds_everyone(
    stepped: Stepped, row: Send
) -> None:
    clock, slept = stepped
    run = Run(clock)
    client = Script(classify(503, {"retry-after": "120"}, b""), CREATED)
    outcome = await run.deliver(client, row)
    assert outcome is not None
    assert outcome.attempts == 2
    assert sum(slept) == pytest.approx(120.5)
    assert run.told == [(120.5, "the service asks for a pause")]


async def test_a_server_in_trouble_for_longer_than_allowed_stops(
    stepped: Stepped, row: Send
) -> None:
    run = Run(stepped[0])
    assert await run.deliver(Script(classify(503, {"retry-after": "901"}, b"")), row) is None
    assert isinstance(run.control.reason, OutageError)


REFUSALS = {
    "validation_error": INVALID,
    "quota_exceeded": classify(200, {}, b'{"ok": false, "error": "quota_exceeded"}'),
    "vendor_unavailable": classify(200, {}, b'{"ok": false, "error": "vendor_unavailable"}'),
    "conflict": CONFLICT,
    **{f"bad_request {status}": classify(status, {}, b"") for status in (400, 413, 422, 451)},
}


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_of_every_request_is_a_failure(
    stepped: Stepped, row: Send, name: str
) -> None:
    refusal = REFUSALS[name]
    run = Run(stepped[0])
    outcome = await run.deliver(Script(THROTTLED, UNREACHED, refusal), row)
    assert outcome == row.outcome(Status.FAILED, error=refusal.error, attempts=2)


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("first", [TIMEOUT, BROKEN])
async def test_any_refusal_after_an_unclear_request_leaves_the_row_unknown_with_its_key(
    stepped: Stepped, row: Send, name: str, first: Answer
) -> None:
    refusal, run = REFUSALS[name], Run(stepped[0])
    client = Script(first, refusal)
    outcome = await run.deliver(client, row)
    assert outcome is not None
    assert (outcome.status, outcome.idempotency_key) == (Status.UNKNOWN, row.key)
    assert client.keys == [row.key, row.key]
    assert run.journal.keys["refused"] == run.journal.keys["unsent"] == []


@pytest.mark.parametrize("name", REFUSALS)
async def test_any_refusal_after_an_unclear_request_of_an_earlier_run_leaves_the_row_unknown(
    stepped: Stepped, row: Send, name: str
) -> None:
    client = Script(REFUSALS[name])
    outcome = await Run(stepped[0]).deliver(client, replace(row, unclear=True))
    assert outcome is not None
    assert (outcome.status, outcome.idempotency_key) == (Status.UNKNOWN, row.key)
    assert client.keys == [row.key]


@pytest.mark.parametrize("refusal", [INVALID, CONFLICT])
async def test_a_refusal_in_doubt_says_what_was_answered_and_what_to_do_first(
    stepped: Stepped, row: Send, refusal: Answer
) -> None:
    outcome = await Run(stepped[0]).deliver(Script(TIMEOUT, refusal), row)
    assert outcome is not None
    assert outcome.error is not None
    assert refusal.error is not None
    hint = str(outcome.error.hint)
    assert (outcome.error.code, outcome.error.message) == (
        refusal.error.code,
        refusal.error.message,
    )
    assert hint.startswith("An earlier request for this row had no clear answer and may have")
    assert hint.endswith("If it is not there: " + str(INVALID.error and INVALID.error.hint)) is (
        refusal is INVALID
    )


@pytest.mark.parametrize("counts_by_lines", [True, False])
async def test_a_slow_line_delays_a_request_for_good_where_others_count_by_it(
    stepped: Stepped, row: Send, counts_by_lines: bool
) -> None:
    clock, slept = stepped
    written: list[int] = []

    async def slowly(send: Send) -> None:
        del send
        written.append(clock.monotonic_ns())
        await clock.sleep(3.0 if len(written) < 6 else 0.1)

    ages: list[float] = []
    client = Script(
        CREATED,
        during=lambda: ages.append((clock.monotonic_ns() - written[-1]) / NANOSECONDS),
    )
    run = Run(clock, rate=200, pace="spread", counts_by_lines=counts_by_lines, sent=slowly)
    outcome = await run.deliver(client, row)
    assert outcome is not None
    assert outcome.status is Status.CREATED
    assert run.limiter.requests == 1
    if counts_by_lines:
        assert len(written) == 6
        assert ages[0] <= 2
        assert run.retried == [(1.0, ANY), (1.0, ANY)]  # not with each of its lines
    else:
        assert len(written) == 3
        assert ages[0] > 2
        assert not run.retried
    assert sum(slept) > 3 * (len(written) - 1)


@pytest.mark.parametrize("writers", [None, 4])
async def test_a_busy_process_writes_no_line_in_vain_if_few_are_written_at_once(
    stepped: Stepped, row: Send, writers: int | None
) -> None:
    clock, _ = stepped
    written: list[str] = []

    async def busy(send: Send) -> None:
        """Each line takes 0.3 s in which nothing else happens, until 60 are written."""
        written.append(send.key)
        await clock.sleep(0.3 if len(written) < 60 else 0.0)

    run = Run(
        clock,
        counts_by_lines=True,
        writers=None if writers is None else anyio.Semaphore(writers),
        sent=busy,
    )
    sends = [replace(row, key=f"key-{number}") for number in range(12)]
    client = Script(*[CREATED] * 12)
    outcomes = await run.deliver_all(client, *sends, workers=12)
    assert [outcome and outcome.status for outcome in outcomes] == [Status.CREATED] * 12
    assert run.limiter.requests == 12
    assert sorted(client.keys) == sorted(send.key for send in sends)
    if writers is None:
        assert len(written) > 12
    else:
        assert sorted(written) == sorted(client.keys)


async def test_who_stops_while_it_waits_for_others_to_write_holds_up_nobody(
    stepped: Stepped, row: Send
) -> None:
    clock, _ = stepped
    semaphore = anyio.Semaphore(1)
    await semaphore.acquire()
    run = Run(clock, counts_by_lines=True, writers=semaphore)
    outcomes: list[object] = []

    async def deliver() -> None:
        outcomes.append(await run.deliver(Script(), row))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(deliver)
        await anyio.wait_all_tasks_blocked()
        run.control.stop(OutageError("for the test"))
    assert outcomes == [None]
    assert run.limiter.requests == 0
    semaphore.release()
    semaphore.acquire_nowait()  # it is free again, and only once
    with pytest.raises(anyio.WouldBlock):
        semaphore.acquire_nowait()
