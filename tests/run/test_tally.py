"""What a run counts, when it has seen enough errors, and what it ends with."""

from __future__ import annotations

import pytest

from importer.core.errors import Interrupted, StopRun
from importer.core.locale.message import Message
from importer.core.records import (
    AlreadyCreated,
    Origin,
    Outcome,
    PendingDuplicate,
    RowError,
    Status,
)
from importer.core.settings import ErrorLimit
from importer.run.tally import Tally, exit_code_of

TENTH = ErrorLimit(share=0.1)


def tally(*, before: int = 0, **counts: int) -> Tally:
    found = Tally()
    found.before = before
    for status, count in counts.items():
        for number in range(count):
            found.add(outcome(status, number))
    found.read = before + sum(counts.values())
    return found


def code_of(found: Tally, stop: StopRun | None = None) -> int:
    return exit_code_of(found.counts, found.undecided_before, stop)


def outcome(status: str, number: int) -> Outcome:
    error = RowError(code="c", origin=Origin.MAPPER, message=Message("wrong"))
    return Outcome(
        number=number,
        line=number + 1,
        source="list.csv",
        source_hash=f"{number}",
        occurrence=1,
        status=Status(status),
        error=None if status == "created" else error,
    )


@pytest.mark.parametrize(
    ("found", "is_too_many"),
    [
        (tally(created=90, failed=10), False),
        (tally(created=89, failed=11), True),
        (tally(created=89, invalid=6, failed=5), True),
        (tally(created=89, invalid=11), True),
        (tally(invalid=99), False),
        (tally(before=89, invalid=11), True),
        (tally(before=900, invalid=100), False),
        (tally(created=50, changed=40, duplicate=10), False),
    ],
)
def test_rows_refused_here_and_there_end_a_run_by_their_share(
    found: Tally, *, is_too_many: bool
) -> None:
    stop = found.too_many(TENTH)

    assert (stop is not None) == is_too_many
    assert stop is None or stop.exit_code == code_of(found, stop) == 4


def test_empty_rows_end_no_run() -> None:
    found = tally(created=90)
    error = RowError(code="no_fields", origin=Origin.MAPPER, message=Message("The row is empty."))
    for number in range(200):
        found.add(
            Outcome(
                number=number,
                line=number,
                source="list.csv",
                source_hash=f"empty {number}",
                occurrence=1,
                status=Status.INVALID,
                error=error,
            )
        )
    found.read += 200

    assert found.too_many(TENTH) is None
    assert code_of(found) == 1


def test_a_number_of_errors_ends_a_run_at_once() -> None:
    assert tally(invalid=2, failed=1).too_many(ErrorLimit(count=3)) is None
    assert tally(invalid=2, failed=2).too_many(ErrorLimit(count=3)) is not None


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (tally(), 0),
        (tally(before=2, created=3, duplicate=1), 0),
        (tally(before=2, created=3, changed=1), 6),
        (tally(changed=1, invalid=1), 1),
        (tally(changed=1, failed=1), 1),
        (tally(unknown=1), 1),
    ],
)
def test_changes_alone_have_an_exit_code_of_their_own(found: Tally, code: int) -> None:
    assert code_of(found) == code
    assert code_of(found, Interrupted("enough", exit_code=143)) == 143


def test_rows_without_a_word_are_undecided_once_the_run_is_given_up() -> None:
    found = tally(created=3)
    found.read += 4
    with pytest.raises(AssertionError, match="7 rows were read and 3 accounted for"):
        found.prove()

    found.give_up()

    found.prove()
    assert found.unsent == 4


def test_a_decision_counts_the_rows_that_it_is_about() -> None:
    found, copy = Tally(), outcome("duplicate", 6)
    for decision in (AlreadyCreated(5), PendingDuplicate(copy), AlreadyCreated()):
        found.count(decision)

    assert (found.read, found.before, found.pending) == (7, 6, 1)
