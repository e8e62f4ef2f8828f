"""Rows that are the same record by their identity, whatever else they say."""

from __future__ import annotations

from stages.ledger import CONFLICT, VALIDATION, created, decide, line, rerun, sent, sent_line

from importer import keys
from importer.records import AlreadyCreated, Outcome, PendingDuplicate, Status
from importer.writer import Ledger


def test_the_second_of_an_identity_is_a_twin_that_says_whether_it_differs() -> None:
    ledger = Ledger()
    first = sent(ledger, "Rana", ref="K1")
    decide(ledger, "Rana", ref="K1", number=2)
    decide(ledger, "Rania", ref="K1", number=3)
    assert [duplicate.differs for duplicate in ledger.settle(created(first))] == [False, True]


def test_a_changed_row_is_reported_and_not_sent() -> None:
    first = created(sent(Ledger(), "Rana", ref="K1"))
    changed = decide(rerun(line(first)), "Rania", ref="K1", number=7)
    assert isinstance(changed, Outcome)
    assert (changed.status, changed.duplicate_of, changed.differs) == (Status.CHANGED, None, True)
    assert changed.idempotency_key == first.idempotency_key
    assert changed.error
    assert "x1" in changed.error.message
    assert changed.error.hint
    assert "--on-change send" in changed.error.hint


def test_a_changed_row_that_is_to_be_sent_takes_the_key_of_its_content() -> None:
    first = created(sent(Ledger(), "Rana", ref="K1"))
    ledger = rerun(line(first), on_change="send")
    send = sent(ledger, "Rania", ref="K1")
    assert send.key == keys.row_key("contact", send.row_hash)
    assert isinstance(decide(ledger, "Rania", ref="K1", note="x"), PendingDuplicate)
    again = rerun(line(first), line(created(send, "x2")))
    known = decide(again, "Rania", ref="K1", note="reformatted")
    assert isinstance(known, AlreadyCreated)
    assert known.known is not None
    assert known.known.idempotency_key == send.key


def test_a_changed_row_that_may_have_been_created_is_asked_about_again() -> None:
    first = created(sent(Ledger(), "Rana", ref="K1"))
    send = sent(rerun(line(first), on_change="send"), "Rania", ref="K1")
    again = sent(rerun(line(first), sent_line(send)), "Rania", ref="K1")
    assert (again.key, again.unclear) == (send.key, True)
    failed = line(send.outcome(Status.FAILED, error=VALIDATION))
    reported = decide(rerun(line(first), failed), "Rania", ref="K1")
    assert isinstance(reported, Outcome)
    assert reported.status is Status.CHANGED


def test_a_row_edited_before_it_was_created_is_sent() -> None:
    first = sent(Ledger(), "Rana", ref="K1").outcome(Status.FAILED, error=VALIDATION)
    assert sent(rerun(line(first)), "Rania", ref="K1").key == f"{first.idempotency_key}-2"


def test_a_conflict_keeps_the_key_of_an_identity() -> None:
    first = sent(Ledger(), ref="K1").outcome(Status.FAILED, error=CONFLICT)
    assert sent(rerun(line(first)), ref="K1").key == first.idempotency_key


def test_a_conflict_over_content_takes_the_next_key() -> None:
    first = sent(Ledger()).outcome(Status.FAILED, error=CONFLICT)
    assert sent(rerun(line(first))).key == f"{first.idempotency_key}-2"
