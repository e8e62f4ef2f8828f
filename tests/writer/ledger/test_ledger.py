"""What is on record decides what a row gets: sent, sent again, passed over, a duplicate."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stages.ledger import BUSY, VALIDATION, created, decide, line, record, rerun, sent, sent_line

from importer import keys
from importer.keys import source_hash_of
from importer.records import (
    AlreadyCreated,
    Origin,
    Outcome,
    PendingDuplicate,
    Rejected,
    RowError,
    RowIdentity,
    Send,
    Status,
)
from importer.writer import Ledger, Policy
from importer.writer.ledger.settled import SettledRows

# The first sight of a row


def test_a_row_nobody_has_seen_is_sent_with_the_key_of_its_content() -> None:
    send = sent(Ledger())
    row_hash = keys.row_hash("contact", {"name": "Rana"})
    assert (send.key, send.row_hash) == (keys.row_key("contact", row_hash), row_hash)
    assert not send.unclear


def test_with_an_identity_the_key_is_of_the_identity() -> None:
    send = sent(Ledger(), ref="K1")
    assert send.key == keys.row_key("contact", send.row_hash, identity=("K1",))


def test_a_namespace_keeps_keys_apart() -> None:
    assert sent(Ledger(Policy(namespace="b"))).key != sent(Ledger()).key


# Reruns


def test_a_created_row_is_never_sent_again() -> None:
    ledger = rerun(line(created(sent(Ledger()))))
    assert decide(ledger) == AlreadyCreated()


def test_a_created_row_stays_created_under_another_namespace() -> None:
    ledger = rerun(line(created(sent(Ledger()))), namespace="b")
    assert decide(ledger) == AlreadyCreated()


@pytest.mark.parametrize("status", [Status.UNKNOWN, None])
def test_after_anything_unclear_the_same_key_is_used(status: Status | None) -> None:
    send = sent(Ledger())
    lines = [sent_line(send)] + ([line(send.outcome(status, error=BUSY))] if status else [])
    again = sent(rerun(*lines))
    assert (again.key, again.unclear) == (send.key, True)


def test_after_a_definite_refusal_the_next_key_is_used() -> None:
    send = sent(Ledger())
    lines = [sent_line(send), line(send.outcome(Status.FAILED, error=VALIDATION))]
    second = sent(rerun(*lines))
    assert (second.key, second.unclear) == (f"{send.key}-2", False)
    lines += [sent_line(second), line(second.outcome(Status.FAILED, error=VALIDATION))]
    assert sent(rerun(*lines)).key == f"{send.key}-3"


def test_an_unclear_second_attempt_keeps_its_own_key() -> None:
    send = sent(Ledger())
    lines = [line(send.outcome(Status.FAILED, error=VALIDATION))]
    second = sent(rerun(*lines))
    third = sent(rerun(*lines, sent_line(second)))
    assert (third.key, third.unclear) == (second.key, True)


def test_what_was_created_stays_so_whatever_is_said_later() -> None:
    send = sent(Ledger())
    later = replace(send, key=keys.next_key(send.key))
    lines = [line(created(send)), sent_line(later), line(later.outcome(Status.FAILED))]
    again = decide(rerun(*lines), note="edited")
    assert isinstance(again, AlreadyCreated)
    assert again.known is not None
    assert again.known.idempotency_key == send.key


@pytest.mark.parametrize(
    ("retry", "error", "is_sent"),
    [
        ("all", VALIDATION, True),
        ("all", None, True),
        ("transient", VALIDATION, False),
        ("transient", BUSY, True),
        ("transient", None, False),
        ("none", BUSY, False),
    ],
)
def test_retry_tells_which_failed_rows_are_sent(
    retry: str, error: RowError | None, is_sent: bool
) -> None:
    send = sent(Ledger())
    ledger = rerun(line(send.outcome(Status.FAILED, error=error)), retry=retry)
    decision = decide(ledger)
    if is_sent:
        assert isinstance(decision, Send)
    else:
        assert isinstance(decision, Outcome)
        assert decision == send.outcome(Status.FAILED, error=error)


@pytest.mark.parametrize("retry", ["transient", "none"])
def test_retry_never_leaves_an_unclear_row_alone(retry: str) -> None:
    send = sent(Ledger())
    ledger = rerun(line(send.outcome(Status.UNKNOWN, error=BUSY)), retry=retry)
    assert sent(ledger).key == send.key


def test_an_invalid_row_leaves_nothing_behind() -> None:
    rejected = Rejected(number=1, line=2, source="s", error=VALIDATION, raw="x")
    ledger = Ledger()
    outcome = ledger.refuse(rejected, RowIdentity(source_hash_of(rejected), 1))
    assert isinstance(outcome, Outcome)
    assert (outcome.status, outcome.idempotency_key) == (Status.INVALID, None)
    assert ledger.settle(outcome) == []
    again = rerun(line(outcome)).skip_settled([outcome.source_hash])
    assert again == [(0, 1)]


def test_all_faults_of_a_row_are_in_its_message() -> None:
    more = (RowError(code="invalid_value", origin=Origin.MAPPER, field="phone", message="short"),)
    rejected = Rejected(number=1, line=2, source="s", error=VALIDATION, raw="x", more=more)
    outcome = Ledger().refuse(rejected, RowIdentity("h", 1))
    assert isinstance(outcome, Outcome)
    assert outcome.error
    assert outcome.error.message == "no email; phone: short"


# Twins


def test_a_twin_waits_for_the_first_and_takes_its_id() -> None:
    ledger = Ledger()
    first = sent(ledger)
    assert isinstance(decide(ledger, number=2), PendingDuplicate)
    assert isinstance(decide(ledger, number=3, note="other column"), PendingDuplicate)
    duplicates = ledger.settle(created(first))
    assert [(t.number, t.status, t.external_id, t.duplicate_of, t.differs) for t in duplicates] == [
        (2, Status.DUPLICATE, "x1", 1, False),
        (3, Status.DUPLICATE, "x1", 1, False),
    ]
    assert ledger.settle(created(first)) == []


def test_a_twin_behind_a_created_row_takes_its_id_at_once() -> None:
    ledger = Ledger()
    ledger.settle(created(sent(ledger)))
    duplicate = decide(ledger, number=2)
    assert isinstance(duplicate, Outcome)
    assert (duplicate.external_id, duplicate.record_url) == ("x1", "https://crm/x1")


@pytest.mark.parametrize(
    ("status", "said"),
    [(Status.FAILED, "was not created"), (Status.UNKNOWN, "no clear answer yet")],
)
def test_a_twin_of_a_row_that_was_not_created_has_no_id_and_is_looked_at_again(
    status: Status, said: str
) -> None:
    ledger = Ledger()
    first = sent(ledger)
    decide(ledger, number=2)
    outcome = first.outcome(status, error=BUSY)
    [duplicate] = ledger.settle(outcome)
    third = decide(ledger, number=3, note="x")
    assert isinstance(third, Outcome)
    for one in (duplicate, third):
        assert one.external_id is None
        assert one.error
        assert one.error.message.startswith("the same record as row 1, which ")
        assert one.error.message.endswith(said)
    again = rerun(line(outcome), line(duplicate))
    second = sent(again)
    assert isinstance(decide(again, number=2), PendingDuplicate)
    [settled] = again.settle(created(second))
    assert (settled.external_id, settled.error) == ("x1", None)


def test_a_twin_left_alone_by_the_deletion_of_the_first_is_sent() -> None:
    ledger = Ledger()
    first = sent(ledger)
    outcome = first.outcome(Status.FAILED, error=VALIDATION)
    ledger.settle(outcome)
    duplicate = decide(ledger, number=2, note="x")
    assert isinstance(duplicate, Outcome)
    again = sent(rerun(line(outcome), line(duplicate)), number=1, note="x")
    assert again.key == f"{first.key}-2"


def test_a_twin_with_an_id_is_done() -> None:
    ledger = Ledger()
    first = created(sent(ledger))
    ledger.settle(first)
    duplicate = decide(ledger, number=2)
    assert isinstance(duplicate, Outcome)
    again = rerun(line(first), line(duplicate), on_duplicate="send")
    assert [decide(again), decide(again, number=2)] == [AlreadyCreated(), AlreadyCreated()]


# --on-duplicate send


def test_equal_rows_are_numbered_where_all_are_sent() -> None:
    ledger = Ledger(Policy(on_duplicate="send"))
    sends = [sent(ledger, number=number) for number in (1, 2, 3)]
    assert [send.key for send in sends] == [
        keys.row_key("contact", sends[0].row_hash, occurrence=number) for number in (1, 2, 3)
    ]


def test_numbers_go_on_in_a_rerun_whatever_the_order() -> None:
    ledger = Ledger(Policy(on_duplicate="send"))
    one, two = sent(ledger, note="a"), sent(ledger, number=2, note="b")
    lines = [line(created(one)), line(two.outcome(Status.FAILED, error=VALIDATION))]
    again = rerun(*lines, on_duplicate="send")
    again.recognise_by(list_hashes=lambda: [[record(note=note)[1] for note in "bac"]])
    assert sent(again, note="b").key == f"{two.key}-2"
    assert decide(again, number=2, note="a") == AlreadyCreated()
    third = sent(again, number=3, note="c")
    assert third.key == keys.row_key("contact", one.row_hash, occurrence=3)


@pytest.mark.parametrize("ref", [None, "K"])
def test_of_equal_rows_those_that_were_created_come_first(ref: str | None) -> None:
    ledger = Ledger(Policy(on_duplicate="send"))
    one = sent(ledger, ref=ref)
    two = sent(ledger, ref=ref, number=2)
    lines = [line(one.outcome(Status.FAILED, error=VALIDATION)), line(created(two))]

    again = rerun(*lines, on_duplicate="send")
    again.recognise_by(list_hashes=lambda: [[one.source_hash] * 2])
    # All there is to do where one of them was deleted:
    assert decide(again, ref=ref) == AlreadyCreated()
    other = sent(again, ref=ref, number=2)
    assert (other.key, other.occurrence) == (f"{one.key}-2", 1)


@given(st.sets(st.integers(1, 8)), st.integers(1, 12))
def test_equal_rows_stand_for_each_occurrence_once(done: set[int], rows: int) -> None:
    found = SettledRows()
    for occurrence in sorted(done, reverse=True):
        found.add("a", occurrence)
    stand_for = [found.occurrence_for("a", nth + 1) for nth in range(rows)]
    assert len(set(stand_for)) == rows
    assert set(stand_for) <= done or set(stand_for) >= done
    assert [one for one in stand_for if one not in done] == sorted(set(stand_for) - done)
    assert stand_for[: len(done)] == sorted(done)[:rows]


def test_an_unclear_number_is_asked_about_before_a_new_one_is_taken() -> None:
    send = sent(Ledger(Policy(on_duplicate="send")))
    again = rerun(sent_line(send), on_duplicate="send")
    edited = sent(again, note="edited since")
    assert (edited.key, edited.unclear) == (send.key, True)


def test_records_of_one_identity_are_numbered_by_their_order() -> None:
    ledger = Ledger(Policy(on_duplicate="send"))
    one, two = sent(ledger, "A", ref="K"), sent(ledger, "B", ref="K", number=2)
    again = rerun(line(created(one)), line(two.outcome(Status.UNKNOWN)), on_duplicate="send")
    again.recognise_by(list_hashes=lambda: [[one.source_hash, two.source_hash]])
    assert decide(again, "A", ref="K") == AlreadyCreated()
    assert sent(again, "B", ref="K", number=2).key == two.key
