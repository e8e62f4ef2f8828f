"""One row to its outcome, over fake clients that answer by a script."""

from __future__ import annotations

from dataclasses import replace

import anyio
import pytest
from stages.delivery import (
    BROKEN,
    BUSY,
    CONFLICT,
    CREATED,
    INVALID,
    NO_CRM,
    THROTTLED,
    TIMEOUT,
    UNAUTHORIZED,
    UNREACHED,
    Run,
    Script,
)

from importer.clock import Clock
from importer.errors import Interrupted, JournalError, OutageError, RefusedError
from importer.records import RowError, Send, Status
from importer.sender.answer import Answer
from importer.sender.vorel.answers import classify

Stepped = tuple[Clock, list[float]]


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
    return replace(answer.error, hint=hint)


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


@pytest.mark.parametrize("answer", [UNAUTHORIZED, NO_CRM])
async def test_after_an_answer_that_stops_nothing_is_sent(
    stepped: Stepped, row: Send, answer: Answer
) -> None:
    run, client = Run(stepped[0]), Script(answer)
    assert await run.deliver(client, row) is None
    assert await run.deliver(client, row) is None
    assert isinstance(run.control.reason, RefusedError)
    assert run.control.reason.exit_code == 3
    assert len(client.keys) == len(run.journal.keys["sent"]) == run.limiter.requests == 1


async def test_a_journal_that_fails_lets_nothing_leave(stepped: Stepped, row: Send) -> None:
    async def full(_send: Send) -> None:
        await anyio.lowlevel.checkpoint()
        raise JournalError("the disk is full")

    run, client = Run(stepped[0], sent=full), Script(CREATED)
    assert await run.deliver(client, row) is None
    assert isinstance(run.control.reason, JournalError)
    assert client.keys == []
    assert run.limiter.requests == 0


async def test_a_stop_while_the_journal_is_written_lets_nothing_leave(
    stepped: Stepped, row: Send
) -> None:
    async def stop(_send: Send) -> None:
        await anyio.lowlevel.checkpoint()
        run.control.stop(Interrupted("enough"))

    run, client = Run(stepped[0], sent=stop), Script(CREATED)
    assert await run.deliver(client, row) is None
    assert client.keys == []


@pytest.mark.parametrize("answer", [CREATED, INVALID])
async def test_what_is_in_flight_at_a_stop_is_finished_and_recorded(
    stepped: Stepped, row: Send, answer: Answer
) -> None:
    run = Run(stepped[0])
    client = Script(answer, during=lambda: run.control.stop(Interrupted("enough")))
    outcome = await run.deliver(client, row)
    assert outcome is not None
    assert outcome.attempts == 1


@pytest.mark.parametrize("answer", [TIMEOUT, THROTTLED, BUSY])
async def test_what_is_in_flight_at_a_stop_is_not_sent_again(
    stepped: Stepped, row: Send, answer: Answer
) -> None:
    run = Run(stepped[0])
    client = Script(answer, during=lambda: run.control.stop(Interrupted("enough")))
    assert await run.deliver(client, row) is None
    assert len(client.keys) == 1
    assert run.told == []


async def test_an_address_that_is_never_reached_stops_with_the_reason(
    stepped: Stepped, row: Send
) -> None:
    run, client = Run(stepped[0], rate=1), Script(UNREACHED)
    assert await run.deliver(client, row) is None
    assert isinstance(run.control.reason, RefusedError)
    assert "never reached: late" in run.control.reason.message
    assert "--base-url" in str(run.control.reason.hint)
    assert len(client.keys) == 6


async def test_an_error_of_the_caller_comes_through(stepped: Stepped, row: Send) -> None:
    async def broken(_send: Send) -> None:
        await anyio.lowlevel.checkpoint()
        raise LookupError

    run = Run(stepped[0], sent=broken)
    with pytest.RaisesGroup(LookupError):
        await run.deliver(Script(CREATED), row)
    assert run.limiter.requests == 0


@pytest.mark.parametrize(
    ("answers", "is_noted"),
    [
        ([UNAUTHORIZED], True),
        ([THROTTLED, UNAUTHORIZED], True),
        ([UNREACHED], True),
        ([TIMEOUT, UNAUTHORIZED], False),
        ([TIMEOUT], False),
    ],
)
async def test_a_row_that_was_surely_not_taken_is_left_as_if_it_had_not_been_sent(
    stepped: Stepped, row: Send, answers: list[Answer], is_noted: bool
) -> None:
    run = Run(stepped[0], max_outage=60)
    assert await run.deliver(Script(*answers), row) is None
    assert run.journal.keys["unsent"] == ([row.key] if is_noted else [])


async def test_a_row_that_was_unclear_before_stays_so(stepped: Stepped, row: Send) -> None:
    run = Run(stepped[0])
    assert await run.deliver(Script(UNAUTHORIZED), replace(row, unclear=True)) is None
    assert run.journal.keys["unsent"] == []


async def test_a_full_disk_while_a_row_is_left_is_no_crash(stepped: Stepped, row: Send) -> None:
    async def full(_: Send) -> None:
        raise JournalError("full")

    run = Run(stepped[0], unsent=full)
    assert await run.deliver(Script(UNAUTHORIZED), row) is None
    assert isinstance(run.control.reason, RefusedError)


async def test_a_row_whose_request_a_stop_overtook_is_left_as_if_it_had_not_been_sent(
    stepped: Stepped, row: Send
) -> None:
    client = Script(CREATED)

    async def overtaken(_: Send) -> None:
        await anyio.lowlevel.checkpoint()
        run.control.stop(Interrupted("enough"))

    run = Run(stepped[0], sent=overtaken)
    assert await run.deliver(client, row) is None
    assert client.keys == []
    assert run.journal.keys["unsent"] == [row.key]
