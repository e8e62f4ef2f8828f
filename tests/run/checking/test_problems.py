"""Every fault of every row, grouped by its cause."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from lists.checked import config
from stages.row_by_row import group_problems

from importer.core.locale.message import Message, foreign
from importer.core.records import Origin, RowError
from importer.run.checking.dry_run import check


def test_every_fault_of_a_row_counts_and_causes_are_told_apart(tmp_path: Path) -> None:
    rows = "A,no address,12,\nB,none,050 123 4567,\nC,c@example.com,9.71501E+11,\nD,x,13,\n"

    found = check(config(tmp_path, rows))

    told = [(one.code, one.field, one.count, one.lines, one.example) for one in found.problems]
    assert told == [
        ("invalid_value", "email", 3, [2, 3, 5], "no address"),
        ("invalid_value", "phone", 2, [2, 5], "12"),
        ("invalid_value", "phone", 1, [4], "9.71501E+11"),
    ]
    assert all(one.hint for one in found.problems)
    assert found.counts["invalid"] == 4
    assert found.exit_code == 1


def error(message: Message, field: str | None = "f") -> RowError:
    return RowError(code="c", origin=Origin.MAPPER, message=message, field=field)


def test_a_code_tells_causes_apart_and_values_do_not() -> None:
    codes = ["%(field)s: %(value)s is no 5", "%(field)s: %(value)s is a 5"]
    messages = [Message(code, field="f", value=value) for code in codes for value in ("it", "it's")]
    reasons = [Message("%(value)s %(reason)s", value=7, reason=one) for one in ("is odd", "is old")]

    by_cause = group_problems((1, error(one)) for one in [*messages, *reasons])

    assert [(one.count, one.lines, one.example) for one in by_cause] == [
        (2, [1], "it"),
        (2, [1], "it"),
        (1, [1], 7),
        (1, [1], 7),
    ]


def test_the_words_of_a_server_are_grouped_without_what_is_of_one_row() -> None:
    said = ["'it' is no 5", '"it\'s" is no 6', "'it' is a 5", "'it' is a a@b.c"]

    by_cause = group_problems((1, error(foreign(one))) for one in said)

    assert [(one.count, one.example) for one in by_cause] == [(2, None), (2, None)]


def test_endless_causes_end_up_under_code_and_field() -> None:
    letters = [chr(ord("一") + at) for at in range(1000)]

    found = group_problems(enumerate(error(foreign(one)) for one in letters))

    assert len(found) == 501
    assert found[0].count == 500


def test_of_two_hints_the_one_that_leaves_less_open_is_shown() -> None:
    two, one = (
        Message("%(choices)s.", choices=list(map(Message, letters))) for letters in ("ab", "a")
    )
    hints = [Message("Correct it."), two, one, Message("b."), None]
    errors = [replace(error(Message("no")), hint=one) for one in hints]

    assert group_problems(enumerate(errors))[0].hint == "a."
