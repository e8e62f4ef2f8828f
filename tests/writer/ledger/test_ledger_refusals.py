"""A line of kind `refused` lets a row take its next key; what is unclear keeps its own."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from stages.ledger import CONFLICT, decide, line, record, rerun, sent, sent_line

from importer.keys import next_key
from importer.records import Send, Status
from importer.writer import Ledger


def refused_line(key: str) -> dict[str, Any]:
    return {"kind": "refused", "idempotency_key": key, "row": 1}


@pytest.mark.parametrize("retry", ["all", "transient", "none"])
def test_a_refused_row_is_sent_with_the_next_key_whatever_is_retried(
    retry: Literal["all", "transient", "none"],
) -> None:
    first = sent(Ledger())
    again = sent(rerun(sent_line(first), refused_line(first.key), retry=retry))
    assert (again.key, again.unclear) == (next_key(first.key), False)


def test_a_request_after_the_refusal_is_unclear_until_it_has_an_outcome() -> None:
    first = sent(Ledger())
    second = next_key(first.key)
    lines = [sent_line(first), refused_line(first.key), {**sent_line(first)}]
    lines[2]["idempotency_key"] = second
    again = sent(rerun(*lines))
    assert (again.key, again.unclear) == (second, True)


def test_each_refusal_takes_one_more_key() -> None:
    first = sent(Ledger())
    second = next_key(first.key)
    again = sent(rerun(sent_line(first), refused_line(first.key), refused_line(second)))
    assert again.key == next_key(second)


def test_a_refusal_of_an_older_key_changes_nothing() -> None:
    first = sent(Ledger())
    second = next_key(first.key)
    later = {"kind": "sent", "idempotency_key": second}
    again = sent(rerun(sent_line(first), later, refused_line(first.key)))
    assert (again.key, again.unclear) == (second, True)


def test_what_was_created_stays_created() -> None:
    first = sent(Ledger())
    done = line(first.outcome(Status.CREATED, external_id="x1"))
    assert not isinstance(decide(rerun(done, refused_line(first.key))), Send)


def test_after_a_conflict_over_an_identity_the_key_is_in_doubt() -> None:
    """It stands for other content, so no refusal may raise it."""
    first = sent(Ledger(), ref="7")
    failed = line(first.outcome(Status.FAILED, error=CONFLICT))
    again = sent(rerun(failed), ref="7")
    assert (again.key, again.unclear) == (first.key, True)


def test_a_line_without_a_key_of_ours_is_passed_over() -> None:
    first, _ = record()
    assert sent(rerun(refused_line("other"))).record == first
