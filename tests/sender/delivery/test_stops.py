"""What stops a run, and what then becomes of a row that is about to be sent or on its way."""

from __future__ import annotations

from dataclasses import replace

import anyio
import pytest
from stages.delivery import (
    BUSY,
    CREATED,
    INVALID,
    NO_CRM,
    THROTTLED,
    TIMEOUT,
    UNAUTHORIZED,
    UNREACHED,
    Run,
    Script,
    Stepped,
)

from importer.core.errors import Interrupted, JournalError, RefusedError
from importer.core.records import Send
from importer.sender.answer import Answer


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
