"""A row that may have been created under its old key is not sent with another mapping's key."""

from __future__ import annotations

from typing import Any

import pytest
from stages.ledger import BUSY, VALIDATION, created, decide, line, record, rerun, sent, sent_line

from importer.keys import next_key
from importer.records import AlreadyCreated, Outcome, Postponed, RowIdentity, Send, Status
from importer.writer import Ledger, Policy

SOURCE = "ab" * 32


def mapped(ledger: Ledger, name: str, *, source: str = SOURCE) -> Any:
    """Decide about a row of the source as one mapping or another makes it."""
    found, _ = record(name)
    where = source, ledger.see(source)
    decision = ledger.decide(found, RowIdentity(*where))
    if isinstance(decision, Postponed):
        return ledger.decide(found, RowIdentity(*where), is_last_chance=True)
    return decision


def first_send() -> Send:
    send = mapped(Ledger(), "Rana")
    assert isinstance(send, Send)
    return send


def of_row(send: Send) -> dict[str, Any]:
    return {**sent_line(send), "source_hash": SOURCE, "occurrence": 1}


def unsent_line(send: Send) -> dict[str, Any]:
    return {**of_row(send), "kind": "unsent"}


def lines_of(fate: str) -> list[dict[str, Any]]:
    send = first_send()
    unknown = send.outcome(Status.UNKNOWN, error=BUSY)
    failed = send.outcome(Status.FAILED, error=VALIDATION)
    return {
        "lost": [of_row(send)],
        "unknown": [of_row(send), line(unknown)],
        "failed": [of_row(send), line(failed)],
        "refused": [of_row(send), {**of_row(send), "kind": "refused"}],
        "unsent": [of_row(send), unsent_line(send)],
    }[fate]


@pytest.mark.parametrize("fate", ["lost", "unknown"])
def test_a_row_without_a_clear_answer_is_left_to_a_person(fate: str) -> None:
    outcome = mapped(rerun(*lines_of(fate)), "Rana H")
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.idempotency_key) == (Status.UNKNOWN, first_send().key)
    assert outcome.error is not None
    assert outcome.error.code == "unclear"
    assert "mapping has changed" in outcome.error.message

    again = mapped(rerun(*lines_of(fate), line(outcome)), "Rana H")
    assert again.status is Status.UNKNOWN


@pytest.mark.parametrize("fate", ["lost", "unknown"])
def test_with_its_old_mapping_it_is_sent_again_with_its_key(fate: str) -> None:
    send = mapped(rerun(*lines_of(fate)), "Rana")
    assert (send.key, send.unclear) == (first_send().key, True)


@pytest.mark.parametrize("fate", ["failed", "refused", "unsent"])
def test_a_row_that_was_surely_not_created_is_sent(fate: str) -> None:
    assert isinstance(mapped(rerun(*lines_of(fate)), "Rana H"), Send)


def test_a_person_may_have_it_sent() -> None:
    assert isinstance(mapped(rerun(*lines_of("lost"), resend_unknown=True), "Rana H"), Send)


def test_an_equal_row_is_its_duplicate_and_not_sent_either() -> None:
    ledger = rerun(*lines_of("lost"))
    mapped(ledger, "Rana H")
    duplicate = mapped(ledger, "Rana H", source="cd" * 32)
    assert (duplicate.status, duplicate.external_id) == (Status.DUPLICATE, None)


def test_a_request_that_was_not_taken_is_as_if_it_had_never_left() -> None:
    send = mapped(rerun(*lines_of("unsent")), "Rana")
    assert (send.key, send.unclear) == (first_send().key, False)


def test_a_second_attempt_that_was_not_taken_keeps_its_key() -> None:
    send = first_send()
    failed = line(send.outcome(Status.FAILED, error=VALIDATION))
    second = {**of_row(send), "idempotency_key": next_key(send.key)}
    again = mapped(rerun(of_row(send), failed, second, {**second, "kind": "unsent"}), "Rana")
    assert (again.key, again.unclear) == (next_key(send.key), False)


def test_what_was_created_stays_so_and_another_key_is_not_touched() -> None:
    send = sent(Ledger())
    assert not isinstance(decide(rerun(line(created(send)), unsent_line(send))), Send)
    other = {**unsent_line(send), "idempotency_key": next_key(send.key)}
    assert sent(rerun(sent_line(send), other)).unclear


def test_a_copy_of_a_duplicate_is_one_too_whatever_mapping_made_it_so() -> None:
    first = line(created(first_send()))
    lines = [first]
    for copies in (1, 2):
        ledger = rerun(*lines)
        ledger.recognise_by(list_hashes=lambda: [[SOURCE] * 3])
        for _ in range(copies):
            ledger.see(SOURCE)
        duplicate = mapped(ledger, "Rana H")
        assert (duplicate.status, duplicate.external_id) == (Status.DUPLICATE, "x1")
        lines.append(line(duplicate))


def test_a_row_that_was_held_back_stays_so_when_its_equal_is_sent() -> None:
    """With two equal rows and one request in doubt, one more is sent, and never a third."""
    held = mapped(rerun(*lines_of("lost"), on_duplicate="send"), "Rana H")
    ledger = rerun(*lines_of("lost"), line(held), on_duplicate="send")
    assert mapped(ledger, "Rana H").status is Status.UNKNOWN
    second = mapped(ledger, "Rana H")
    assert isinstance(second, Send)

    lines = [*lines_of("lost"), line(held), of_row(second), line(created(second))]
    again = rerun(*lines, on_duplicate="send")
    again.recognise_by(list_hashes=lambda: [[SOURCE] * 2])
    found = [mapped(again, "Rana H") for _ in range(2)]
    assert {getattr(one, "status", "before") for one in found} == {"before", Status.UNKNOWN}


def test_the_number_of_a_request_that_was_not_taken_leaves_no_gap() -> None:
    ledger = Ledger(Policy(on_duplicate="send"))
    one, two = (mapped(ledger, "Rana", source=source) for source in (SOURCE, "cd" * 32))
    lines = [of_row(one), unsent_line(one), line(created(two))]
    edited = mapped(rerun(*lines, on_duplicate="send"), "Rana", source="ef" * 32)
    assert isinstance(edited, AlreadyCreated)
