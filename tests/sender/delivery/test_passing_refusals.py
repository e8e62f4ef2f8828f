"""A refusal that passes: the next key where all is clear, the same one where something is not."""

from __future__ import annotations

from dataclasses import replace

import anyio.lowlevel
import pytest
from stages.delivery import BUSY, CREATED, INVALID, NO_CRM, TIMEOUT, Run, Script, Stepped

from importer.core.errors import JournalError, RefusedError
from importer.core.keys import next_key
from importer.core.records import Send, Status
from importer.sender.answer import Answer


async def test_each_try_after_a_busy_crm_takes_the_next_key(stepped: Stepped, row: Send) -> None:
    run, client = Run(stepped[0]), Script(BUSY, BUSY, CREATED)
    outcome = await run.deliver(client, row)
    second = next_key(row.key)
    assert client.keys == run.journal.keys["sent"] == [row.key, second, next_key(second)]
    assert run.journal.keys["refused"] == [row.key, second]
    assert outcome is not None
    assert (outcome.status, outcome.idempotency_key) == (Status.CREATED, next_key(second))


async def test_a_run_that_stops_for_it_leaves_the_refusal_on_record(
    stepped: Stepped, row: Send
) -> None:
    run, client = Run(stepped[0]), Script(NO_CRM)
    assert await run.deliver(client, row) is None
    assert run.journal.keys["refused"] == client.keys == [row.key]


async def test_a_run_that_stops_because_it_lasts_leaves_it_on_record(
    stepped: Stepped, row: Send
) -> None:
    run, client = Run(stepped[0], max_outage=0), Script(BUSY)
    assert await run.deliver(client, row) is None
    assert run.journal.keys["refused"] == client.keys == [row.key]


async def test_a_refusal_for_good_needs_no_line_of_its_own(stepped: Stepped, row: Send) -> None:
    run = Run(stepped[0])
    await run.deliver(Script(INVALID), row)
    assert run.journal.keys["refused"] == []


@pytest.mark.parametrize("answer", [BUSY, NO_CRM])
async def test_after_an_unclear_try_the_key_stays_the_same(
    stepped: Stepped, row: Send, answer: Answer
) -> None:
    run, client = Run(stepped[0]), Script(TIMEOUT, answer, CREATED)
    outcome = await run.deliver(client, row)
    assert outcome is not None
    assert outcome.status is Status.CREATED
    assert client.keys == [row.key] * 3
    assert run.journal.keys["refused"] == []


@pytest.mark.parametrize("answer", [BUSY, NO_CRM])
async def test_a_row_of_an_earlier_run_that_is_refused_for_ever_is_unknown(
    stepped: Stepped, row: Send, answer: Answer
) -> None:
    run, client = Run(stepped[0]), Script(answer)
    unclear = replace(row, unclear=True)
    outcome = await run.deliver(client, unclear)
    assert outcome is not None
    assert answer.error is not None
    assert outcome.error is not None
    assert (outcome.status, outcome.attempts) == (Status.UNKNOWN, 6)
    assert outcome.error.message == answer.error.message
    assert "Do not change it" in str(outcome.error.hint)
    assert "Correct" not in str(outcome.error.hint)
    assert ("Connect" in str(outcome.error.hint)) == (answer is NO_CRM)
    assert client.keys == [row.key] * 6
    assert not run.control.stopped
    assert run.limiter._window.slowness == 1
    assert run.told == []


async def test_other_rows_tell_whether_the_run_has_to_stop(stepped: Stepped, row: Send) -> None:
    run, client = Run(stepped[0]), Script(NO_CRM)
    out = await run.deliver_all(client, replace(row, unclear=True), row, workers=1)
    assert out == [None, None]
    assert isinstance(run.control.reason, RefusedError)
    assert len(client.keys) == 2


async def test_a_refusal_that_cannot_be_put_on_record_stops_the_run(
    stepped: Stepped, row: Send
) -> None:
    async def full(_send: Send) -> None:
        await anyio.lowlevel.checkpoint()
        raise JournalError("the disk is full")

    run, client = Run(stepped[0], refused=full), Script(BUSY)
    assert await run.deliver(client, row) is None
    assert isinstance(run.control.reason, JournalError)
    assert client.keys == [row.key]
