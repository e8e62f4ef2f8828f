"""A row without a clear answer is sent again as long as the service knows its key, no longer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from stages.ledger import BUSY, VALIDATION, decide, line, record, sent

from importer import keys
from importer.records import Outcome, Send, Status
from importer.writer import Ledger, Policy, line_from_json

BEGAN = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(after: timedelta) -> str:
    return (BEGAN + after).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def left(send: Send, after: timedelta) -> dict[str, Any]:
    return {"kind": "sent", "idempotency_key": send.key, "row": 1, "at": at(after)}


def given_up(send: Send, after: timedelta) -> dict[str, Any]:
    return {**line(send.outcome(Status.UNKNOWN, error=BUSY)), "at": at(after)}


def after(elapsed: timedelta, *lines: dict[str, Any], **settings: Any) -> Any:
    """Return what is decided about the row so long after the beginning."""
    ledger = Ledger(Policy(key_lifetime=24 * HOUR, **settings), now=lambda: BEGAN + elapsed)
    ledger.load(map(line_from_json, lines))
    return decide(ledger)


@pytest.mark.parametrize("has_outcome", [True, False])
def test_a_row_is_sent_again_until_its_key_is_too_old(has_outcome: bool) -> None:
    send = sent(Ledger())
    lines = [left(send, 0 * HOUR)] + ([given_up(send, HOUR)] if has_outcome else [])

    again = after(24 * HOUR, *lines)
    held = after(24 * HOUR + timedelta(seconds=1), *lines)

    assert isinstance(again, Send)
    assert again.key == send.key
    assert isinstance(held, Outcome)
    assert (held.status, held.idempotency_key) == (Status.UNKNOWN, send.key)
    assert held.error is not None
    assert "2026-03-02T09:30:00.000Z" in held.error.message
    assert "--resend-unknown" in str(held.error.hint)


def test_it_is_the_first_request_that_counts() -> None:
    send = sent(Ledger())
    lines = [left(send, 0 * HOUR), given_up(send, HOUR), left(send, 20 * HOUR)]
    assert isinstance(after(25 * HOUR, *lines), Outcome)


def test_a_row_that_was_held_is_held_in_every_run() -> None:
    send = sent(Ledger())
    held = after(25 * HOUR, left(send, 0 * HOUR))
    again = after(26 * HOUR, left(send, 0 * HOUR), {**line(held), "at": at(25 * HOUR)})
    assert (again.status, again.error) == (Status.UNKNOWN, held.error)


def test_another_attempt_has_an_age_of_its_own() -> None:
    send = sent(Ledger())
    refused = {**line(send.outcome(Status.FAILED, error=VALIDATION)), "at": at(HOUR)}
    second = after(30 * HOUR, left(send, 0 * HOUR), refused)
    assert second.key == keys.next_key(send.key)

    third = after(40 * HOUR, left(send, 0 * HOUR), refused, left(second, 30 * HOUR))
    assert (third.key, third.unclear) == (second.key, True)


def test_a_person_who_has_looked_may_have_it_sent_with_the_same_key() -> None:
    send = sent(Ledger())
    again = after(99 * HOUR, left(send, 0 * HOUR), resend_unknown=True)
    assert (again.key, again.unclear) == (send.key, True)


def test_a_clock_that_was_set_back_makes_no_key_younger() -> None:
    send, other = sent(Ledger()), sent(Ledger(), "Bo")
    lines = [left(send, 0 * HOUR), left(other, 20 * HOUR), left(other, 1 * HOUR)]
    assert isinstance(after(4 * HOUR, *lines), Send)
    assert isinstance(after(6 * HOUR, *lines), Outcome)


def test_a_clock_that_was_ahead_makes_no_key_younger() -> None:
    send, other = sent(Ledger()), sent(Ledger(), "Bo")
    lines = [left(send, 1000 * HOUR), left(other, 1000 * HOUR), left(other, 0 * HOUR)]
    assert isinstance(after(20 * HOUR, *lines), Send)
    assert isinstance(after(25 * HOUR, *lines), Outcome)


def test_a_time_that_cannot_be_read_counts_as_too_long_ago() -> None:
    send = sent(Ledger())
    for odd in ("yesterday", None, 12):
        held = after(HOUR, {**left(send, 0 * HOUR), "at": odd})
        assert "not on record" in held.error.message


def test_the_second_of_two_equal_rows_is_not_sent_in_its_place() -> None:
    send = sent(Ledger())
    ledger = Ledger(Policy(key_lifetime=24 * HOUR), now=lambda: BEGAN + 25 * HOUR)
    ledger.load([line_from_json(left(send, 0 * HOUR))])
    found = [decide(ledger, number=number) for number in (1, 2)]
    assert [getattr(one, "status", None) for one in found] == [Status.UNKNOWN, Status.DUPLICATE]


def test_a_row_that_was_created_since_is_not_held() -> None:
    send = sent(Ledger())
    _, source_hash = record()
    done = {**line(send.outcome(Status.CREATED, external_id="x1")), "at": at(HOUR)}
    ledger = Ledger(Policy(key_lifetime=24 * HOUR), now=lambda: BEGAN + 99 * HOUR)
    ledger.load(map(line_from_json, [left(send, 0 * HOUR), done]))
    assert ledger.skip_settled([source_hash]) == []
